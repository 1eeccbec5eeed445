"""Bytes in the parser process: everything comes from the parent, through file-like objects as libyal wants them."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Protocol

from nephoscope.errors import DiskError
from nephoscope.images.sandbox.messages import LARGEST_READ, Bytes, Hint, Line, Need, Refused

KEPT_BYTES = 16 * 1024 * 1024
"""Of each disk, in the child: a question to the parent costs more than a look here."""

Range = tuple[int, int, int]
"""Disk, offset, size."""


class Stream(Protocol):
    """A sequence of bytes that is read in ranges."""

    @property
    def size(self) -> int: ...

    def read_at(self, offset: int, size: int) -> bytes:
        """Fewer bytes only at the end. DiskError when the parent does not give them."""
        ...

    def where(self, offset: int, size: int) -> Iterator[Range]:
        """Which ranges of disks these bytes are; nothing where that is not known."""
        ...


class DiskStream:
    """A disk that the parent serves."""

    def __init__(self, line: Line, number: int, size: int, block_size: int) -> None:
        self._line = line
        self._number = number
        self.size = size
        self._piece = max(4096, min(block_size, LARGEST_READ))
        self._room = max(4, KEPT_BYTES // self._piece)
        self._pieces: OrderedDict[int, bytes] = OrderedDict()

    def read_at(self, offset: int, size: int) -> bytes:
        end = min(offset + size, self.size)
        if offset < 0 or offset >= end:
            return b""
        first, last = offset // self._piece, (end - 1) // self._piece
        if first == last:
            start = first * self._piece
            return self._kept(first)[offset - start : end - start]
        if last - first < self._room // 4:
            joined = b"".join(self._kept(piece) for piece in range(first, last + 1))
            return joined[offset - first * self._piece : end - first * self._piece]
        return b"".join(self._ask(at, min(LARGEST_READ, end - at)) for at in range(offset, end, LARGEST_READ))

    def where(self, offset: int, size: int) -> Iterator[Range]:
        yield self._number, offset, size

    def _kept(self, piece: int) -> bytes:
        found = self._pieces.get(piece)
        if found is not None:
            self._pieces.move_to_end(piece)
            return found
        start = piece * self._piece
        content = self._ask(start, min(self._piece, self.size - start))
        self._pieces[piece] = content
        if len(self._pieces) > self._room:
            self._pieces.popitem(last=False)
        return content

    def _ask(self, offset: int, size: int) -> bytes:
        self._line.send(Need(self._number, offset, size))
        match self._line.receive_order():
            case Bytes(content=content):
                return content
            case Refused(message=message, is_fatal=is_fatal):
                raise DiskError(message, is_fatal=is_fatal)
            case _:
                raise SystemExit(1)  # the parent has gone


class PartStream:
    """A range of another stream; what lies beyond its end is not there."""

    def __init__(self, inner: Stream, offset: int, size: int) -> None:
        self._inner = inner
        self._offset = offset
        self.size = size

    def read_at(self, offset: int, size: int) -> bytes:
        if offset < 0 or offset >= self.size:
            return b""
        return self._inner.read_at(self._offset + offset, min(size, self.size - offset))

    def where(self, offset: int, size: int) -> Iterator[Range]:
        if 0 <= offset < self.size:
            yield from self._inner.where(self._offset + offset, min(size, self.size - offset))


class Readable(Protocol):
    """What libyal makes of an image or a logical volume."""

    def read_buffer_at_offset(self, size: int, offset: int, /) -> bytes: ...


class OpenedStream:
    """What libyal reads out of other streams. `inner` are those, to hear what went wrong there."""

    def __init__(self, opened: Readable, size: int, inner: tuple["FileObject", ...], keep: object = None) -> None:
        self._opened = opened
        self._inner = inner
        self._keep = keep
        self.size = size

    def read_at(self, offset: int, size: int) -> bytes:
        if offset < 0 or offset >= self.size:
            return b""
        try:
            return self._opened.read_buffer_at_offset(min(size, self.size - offset), offset)
        except LIBYAL_ERRORS as error:
            for one in self._inner:
                one.raise_trouble()
            raise DiskError(f"It cannot be read at {offset:,}: {told(error)}") from error

    def where(self, offset: int, size: int) -> Iterator[Range]:  # noqa: ARG002 - only libyal knows
        yield from ()


class FileObject:
    """A stream as a Python file object, which is what libyal asks for. What the parent refused is kept, because libyal
    makes an error of its own of it."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._at = 0
        self._trouble: DiskError | None = None

    def read(self, size: int | None = None) -> bytes:
        wanted = self._stream.size - self._at if size is None else size
        try:
            content = self._stream.read_at(self._at, wanted)
        except DiskError as error:
            self._trouble = error
            raise OSError(error.message) from error
        self._at += len(content)
        return content

    def read_head(self) -> bytes:
        return self._stream.read_at(0, 512)

    def seek(self, offset: int, whence: int = 0) -> None:
        self._at = (0, self._at, self._stream.size)[whence] + offset

    def tell(self) -> int:
        return self._at

    def get_offset(self) -> int:
        return self._at

    def get_size(self) -> int:
        return self._stream.size

    def raise_trouble(self) -> None:
        """What the parent refused since this was last asked."""
        trouble, self._trouble = self._trouble, None
        if trouble is not None:
            raise trouble


LIBYAL_ERRORS = (OSError, ValueError, OverflowError, MemoryError, RuntimeError, SystemError, TypeError)
"""All that its bindings raise for what they cannot read."""
_LONGEST = 160


def told(error: BaseException) -> str:
    """The last word of libyal, which comes first: the rest of the trace says where in its sources. One line."""
    line = " ".join(str(error).split())
    first = line.split(". lib", 1)[0].split(": ", 1)[-1]
    return first[:_LONGEST] or type(error).__name__


def hint(line: Line, ranges: Iterator[Range], most: int = 4096) -> None:
    """Say what will be needed soon."""
    wanted = tuple(piece for piece, _ in zip(ranges, range(most), strict=False))
    if wanted:
        line.send(Hint(wanted))
