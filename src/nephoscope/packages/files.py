"""What package readers need of a disk: a part of what a file view offers, said by its shape.

Nothing that a disk says about itself is believed: every reader asks for a bounded number of bytes, checks counts and
offsets against what is there, and ends with DiskError (not fatal) for what is not in the form it claims to be in.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol, Self

import msgspec

from nephoscope.errors import DiskError

_CHUNK = 128 * 1024
_MOST_CHUNKS = 16


class OpenFile(AbstractContextManager["OpenFile"], Protocol):
    @property
    def size(self) -> int: ...

    def read(self, offset: int, size: int) -> bytes: ...


class Named(Protocol):
    """One name on the volume."""

    @property
    def path(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def mode(self) -> int: ...


class Files(Protocol):
    def find(self, *patterns: str) -> Iterator[Named]: ...

    def open(self, path: str, *, follow: bool = True) -> OpenFile: ...

    def read(self, path: str, limit: int) -> bytes: ...

    def read_many(self, paths: Iterable[str], limit: int) -> Iterator[tuple[str, bytes]]: ...

    def names(self, path: str) -> tuple[Named, ...]: ...


class Chunked:
    """An open file in chunks, of which the last few are kept: readers of databases and programs ask for small pieces
    near each other, and each question to a disk has its price."""

    def __init__(self, file: OpenFile) -> None:
        self._file = file
        self._kept: OrderedDict[int, bytes] = OrderedDict()

    @property
    def size(self) -> int:
        return self._file.size

    def read(self, offset: int, size: int) -> bytes:
        if size > _CHUNK:
            return self._file.read(offset, size)
        first, last = offset // _CHUNK, max(offset, offset + size - 1) // _CHUNK
        joined = b"".join(self._chunk(number) for number in range(first, last + 1))
        return joined[offset - first * _CHUNK :][:size]

    def _chunk(self, number: int) -> bytes:
        found = self._kept.pop(number, None)
        if found is None:
            found = self._file.read(number * _CHUNK, _CHUNK) if number * _CHUNK < self.size else b""
            if len(self._kept) >= _MOST_CHUNKS:
                self._kept.popitem(last=False)
        self._kept[number] = found
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """The file is closed by who opened it."""


def malformed(path: str, why: str) -> DiskError:
    return DiskError(f"{path}: {why}.")


def json_of(path: str, content: bytes) -> Any:
    """DiskError for what is no JSON. A mark of the order of bytes may come first."""
    try:
        return msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise malformed(path, "damaged: it is no JSON") from None
