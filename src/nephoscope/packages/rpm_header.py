"""One package of an rpm database: a header blob of tags, big-endian, read without trust in its counts and offsets."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from nephoscope.model.packages import Package, PackageKind

LARGEST = 64 * 1024 * 1024
"""Bytes of one header, as rpm itself allows in the order of."""
MOST_TAGS = 65_536
MOST_FILES = 1_000_000

_NAME, _VERSION, _RELEASE, _EPOCH, _ARCH, _SOURCE_RPM = 1000, 1001, 1002, 1003, 1022, 1044
_OLD_FILENAMES, _FILE_FLAGS, _DIR_INDEXES, _BASENAMES, _DIRNAMES, _MODULE = 1027, 1037, 1116, 1117, 1118, 5096
_WANTED = frozenset(
    {_NAME, _VERSION, _RELEASE, _EPOCH, _ARCH, _SOURCE_RPM}
    | {_OLD_FILENAMES, _FILE_FLAGS, _DIR_INDEXES, _BASENAMES, _DIRNAMES, _MODULE}
)
_INT32, _STRING, _STRING_ARRAY, _I18N = 4, 6, 8, 9
_SIZES = 8
_PARTS = 3
_CONFIG, _GHOST = 1, 1 << 6
_ENTRY = struct.Struct(">IIII")
_KEYS = "gpg-pubkey"
"""Keys are kept beside packages."""


class _Tag(NamedTuple):
    type: int
    offset: int
    many: int


class Header:
    """ValueError for a blob that is none."""

    def __init__(self, blob: bytes) -> None:
        if len(blob) < _SIZES:
            raise ValueError("too short for a header")
        count, size = struct.unpack_from(">II", blob)
        if count > MOST_TAGS or 8 + count * _ENTRY.size + size > len(blob):
            raise ValueError("a header that is longer than itself")
        self._data = memoryview(blob)[8 + count * _ENTRY.size :][:size]
        self._tags = {
            tag: _Tag(*rest) for tag, *rest in _ENTRY.iter_unpack(blob[8 : 8 + count * _ENTRY.size]) if tag in _WANTED
        }

    def text(self, tag: int) -> str:
        return next(iter(self.texts(tag, 1)), "")

    def texts(self, tag: int, most: int) -> list[str]:
        found = self._tags.get(tag)
        if found is None or found.type not in (_STRING, _STRING_ARRAY, _I18N) or found.offset >= len(self._data):
            return []
        count = min(found.many, most)
        parts = bytes(self._data[found.offset :]).split(b"\0", count)
        return [part.decode("utf-8", "surrogateescape") for part in parts[:count]]

    def numbers(self, tag: int, most: int) -> tuple[int, ...]:
        found = self._tags.get(tag)
        if found is None or found.type != _INT32 or found.offset >= len(self._data):
            return ()
        count = min(found.many, most, (len(self._data) - found.offset) // 4)
        return struct.unpack_from(f">{count}I", self._data, found.offset)

    def package(self, path: str, ecosystem: str) -> Package | None:
        """None for what is no package, such as the keys of a vendor."""
        name = self.text(_NAME)
        if not name or name == _KEYS:
            return None
        source_name, source_version = _source(self.text(_SOURCE_RPM))
        epoch = next(iter(self.numbers(_EPOCH, 1)), 0)
        version, release = self.text(_VERSION), self.text(_RELEASE)
        prefix = f"{epoch}:" if epoch else ""
        return Package(
            name=_clean(name),
            version=_clean(version),
            kind=PackageKind.RPM,
            ecosystem=ecosystem,
            epoch=epoch,
            release=_clean(release),
            arch=_clean(self.text(_ARCH)),
            source_name="" if source_name == name else source_name,
            source_version=f"{prefix}{source_version}" if source_version not in ("", f"{version}-{release}") else "",
            module=":".join(_clean(self.text(_MODULE)).split(":")[:2]),
            path=path,
        )

    def files(self) -> Iterator[str]:
        """Those that are there and that nobody is meant to change."""
        flags = self.numbers(_FILE_FLAGS, MOST_FILES)
        for at, path in enumerate(self._paths()):
            if not (at < len(flags) and flags[at] & (_CONFIG | _GHOST)):
                yield path

    def _paths(self) -> Iterator[str]:
        names = self.texts(_BASENAMES, MOST_FILES)
        if not names:
            yield from self.texts(_OLD_FILENAMES, MOST_FILES)
            return
        folders = self.texts(_DIRNAMES, MOST_FILES)
        for name, index in zip(names, self.numbers(_DIR_INDEXES, MOST_FILES), strict=False):
            if index < len(folders):
                yield folders[index] + name


def _clean(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")[:200]


def _source(file_name: str) -> tuple[str, str]:
    """`openssl-3.0.7-24.el9.src.rpm` → ("openssl", "3.0.7-24.el9")."""
    stem = _clean(file_name).removesuffix(".rpm").rpartition(".")[0]
    parts = stem.rsplit("-", 2)
    return (parts[0], f"{parts[1]}-{parts[2]}") if len(parts) == _PARTS else ("", "")
