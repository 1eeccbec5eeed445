"""The names in folders of ext and XFS, read from the folders' own blocks.

Every name, as the bytes that it is, without looking at the files behind it: libyal's bindings know no names that are
not UTF-8, and find none by name.

Blocks are hostile: rows that make no sense end their block, and nothing else.
"""

import struct
from collections.abc import Iterator

import msgspec

from nephoscope.errors import DiskError
from nephoscope.images.sandbox.streams import Stream

_ROW = struct.Struct("<IHB")
_LARGEST_BLOCK = 64 * 1024


def ext_names(block: bytes) -> Iterator[tuple[bytes, int]]:
    """Name and inode of each row: inode, length of the row, length of the name, kind, name. Index blocks look like one
    unused row."""
    at = 0
    while at + 8 <= len(block):
        inode, row, length = _ROW.unpack_from(block, at)
        if row < 8 or row % 4:  # noqa: PLR2004 - the head of a row
            return
        if inode and length and length + 8 <= row:
            yield block[at + 8 : at + 8 + length], inode
        at += row


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


def xfs_short_names(stream: Stream, shape: XfsShape, inode: int) -> Iterator[tuple[bytes, int]]:
    """Of a small folder, which lies in the inode itself; nothing for any other."""
    raw = stream.read_at(shape.place_of(inode), shape.inode)
    if raw[:2] != b"IN" or raw[5] != 1:
        return
    at = 176 if raw[4] >= 3 else 100  # noqa: PLR2004 - the version with the longer head
    count, wide = raw[at], raw[at + 1]
    number = struct.Struct(">Q" if wide else ">I")
    at += 2 + number.size
    for _ in range(max(count, wide)):
        end = at + 3 + raw[at]
        name = raw[at + 3 : end]
        end += shape.has_kinds
        (found,) = number.unpack_from(raw, end)
        if name:
            yield name, found
        at = end + number.size


def xfs_names(block: bytes, *, has_kinds: bool) -> Iterator[tuple[bytes, int]]:
    """Of one block of a larger folder; nothing for blocks that hold its index."""
    magic = block[:4]
    if magic not in (b"XDD3", b"XDB3", b"XD2D", b"XD2B"):
        return
    at, end = (64 if magic.endswith(b"3") else 16), len(block)
    if magic in (b"XDB3", b"XD2B"):
        (count,) = struct.unpack_from(">I", block, len(block) - 8)
        end = len(block) - 8 - count * 8
    while at + 12 <= end:
        if block[at : at + 2] == b"\xff\xff":
            (length,) = struct.unpack_from(">H", block, at + 2)
            if length < 8 or length % 8:  # noqa: PLR2004 - the least that is left unused
                return
            at += length
            continue
        (inode,) = struct.unpack_from(">Q", block, at)
        length = block[at + 8]
        name = block[at + 9 : at + 9 + length]
        if name and inode:
            yield name, inode
        at += -(-(11 + length + has_kinds) // 8) * 8
