"""Items by their name, for what others are joined with: they lie in a file, and sixteen bytes of each are in memory."""

import os
import weakref
from array import array
from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np

from nephoscope.clouds.collecting import Raw
from nephoscope.kit.hashes import fingerprint

_BUFFER = 1 << 20


class Lookup:
    """Of two items with one name, the later counts. The file goes with whoever made its folder."""

    def __init__(self, file: Path, items: Iterable[tuple[str, Raw]]) -> None:
        hashes, ends, end = array("q"), array("q", [0]), 0
        with file.open("wb", _BUFFER) as out:
            for name, item in items:
                end += out.write(msgspec.msgpack.encode((name, item)))
                hashes.append(_hashed(name))
                ends.append(end)
        found = np.frombuffer(hashes, np.int64) if hashes else np.empty(0, np.int64)
        self._order = np.argsort(found, kind="stable")
        self._hashes = found[self._order]
        self._ends = ends
        self._file = os.open(file, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)

    def get(self, name: str) -> Raw | None:
        hashed = _hashed(name)
        first, after = (int(np.searchsorted(self._hashes, hashed, side)) for side in ("left", "right"))
        for at in range(after - 1, first - 1, -1):
            place = int(self._order[at])
            start, end = self._ends[place], self._ends[place + 1]
            found, item = msgspec.msgpack.decode(os.pread(self._file, end - start, start))
            if found == name:
                return dict(item)
        return None


def _hashed(name: str) -> int:
    return fingerprint(name.encode("utf-8", "replace"))
