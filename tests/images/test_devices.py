"""Devices: ranges are right whatever the blocks, holes cost nothing, blocks come in parallel, and budgets hold."""

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nephoscope.errors import BudgetError, DiskError
from nephoscope.images.blocks import BlockSet
from nephoscope.images.budget import Budget, Meter, Tariff, quote
from nephoscope.images.device import PARALLEL, Device

BLOCK = 64
TARIFF = Tariff("test", block=0.5, listing=0.25, listed=10, gigabyte_hour=1.0, as_of="2026-01-01")


class Source:
    """A disk in memory. `most` is how many blocks were asked for at once; `gate` holds them back until so many are."""

    name = "memory"
    block_size = BLOCK
    tariff = TARIFF

    def __init__(self, content: bytes, holes: frozenset[int] = frozenset(), gate: int = 1) -> None:
        self.content = bytearray(content)
        self.size = len(content)
        self.holes = holes
        for block in holes:
            piece = slice(block * BLOCK, min(self.size, (block + 1) * BLOCK))
            self.content[piece] = bytes(len(self.content[piece]))
        self.asked: list[int] = []
        self.broken: set[int] = set()
        self.most = self._now = 0
        self._lock = threading.Lock()
        self._gate = threading.Barrier(gate)
        self.is_closed = False

    def holds(self, block: int) -> bool:
        return block not in self.holes

    def fetch(self, block: int) -> bytes:
        with self._lock:
            self.asked.append(block)
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            if self._gate.parties > 1:
                self._gate.wait(10)
            if block in self.broken:
                raise DiskError(f"block {block} is broken")
            return bytes(self.content[block * BLOCK : (block + 1) * BLOCK])
        finally:
            with self._lock:
                self._now -= 1

    def close(self) -> None:
        self.is_closed = True


def numbered(size: int) -> bytes:
    return bytes(number * 7 % 251 + 1 for number in range(size))


@given(
    size=st.integers(0, 40 * BLOCK + 5),
    holes=st.frozensets(st.integers(0, 40)),
    reads=st.lists(st.tuples(st.integers(0, 42 * BLOCK), st.integers(0, 10 * BLOCK)), max_size=12),
)
def test_every_range_is_right(size: int, holes: frozenset[int], reads: list[tuple[int, int]]) -> None:
    source = Source(numbered(size), holes)
    with Device(source, parallel=2, cache_bytes=4 * BLOCK) as device:
        for offset, length in reads:
            assert device.read(offset, length) == source.content[offset : offset + length]
    assert source.is_closed
    assert not holes & set(source.asked)


def test_a_block_is_fetched_once_while_it_is_kept() -> None:
    source = Source(numbered(10 * BLOCK))
    with Device(source) as device:
        for offset in (0, 3, BLOCK - 1, 5 * BLOCK, 1):
            device.read(offset, 2)
        assert sorted(source.asked) == [0, 1, 5]
        assert device.blocks_read() == BlockSet(((0, 2), (5, 6)))
        assert device.meter.spent().blocks == 3


def test_blocks_that_are_known_to_be_needed_come_at_the_same_time() -> None:
    source = Source(numbered(64 * BLOCK), gate=PARALLEL)
    with Device(source) as device:
        device.prefetch((number * 4 * BLOCK, 8) for number in range(PARALLEL))
        for number in range(PARALLEL):
            assert device.read(number * 4 * BLOCK, 8) == source.content[number * 4 * BLOCK :][:8]
        assert source.most == PARALLEL
        assert len(source.asked) == PARALLEL


def test_only_sequential_reads_look_ahead() -> None:
    scattered, straight = Source(numbered(90 * BLOCK)), Source(numbered(90 * BLOCK))
    with Device(scattered) as device:
        for block in (50, 3, 77, 20, 61):
            device.read(block * BLOCK, 4)
    assert sorted(scattered.asked) == [3, 20, 50, 61, 77]
    with Device(straight) as device:
        for block in range(5):
            device.read(block * BLOCK, BLOCK)
    assert set(range(5)) < set(straight.asked)
    assert max(straight.asked) <= 5 + 16


def test_what_failed_is_asked_for_again() -> None:
    source = Source(numbered(4 * BLOCK))
    source.broken = {2}
    with Device(source) as device:
        with pytest.raises(DiskError, match="block 2"):
            device.read(0, 4 * BLOCK)
        source.broken.clear()
        assert device.read(0, 4 * BLOCK) == source.content
        with pytest.raises(DiskError, match="no byte -1"):
            device.read(-1, 4)


@pytest.mark.parametrize(
    ("budget", "said"),
    [(Budget(blocks=5), "5 blocks"), (Budget(money=2.5), "2.5 USD"), (Budget(seconds=5), "5 seconds")],
)
def test_a_budget_holds_to_the_block(budget: Budget, said: str) -> None:
    clock = iter(range(1000))
    meter = Meter(budget, now=lambda: float(next(clock)))
    source = Source(numbered(20 * BLOCK))
    with Device(source, meter) as device:
        for block in range(0, 10, 2):
            device.read(block * BLOCK, 1)
        with pytest.raises(BudgetError, match=said):
            device.read(15 * BLOCK, 1)
    assert len(source.asked) == 5
    assert meter.spent().money == 2.5


def test_a_quote_counts_blocks_and_lists() -> None:
    told = quote(100 * BLOCK + 1, BLOCK, TARIFF)
    assert (told.blocks, told.whole) == (101, 101 * 0.5 + 11 * 0.25)
    assert told.packages == pytest.approx(1.01 * 0.5 + 11 * 0.25)
    assert told.as_of == "2026-01-01"


RANGES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)).map(lambda pair: (pair[0], sum(pair))), max_size=12)


@given(RANGES, RANGES)
def test_sets_of_blocks_are_sets(some: list[tuple[int, int]], others: list[tuple[int, int]]) -> None:
    one, two = BlockSet(some), BlockSet(others)
    first, second = set(_numbers(some)), set(_numbers(others))
    assert list(one) == sorted(first)
    assert len(one) == len(first)
    assert [number in one for number in range(80)] == [number in first for number in range(80)]
    assert one.meets(two) == bool(first & second)
    assert (one == two) == (first == second)
    assert all(end < start for (_, end), (start, _) in zip(one.ranges(), one.ranges()[1:], strict=False))


def _numbers(ranges: list[tuple[int, int]]) -> Iterator[int]:
    for start, end in ranges:
        yield from range(start, end)
