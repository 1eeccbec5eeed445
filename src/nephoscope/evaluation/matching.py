"""The index of resource ids that regular expressions run over, and the page of evaluations that matched.

The ids of a provider stand in memory as Arrow arrays, rebuilt when the store's version moves. A page is found by
counting: how many evaluations each matching resource has, summed up, says at which resource the page starts.
"""

from collections.abc import Iterator
from threading import Lock
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nephoscope.controls.catalogue import Catalogue
from nephoscope.evaluation.masks import Matcher
from nephoscope.evaluation.rows import RowWriter, Window
from nephoscope.kit.pages import PageRequest
from nephoscope.model.identities import Reach
from nephoscope.model.providers import Provider
from nephoscope.store import evaluations, resources
from nephoscope.store.reach import part
from nephoscope.store.reach import seen_keys as resources_seen
from nephoscope.store.session import Part, Reader, Store

_REACHES = 8
"""Whose parts of the ids are kept."""
_BATCH = 256
"""Resources whose rows are written at once."""


class MatchedPage(msgspec.Struct, frozen=True):
    """`total` counts evaluations; `chunks` are JSON rows joined by commas, each chunk without a comma at its ends."""

    total: int
    chunks: Iterator[bytes]


class _Index(msgspec.Struct, frozen=True):
    version: int
    keys: Any
    ids: Any
    counts: Any


class RegexIndex:
    """One for each process. Thread-safe."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue
        self._lock = Lock()
        self._indexes: dict[Provider, _Index] = {}
        self._seen_by: dict[tuple[Provider, Part], _Index] = {}
        self._matcher = Matcher()

    def page(
        self, provider: Provider, pattern: str, request: PageRequest, *, reach: Reach | None = None
    ) -> MatchedPage:
        """BadRequestError for a pattern that cannot be used, TooLargeError when matching takes over ten seconds.

        Exhaust or close the chunks: they hold a read session, so that total and rows are of one moment.
        """
        stream = self._stream(provider, pattern, request, reach)
        return MatchedPage(int(next(stream)), stream)

    def _stream(self, provider: Provider, pattern: str, request: PageRequest, reach: Reach | None) -> Iterator[bytes]:
        """The total first, so that the session is open from then on and closing the iterator ends it."""
        with self._store.read(reach=reach) as reader:
            index = self._seen(reader, provider)
            matched = _select(index, self._matcher.mask(index.ids, pattern))
            yield str(pc.sum(matched.counts).as_py() or 0).encode()
            writer = RowWriter(self._catalogue, provider)
            for window in _windows(matched, request):
                yield from writer.chunks(reader, window)

    def resource_keys(self, reader: Reader, provider: Provider, pattern: str) -> list[int]:
        """Keys of the resources whose whole id matches, of those that the reader sees."""
        index = self._seen(reader, provider)
        return list(_select(index, self._matcher.mask(index.ids, pattern)).keys.to_pylist())

    def _seen(self, reader: Reader, provider: Provider) -> _Index:
        """What a reader with a reach does not see is left out before anything is matched: how long that takes says
        nothing about it either. The few latest are kept."""
        index, found = self._current(reader, provider), part(reader)
        if found is None:
            return index
        with self._lock:
            kept = self._seen_by.get((provider, found))
        if kept is None or kept.version != index.version:
            keys = np.array(resources_seen(reader, provider), np.int64)
            kept = _select(index, pa.array(np.isin(index.keys.to_numpy(zero_copy_only=False), keys)))
            with self._lock:
                self._seen_by.pop((provider, found), None)
                while len(self._seen_by) >= _REACHES:
                    del self._seen_by[next(iter(self._seen_by))]
                self._seen_by[provider, found] = kept
        return kept

    def _current(self, reader: Reader, provider: Provider) -> _Index:
        version = evaluations.version(reader)
        with self._lock:
            found = self._indexes.get(provider)
            if found is None or found.version != version:
                table = resources.identities(reader, provider)
                found = self._indexes[provider] = _Index(
                    version,
                    table["key"].combine_chunks(),
                    table["resource_id"].combine_chunks(),
                    table["evaluations"].combine_chunks(),
                )
            return found


def _select(index: _Index, mask: Any) -> _Index:
    return _Index(index.version, index.keys.filter(mask), index.ids.filter(mask), index.counts.filter(mask))


def _windows(matched: _Index, request: PageRequest) -> Iterator[Window]:
    """Batches of matching resources that hold the rows of the page, with how many rows to skip in the first and how
    many to take in all."""
    sums = pc.cumulative_sum(pc.cast(matched.counts, pa.int64()))
    first = int(pc.sum(pc.less_equal(sums, request.offset)).as_py() or 0)
    before = int(sums[first - 1].as_py()) if first else 0
    skip, left = request.offset - before, request.size
    for start in range(first, len(matched.keys), _BATCH):
        if left <= 0:
            return
        keys = matched.keys.slice(start, _BATCH)
        count = int(pc.sum(matched.counts.slice(start, _BATCH)).as_py() or 0)
        take = min(left, count - skip)
        if take > 0:
            yield Window(keys.to_pylist(), skip, take)
        skip, left = max(0, skip - count), left - max(0, take)
