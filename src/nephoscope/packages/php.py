"""PHP: what Composer wrote down as installed, in the form of its first and of its second generation."""

from collections.abc import Iterator

from nephoscope.model.packages import Package, PackageKind, normal_name
from nephoscope.packages.files import json_of


def is_wanted(path: str) -> bool:
    return path.endswith("/composer/installed.json")


def parse(path: str, content: bytes) -> Iterator[Package]:
    document = json_of(path, content)
    rows = document.get("packages") if isinstance(document, dict) else document
    for row in rows if isinstance(rows, list) else ():
        name, version = (row.get("name"), row.get("version")) if isinstance(row, dict) else (None, None)
        if isinstance(name, str) and isinstance(version, str) and name and version:
            yield Package(
                name=normal_name("Packagist", name),
                version=version.removeprefix("v"),
                kind=PackageKind.COMPOSER,
                ecosystem="Packagist",
                path=path,
            )
