"""What package readers need of a disk: a part of what a file view offers, said by its shape.

Nothing that a disk says about itself is believed: every reader asks for a bounded number of bytes, checks counts and
offsets against what is there, and ends with DiskError (not fatal) for what is not in the form it claims to be in.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from nephoscope.errors import DiskError


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


def malformed(path: str, why: str) -> DiskError:
    return DiskError(f"{path}: {why}.")
