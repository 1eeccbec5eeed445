"""A disk, read in ranges: blocks come from a source (a snapshot in a cloud, an image file), many at a time, are kept
for a while, and are counted.

Blocks that the source does not hold are zeros and cost nothing. A device is thread-safe; its source is asked for
several blocks at once and must be too.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol

from nephoscope.errors import DiskError, NephoscopeError
from nephoscope.images.blocks import BlockSet
from nephoscope.images.budget import Meter, Tariff

PARALLEL = 16
"""Blocks that are fetched at the same time."""
CACHE_BYTES = 48 * 1024 * 1024
AHEAD = 8
"""Blocks that a long sequential read is ahead of itself."""
_BEGINS = 2
"""Blocks in a row after which a read counts as sequential."""


class BlockSource(Protocol):
    """Where blocks come from."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int:
        """Bytes of the whole disk."""
        ...

    @property
    def block_size(self) -> int: ...

    @property
    def tariff(self) -> Tariff: ...

    def holds(self, block: int) -> bool:
        """Whether there are data; what is not held reads as zeros. May ask the cloud, and count that."""
        ...

    def fetch(self, block: int) -> bytes:
        """All of one block that is held; the last one may be short. Checked against its checksum where there is one.
        DiskError, or a CloudError, when it cannot be had."""
        ...

    def close(self) -> None: ...


class Device(AbstractContextManager["Device"]):
    """One disk. Close it, or use it as a context; that closes the source."""

    def __init__(
        self,
        source: BlockSource,
        meter: Meter | None = None,
        *,
        parallel: int = PARALLEL,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        self.source = source
        self.meter = meter or Meter()
        self.size = source.size
        self.block_size = source.block_size
        self._room = max(parallel * 2, cache_bytes // source.block_size)
        self._parallel = parallel
        self._blocks: OrderedDict[int, Future[bytes]] = OrderedDict()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(parallel, thread_name_prefix="blocks")
        self._read = BlockSet()
        self._last = self._row = 0

    @property
    def name(self) -> str:
        return self.source.name

    def blocks_read(self) -> BlockSet:
        """What was fetched so far, or found to be a hole: the part of the disk that a result depends on."""
        with self._lock:
            return BlockSet(self._read.ranges())

    def read(self, offset: int, size: int) -> bytes:
        """At most `size` bytes; fewer only at the end of the disk."""
        if offset < 0 or size < 0:
            raise DiskError(f"There is no byte {offset} on {self.name}.")
        end = min(offset + size, self.size)
        if offset >= end:
            return b""
        first, last = offset // self.block_size, (end - 1) // self.block_size
        pieces = [self._piece(block, offset, end) for block in self._arriving(first, last)]
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def prefetch(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Begin to fetch what these ranges (offset, size) lie in; no more than half of what is kept."""
        wanted: dict[int, None] = {}
        for offset, size in ranges:
            if 0 <= offset < self.size and size > 0:
                until = (min(offset + size, self.size) - 1) // self.block_size
                for block in range(offset // self.block_size, until + 1):
                    wanted[block] = None
                    if len(wanted) >= self._room // 2:
                        self._start(wanted)
                        return
        self._start(wanted)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._blocks.clear()
        self.source.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _arriving(self, first: int, last: int) -> Iterable[int]:
        """The blocks of a read, in order, those after them on their way."""
        self._row = self._row + 1 if first in (self._last, self._last + 1) and first else 0
        self._last = last
        window = max(1, min(self._parallel, self._room // 4))
        is_sequential = self._row >= _BEGINS or last - first >= _BEGINS
        end = -(-self.size // self.block_size)
        for block in range(first, last + 1):
            until = last + 1 + AHEAD if is_sequential else last + 1
            self._start(range(block + 1, min(block + window, until, end)))
            yield block

    def _piece(self, block: int, offset: int, end: int) -> bytes:
        start = block * self.block_size
        content = self._wait(block)
        if offset <= start and end >= start + len(content):
            return content
        return content[max(0, offset - start) : end - start]

    def _wait(self, block: int) -> bytes:
        with self._lock:
            known = self._blocks.get(block)
            if known is None:
                known = self._put(block, Future())
                is_ours = True
            else:
                self._blocks.move_to_end(block)
                is_ours = False
        if is_ours:
            self._fill(block, known)
        return known.result()

    def _start(self, blocks: Iterable[int]) -> None:
        for block in blocks:
            with self._lock:
                if block in self._blocks:
                    continue
                future = self._put(block, Future())
            try:
                self._pool.submit(self._fill, block, future)
            except RuntimeError:  # the device was closed meanwhile
                future.cancel()
                return

    def _put(self, block: int, future: Future[bytes]) -> Future[bytes]:
        """With the lock held."""
        self._blocks[block] = future
        while len(self._blocks) > self._room:
            self._blocks.popitem(last=False)
        return future

    def _fill(self, block: int, future: Future[bytes]) -> None:
        """Nobody who waits may be left waiting, whatever fetching raises; what went wrong is not kept."""
        try:
            future.set_result(self._fetch(block))
        except (NephoscopeError, OSError, RuntimeError) as error:
            future.set_exception(error)
        finally:
            if not future.done():
                future.set_exception(DiskError(f"Reading block {block:,} of {self.name} was interrupted."))
            if future.exception() is not None:
                with self._lock:
                    self._blocks.pop(block, None)

    def _fetch(self, block: int) -> bytes:
        size = min(self.block_size, self.size - block * self.block_size)
        if self.source.holds(block):
            self.meter.block(self.source.tariff)
            content = self.source.fetch(block)
            self.meter.received(len(content))
        else:
            content = b""
        with self._lock:
            self._read.add(block)
        return content if len(content) == size else content[:size].ljust(size, b"\0")
