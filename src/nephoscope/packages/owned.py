"""Which files belong to packages of the operating system, as a bounded set of hashes.

Settings are left out although packages bring them: people write passwords into those. `/lib` and `/usr/lib` are one
folder on most systems, and databases name files by either: they count as the same.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable

from nephoscope.kit.hashes import fingerprint

MOST = 4_000_000
"""Files that are remembered: 32 MB. What is beyond counts as nobody's, and is looked at."""
_MERGED = ("/lib/", "/bin/", "/sbin/", "/lib64/", "/lib32/", "/libx32/")


class OwnedFiles:
    """Filled once, then asked."""

    def __init__(self) -> None:
        self._hashes = array("q")
        self._is_sorted = True

    def add(self, paths: Iterable[str]) -> None:
        room = MOST - len(self._hashes)
        for path in paths:
            if room <= 0:
                return
            if not path.startswith("/etc/"):
                self._hashes.append(_hash(path))
                self._is_sorted = False
                room -= 1

    def __contains__(self, path: str) -> bool:
        if not self._is_sorted:
            self._hashes = array("q", sorted(self._hashes))
            self._is_sorted = True
        wanted = _hash(path)
        at = bisect_left(self._hashes, wanted)
        return at < len(self._hashes) and self._hashes[at] == wanted

    def __len__(self) -> int:
        return len(self._hashes)


def _hash(path: str) -> int:
    merged = path.removeprefix("/usr") if path.startswith("/usr/") else path
    return fingerprint((merged if merged.startswith(_MERGED) else path).encode("utf-8", "surrogateescape"))
