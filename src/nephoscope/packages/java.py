"""Java: archives in archives, and what Maven or the manifest in them says.

A zip file lies easily: the directory's size, the number of members looked at, the bytes inflated and the depth are all
bounded, over the whole nest together.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BufferedReader, BytesIO, RawIOBase
from typing import IO

from nephoscope.errors import DiskError
from nephoscope.model.packages import Package, PackageKind
from nephoscope.packages.files import OpenFile, malformed

SUFFIXES = (".jar", ".war", ".ear", ".jpi", ".hpi", ".par", ".sar")
_DEEPEST = 4
_MOST_UNREAD = 1000
_LONGEST = 300
_LARGEST_DIRECTORY = 32 << 20
_LARGEST_TEXT = 1 << 20
_LARGEST_INNER = 128 << 20
_PRICE = 4096
"""What looking at a member costs of the budget at the least."""
_BUDGET = 512 << 20
"""Bytes inflated for one archive on the disk, with all that is in it."""
_POM = re.compile(r"META-INF/maven/[^/]+/[^/]+/pom\.properties")
_NAMED = re.compile(r"(?P<name>[A-Za-z][\w.-]*?)-(?P<version>\d[\w.+-]*)\.\w+")
_BROKEN = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OSError,
    zlib.error,
    struct.error,
)
"""What the zip reader raises for a damaged, encrypted or unknown member."""


class _Window(RawIOBase):
    """An open file of the disk as Python's own readers want it."""

    def __init__(self, file: OpenFile) -> None:
        self._file = file
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = max(0, offset + (0, self._at, self._file.size)[whence])
        return self._at

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]  # narrower than any buffer
        content = self._file.read(self._at, len(buffer))
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


class _Nest:
    """One archive of the disk with everything in it; `budget` is what may still be inflated, `unread` what was not."""

    def __init__(self) -> None:
        self.budget = _BUDGET
        self.unread: list[str] = []

    def packages(self, archive: IO[bytes], place: str, depth: int) -> Iterator[Package]:
        if not _has_sane_directory(archive):
            raise malformed(place, "no archive that we read")
        try:
            opened = zipfile.ZipFile(archive)
        except _BROKEN:
            raise malformed(place, "a damaged archive") from None
        with opened:
            members = opened.infolist()
            named = list(self._from_poms(opened, members, place))
            yield from named or self._from_manifest(opened, members, place)
            for member in members:
                if member.filename.lower().endswith(SUFFIXES) and not member.is_dir():
                    yield from self._inner(opened, member, place, depth)

    def _inner(self, opened: zipfile.ZipFile, member: zipfile.ZipInfo, place: str, depth: int) -> Iterator[Package]:
        inner = f"{place}!/{member.filename}"
        if depth >= _DEEPEST:
            self._miss(inner)
            return
        content = self._read(opened, member, inner, _LARGEST_INNER)
        if not content.startswith(b"PK"):
            return
        try:
            yield from self.packages(BytesIO(content), inner, depth + 1)
        except DiskError:
            self._miss(inner)  # one damaged archive among many

    def _miss(self, place: str) -> None:
        if len(self.unread) < _MOST_UNREAD:
            self.unread.append(place)

    def _from_poms(self, opened: zipfile.ZipFile, members: list[zipfile.ZipInfo], place: str) -> Iterator[Package]:
        for member in members:
            if _POM.fullmatch(member.filename):
                fields = _fields(self._read(opened, member, f"{place}!/{member.filename}", _LARGEST_TEXT), "=")
                group, artifact = fields.get("groupId", ""), fields.get("artifactId", "")
                if group and artifact and fields.get("version"):
                    yield _package(f"{group}:{artifact}", fields["version"], place)

    def _from_manifest(self, opened: zipfile.ZipFile, members: list[zipfile.ZipInfo], place: str) -> Iterator[Package]:
        """Without Maven's word the group is a guess, and none is made."""
        manifest = next((one for one in members if one.filename.upper() == "META-INF/MANIFEST.MF"), None)
        inner = f"{place}!/META-INF/MANIFEST.MF"
        fields = _fields(self._read(opened, manifest, inner, _LARGEST_TEXT), ":") if manifest else {}
        by_file = _NAMED.fullmatch(place.rpartition("/")[2])
        name = by_file["name"] if by_file else fields.get("Implementation-Title", fields.get("Bundle-Name", ""))
        version = fields.get("Implementation-Version") or fields.get("Bundle-Version")
        version = by_file["version"] if by_file else version
        group = fields.get("Implementation-Vendor-Id", "")
        if name and version and " " not in name:
            yield _package(f"{group}:{name}" if group else name, version, place)

    def _read(self, opened: zipfile.ZipFile, member: zipfile.ZipInfo, place: str, most: int) -> bytes:
        """Nothing for what is too large or damaged, which is remembered."""
        if member.file_size > min(most, self.budget):
            self._miss(place)
            return b""
        try:
            with opened.open(member) as stream:
                content = stream.read(member.file_size + 1)
        except _BROKEN:
            self._miss(place)
            return b""
        self.budget -= max(len(content), _PRICE)
        return content


def _has_sane_directory(archive: IO[bytes]) -> bool:
    """Whether the directory at the end is small enough to be read whole."""
    end = archive.seek(0, 2)
    archive.seek(max(0, end - 65_557))
    tail = archive.read(65_557)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or at + 22 > len(tail):
        return False
    size = int(struct.unpack_from("<I", tail, at + 12)[0])
    archive.seek(0)
    return size <= _LARGEST_DIRECTORY


def _fields(content: bytes, separator: str) -> dict[str, str]:
    pairs = (line.partition(separator) for line in content.decode("utf-8", "replace").splitlines() if line[:1] != "#")
    return {name.strip(): value.strip()[:200] for name, _, value in pairs}


def _package(name: str, version: str, place: str) -> Package:
    return Package(name=name, version=version, kind=PackageKind.MAVEN, ecosystem="Maven", path=place)


def is_wanted(path: str) -> bool:
    return path.lower().endswith(SUFFIXES)


def parse(path: str, file: OpenFile) -> Iterator[Package]:
    if file.read(0, 2) != b"PK":
        return
    nest = _Nest()
    yield from nest.packages(BufferedReader(_Window(file), 65_536), path, 1)
    if nest.unread:
        count, first = len(nest.unread), nest.unread[0][:_LONGEST]
        raise malformed(path, f"{count} files in it are damaged, too large or too deep to be read, such as {first}")
