"""The rows of one table of an SQLite file, read straight from its pages.

Not by the SQLite library: that wants a file of its own (this one lies inside a disk image, of which only the pages of
one table are to be read) and is C code that would be given hostile bytes. What a write-ahead log beside the file has
committed counts (by its salts; its checksums are not computed anew). No page is visited twice, so loops end.
"""

import struct
from collections.abc import Iterator

from nephoscope.packages.files import OpenFile, malformed

LARGEST = 64 * 1024 * 1024
"""Bytes of one row."""
_DEEPEST = 20
_HEAD, _LOG_HEAD, _FRAME_HEAD = 100, 32, 24
_SMALLEST_PAGE, _LEAST_USABLE = 512, 480
_COLUMNS = 4
"""Of the schema, as far as they matter."""
_POINTER = 4
_SMALLEST_ROW = 4
_LAST_STEP, _MORE = 8, 0x80
"""Of a number of variable length: the ninth byte is whole; a byte that another one follows."""
_FIRST_BLOB, _FIRST_RESERVED, _WIDEST = 12, 10, 6
"""Serial types."""
_LEAF, _INTERIOR = 0x0D, 0x05
_MOST_FRAMES = 262_144
_LOG_MAGICS = (0x377F0682, 0x377F0683)
_WIDTHS = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)
"""Bytes by serial type."""

Value = int | bytes | None


class Pages:
    """Pages by number, from 1; those of the log come first."""

    def __init__(self, file: OpenFile, path: str, log: OpenFile | None = None) -> None:
        head = file.read(0, _HEAD)
        if len(head) < _HEAD or not head.startswith(b"SQLite format 3\0"):
            raise malformed(path, "no SQLite database")
        size = struct.unpack_from(">H", head, 16)[0]
        self.size = 65536 if size == 1 else size
        if self.size < _SMALLEST_PAGE or self.size & (self.size - 1):
            raise malformed(path, f"an SQLite database with pages of {self.size} bytes")
        self.usable = self.size - head[20]
        if self.usable < _LEAST_USABLE:
            raise malformed(path, "an SQLite database without room on its pages")
        self.path = path
        self._left = file.size + (log.size if log is not None else 0)
        self._file = file
        self._log = log
        self._frames = _frames(log, self.size) if log is not None else {}

    def spend(self, size: int) -> None:
        """Rows lie in the file once: more of them than it has bytes are the same ones again and again."""
        self._left -= max(size, _SMALLEST_ROW)
        if self._left < 0:
            raise malformed(self.path, "damaged: it holds more rows than it has bytes for")

    def get(self, number: int) -> bytes:
        frame = self._frames.get(number)
        page = b""
        if frame is not None and self._log is not None:
            page = self._log.read(frame, self.size)
        elif number > 0:
            page = self._file.read((number - 1) * self.size, self.size)
        if len(page) < self.size:
            raise malformed(self.path, f"damaged: there is no page {number}")
        return page


def _frames(log: OpenFile, size: int) -> dict[int, int]:
    """Where in the log the newest committed copy of a page lies."""
    head = log.read(0, _LOG_HEAD)
    if len(head) < _LOG_HEAD:
        return {}
    magic, _, page_size, _, salts = struct.unpack_from(">IIII8s", head)
    if magic not in _LOG_MAGICS or page_size != size:
        return {}
    committed: dict[int, int] = {}
    pending: dict[int, int] = {}
    end = min(log.size, _MOST_FRAMES * (size + _FRAME_HEAD))
    for at in range(_LOG_HEAD, end - size - _FRAME_HEAD + 1, size + _FRAME_HEAD):
        number, total, frame_salts = struct.unpack_from(">II8s", log.read(at, _FRAME_HEAD))
        if frame_salts != salts:
            break
        pending[number] = at + _FRAME_HEAD
        if total:
            committed |= pending
            pending = {}
    return committed


def rows(pages: Pages, table: str) -> Iterator[tuple[Value, ...]]:
    """Texts come as bytes. The column that is the row's number comes as None."""
    root = next((row[3] for row in _walk(pages, 1, set(), 0) if _is_table(row, table.encode())), None)
    if not isinstance(root, int):
        raise malformed(pages.path, f"no table {table} in it")
    yield from _walk(pages, root, set(), 0)


def _is_table(row: tuple[Value, ...], name: bytes) -> bool:
    return len(row) >= _COLUMNS and row[0] == b"table" and row[1] == name


def _walk(pages: Pages, number: int, seen: set[int], depth: int) -> Iterator[tuple[Value, ...]]:
    page = _next_page(pages, number, seen)
    if depth > _DEEPEST:
        raise malformed(pages.path, "damaged: a tree without an end")
    start = 100 if number == 1 else 0
    kind, count = page[start], struct.unpack_from(">H", page, start + 3)[0]
    if kind not in (_LEAF, _INTERIOR):
        raise malformed(pages.path, f"damaged: page {number} is none of a table")
    places = start + (8 if kind == _LEAF else 12)
    count = min(count, (len(page) - places) // 2)
    for place in struct.unpack_from(f">{count}H", page, places):
        if kind == _LEAF:
            yield _record(pages, _payload(pages, page, place, seen))
        elif place + 4 <= len(page):
            yield from _walk(pages, struct.unpack_from(">I", page, place)[0], seen, depth + 1)
    if kind == _INTERIOR:
        yield from _walk(pages, struct.unpack_from(">I", page, start + 8)[0], seen, depth + 1)


def _next_page(pages: Pages, number: int, seen: set[int]) -> bytes:
    if number in seen:
        raise malformed(pages.path, f"damaged: page {number} is used twice")
    seen.add(number)
    return pages.get(number)


def _payload(pages: Pages, page: bytes, place: int, seen: set[int]) -> bytes:
    size, at = _varint(pages, page, place)
    _, at = _varint(pages, page, at)
    if size > LARGEST:
        raise malformed(pages.path, f"damaged: a row of {size} bytes")
    pages.spend(size)
    local = _local_size(size, pages.usable)
    if local == size:
        return page[at : at + size]
    content = bytearray(page[at : at + local])
    follow = page[at + local : at + local + 4]
    while len(content) < size and len(follow) == _POINTER and any(follow):
        more = _next_page(pages, int.from_bytes(follow, "big"), seen)
        content += more[4 : pages.usable]
        follow = more[:4]
    if len(content) < size:
        raise malformed(pages.path, "damaged: a row is cut off")
    return bytes(content[:size])


def _local_size(size: int, usable: int) -> int:
    """How much of a row is on its own page."""
    most = usable - 35
    if size <= most:
        return size
    least = (usable - 12) * 32 // 255 - 23
    local = least + (size - least) % (usable - 4)
    return local if local <= most else least


def _varint(pages: Pages, content: bytes, at: int) -> tuple[int, int]:
    value = 0
    for step in range(9):
        if at + step >= len(content):
            raise malformed(pages.path, "damaged: a number beyond the end")
        byte = content[at + step]
        if step == _LAST_STEP:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < _MORE:
            return value, at + step + 1
    return value, at + 9


def _record(pages: Pages, payload: bytes) -> tuple[Value, ...]:
    head, at = _varint(pages, payload, 0)
    types: list[int] = []
    while at < min(head, len(payload)):
        kind, at = _varint(pages, payload, at)
        types.append(kind)
    values: list[Value] = []
    place = head
    for kind in types:
        width = _WIDTHS[kind] if kind < _FIRST_RESERVED else max(0, kind - _FIRST_BLOB) // 2
        values.append(_value(kind, payload[place : place + width]))
        place += width
    return tuple(values)


def _value(kind: int, content: bytes) -> Value:
    if kind >= _FIRST_BLOB:
        return content
    if kind in (8, 9):
        return kind - 8
    return int.from_bytes(content, "big", signed=True) if 1 <= kind <= _WIDEST else None
