"""What a volume's content says that it is: one table of signatures, those that are read and those that are not."""

import struct

import msgspec

from nephoscope.images.recipes import State
from nephoscope.images.sandbox.streams import Stream


class Signature(msgspec.Struct, frozen=True):
    """`at` from the start, or from the end when negative. `state` READ is for what has a parser."""

    kind: str
    at: int
    magic: bytes
    state: State = State.UNSUPPORTED
    reason: str = ""


SIGNATURES = (
    Signature("luks", 0, b"LUKS\xba\xbe", reason="The volume is encrypted (LUKS)."),
    Signature("bitlocker", 3, b"-FVE-FS-", reason="The volume is encrypted (BitLocker)."),
    Signature("md", 4096, b"\xfc\x4e\x2b\xa9", reason="A member of a software array (md)."),
    Signature("md", 0, b"\xfc\x4e\x2b\xa9", reason="A member of a software array (md)."),
    Signature("btrfs", 0x10040, b"_BHRfS_M", reason="btrfs has no parser here."),
    Signature("bcachefs", 4120, b"\xc6\x85\x73\xf6\x4e\x1a\x45\xca", reason="bcachefs has no parser here."),
    Signature("f2fs", 1024, b"\x10\x20\xf5\xf2", reason="F2FS has no parser here."),
    Signature("erofs", 1024, b"\xe2\xe1\xf5\xe0", reason="EROFS has no parser here."),
    Signature("squashfs", 0, b"hsqs", reason="SquashFS has no parser here."),
    Signature("apfs", 32, b"NXSB", reason="APFS has no parser here."),
    Signature("hfsplus", 1024, b"H+\0\x04", reason="HFS+ has no parser here."),
    Signature("refs", 3, b"ReFS\0", reason="ReFS has no parser here."),
    Signature("exfat", 3, b"EXFAT   ", reason="exFAT has no parser here."),
    Signature("reiserfs", 0x10034, b"ReIsEr", reason="ReiserFS has no parser here."),
    Signature("jfs", 0x8000, b"JFS1", reason="JFS has no parser here."),
    Signature("iso9660", 0x8001, b"CD001", reason="A CD image has no parser here."),
    Signature("vmfs", 0x200000, b"\x5e\xf1\xab\x2f", reason="VMFS has no parser here."),
    Signature("swap", 4096 - 10, b"SWAPSPACE2", State.NOTHING, "Swap space."),
    Signature("swap", 4096 - 10, b"SWAP-SPACE", State.NOTHING, "Swap space."),
    Signature("swap", 65536 - 10, b"SWAPSPACE2", State.NOTHING, "Swap space."),
    Signature("xfs", 0, b"XFSB", State.READ),
    Signature("ntfs", 3, b"NTFS    ", State.READ),
    Signature("md", -65536, b"\xfc\x4e\x2b\xa9", reason="A member of a software array (md)."),
)
"""In this order: what lies around a file system (an array, an encrypted volume) before what looks like one."""

_SECTOR = 512
_WIDE_NUMBERS = 0x80
_EXT_MAGIC = b"\x53\xef"
_ZFS_UBERBLOCKS = 0x20000
_ZFS_MAGIC = (struct.pack("<Q", 0x00BAB10C), struct.pack(">Q", 0x00BAB10C))
_HEAD = 4096
LVM = "lvm"


def kind_of(stream: Stream) -> Signature | None:
    """None when nothing is recognised. DiskError when the first bytes cannot be read."""
    head = stream.read_at(0, _HEAD)
    for row in SIGNATURES:
        if _bytes(stream, head, row.at, len(row.magic)) == row.magic:
            return row
    return _less_plain(stream, head)


def _less_plain(stream: Stream, head: bytes) -> Signature | None:
    """What more than a few bytes at one place tells."""
    if head[1024 + 56 : 1024 + 58] == _EXT_MAGIC:
        return Signature(_ext_version(head[1024:2048]), 0, b"", State.READ)
    if any(head[sector * 512 : sector * 512 + 8] == b"LABELONE" for sector in range(4)):
        return Signature(LVM, 0, b"", State.READ)
    if _is_fat(head):
        return Signature("fat", 0, b"", State.READ)
    if any(magic in _uberblocks(stream) for magic in _ZFS_MAGIC):
        return Signature("zfs", 0, b"", reason="ZFS has no parser here.")
    if not head.strip(b"\0") and not stream.read_at(_HEAD, 0x10000).strip(b"\0"):
        return Signature("", 0, b"", State.NOTHING, "Nothing but zeros where a file system begins.")
    return None


def _bytes(stream: Stream, head: bytes, at: int, size: int) -> bytes:
    if at < 0:
        at = (stream.size & ~0xFFFF) + at
    if at < 0:
        return b""
    return head[at : at + size] if at + size <= len(head) else stream.read_at(at, size)


def _uberblocks(stream: Stream) -> frozenset[bytes]:
    content = stream.read_at(_ZFS_UBERBLOCKS, 0x20000)
    return frozenset(content[at : at + 8] for at in range(0, len(content), 1024))


def _ext_version(superblock: bytes) -> str:
    """ext4 has features that ext3 has not; ext3 has a journal that ext2 has not."""
    compatible, incompatible, read_only = struct.unpack_from("<III", superblock, 92)
    if incompatible & ~0x16 or read_only & ~0x7:
        return "ext4"
    return "ext3" if compatible & 0x4 else "ext2"


def size_told(kind: str, head: bytes) -> int:
    """How many bytes a file system says it has, by its first 2048; 0 when it does not say."""
    try:
        if kind.startswith("ext"):
            return _ext_size(head[1024:])
        if kind == "xfs":
            block, blocks = struct.unpack_from(">IQ", head, 4)
            return int(block * blocks)
        if kind == "ntfs":
            return int(struct.unpack_from("<H", head, 11)[0] * struct.unpack_from("<Q", head, 40)[0])
        if kind == "fat":
            sectors = struct.unpack_from("<H", head, 19)[0] or struct.unpack_from("<I", head, 32)[0]
            return int(struct.unpack_from("<H", head, 11)[0] * sectors)
    except struct.error:
        return 0
    return 0


def _ext_size(superblock: bytes) -> int:
    blocks, shift = struct.unpack_from("<I", superblock, 4)[0], struct.unpack_from("<I", superblock, 24)[0]
    if struct.unpack_from("<I", superblock, 96)[0] & _WIDE_NUMBERS:
        blocks |= struct.unpack_from("<I", superblock, 336)[0] << 32
    return int(blocks << (10 + min(shift, 6)))


def _is_fat(head: bytes) -> bool:
    """A boot sector that makes sense: FAT12 and FAT16 name themselves at 54, FAT32 at 82."""
    named = head[54:57] == b"FAT" or head[82:87] == b"FAT32"
    if not named or len(head) < _SECTOR:
        return False
    (sector,) = struct.unpack_from("<H", head, 11)
    return sector in (512, 1024, 2048, 4096) and head[510:512] == b"\x55\xaa"
