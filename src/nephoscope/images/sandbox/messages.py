"""What parent and parser process say to each other: frames of a length and a message, over a pair of sockets.

The parent orders; until the order is done, the child asks for bytes of disks and the parent answers. Frames of the
child are bounded: it may be in the hands of whoever wrote the disk.
"""

import socket
import struct

import msgspec

from nephoscope.errors import DiskError
from nephoscope.images.recipes import Found, Layout
from nephoscope.images.view import Entry, Kind

LARGEST_FRAME = 96 * 1024 * 1024
"""Bytes. A file that is read whole is one frame."""
LARGEST_READ = 4 * 1024 * 1024
"""Bytes that the child asks for at once."""
_LENGTH = struct.Struct("<I")


class Serve(msgspec.Struct, frozen=True, tag="serve"):
    """The disks there are: bytes, block size, and whether it is a file (1) or a disk of a cloud (0), of each."""

    disks: tuple[tuple[int, int, int], ...]


class Divide(msgspec.Struct, frozen=True, tag="divide"):
    """Find out what the disks are divided into."""


class Mount(msgspec.Struct, frozen=True, tag="mount"):
    volume: Found


class Stat(msgspec.Struct, frozen=True, tag="stat"):
    path: bytes
    follow: bool


class Names(msgspec.Struct, frozen=True, tag="names"):
    paths: tuple[bytes, ...]


class Find(msgspec.Struct, frozen=True, tag="find"):
    patterns: tuple[bytes, ...]


class Read(msgspec.Struct, frozen=True, tag="read"):
    path: bytes
    offset: int
    size: int


class ReadMany(msgspec.Struct, frozen=True, tag="read_many"):
    paths: tuple[bytes, ...]
    limit: int


Order = Serve | Divide | Mount | Stat | Names | Find | Read | ReadMany


class Bytes(msgspec.Struct, frozen=True, tag="bytes"):
    """The parent's answer to Need."""

    content: bytes


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The parent's other answer: the disk does not give these bytes."""

    message: str
    is_fatal: bool


class Sibling(msgspec.Struct, frozen=True, tag="sibling"):
    """The parent's answer to Beside: the number of the disk, its size and block size."""

    number: int
    size: int
    block_size: int


FromParent = Order | Bytes | Refused | Sibling


class Need(msgspec.Struct, frozen=True, tag="need"):
    """Bytes of a disk, please."""

    disk: int
    offset: int
    size: int


class Beside(msgspec.Struct, frozen=True, tag="beside"):
    """Another file of the same image, by its plain name."""

    disk: int
    name: str


class Hint(msgspec.Struct, frozen=True, tag="hint"):
    """These ranges (disk, offset, size) will be needed soon. Nothing is answered."""

    ranges: tuple[tuple[int, int, int], ...]


class Told(msgspec.Struct, frozen=True, tag="told", array_like=True):
    """An Entry, with bytes for what a disk spells in bytes."""

    path: bytes
    kind: Kind
    size: int
    mode: int
    mtime: float
    inode: int
    links: int
    target: bytes


class Divided(msgspec.Struct, frozen=True, tag="divided"):
    layout: Layout


class Mounted(msgspec.Struct, frozen=True, tag="mounted"):
    label: str
    notes: tuple[str, ...]


class Entries(msgspec.Struct, frozen=True, tag="entries"):
    """A part of an answer, or all of it."""

    entries: tuple[Told, ...]


class Content(msgspec.Struct, frozen=True, tag="content"):
    path: bytes
    content: bytes


class Problem(msgspec.Struct, frozen=True, tag="problem"):
    """Something on the way could not be read; the order goes on."""

    message: str


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The order cannot be carried out. `is_missing`: there is no such file."""

    message: str
    is_missing: bool = False
    is_fatal: bool = False


class Done(msgspec.Struct, frozen=True, tag="done"):
    """The order is carried out. `sandbox` is told once, with the first order."""

    sandbox: tuple[str, ...] = ()


FromChild = Need | Beside | Hint | Divided | Mounted | Entries | Content | Problem | Failed | Done

_encoder = msgspec.msgpack.Encoder()
_from_parent = msgspec.msgpack.Decoder(FromParent)
_from_child = msgspec.msgpack.Decoder(FromChild)


def tell(entry: Entry) -> Told:
    return Told(
        raw(entry.path), entry.kind, entry.size, entry.mode, entry.mtime, entry.inode, entry.links, raw(entry.target)
    )


def heard(told: Told) -> Entry:
    return Entry(
        text(told.path), told.kind, told.size, told.mode, told.mtime, told.inode, told.links, text(told.target)
    )


def raw(path: str) -> bytes:
    """A path as a disk spells it. Halves of UTF-16 pairs, which only NTFS knows, keep their own code."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return path.encode("utf-8", "surrogatepass")


def text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


class Line:
    """One end of the pair of sockets."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def send(self, message: FromParent | FromChild) -> None:
        body = _encoder.encode(message)
        if len(body) < LARGEST_READ // 16:
            self._end.sendall(_LENGTH.pack(len(body)) + body)
        else:
            self._end.sendall(_LENGTH.pack(len(body)))
            self._end.sendall(body)

    def receive_order(self) -> FromParent | None:
        """In the child; None when the parent has gone."""
        body = self._receive()
        return None if body is None else _from_parent.decode(body)

    def receive(self) -> FromChild | None:
        """In the parent; None when the child has gone. TimeoutError when it says nothing; DiskError for what is no
        message."""
        body = self._receive()
        if body is None:
            return None
        try:
            message: FromChild = _from_child.decode(body)
        except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
            raise DiskError("The parser answered with something that is no answer.", is_fatal=True) from error
        return message

    def _receive(self) -> bytes | bytearray | None:
        head = self._exactly(_LENGTH.size)
        if head is None:
            return None
        (size,) = _LENGTH.unpack(head)
        if size > LARGEST_FRAME:
            raise DiskError("The parser answered with more than anything that it was asked for.", is_fatal=True)
        return self._exactly(size)

    def _exactly(self, size: int) -> bytearray | None:
        buffer = bytearray(size)
        view = memoryview(buffer)
        at = 0
        while at < size:
            count = self._end.recv_into(view[at:])
            if count == 0:
                return None
            at += count
        return buffer
