"""What inodes of ext say beside what libyal tells: that a file is encrypted, and what lies in the inode itself, which
are small files, folders and targets of links: the first bytes where others have their map of blocks, and the rest in an
attribute. libyal does not give that rest right."""

import struct

from nephoscope.errors import DiskError
from nephoscope.images.sandbox.streams import Stream

IN_MAP = 60
"""Bytes that lie where other inodes have their map."""
_INLINE_FEATURE, _ENCRYPTED_FEATURE, _SCATTERED, _WIDE = 0x8000, 0x10000, 0x10, 0x80
_INLINE_FLAG, _ENCRYPTED_FLAG = 0x10000000, 0x800
_ATTRIBUTES = 0xEA020000
_SYSTEM = 7
_OLD = 128
"""Bytes of an inode before there were more."""
_ROW = struct.Struct("<BBHIII")


class Inodes:
    """Those of one file system."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        superblock = stream.read_at(1024, 1024)
        first, shift, self._per_group = (struct.unpack_from("<I", superblock, at)[0] for at in (20, 24, 40))
        (features,) = struct.unpack_from("<I", superblock, 96)
        self.block = 1024 << min(shift, 6)
        self.size: int = struct.unpack_from("<H", superblock, 88)[0]
        self._groups_at = (first + 1) * self.block
        wide = struct.unpack_from("<H", superblock, 254)[0] if features & _WIDE else 0
        self._group_size = max(32, wide)
        self._has_inline = bool(features & _INLINE_FEATURE)
        self._has_encrypted = bool(features & _ENCRYPTED_FEATURE)
        self._is_scattered = bool(features & _SCATTERED)

    def inline(self, number: int) -> bytes | None:
        """What lies in an inode: its first 60 bytes, used or not, and the rest. None when it has blocks instead.
        DiskError when it cannot be told."""
        if not self._has_inline:
            return None
        raw = self._raw(number)
        return raw[40 : 40 + IN_MAP] + _rest(raw) if _flags(raw) & _INLINE_FLAG else None

    def is_encrypted(self, number: int) -> bool:
        """DiskError when it cannot be told."""
        return self._has_encrypted and bool(_flags(self._raw(number)) & _ENCRYPTED_FLAG)

    def _raw(self, number: int) -> bytes:
        if self._is_scattered:
            raise DiskError("Inodes are not looked into where their groups are described all over the disk.")
        if number < 1 or not self._per_group or not _OLD <= self.size <= self.block:
            raise DiskError("The superblock makes no sense.")
        group, place = divmod(number - 1, self._per_group)
        told = self._stream.read_at(self._groups_at + group * self._group_size, self._group_size)
        (table,) = struct.unpack_from("<I", told, 8)
        if self._group_size > 40:  # noqa: PLR2004 - where the upper half of the number stands
            table |= struct.unpack_from("<I", told, 40)[0] << 32
        raw = self._stream.read_at(table * self.block + place * self.size, self.size)
        if len(raw) < self.size:
            raise DiskError(f"The inode {number} lies beyond the end of the disk.")
        return raw


def _flags(raw: bytes) -> int:
    return int(struct.unpack_from("<I", raw, 32)[0])


def _rest(raw: bytes) -> bytes:
    """The attribute `system.data`, if there is one."""
    if len(raw) <= _OLD + 8:
        return b""
    start = _OLD + struct.unpack_from("<H", raw, _OLD)[0]
    if start + 4 > len(raw) or struct.unpack_from("<I", raw, start)[0] != _ATTRIBUTES:
        return b""
    first = at = start + 4
    while at + _ROW.size <= len(raw):
        length, kind, value_at, elsewhere, size, _ = _ROW.unpack_from(raw, at)
        if not length and not kind:
            break
        if kind == _SYSTEM and raw[at + _ROW.size : at + _ROW.size + length] == b"data":
            value = raw[first + value_at : first + value_at + size]
            if elsewhere or len(value) < size:
                raise DiskError("A small file is damaged: its rest is not in its inode.")
            return value
        at += _ROW.size + -(-length // 4) * 4
    return b""
