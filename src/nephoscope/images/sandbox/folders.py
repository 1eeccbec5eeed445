"""The names in folders of ext and XFS, read from the folders' own blocks.

Every name, as the bytes that it is, without looking at the files behind it: libyal's bindings know no names that are
not UTF-8, and find none by name.

Blocks are hostile: rows that make no sense end their block, and nothing else. That they did is told, because names are
missing then.
"""

import struct
from typing import NamedTuple

import msgspec

from nephoscope.errors import DiskError
from nephoscope.images.sandbox.streams import Stream

_ROW = struct.Struct("<IHB")
_LARGEST_BLOCK = 64 * 1024


class Names(NamedTuple):
    """Name and inode of each row of a block. `is_whole`: the rows fill it exactly, as they do in every sound one;
    `is_blank`: nothing was ever written there."""

    rows: list[tuple[bytes, int]]
    is_whole: bool
    is_blank: bool = False


_BROKEN = Names([], is_whole=False)


def ext_names(block: bytes, size: int) -> Names:
    """Of a block that should have `size` bytes. A row: inode, length of the row, length of the name, kind, name. Index
    blocks look like one unused row."""
    found: list[tuple[bytes, int]] = []
    at = 0
    while at + 8 <= len(block):
        inode, told, length = _ROW.unpack_from(block, at)
        row = _row_length(told, size)
        if row < 8 or row % 4 or length + 8 > row or (inode and not length):  # noqa: PLR2004 - the head of a row
            break
        if inode:
            found.append((block[at + 8 : at + 8 + length], inode))
        at += row
    return Names(found, at == size == len(block), is_blank=len(block) == size and not any(block))


def _row_length(told: int, size: int) -> int:
    """In the largest blocks the lengths of rows do not fit: their low bits, which are 0, hold the rest."""
    if size < _LARGEST_BLOCK:
        return told
    return size if told in (0, 0xFFFF) else (told & 0xFFFC) | ((told & 3) << 16)


class XfsShape(msgspec.Struct, frozen=True):
    """Numbers of the superblock that say where things are. Sizes are bytes."""

    block: int
    folder_block: int
    group_blocks: int
    inode: int
    inode_bits: int
    """Of an inode's number inside of its block."""
    block_bits: int
    """Of a block's number inside of its group."""
    has_kinds: bool

    def place_of(self, inode: int) -> int:
        """Where an inode lies in the volume."""
        inside = inode & ((1 << self.inode_bits) - 1)
        return self.offset_of(inode >> self.inode_bits) + inside * self.inode

    def offset_of(self, number: int) -> int:
        """Where a block lies: its number is that of its group, and then that inside of the group."""
        return ((number >> self.block_bits) * self.group_blocks + (number & ((1 << self.block_bits) - 1))) * self.block


def xfs_shape(stream: Stream) -> XfsShape:
    """DiskError when the numbers make no sense."""
    head = stream.read_at(0, 512)
    if len(head) < 512 or head[:4] != b"XFSB":  # noqa: PLR2004 - the superblock
        raise DiskError("the superblock is missing")
    (block,) = struct.unpack_from(">I", head, 4)
    (group_blocks,) = struct.unpack_from(">I", head, 84)
    version, _, inode = struct.unpack_from(">HHH", head, 100)
    inode_bits, block_bits, folder_bits = head[123], head[124], head[192]
    (more,) = struct.unpack_from(">I", head, 200)
    (incompatible,) = struct.unpack_from(">I", head, 216)
    has_kinds = bool(incompatible & 1) if version & 0xF == 5 else bool(more & 0x200)  # noqa: PLR2004 - the newest version
    shape = XfsShape(block, block << min(folder_bits, 16), group_blocks, inode, inode_bits, block_bits, has_kinds)
    if not 512 <= block <= _LARGEST_BLOCK or shape.folder_block > _LARGEST_BLOCK or not 256 <= inode <= block:  # noqa: PLR2004 - what XFS allows
        raise DiskError("the superblock makes no sense")
    return shape


def xfs_short_names(stream: Stream, shape: XfsShape, inode: int) -> Names:
    """Of a small folder, which lies in the inode itself; every other one has blocks."""
    raw = stream.read_at(shape.place_of(inode), shape.inode)
    if len(raw) < shape.inode or raw[:2] != b"IN" or raw[5] != 1:
        return _BROKEN
    at = 176 if raw[4] >= 3 else 100  # noqa: PLR2004 - the version with the longer head
    count, wide = raw[at], raw[at + 1]
    number = struct.Struct(">Q" if wide else ">I")
    at += 2 + number.size
    found: list[tuple[bytes, int]] = []
    for _ in range(max(count, wide)):
        if at + 3 > len(raw):
            return Names(found, is_whole=False)
        end = at + 3 + raw[at]
        name = raw[at + 3 : end]
        end += shape.has_kinds
        if not name or end + number.size > len(raw):
            return Names(found, is_whole=False)
        found.append((name, int(number.unpack_from(raw, end)[0])))
        at = end + number.size
    return Names(found, is_whole=True)


_INDEXES = (b"\xd2\xf1", b"\xd2\xff", b"\x3d\xf1", b"\x3d\xff", b"\xfe\xbe", b"\x3e\xbe")
"""Leaves and nodes of a folder's index, behind two places in the block."""


def xfs_names(block: bytes, size: int, *, has_kinds: bool) -> Names:
    """Of one block of a larger folder; no rows in blocks that hold its index."""
    magic = block[:4]
    if magic not in (b"XDD3", b"XDB3", b"XD2D", b"XD2B"):
        is_index = magic in (b"XD2F", b"XDF3") or block[8:10] in _INDEXES
        is_there = len(block) == size
        return Names([], is_whole=is_index and is_there, is_blank=is_there and not any(block))
    at, end = (64 if magic.endswith(b"3") else 16), len(block)
    if magic in (b"XDB3", b"XD2B"):
        (count,) = struct.unpack_from(">I", block, len(block) - 8)
        end = len(block) - 8 - count * 8
    found: list[tuple[bytes, int]] = []
    while at + 12 <= end:
        if block[at : at + 2] == b"\xff\xff":
            (length,) = struct.unpack_from(">H", block, at + 2)
            if length < 8 or length % 8:  # noqa: PLR2004 - the least that is left unused
                break
            at += length
            continue
        (inode,) = struct.unpack_from(">Q", block, at)
        length = block[at + 8]
        if not (inode and length):
            break
        found.append((block[at + 9 : at + 9 + length], inode))
        at += -(-(11 + length + has_kinds) // 8) * 8
    return Names(found, at == end and len(block) == size)
