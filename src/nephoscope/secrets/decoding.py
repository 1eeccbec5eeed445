"""What hides text from a search: base64, UTF-16 and gzip, each undone within bounds."""

import binascii
import codecs
import re
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

DEEPEST = 2
"""Base64 within base64, as Helm keeps its releases."""
LONGEST_RUN = 16_384
"""Bytes of one base64 text that are undone."""
LONGEST_INFLATED = 1 << 20
"""Bytes that one base64 text may become by gzip."""
SHORTEST_RUN = 24
PEEK = 8192
"""Bytes that say what kind of file this is."""

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_SHAPE = bytes(0x41 if byte in _LETTERS else 0x0A for byte in range(256))
_NEEDLE = b"\n" + b"A" * SHORTEST_RUN
_HEX = b"0123456789abcdefABCDEF"
_PRINTABLE = bytes((*range(0x20, 0x7F), 0x09, 0x0A, 0x0D))
_PROMISING = b"\0" + _PRINTABLE
"""UTF-16 has zeros."""
_GZIP = b"\x1f\x8b"
_GZIP_BASE64 = b"H4sI"
_FULL_LINE = 48
"""Characters from which on a line may be one of many of the same text."""
_CONTEXT = 96
_CONTINUES = re.compile(rb"[0-9A-Za-z+/]{48}\r?\n[ \t]{0,16}$")
_LINE = re.compile(rb"\r?\n[ \t]{0,16}([0-9A-Za-z+/]{1,512}={0,2})[ \t]*(?=[\r\n\"']|$)")
_RUN = re.compile(rb"[0-9A-Za-z+/]+={0,2}")
_ODD = 0.9


def runs(data: bytes, start: int, end: int) -> Iterator[int]:
    """Where base64 begins that says text, as far as its first letters tell, between the two offsets: a mapping and a
    search, both at memory's speed."""
    first = max(0, start - 1)
    shape = data[first : end + SHORTEST_RUN].translate(_SHAPE)
    if first == start == 0:
        shape, first = b"\n" + shape, -1
    at = shape.find(_NEEDLE)
    while at >= 0:
        where = first + at + 1
        if where >= end:
            return
        if where >= start and _promises(data[where : where + SHORTEST_RUN]):
            yield where
        at = shape.find(_NEEDLE, at + SHORTEST_RUN)


def undone(data: bytes, start: int) -> bytes:
    """The text that the base64 at this place says, with what stood before it on its line so that its name is known;
    nothing when it says no text."""
    if _CONTINUES.search(data[max(0, start - 96) : start]):
        return b""
    text = _inflated(_decoded(_whole(data, start)))
    if not _is_text(text):
        return b""
    line = data[max(0, start - _CONTEXT) : start].rpartition(b"\n")[2]
    return line + text.replace(b"\0", b"") + b"\n"


def context_of(data: bytes, start: int) -> int:
    """How many bytes before the text `undone` has taken along."""
    return len(data[max(0, start - _CONTEXT) : start].rpartition(b"\n")[2])


def _promises(head: bytes) -> bool:
    """Whether the first letters say text, or gzip: decides nearly every run in a microsecond."""
    if head.islower() or head.isupper() or not head.translate(None, _HEX):
        return False
    return not binascii.a2b_base64(head).translate(None, _PROMISING) or head.startswith(_GZIP_BASE64)


def _whole(data: bytes, start: int) -> bytes:
    """The run, and the lines below it that go on with it."""
    found = _RUN.match(data, start, start + LONGEST_RUN)
    if found is None:
        return b""
    parts, at = [found[0]], found.end()
    while len(parts[-1]) >= _FULL_LINE and not parts[-1].endswith(b"="):
        found = _LINE.match(data, at, start + LONGEST_RUN)
        if found is None:
            break
        parts.append(found[1])
        at = found.end(1)
    return b"".join(parts)


def _decoded(text: bytes) -> bytes:
    bare = text.rstrip(b"=")
    bare = bare[: len(bare) - 1] if len(bare) % 4 == 1 else bare
    try:
        return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4))
    except binascii.Error:
        return b""


def _inflated(content: bytes) -> bytes:
    if not content.startswith(_GZIP):
        return content
    try:
        return zlib.decompressobj(wbits=31).decompress(content, LONGEST_INFLATED)
    except zlib.error:
        return b""


def _is_text(content: bytes) -> bool:
    bare = content.replace(b"\0", b"")
    return bool(bare) and len(bare.translate(None, _PRINTABLE)) * 10 <= len(bare)


def is_binary(head: bytes) -> bool:
    return b"\0" in head


def utf16_of(head: bytes) -> str:
    """The codec when it is UTF-16, by its mark or because every other byte is zero; else nothing."""
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    sample = head[:512]
    half = len(sample) // 2
    if half < 8:  # noqa: PLR2004 - too short to tell
        return ""
    even, odd = sample[0 : half * 2 : 2].count(0), sample[1 : half * 2 : 2].count(0)
    if odd >= half * _ODD and even == 0:
        return "utf-16-le"
    return "utf-16-be" if even >= half * _ODD and odd == 0 else ""


def peeked(chunks: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes, always as many where there are as many, and everything including them."""
    source = iter(chunks)
    held: list[bytes] = []
    size = 0
    for chunk in source:
        held.append(chunk)
        size += len(chunk)
        if size >= PEEK:
            break
    return b"".join(held)[:PEEK], chain(held, source)


def as_utf8(chunks: Iterable[bytes], codec: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)("replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def is_gzip(head: bytes) -> bool:
    return head.startswith(_GZIP)


def inflated(chunks: Iterable[bytes], piece: int = 1 << 18) -> Iterator[bytes]:
    """In pieces of a bounded size, whatever the ratio. What is broken ends it."""
    inflater = zlib.decompressobj(wbits=31)
    for chunk in chunks:
        rest = chunk
        while rest:
            try:
                yield inflater.decompress(rest, piece)
            except zlib.error:
                return
            rest = inflater.unconsumed_tail
            if inflater.eof:
                rest, inflater = inflater.unused_data, zlib.decompressobj(wbits=31)
