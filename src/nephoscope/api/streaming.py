"""Big answers, written while they are made: one thread of its own makes the chunks, the event loop sends them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

Made = TypeVar("Made")

SLOTS = 8
"""Pieces of long work at the same time; others wait for a slot."""


class LongWork:
    """One piece of long work, always on the same thread, because a database session belongs to one thread."""

    def __init__(self, slots: asyncio.Semaphore) -> None:
        self._thread = ThreadPoolExecutor(1, "long-work")
        self._slots = slots
        self._has_slot = False

    async def run(self, make: Callable[[], Made]) -> Made:
        if not self._has_slot:
            await self._slots.acquire()
            self._has_slot = True
        return await asyncio.get_running_loop().run_in_executor(self._thread, make)

    async def stream(
        self, head: bytes, made: Iterator[bytes], tail: bytes, *, between: bytes = b","
    ) -> AsyncIterator[bytes]:
        """Head, the chunks with something between, tail. The first chunk is there before this answers, so that what
        fails at once fails before anything was sent. The work closes with the stream, however it ends."""
        first = await self.run(partial(next, made, None))
        return self._chunks((head, between, tail), first, made)

    async def _chunks(
        self, around: tuple[bytes, bytes, bytes], chunk: bytes | None, made: Iterator[bytes]
    ) -> AsyncGenerator[bytes, None]:
        """The next chunk is made while the last one is sent."""
        loop, (head, between, tail) = asyncio.get_running_loop(), around
        try:
            if head:
                yield head
            while chunk is not None:
                upcoming = loop.run_in_executor(self._thread, next, made, None)
                yield chunk
                chunk = await upcoming
                if chunk is not None and between:
                    yield between
            if tail:
                yield tail
        finally:
            self.close(made)

    def __del__(self) -> None:
        """A stream that nobody began to read has no end of its own."""
        self.close()

    def close(self, made: Iterator[bytes] | None = None) -> None:
        """Ends what was made, on its own thread, without waiting for it."""
        finish = getattr(made, "close", None)
        if finish is not None:
            self._thread.submit(finish)
        self._thread.shutdown(wait=False)
        if self._has_slot:
            self._has_slot = False
            self._slots.release()
