"""rpm's older `Packages`: a Berkeley DB hash, whose values mostly lie on chains of overflow pages."""

import struct
from collections.abc import Iterator

from nephoscope.packages.files import OpenFile, malformed
from nephoscope.packages.rpm_header import LARGEST

_MAGIC = 0x061561
_META_PAGE, _HASH_PAGES, _OVERFLOW_PAGE = 8, (2, 13), 7
_ON_PAGE, _ON_OVERFLOW = 1, 3
_PAGE_HEADER = 26
_META = 512
_SMALLEST = 16
"""Bytes of the shortest thing that may be a package; what is shorter counts packages."""
_PAGE_SIZES = frozenset(1 << bits for bits in range(9, 17))
_MOST_PAGES = 4_000_000


class _Pages:
    """Pages by number; `order` is the byte order of whoever wrote the file."""

    def __init__(self, file: OpenFile, path: str) -> None:
        meta = file.read(0, _META)
        if len(meta) < _META:
            raise malformed(path, "too short for a package database")
        self.order = next((one for one in "<>" if struct.unpack_from(f"{one}I", meta, 12)[0] == _MAGIC), "")
        if not self.order or meta[25] != _META_PAGE:
            raise malformed(path, "no Berkeley DB hash")
        self.size = struct.unpack_from(f"{self.order}I", meta, 20)[0]
        last = struct.unpack_from(f"{self.order}I", meta, 32)[0]
        if self.size not in _PAGE_SIZES or meta[24]:
            raise malformed(path, "a Berkeley DB with pages that we cannot read")
        self.promised = last + 1
        self.count = min(self.promised, file.size // self.size, _MOST_PAGES)
        self._file = file
        self.path = path

    def get(self, number: int) -> bytes:
        page = self._file.read(number * self.size, self.size) if 0 < number < self.count else b""
        if len(page) < self.size:
            raise malformed(self.path, f"damaged: there is no page {number}")
        return page

    def field(self, page: bytes, shape: str, offset: int) -> int:
        return int(struct.unpack_from(f"{self.order}{shape}", page, offset)[0])


def blobs(file: OpenFile, path: str) -> Iterator[bytes]:
    """A page belongs to one chain: what is on a page twice is damage."""
    pages = _Pages(file, path)
    seen: set[int] = set()
    for number in range(1, pages.count):
        page = pages.get(number)
        if page[25] in _HASH_PAGES:
            yield from _values(pages, page, seen)
    if pages.count < pages.promised:
        raise malformed(path, f"damaged: {pages.promised} pages are promised, {pages.count} are there")


def _values(pages: _Pages, page: bytes, seen: set[int]) -> Iterator[bytes]:
    """Every second item is a value. An item on the page ends where the one before it begins."""
    count = min(pages.field(page, "H", 20), (pages.size - _PAGE_HEADER) // 2)
    places = struct.unpack_from(f"{pages.order}{count}H", page, _PAGE_HEADER)
    for at in range(1, count, 2):
        place, end = places[at], places[at - 1]
        if place + 12 <= pages.size and page[place] == _ON_OVERFLOW:
            yield _chain(pages, pages.field(page, "I", place + 4), pages.field(page, "I", place + 8), seen)
        elif place < end <= pages.size and page[place] == _ON_PAGE and end - place > _SMALLEST:
            yield page[place + 1 : end]


def _chain(pages: _Pages, number: int, size: int, seen: set[int]) -> bytes:
    if size > LARGEST:
        raise malformed(pages.path, f"damaged: a package of {size} bytes")
    content = bytearray()
    while number and len(content) < size:
        if number in seen:
            raise malformed(pages.path, f"damaged: page {number} is used twice")
        seen.add(number)
        page = pages.get(number)
        if page[25] != _OVERFLOW_PAGE:
            raise malformed(pages.path, f"damaged: page {number} is no overflow page")
        content += page[_PAGE_HEADER : _PAGE_HEADER + pages.field(page, "H", 22)]
        number = pages.field(page, "I", 16)
    if len(content) < size:
        raise malformed(pages.path, "damaged: a package is cut off")
    return bytes(content[:size])
