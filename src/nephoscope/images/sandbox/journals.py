"""Whether a file system was at rest when it was copied: what its journal still holds is not on the disk yet, and no
parser here replays it."""

import struct

from nephoscope.errors import DiskError
from nephoscope.images.sandbox.streams import Stream

_SECTOR = 512
_RECORD = 0xFEEDBABE
_UNMOUNT = 0x20
LATE = "what was written last may be missing."
"""How a note ends about a file system that was in use when it was copied."""


def notes_of(kind: str, stream: Stream) -> tuple[str, ...]:
    """What a reader of the result should know. Never raises for odd content: a note is no reason to read nothing."""
    try:
        if kind.startswith("ext"):
            return _ext(stream)
        if kind == "xfs":
            return _xfs(stream)
        if kind == "fat":
            return _fat(stream)
    except (struct.error, DiskError, ZeroDivisionError):
        return ("Whether its journal needs replay could not be found out.",)
    return ()


def _ext(stream: Stream) -> tuple[str, ...]:
    superblock = stream.read_at(1024, 1024)
    (incompatible,) = struct.unpack_from("<I", superblock, 96)
    (state,) = struct.unpack_from("<H", superblock, 58)
    notes = []
    if incompatible & 0x4:
        notes.append(f"Its journal needs replay: {LATE}")
    if state & 0x2:
        notes.append("The file system has recorded errors of its own.")
    return tuple(notes)


def _fat(stream: Stream) -> tuple[str, ...]:
    """The highest bits of the second entry of the table are set while it is at rest."""
    boot = stream.read_at(0, 512)
    sector, reserved = struct.unpack_from("<H", boot, 11)[0], struct.unpack_from("<H", boot, 14)[0]
    second = stream.read_at(sector * reserved, 8)
    if boot[82:87] == b"FAT32":
        is_clean = struct.unpack_from("<I", second, 4)[0] & 0x08000000
    elif boot[54:59] == b"FAT16":
        is_clean = struct.unpack_from("<H", second, 2)[0] & 0x8000
    else:
        return ()
    return () if is_clean else (f"It was in use: {LATE}",)


def _xfs(stream: Stream) -> tuple[str, ...]:
    """At rest, the last record of the log says "unmounted" and nothing else."""
    superblock = stream.read_at(0, 512)
    block_size, log_start, log_blocks = (
        struct.unpack_from(">I", superblock, 4)[0],
        struct.unpack_from(">Q", superblock, 48)[0],
        struct.unpack_from(">I", superblock, 96)[0],
    )
    if log_start == 0:
        return ("Its log is on another device: whether it needs replay is not known.",)
    group_bits = superblock[124]
    group_blocks = struct.unpack_from(">I", superblock, 84)[0]
    first = (log_start >> group_bits) * group_blocks + (log_start & ((1 << group_bits) - 1))
    log = _Log(stream, first * block_size, log_blocks * block_size // _SECTOR)
    return () if log.is_clean() else (f"Its log needs replay: {LATE}",)


class _Log:
    """A ring of sectors. Each begins with the number of the round in which it was written, records with a magic number
    and then that."""

    def __init__(self, stream: Stream, start: int, sectors: int) -> None:
        self._stream = stream
        self._start = start
        self._sectors = sectors

    def is_clean(self) -> bool:
        head = self._head()
        for back in range(1, 520):
            sector = (head - back) % self._sectors
            content = self._sector(sector)
            if struct.unpack_from(">I", content)[0] == _RECORD:
                return self._says_unmounted(content, sector)
        return False

    def _head(self) -> int:
        """The sector after the one that was written last: the first whose round is not that of sector 0."""
        newest = self._round(0)
        low, high = 0, self._sectors
        while high - low > 1:
            middle = (low + high) // 2
            if self._round(middle) == newest:
                low = middle
            else:
                high = middle
        return high % self._sectors

    def _says_unmounted(self, record: bytes, sector: int) -> bool:
        (operations,) = struct.unpack_from(">I", record, 40)
        version, size = struct.unpack_from(">I", record, 8)[0], struct.unpack_from(">I", record, 320)[0]
        headers = max(1, -(-size // 32768)) if version & 2 and size > 32768 else 1  # noqa: PLR2004 - what one header covers
        body = self._sector((sector + headers) % self._sectors)
        # the first word of a sector is its round; the flags of the first operation stand at 9
        return operations == 1 and bool(body[9] & _UNMOUNT)

    def _round(self, sector: int) -> int:
        words: tuple[int, int] = struct.unpack_from(">II", self._sector(sector))
        return words[1] if words[0] == _RECORD else words[0]

    def _sector(self, sector: int) -> bytes:
        content = self._stream.read_at(self._start + sector * _SECTOR, _SECTOR)
        if len(content) < _SECTOR:
            raise DiskError("The log is cut off.")
        return content
