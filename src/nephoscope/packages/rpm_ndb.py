"""rpm's own `Packages.db`: slots that say where a package's blob lies."""

import struct
from collections.abc import Iterator

from nephoscope.packages.files import OpenFile, malformed
from nephoscope.packages.rpm_header import LARGEST

_HEADER = struct.Struct("<4sIII")
_SLOT = struct.Struct("<4sIII")
_BLOB = struct.Struct("<4sIII")
_PAGE, _BLOCK, _BLOCKS_AT = 4096, 16, 32
_MOST_PAGES = 2048
"""Half a million packages."""


def blobs(file: OpenFile, path: str) -> Iterator[bytes]:
    head = file.read(0, _BLOCKS_AT)
    if len(head) < _BLOCKS_AT:
        raise malformed(path, "too short for a package database")
    magic, version, _, pages = _HEADER.unpack_from(head)
    if magic != b"RpmP" or version != 0 or not 0 < pages <= _MOST_PAGES:
        raise malformed(path, "no package database of a version that we know")
    slots = file.read(_BLOCKS_AT, pages * _PAGE - _BLOCKS_AT)
    for at in range(0, len(slots) - _SLOT.size + 1, _SLOT.size):
        magic, number, offset, blocks = _SLOT.unpack_from(slots, at)
        if magic != b"Slot":
            raise malformed(path, "damaged: a slot without its mark")
        if number and offset:
            yield _blob(file, path, number, offset * _BLOCK, blocks * _BLOCK)


def _blob(file: OpenFile, path: str, number: int, offset: int, room: int) -> bytes:
    head = file.read(offset, _BLOB.size)
    if len(head) < _BLOB.size:
        raise malformed(path, "damaged: a package beyond the end of the file")
    magic, owner, _, size = _BLOB.unpack(head)
    if magic != b"BlbS" or owner != number or size > min(room, LARGEST):
        raise malformed(path, f"damaged: package {number} is not where it should be")
    content = file.read(offset + _BLOB.size, size)
    if len(content) < size:
        raise malformed(path, f"damaged: package {number} is cut off")
    return content
