"""JSON files as tools write them: one object a line, an array, or an array inside an object; plain or gzipped. Read
piece by piece, and what cannot be read is named with its file and place."""

import gzip
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import ijson
import msgspec

from nephoscope.errors import BadRequestError

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes."""
_GZIP = b"\x1f\x8b"
_HEAD = 64 * 1024
_END = 16 * 1024
_CHUNK = 1024 * 1024

OnBytes = Callable[[int], None]
"""Hears how many bytes were read since the last time."""


class Located:
    """Where one is in a file, for whoever finds something wrong."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.line = 0
        self.item = 0

    def wrong(self, what: str) -> BadRequestError:
        where = f"line {self.line}" if self.line else f"item {self.item}"
        return BadRequestError(f"{self._path.name}, {where}: {what}")


def items(path: Path, inside: Sequence[str], on_bytes: OnBytes) -> Iterator[tuple[Located, Any]]:
    """Every item, with where it stands. `inside` are the keys under which a wrapping object may hold the array.
    BadRequestError for what is no such file, at the first thing that is wrong."""
    at = Located(path)
    with _opened(path, on_bytes) as file:
        head = file.peek(_HEAD)[:_HEAD]  # type: ignore[attr-defined]  # both kinds of file have it
        text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
        if not text:
            raise BadRequestError(f"{path.name} is empty.")
        if text[:1] == b"[":
            yield from _streamed(file, "item", at)
        elif text[:1] == b"{" and _is_line(text):
            yield from _by_line(file, inside, at)
        elif text[:1] == b"{":
            yield from _streamed(file, _prefix(text, inside, path), at)
        else:
            raise BadRequestError(f"{path.name} is not JSON: it begins with {text[:20].decode(errors='replace')!r}.")


def document(path: Path, on_bytes: OnBytes, largest: int) -> Any:
    """A file that is one document of bounded size."""
    with _opened(path, on_bytes) as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise BadRequestError(f"{path.name} has more than {largest:,} bytes.")
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequestError(f"{path.name} is not JSON: {error}.") from None


def ends(path: Path) -> tuple[bytes, bytes]:
    """The first and the last few kilobytes of what the file says; both are all of it when it is short."""
    with _opened(path, lambda _: None) as file:
        head = tail = file.read(_END)
        while chunk := file.read(_CHUNK):
            tail = (tail + chunk)[-_END:]
    return head, tail


class _Counting:
    """A file that tells how much of it was read."""

    def __init__(self, file: IO[bytes], on_bytes: OnBytes) -> None:
        self._file = file
        self._on_bytes = on_bytes

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self._on_bytes(len(chunk))
        return chunk

    def readinto(self, buffer: bytearray) -> int:
        chunk = self.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@contextmanager
def _opened(path: Path, on_bytes: OnBytes) -> Iterator[IO[bytes]]:
    try:
        with path.open("rb") as raw:
            is_packed = raw.read(2) == _GZIP
            raw.seek(0)
            counting: Any = _Counting(raw, on_bytes)
            inner: Any = gzip.GzipFile(fileobj=counting) if is_packed else counting
            with io.BufferedReader(inner, _HEAD) as file:
                yield file
    except (OSError, EOFError) as error:
        why = getattr(error, "strerror", None) or "it is cut off or damaged"
        raise BadRequestError(f"{path} cannot be read: {why}.") from None


def _is_line(text: bytes) -> bool:
    """Whether the first line is an object of its own."""
    first, newline, _ = text.partition(b"\n")
    if not newline and len(text) >= _HEAD:
        return True  # a very long first line: an object a line, or all of it in one
    try:
        return isinstance(msgspec.json.decode(first), dict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _by_line(file: IO[bytes], inside: Sequence[str], at: Located) -> Iterator[tuple[Located, Any]]:
    while line := file.readline(LONGEST_LINE + 1):
        at.line += 1
        if len(line) > LONGEST_LINE:
            raise at.wrong(f"it has more than {LONGEST_LINE:,} bytes")
        if not line.strip():
            continue
        try:
            found = msgspec.json.decode(line.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise at.wrong(f"not JSON: {error}") from None
        wrapped = next(
            (found[key] for key in inside if isinstance(found, dict) and isinstance(found.get(key), list)), None
        )
        for item in wrapped if wrapped is not None else [found]:
            at.item += 1
            yield at, item


def _prefix(text: bytes, inside: Sequence[str], path: Path) -> str:
    """Where the array is, of those that it may be under."""
    for key in inside:
        if f'"{key}"'.encode() in text:
            return f"{key}.item"
    raise BadRequestError(f"{path.name} is an object without {' or '.join(inside)}.")


def _streamed(file: IO[bytes], prefix: str, at: Located) -> Iterator[tuple[Located, Any]]:
    try:
        for found in ijson.items(file, prefix, use_float=True):
            at.item += 1
            yield at, found
    except (ijson.JSONError, UnicodeDecodeError, RecursionError) as error:
        at.item += 1
        raise at.wrong(f"not JSON: {str(error).splitlines()[0][:200]}") from None
