"""The files of one volume, read-only: what package readers and secret detectors are given.

What a view promises:

* Paths are absolute inside the volume (`/etc/os-release`), with `/` between names; `/` is the root. Names are bytes on
  a disk: what is no UTF-8 is kept by `surrogateescape`, so a path goes back to the disk as it came.
* Symbolic links are resolved here, never by a parser or the system: inside the root (`..` at the root stays there, an
  absolute target starts at the root again), at most `LONGEST_CHAIN` of them in a row.
* Nothing is written, and nothing outside the volume can be reached.
* A walk names every file once per name, in an order that suits the disk, does not follow links, and ends: folders
  that contain themselves are entered once.
* Reading is bounded by who reads: `read` takes a limit, a reader gives what is asked for.
* NotFoundError: there is no such file. DiskError: the file, or the whole volume, cannot be read; `is_fatal` says that
  nothing more will come out of this volume. BudgetError: the scan may read no further.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol

import msgspec

LONGEST_CHAIN = 40
"""Symbolic links in a row; the same number as Linux allows."""
DEEPEST = 256
"""Folders below each other that a walk enters."""
LONGEST_PATH = 8192
"""Characters of a path that is looked at."""


class Kind(StrEnum):
    FILE = "FILE"
    FOLDER = "FOLDER"
    LINK = "LINK"
    OTHER = "OTHER"
    """A device, a pipe, a socket: named, never opened."""


class Entry(msgspec.Struct, frozen=True):
    """One name on the volume. `size` in bytes; `mode` the permission bits (0 where the file system has none); `mtime`
    seconds since 1970 (0 when unknown); `links` how many names the file has: two entries with the same `inode` (not 0)
    and more than one link are the same file."""

    path: str
    kind: Kind
    size: int = 0
    mode: int = 0
    mtime: float = 0.0
    inode: int = 0
    links: int = 1
    target: str = ""
    """Where a LINK points, as written."""

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


class Reader(AbstractContextManager["Reader"], Protocol):
    """One open file."""

    @property
    def size(self) -> int: ...

    def read(self, offset: int, size: int) -> bytes:
        """At most `size` bytes; fewer only at the end of the file. Holes read as zeros."""
        ...


Enter = Callable[[str], bool]
"""Whether a walk goes into the folder of this path."""


class FileView(Protocol):
    """One volume's files. Not thread-safe: one reader at a time."""

    def walk(self, prefixes: Sequence[str] = ("/",), enter: Enter | None = None) -> Iterator[Entry]:
        """Everything below the prefixes, themselves included; a prefix that does not exist gives nothing, one that
        ends in a symbolic link is resolved first. Folders that cannot be read are passed over; `problems` names
        them."""
        ...

    def stat(self, path: str, *, follow: bool = True) -> Entry | None:
        """None when there is no such thing. The entry's path is where it really is, after links."""
        ...

    def names(self, path: str) -> tuple[Entry, ...]:
        """What a folder holds, by name; nothing when it is no folder or does not exist."""
        ...

    def find(self, *patterns: str) -> Iterator[Entry]:
        """Everything that a pattern means, links followed: names with `*`, `?` and `[…]` between slashes, such as
        `/usr/lib/python3*/site-packages/*.dist-info/METADATA`. `*` does not cross a slash. Only the folders that the
        pattern names are looked at. Each file once, in the order of the patterns."""
        ...

    def open(self, path: str, *, follow: bool = True) -> Reader:
        """NotFoundError, or DiskError for what is no file."""
        ...

    def read(self, path: str, limit: int) -> bytes:
        """The whole file. TooLargeError when it has more than `limit` bytes."""
        ...

    def read_many(self, paths: Iterable[str], limit: int) -> Iterator[tuple[str, bytes]]:
        """Path and content of each file, in any order, many at a time: far quicker than one by one, because the disk is
        asked for all their blocks at once. What is missing, too large or unreadable is left out; `problems` names
        what could not be read."""
        ...

    def problems(self) -> tuple[str, ...]:
        """What could not be read so far, a line each, a bounded number of them."""
        ...
