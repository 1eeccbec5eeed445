"""A folder of this machine as a volume: for an image that is mounted, or the machine itself.

Links are not followed out of the folder: a path is resolved here, name by name, as if the folder were the root.
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Self

import msgspec

from nephoscope.errors import DiskError, NotFoundError, TooLargeError

_LONGEST_CHAIN = 40
_ELSEWHERE = ("/proc", "/sys", "/dev", "/run")
"""Folders of a running system that are no part of its disk."""


class DirectoryEntry(msgspec.Struct, frozen=True):
    path: str
    size: int = 0
    mode: int = 0


class DirectoryFile:
    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.size = os.fstat(stream.fileno()).st_size

    def read(self, offset: int, size: int) -> bytes:
        self._stream.seek(offset)
        return self._stream.read(size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()


class Directory:
    """The files below `root`."""

    def __init__(self, root: Path) -> None:
        self._root = str(root).rstrip("/")

    def walk(self) -> Iterator[DirectoryEntry]:
        """Every regular file."""
        for folder, folders, names in os.walk(self._root or "/"):
            place = folder[len(self._root) :].rstrip("/")
            folders[:] = sorted(name for name in folders if f"{place}/{name}" not in _ELSEWHERE)
            for name in sorted(names):
                entry = self._entry(f"{place}/{name}")
                if entry is not None:
                    yield entry

    def find(self, *patterns: str) -> Iterator[DirectoryEntry]:
        seen: set[str] = set()
        for pattern in patterns:
            for path in self._expand("", pattern.strip("/").split("/")):
                entry = self._entry(self._resolved(path))
                if entry is not None and entry.path not in seen:
                    seen.add(entry.path)
                    yield entry

    def _expand(self, base: str, parts: list[str]) -> Iterator[str]:
        if not parts:
            yield base
            return
        name, *rest = parts
        if "*" not in name:
            yield from self._expand(f"{base}/{name}", rest)
            return
        shape = re.compile(".*".join(map(re.escape, name.split("*"))))
        for entry in self.names(base):
            found = entry.path.rpartition("/")[2]
            if shape.fullmatch(found):
                yield from self._expand(f"{base}/{found}", rest)

    def names(self, path: str) -> tuple[DirectoryEntry, ...]:
        try:
            found = sorted(one.name for one in Path(self._root + self._resolved(path) or "/").iterdir())
        except OSError:
            return ()
        return tuple(DirectoryEntry(f"{path}/{name}") for name in found)

    def open(self, path: str, *, follow: bool = True) -> DirectoryFile:
        real = self._resolved(path) if follow else path
        if self._entry(real) is None:
            raise NotFoundError(f"There is no file {path}.")
        try:
            return DirectoryFile(Path(self._root + real).open("rb"))
        except OSError as error:
            raise DiskError(f"{path}: {error.strerror}.") from None

    def read(self, path: str, limit: int) -> bytes:
        with self.open(path) as file:
            if file.size > limit:
                raise TooLargeError(f"{path} has {file.size} bytes; {limit} are read at most.")
            return file.read(0, limit)

    def read_many(self, paths: Iterable[str], limit: int) -> Iterator[tuple[str, bytes]]:
        for path in paths:
            try:
                content = self.read(path, limit)
            except (NotFoundError, DiskError, TooLargeError):
                continue
            yield path, content

    def _entry(self, path: str) -> DirectoryEntry | None:
        """None for what is no regular file."""
        try:
            found = os.lstat(self._root + path)
        except (OSError, ValueError):
            return None
        return DirectoryEntry(path, found.st_size, found.st_mode & 0o7777) if stat.S_ISREG(found.st_mode) else None

    def _resolved(self, path: str) -> str:
        """Where it really is, below the root; a chain of links without an end leads nowhere."""
        left, done, links = path.strip("/").split("/")[::-1], "", 0
        while left:
            name = left.pop()
            if name == "..":
                done = done.rpartition("/")[0]
            if name in ("", ".", ".."):
                continue
            try:
                target = str(Path(f"{self._root}{done}/{name}").readlink())
            except OSError:
                done = f"{done}/{name}"
                continue
            links += 1
            if links > _LONGEST_CHAIN:
                return "/\0"
            done = "" if target.startswith("/") else done
            left += target.strip("/").split("/")[::-1]
        return done
