"""The file that a backup is: a ZIP with a manifest, and each table as lines of JSON, each line a list of rows.

It says nothing of the database that it came from, so that what SQLite gave is taken by PostgreSQL, and the other way
round. It is written beside its place and moved there when it is whole. It is read with bounds, and `open_archive` has
compared every byte with the manifest's checksums before anybody gets to see a row: they tell damage, not forgery.
"""

import io
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, cast
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import msgspec

from nephoscope.errors import ConflictError, StoreError

FORMAT = 1
LONGEST_LINE = 512 * 1024 * 1024
"""Bytes of a list of rows: refused when longer."""
_LONGEST_MANIFEST = 4 * 1024 * 1024
_LONGEST_KEYS = 64 * 1024
_PIECE = 1024 * 1024
_LEVEL = 3
_MANIFEST, _KEYS = "manifest.json", "key"
_DAMAGE = (
    BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    msgspec.MsgspecError,
    UnicodeDecodeError,
)


class Kind(StrEnum):
    """What a column's values are, where databases and JSON spell them differently."""

    PLAIN = "plain"
    FLAG = "flag"
    UUID = "uuid"
    BYTES = "bytes"


class Column(msgspec.Struct, frozen=True):
    name: str
    kind: Kind


class Held(msgspec.Struct, frozen=True):
    """A table. `digest` is the SHA-256 of its lines; `counter` the last key given out, 0 when nobody counts."""

    name: str
    columns: tuple[Column, ...]
    rows: int
    digest: str
    counter: int = 0

    @property
    def entry(self) -> str:
        return f"tables/{self.name}.jsonl"


class Manifest(msgspec.Struct, frozen=True):
    """`revision` is the schema's, `version` the program's, `keys_digest` empty without keys."""

    format: int
    version: str
    revision: str
    made_on: int
    source: str
    tables: tuple[Held, ...]
    keys_digest: str = ""

    @property
    def rows(self) -> int:
        return sum(held.rows for held in self.tables)


class ArchiveWriter:
    """Takes tables one after the other."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self.tables: list[Held] = []
        self._keys = ""

    def add(self, name: str, columns: Sequence[Column], batches: Iterable[list[Any]], counter: int) -> None:
        digest, rows = sha256(), 0
        with self._archive.open(f"tables/{name}.jsonl", "w", force_zip64=True) as entry:
            for batch in batches:
                line = msgspec.json.encode(batch) + b"\n"
                digest.update(line)
                entry.write(line)
                rows += len(batch)
        self.tables.append(Held(str(name), tuple(columns), rows, digest.hexdigest(), counter))

    def add_keys(self, text: str) -> None:
        self._archive.writestr(_KEYS, text)
        self._keys = sha256(text.encode()).hexdigest()

    def finish(self, *, version: str, revision: str, made_on: int, source: str) -> Manifest:
        manifest = Manifest(FORMAT, version, revision, made_on, source, tuple(self.tables), self._keys)
        self._archive.writestr(_MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        return manifest


class Archive:
    """One that was found whole."""

    def __init__(self, archive: ZipFile, manifest: Manifest) -> None:
        self._archive = archive
        self.manifest = manifest

    @property
    def keys(self) -> str:
        """Empty when they were left out."""
        if not self.manifest.keys_digest:
            return ""
        with self._archive.open(_KEYS) as entry:
            return entry.read(_LONGEST_KEYS).decode("ascii")

    def rows(self, held: Held) -> Iterator[list[list[Any]]]:
        """In lists, as they were written. StoreError for what is no list of rows of that width."""
        with _damage_is_told(), self._archive.open(held.entry) as entry:
            for line in _lines(entry):
                batch = msgspec.json.decode(line, type=list[list[Any]])
                if any(len(row) != len(held.columns) for row in batch):
                    raise StoreError(f"The backup is damaged: a row of {held.name} has not as many values as columns.")
                yield batch


@contextmanager
def new_archive(path: Path) -> Iterator[ArchiveWriter]:
    """Readable by its owner alone; there only when everything went well. ConflictError when the file is there."""
    if path.exists():
        raise ConflictError(f"{path} is there already; a backup never replaces a file.")
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}-")
    part = Path(name)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - it is open already
            with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
                yield ArchiveWriter(archive)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(part)  # fails when somebody has put a file there meanwhile
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """StoreError unless every byte is as it was written."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise StoreError(f"The backup {path} cannot be read: {error.strerror}.") from error
    with file:
        with _damage_is_told():
            archive = ZipFile(file)
            manifest = _manifest(archive)
            _compare(archive, manifest)
        with archive:
            yield Archive(archive, manifest)


def _manifest(archive: ZipFile) -> Manifest:
    if _MANIFEST not in archive.namelist():
        raise StoreError(f"This is no backup of nephoscope: it has no {_MANIFEST}.")
    with archive.open(_MANIFEST) as entry:
        text = entry.read(_LONGEST_MANIFEST)
    if msgspec.json.decode(text, type=_Format).format != FORMAT:
        raise StoreError("This backup was made by a newer version of nephoscope. Install that version first.")
    return msgspec.json.decode(text, type=Manifest)


class _Format(msgspec.Struct):
    format: int


def _compare(archive: ZipFile, manifest: Manifest) -> None:
    wanted = {held.entry: held.digest for held in manifest.tables}
    if manifest.keys_digest:
        wanted[_KEYS] = manifest.keys_digest
    if sorted([*wanted, _MANIFEST]) != sorted(archive.namelist()):
        raise StoreError("The backup is damaged: what is in it is not what its manifest names.")
    for name, digest in wanted.items():
        if _digest(archive, name) != digest:
            raise StoreError(f"The backup is damaged: {name} is not what was written.")


def _digest(archive: ZipFile, name: str) -> str:
    found = sha256()
    with archive.open(name) as entry:
        while piece := entry.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def _lines(entry: IO[bytes]) -> Iterator[bytes]:
    buffered = io.BufferedReader(cast("io.RawIOBase", entry), _PIECE)  # what ZipFile opens can be read into
    while line := buffered.readline(LONGEST_LINE):
        if not line.endswith(b"\n"):
            raise StoreError("The backup is damaged: a line in it does not end.")
        yield line


@contextmanager
def _damage_is_told() -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise StoreError(f"The backup is damaged, or is none: {str(error) or type(error).__name__}.") from error
