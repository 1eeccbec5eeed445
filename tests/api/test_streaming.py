import asyncio
from collections.abc import Iterator
from threading import current_thread

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nephoscope.api.streaming import LongWork
from nephoscope.api.wire import envelope
from nephoscope.api.wire.envelope import page_facts
from nephoscope.kit.pages import PageRequest


class Made:
    """Chunks, with a note of who made and who closed them."""

    def __init__(self, chunks: list[bytes], fails_at: int = -1) -> None:
        self.threads: set[str] = set()
        self.is_closed = False
        self._chunks = chunks
        self._fails_at = fails_at

    def __call__(self) -> Iterator[bytes]:
        try:
            for index, chunk in enumerate(self._chunks):
                self.threads.add(current_thread().name)
                if index == self._fails_at:
                    raise OSError("the disk is gone")
                yield chunk
        finally:
            self.threads.add(current_thread().name)
            self.is_closed = True


async def drained(made: Made, slots: asyncio.Semaphore, *, take: int = 1_000) -> bytes:
    work = LongWork(slots)
    stream = await work.stream(b"[", made(), b"]")
    parts = []
    async for part in stream:
        parts.append(part)
        if len(parts) == take:
            break
    await stream.aclose()  # type: ignore[attr-defined]  # an async generator
    work.close()
    await asyncio.to_thread(work._thread.shutdown)
    return b"".join(parts)


@given(st.lists(st.binary(min_size=1, max_size=5), max_size=6))
def test_chunks_are_joined_by_commas(chunks: list[bytes]) -> None:
    made = Made(chunks)
    slots = asyncio.Semaphore(1)
    assert asyncio.run(drained(made, slots)) == b"[" + b",".join(chunks) + b"]"
    assert made.is_closed
    assert len(made.threads) == 1
    assert not slots.locked()


def test_a_stream_that_is_left_early_is_closed_on_its_thread() -> None:
    made, slots = Made([b"1", b"2", b"3"]), asyncio.Semaphore(1)
    assert asyncio.run(drained(made, slots, take=2)) == b"[1"
    assert made.is_closed
    assert len(made.threads) == 1
    assert not slots.locked()


def test_what_fails_at_once_fails_before_anything_is_sent() -> None:
    with pytest.raises(OSError, match="disk"):
        asyncio.run(drained(Made([b"1"], fails_at=0), asyncio.Semaphore(1)))


def test_what_fails_later_breaks_the_stream_off() -> None:
    slots = asyncio.Semaphore(1)
    with pytest.raises(OSError, match="disk"):
        asyncio.run(drained(Made([b"1", b"2"], fails_at=1), slots))
    assert not slots.locked()


async def one_after_the_other() -> list[str]:
    slots, order = asyncio.Semaphore(1), list[str]()

    async def work(name: str) -> None:
        work = LongWork(slots)
        await work.run(lambda: order.append(f"{name} begins"))
        await asyncio.to_thread(order.append, f"{name} ends")
        work.close()

    await asyncio.gather(work("a"), work("b"))
    return order


def test_long_work_waits_for_its_turn() -> None:
    assert asyncio.run(one_after_the_other()) == ["a begins", "a ends", "b begins", "b ends"]


@given(st.integers(0, 50), st.integers(0, 12), st.integers(1, 12))
def test_facts_of_a_page_fit_its_rows(total: int, number: int, size: int) -> None:
    request = PageRequest(number, size)
    rows = list(range(total))[request.offset : request.offset + size]
    facts = page_facts(total, request)
    assert facts.number_of_elements == len(rows)
    assert facts.empty is (not rows)
    assert facts.first is (number == 0)
    assert facts.total_pages == len(range(0, total, size))
    assert facts.last is (request.offset + size >= total)
    whole = msgspec.json.decode(envelope.page(rows, total, request))
    streamed = envelope.HEAD + b",".join(str(row).encode() for row in rows) + envelope.tail(total, request)
    assert msgspec.json.decode(streamed) == whole
    assert whole["content"] == rows
