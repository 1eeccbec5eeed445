"""Alpine's database of installed packages: paragraphs of one-letter fields, files among them."""

from collections.abc import Iterator

from nephoscope.model.packages import Package, PackageKind
from nephoscope.packages.files import malformed
from nephoscope.packages.owned import OwnedFiles

PATHS = ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")


def parse(path: str, content: bytes, ecosystem: str) -> Iterator[Package]:
    """DiskError, when all have been given, for paragraphs that do not say what they are about."""
    fields: dict[str, str] = {}
    broken = 0
    for line in (*content.decode("utf-8", "replace").splitlines(), ""):
        if line:
            fields.setdefault(line[:1], line[2:] if line[1:2] == ":" else "")
            continue
        broken += bool(fields) and not (fields.get("P") and fields.get("V"))
        yield from _package(path, fields, ecosystem)
        fields = {}
    if broken:
        raise malformed(path, f"damaged: {broken} of its paragraphs name no package or no version")


def _package(path: str, fields: dict[str, str], ecosystem: str) -> Iterator[Package]:
    name, version, origin = fields.get("P", ""), fields.get("V", ""), fields.get("o", "")
    if name and version:
        yield Package(
            name=name,
            version=version,
            kind=PackageKind.APK,
            ecosystem=ecosystem,
            arch=fields.get("A", ""),
            source_name="" if origin == name else origin,
            path=path,
        )


def own(content: bytes, owned: OwnedFiles) -> None:
    owned.add(_files(content))


def _files(content: bytes) -> Iterator[str]:
    """`F:` names a folder, the `R:` after it its files."""
    folder = ""
    for line in content.decode("utf-8", "surrogateescape").splitlines():
        if line.startswith("F:"):
            folder = line[2:]
        elif line.startswith("R:"):
            yield f"/{folder}/{line[2:]}" if folder else f"/{line[2:]}"
