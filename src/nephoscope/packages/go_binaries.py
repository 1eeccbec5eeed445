"""Go: the list of modules that the toolchain leaves in every program it builds, and the toolchain itself."""

import struct
from collections.abc import Iterator

from nephoscope.model.packages import Package, PackageKind
from nephoscope.packages.executables import Executable, Section
from nephoscope.packages.files import OpenFile, malformed

_MAGIC = b"\xff Go buildinf:"
_HEADER = 32
_ALIGNED = 16
_SEARCHED = 1 << 20
"""Bytes of a data section in which the mark is looked for, as the toolchain's own reader does."""
_LONGEST = 1 << 20
"""Bytes of the list of modules."""
_SENTINEL = 16
_INLINE, _BIG = 2, 1
_MORE = 0x80
"""A byte of a length that another one follows."""
_WIDTHS = {4: "I", 8: "Q"}
_FEWEST_FIELDS = 2


def parse(path: str, file: OpenFile, program: Executable) -> Iterator[Package]:
    try:
        found = _found(file, program)
    except (struct.error, ValueError):
        raise malformed(path, "its list of modules is damaged") from None
    if found is None:
        return
    version, modules = found
    if version.startswith("go"):
        yield _package("stdlib", version.removeprefix("go").partition(" ")[0], path)
    yield from _modules(modules, path)


def _found(file: OpenFile, program: Executable) -> tuple[str, str] | None:
    """The toolchain's version and the text of the modules. ValueError or struct.error when they are damaged."""
    section = program.section(".go.buildinfo") or program.section(".data")
    if section is None:
        return None
    place = _place(file, section)
    if place is None:
        return None
    head = file.read(place, _HEADER)
    if len(head) < _HEADER:
        return None
    if head[15] & _INLINE:
        version, after = _counted(file, place + _HEADER)
        return _text(version), _text(_bare(_counted(file, after)[0]))
    return _by_pointers(file, program, head)


def _place(file: OpenFile, section: Section) -> int | None:
    content = file.read(section.offset, min(section.size, _SEARCHED))
    at = content.find(_MAGIC)
    while at >= 0 and at % _ALIGNED:
        at = content.find(_MAGIC, at + 1)
    return section.offset + at if at >= 0 else None


def _counted(file: OpenFile, at: int) -> tuple[bytes, int]:
    """A text behind its length; ValueError when that cannot be."""
    head = file.read(at, 10)
    size = shift = used = 0
    for byte in head:
        size |= (byte & 0x7F) << shift
        shift += 7
        used += 1
        if byte < _MORE:
            break
    if not used or size > _LONGEST:
        raise ValueError("a text longer than any list of modules")
    return file.read(at + used, size), at + used + size


def _by_pointers(file: OpenFile, program: Executable, head: bytes) -> tuple[str, str]:
    """Before Go 1.18: addresses of two strings, which are an address and a length each."""
    width, order = head[14], ">" if head[15] & _BIG else "<"
    if width not in _WIDTHS:
        raise ValueError("addresses of an unknown width")
    shape = f"{order}{_WIDTHS[width]}"
    first, second = (struct.unpack_from(shape, head, 16 + at * width)[0] for at in (0, 1))
    return _text(_string(file, program, first, shape)), _text(_bare(_string(file, program, second, shape)))


def _string(file: OpenFile, program: Executable, address: int, shape: str) -> bytes:
    width = struct.calcsize(shape)
    at = program.offset_of(address)
    if at is None:
        return b""
    pair = file.read(at, 2 * width)
    start, size = struct.unpack_from(shape, pair)[0], struct.unpack_from(shape, pair, width)[0]
    at = program.offset_of(start)
    return file.read(at, size) if at is not None and size <= _LONGEST else b""


def _bare(modules: bytes) -> bytes:
    """Without the marks around the list."""
    is_marked = len(modules) > 2 * _SENTINEL and modules[-_SENTINEL - 1 : -_SENTINEL] == b"\n"
    return modules[_SENTINEL:-_SENTINEL] if is_marked else b""


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _modules(text: str, path: str) -> Iterator[Package]:
    """A line `=>` names what really stands in the place of the module before it."""
    last: Package | None = None
    for line in text.splitlines():
        word, *fields = line.split("\t")
        if word not in ("mod", "dep", "=>") or len(fields) < _FEWEST_FIELDS:
            continue
        if word != "=>" and last is not None:
            yield last
        last = _package(fields[0], "" if fields[1] == "(devel)" else fields[1].removeprefix("v"), path)
    if last is not None:
        yield last


def _package(name: str, version: str, path: str) -> Package:
    return Package(name=name, version=version, kind=PackageKind.GOLANG, ecosystem="Go", path=path)
