"""What sources by resource share: everything in order of key, or where something changed or is gone since."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from nephoscope.reports.exports.context import ExportContext, SplitFilter
from nephoscope.store.changelog import changed_since
from nephoscope.store.changelog.changed_since import Departures, Integers, Since
from nephoscope.store.changelog.departures import Departed
from nephoscope.store.session import Reader

KeysAfter = Callable[[Reader, int, int], Sequence[int]]
KeysSince = Callable[[Reader, Since], Integers]


class ByResource:
    """The half of a `Source` that says which resources are looked at."""

    def __init__(self, context: ExportContext, split: SplitFilter, every: KeysAfter, changed: KeysSince) -> None:
        self._context = context
        self._filter = split
        self._every = every
        self._departures: Departures | None = None
        self._keys: Integers | None = None
        if context.since:
            self._departures = changed_since.departures_since(context.reader, context.since)
            self._keys = np.unique(np.concatenate([changed(context.reader, context.since), self._departures.keys]))

    def keys(self, after: int, size: int) -> Sequence[int]:
        if self._keys is None:
            return self._every(self._context.reader, after, size)
        first = int(np.searchsorted(self._keys, after, side="right"))
        return list(map(int, self._keys[first : first + size]))

    def _gone(self, keys: Sequence[int]) -> Iterator[Departed]:
        """Those of the keys that are no more and have not come back."""
        if self._departures is None:
            return
        found: Mapping[int, Departed] = changed_since.described(self._context.reader, self._departures, keys)
        gone = self._context.departed(found)
        back = self._context.returned(gone.values())
        yield from (one for one in gone.values() if one.uuid not in back)
