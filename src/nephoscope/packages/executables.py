"""Sections of executable files (ELF and PE): where they lie in the file and in memory. Tables are bounded."""

import struct
from typing import NamedTuple

from nephoscope.packages.files import OpenFile

_MOST_SECTIONS = 4096
_MOST_NAMES = 1 << 20
_HEAD, _SMALLEST = 64, 52
"""Bytes of the longest and the shortest head."""
_WIDE = _BIG = 2
_WIDEST_ROW = 256
_PE_HEAD = 24


class Section(NamedTuple):
    """`address` and `memory` where it lies in memory; `offset` and `size` where in the file."""

    name: str
    address: int
    offset: int
    size: int


class Executable(NamedTuple):
    order: str
    """Of bytes: `<` or `>`."""
    sections: tuple[Section, ...]

    def section(self, name: str) -> Section | None:
        return next((one for one in self.sections if one.name == name), None)

    def offset_of(self, address: int) -> int | None:
        """Where in the file the bytes of an address are."""
        for one in self.sections:
            if one.address and one.address <= address < one.address + one.size:
                return one.offset + address - one.address
        return None


def executable(file: OpenFile) -> Executable | None:
    """None for what is none, or is damaged."""
    head = file.read(0, _HEAD)
    try:
        if head.startswith(b"\x7fELF") and len(head) >= _SMALLEST:
            return _elf(file, head)
        if head.startswith(b"MZ") and len(head) == _HEAD:
            return _pe(file, struct.unpack_from("<I", head, 60)[0])
    except struct.error:
        return None
    return None


def _elf(file: OpenFile, head: bytes) -> Executable | None:
    is_wide, order = head[4] == _WIDE, ">" if head[5] == _BIG else "<"
    if is_wide:
        table, (width, count, names) = struct.unpack_from(f"{order}Q", head, 40)[0], _words(head, order, 58)
    else:
        table, (width, count, names) = struct.unpack_from(f"{order}I", head, 32)[0], _words(head, order, 46)
    shape = struct.Struct(f"{order}IIQQQQ" if is_wide else f"{order}IIIIII")
    if not shape.size <= width <= _WIDEST_ROW or not 0 < count <= _MOST_SECTIONS or names >= count:
        return None
    content = file.read(table, width * count)
    rows = [shape.unpack_from(content, at) for at in range(0, len(content) - width + 1, width)]
    if names >= len(rows):
        return None
    texts = file.read(rows[names][4], min(rows[names][5], _MOST_NAMES))
    occupying = [row for row in rows if row[1] not in (0, 8)]  # no space in the file for the unused and for .bss
    return Executable(order, tuple(Section(_text(texts, row[0]), row[3], row[4], row[5]) for row in occupying))


def _words(head: bytes, order: str, at: int) -> tuple[int, int, int]:
    width, count, names = struct.unpack_from(f"{order}HHH", head, at)
    return width, count, names


def _text(texts: bytes, at: int) -> str:
    end = texts.find(b"\0", at, at + 256)
    return texts[at:end].decode("latin-1") if end >= 0 else ""


def _pe(file: OpenFile, at: int) -> Executable | None:
    head = file.read(at, _PE_HEAD)
    if len(head) < _PE_HEAD or head[:4] != b"PE\0\0":
        return None
    count, optional = struct.unpack_from("<H", head, 6)[0], struct.unpack_from("<H", head, 20)[0]
    start = file.read(at + 24, 32)
    base = (
        struct.unpack_from("<Q", start, 24)[0] if start[:2] == b"\x0b\x02" else struct.unpack_from("<I", start, 28)[0]
    )
    table = file.read(at + 24 + optional, min(count, _MOST_SECTIONS) * 40)
    sections = []
    for row in range(0, len(table) - 39, 40):
        _, address, size, offset = struct.unpack_from("<IIII", table, row + 8)
        name = table[row : row + 8].rstrip(b"\0").decode("latin-1")
        sections.append(Section(name, base + address, offset, size))
    return Executable("<", tuple(sections))
