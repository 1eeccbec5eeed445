"""Debian's databases: `status`, the pieces in `status.d` of images without a shell, and lists of files."""

import re
from collections.abc import Iterable, Iterator

from nephoscope.model.packages import Package, PackageKind
from nephoscope.packages.files import malformed
from nephoscope.packages.owned import OwnedFiles

STATUS = ("/var/lib/dpkg/status",)
PIECES = ("/var/lib/dpkg/status.d/*",)
LISTS = ("/var/lib/dpkg/info/*.list", "/var/lib/dpkg/status.d/*.md5sums")
"""The latter in images without a shell, which have no others."""
LIST_LIMIT = 64 * 1024 * 1024
_WANTED = re.compile(
    r"^(Package|Status|Version|Architecture|Source):[ \t]*(.*)$", re.MULTILINE
)  # a field begins in the first column; continued lines do not
_SOURCE = re.compile(r"(\S+)(?: \(([^)]*)\))?")
_PARAGRAPH = re.compile(rb"\n[ \t]*\n")
_ABSENT = ("not-installed", "config-files")


def parse(path: str, content: bytes, ecosystem: str) -> Iterator[Package]:
    """DiskError, when all have been given, for paragraphs that do not say what they are about."""
    broken = 0
    for paragraph in _paragraphs(content):
        fields = dict(_WANTED.findall(paragraph.decode("utf-8", "replace")))
        if not _is_there(fields):
            broken += not fields.get("Package") and bool(paragraph.strip())
        elif fields.get("Package") and fields.get("Version"):
            yield _package(path, fields, ecosystem)
        else:
            broken += bool(paragraph.strip())
    if broken:
        raise malformed(path, f"damaged: {broken} of its paragraphs name no package or no version")


def _paragraphs(content: bytes) -> Iterator[bytes]:
    start = 0
    for gap in _PARAGRAPH.finditer(content):
        yield content[start : gap.start()]
        start = gap.end()
    yield content[start:]


def _is_there(fields: dict[str, str]) -> bool:
    """A piece of status.d has no Status. Files of a package that is half there are there."""
    state = fields.get("Status", "install ok installed").split()
    return bool(state) and state[-1] not in _ABSENT


def _package(path: str, fields: dict[str, str], ecosystem: str) -> Package:
    source = _SOURCE.match(fields.get("Source", ""))
    name, version = fields["Package"].strip(), fields["Version"].strip()
    source_name, source_version = (source[1], source[2] or "") if source else ("", "")
    return Package(
        name=name,
        version=version,
        kind=PackageKind.DEB,
        ecosystem=ecosystem,
        arch=fields.get("Architecture", "").strip(),
        source_name="" if source_name == name else source_name,
        source_version="" if source_version == version else source_version,
        path=path,
    )


def own(contents: Iterable[tuple[str, bytes]], owned: OwnedFiles) -> None:
    """The files that packages brought, from their lists. Folders are in the lists too, and do no harm."""
    for path, content in contents:
        lines = content.decode("utf-8", "surrogateescape").splitlines()
        owned.add((f"/{line.partition('  ')[2]}" for line in lines) if path.endswith(".md5sums") else lines)
