"""Rust: the list of crates that `cargo auditable` leaves in a program."""

import zlib
from collections.abc import Iterator
from typing import Any

from nephoscope.model.packages import Package, PackageKind
from nephoscope.packages.executables import Executable
from nephoscope.packages.files import OpenFile, json_of, malformed

_SECTION = ".dep-v0"
_PACKED, _LONGEST = 1 << 20, 8 << 20
"""Bytes before and after inflating."""


def parse(path: str, file: OpenFile, program: Executable) -> Iterator[Package]:
    section = program.section(_SECTION)
    if section is None:
        return
    if section.size > _PACKED:
        raise malformed(path, f"its list of crates has {section.size:,} bytes; {_PACKED:,} are read at most")
    document = _document(path, file.read(section.offset, section.size))
    rows = document.get("packages") if isinstance(document, dict) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("kind", "runtime") == "runtime":
            name, version = row.get("name"), row.get("version")
            if isinstance(name, str) and isinstance(version, str) and name and version:
                yield Package(name=name, version=version, kind=PackageKind.CARGO, ecosystem="crates.io", path=path)


def _document(path: str, content: bytes) -> Any:
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(content, _LONGEST)
    except zlib.error:
        raise malformed(path, "its list of crates is damaged") from None
    if not inflate.eof:
        raise malformed(path, "its list of crates is cut off, or longer than any")
    return json_of(path, text)
