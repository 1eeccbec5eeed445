"""rpm's own package database (`Packages.db`), written by hand: slots, then a header of tags for each package."""

import struct
from collections.abc import Iterable
from typing import NamedTuple

_PAGE, _UNIT, _SLOT, _HEAD = 4096, 16, 16, 32
_NAME, _VERSION, _RELEASE, _EPOCH, _ARCH, _SOURCE = 1000, 1001, 1002, 1003, 1022, 1044
_NUMBER, _TEXT = 4, 6


class Rpm(NamedTuple):
    """`source` is the name of the source package, where that is another."""

    name: str
    version: str
    release: str
    epoch: int = 0
    source: str = ""


def database(packages: Iterable[Rpm]) -> bytes:
    """ValueError when there are more than fit one page of slots."""
    slots, area = b"", b""
    for number, package in enumerate(packages, 1):
        header = _header(package)
        units = -(-(len(header) + 28) // _UNIT)
        slots += struct.pack("<4sIII", b"Slot", number, (_PAGE + len(area)) // _UNIT, units)
        body = struct.pack("<4sIII", b"BlbS", number, 1, len(header)) + header
        area += body.ljust(units * _UNIT - 12, b"\0") + struct.pack("<II4s", 0, len(header), b"BlbE")
    if len(slots) > _PAGE - _HEAD:
        raise ValueError(f"{len(slots) // _SLOT} packages are more than fit one page.")
    head = struct.pack("<4sIIII12x", b"RpmP", 0, 1, 1, len(slots) // _SLOT + 1)
    unused = struct.pack("<4s12x", b"Slot")
    return head + slots + unused * ((_PAGE - _HEAD - len(slots)) // _SLOT) + area


def _header(package: Rpm) -> bytes:
    source = f"{package.source or package.name}-{package.version}-{package.release}.src.rpm"
    texts = {
        _NAME: package.name,
        _VERSION: package.version,
        _RELEASE: package.release,
        _ARCH: "x86_64",
        _SOURCE: source,
    }
    data = struct.pack(">I", package.epoch)
    tags = [(_EPOCH, _NUMBER, 0, 1)]
    for tag, text in texts.items():
        tags.append((tag, _TEXT, len(data), 1))
        data += text.encode() + b"\0"
    rows = b"".join(struct.pack(">IIII", *tag) for tag in sorted(tags))
    return struct.pack(">II", len(tags), len(data)) + rows + data
