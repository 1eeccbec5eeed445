"""Alpine's database of installed packages: paragraphs of one-letter fields, files among them."""

from collections.abc import Iterator

from nephoscope.model.packages import Package, PackageKind
from nephoscope.packages.owned import OwnedFiles

PATHS = ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")


def parse(path: str, content: bytes, ecosystem: str) -> Iterator[Package]:
    fields: dict[str, str] = {}
    for line in content.decode("utf-8", "replace").splitlines():
        if line:
            fields.setdefault(line[:1], line[2:]) if line[1:2] == ":" else None
            continue
        yield from _package(path, fields, ecosystem)
        fields = {}
    yield from _package(path, fields, ecosystem)


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
