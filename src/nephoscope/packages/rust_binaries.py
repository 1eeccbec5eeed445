"""Rust: the list of crates that `cargo auditable` leaves in a program."""

import zlib
from collections.abc import Iterator
from typing import Any

import msgspec

from nephoscope.model.packages import Package, PackageKind
from nephoscope.packages.executables import Executable
from nephoscope.packages.files import OpenFile

_SECTION = ".dep-v0"
_PACKED, _LONGEST = 1 << 20, 8 << 20
"""Bytes before and after inflating."""


def parse(path: str, file: OpenFile, program: Executable) -> Iterator[Package]:
    section = program.section(_SECTION)
    if section is None or section.size > _PACKED:
        return
    document = _document(file.read(section.offset, section.size))
    rows = document.get("packages") if isinstance(document, dict) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("kind", "runtime") == "runtime":
            name, version = row.get("name"), row.get("version")
            if isinstance(name, str) and isinstance(version, str) and name and version:
                yield Package(name=name, version=version, kind=PackageKind.CARGO, ecosystem="crates.io", path=path)


def _document(content: bytes) -> Any:
    try:
        inflate = zlib.decompressobj()
        text = inflate.decompress(content, _LONGEST)
        return msgspec.json.decode(text) if inflate.eof else None
    except (zlib.error, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
