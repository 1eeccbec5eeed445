"""From files to documents: plain, compressed, or many in an archive, all as streams and all bounded.

An archive that unpacks to more than anybody publishes is refused, not unpacked to the end.
"""

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import IO, NamedTuple, cast

import zstandard

from nephoscope.errors import BadRequestError

LARGEST = 8 << 30
"""Bytes that all documents of one file may have together."""
MOST = 2_000_000
"""Documents in one archive."""
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.zst", ".tar.bz2")
_ZSTANDARD = zstandard.ZstdDecompressor(max_window_size=1 << 27)
_PACKED = (".gz", ".xz", ".zst", ".bz2")
_BROKEN = (OSError, EOFError, lzma.LZMAError, zlib.error, zstandard.ZstdError, tarfile.TarError, zipfile.BadZipFile)
_BROKEN_MEMBER = (RuntimeError, NotImplementedError)
"""An encrypted member, an unknown method."""


class Document(NamedTuple):
    """`name` says where it comes from, archive and all."""

    name: str
    stream: IO[bytes]


class _Counted(RawIOBase):
    """A stream that may give so many bytes and no more, and says whose it is when it is damaged."""

    def __init__(self, stream: IO[bytes], name: str, most: int) -> None:
        self._stream = stream
        self._name = name
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]  # narrower than any buffer
        try:
            content = self._stream.read(len(buffer))
        except (*_BROKEN, *_BROKEN_MEMBER) as error:
            raise BadRequestError(f"{self._name} cannot be read: {error or type(error).__name__}.") from None
        self._left -= len(content)
        if self._left < 0:
            raise BadRequestError(f"{self._name} unpacks to more than {LARGEST >> 30} GB.")
        buffer[: len(content)] = content
        return len(content)


def files_in(paths: Iterable[Path]) -> Iterator[Path]:
    """Files as they are, folders with everything below them. BadRequestError names all that do not exist."""
    given = list(paths)
    missing = [str(path) for path in given if not path.exists()]
    if missing:
        raise BadRequestError(f"There is no {', '.join(missing)}.", missing)
    for path in given:
        if path.is_dir():
            yield from sorted(
                one for one in path.rglob("*") if one.is_file() and "/." not in f"/{one.relative_to(path)}"
            )
        else:
            yield path


def documents(path: Path) -> Iterator[Document]:
    """Each is to be read before the next is asked for. BadRequestError for what is damaged or too much."""
    name = path.name.lower()
    try:
        if name.endswith(".zip"):
            yield from _zipped(path)
        elif name.endswith(_ARCHIVES):
            with _unpacked(path) as stream:
                yield from _from_tar(path, stream)
        else:
            with _unpacked(path) as stream:
                suffix = next((one for one in _PACKED if name.endswith(one)), "")
                yield Document(str(path).removesuffix(path.name[len(path.name) - len(suffix) :]), stream)
    except _BROKEN as error:
        raise BadRequestError(f"{path} cannot be read: {error or type(error).__name__}.") from None


@contextmanager
def _unpacked(path: Path) -> Iterator[IO[bytes]]:
    with ExitStack() as opened:
        file = opened.enter_context(path.open("rb"))
        yield BufferedReader(
            _Counted(opened.enter_context(_decoder(path.name.lower(), file)), str(path), LARGEST), 1 << 16
        )


def _decoder(name: str, file: IO[bytes]) -> AbstractContextManager[IO[bytes]]:
    if name.endswith((".gz", ".tgz")):
        return cast("AbstractContextManager[IO[bytes]]", gzip.open(file))
    if name.endswith((".xz", ".txz")):
        return lzma.open(file)
    if name.endswith(".bz2"):
        return bz2.open(file)
    if name.endswith(".zst"):
        return _ZSTANDARD.stream_reader(file, read_across_frames=True)
    return nullcontext(file)


def _from_tar(path: Path, stream: IO[bytes]) -> Iterator[Document]:
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for count, member in enumerate(archive):
            if count >= MOST:
                raise BadRequestError(f"{path} holds more than {MOST} documents.")
            content = archive.extractfile(member) if member.isreg() else None
            if content is not None:
                yield Document(f"{path}!/{member.name}", content)
            archive.members = []  # type: ignore[attr-defined]  # or it remembers every header; stubs do not know it


def _zipped(path: Path) -> Iterator[Document]:
    with zipfile.ZipFile(path) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        if len(members) > MOST or sum(one.file_size for one in members) > LARGEST:
            raise BadRequestError(f"{path} holds more than {MOST} documents, or more than {LARGEST >> 30} GB of them.")
        for member in members:
            name = f"{path}!/{member.filename}"
            try:
                stream = archive.open(member)
            except _BROKEN_MEMBER as error:
                raise BadRequestError(f"{name} cannot be read: {error}.") from None
            with stream:
                yield Document(name, BufferedReader(_Counted(stream, name, LARGEST), 1 << 16))
