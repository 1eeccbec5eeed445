"""Python: what a wheel or an egg says about itself."""

import re
from collections.abc import Iterator

from nephoscope.model.packages import Package, PackageKind

_PLACES = (".dist-info/METADATA", ".egg-info/PKG-INFO", "/EGG-INFO/PKG-INFO", ".egg-info")
_SEPARATORS = re.compile(r"[-_.]+")


def is_wanted(path: str) -> bool:
    return path.endswith(_PLACES)


def normal_name(name: str) -> str:
    """As indexes compare names: lower case, one dash between words."""
    return _SEPARATORS.sub("-", name).lower()


def parse(path: str, content: bytes) -> Iterator[Package]:
    name = version = ""
    for line in content.decode("utf-8", "replace").splitlines():
        if not line.strip():
            break  # the description follows
        field, _, value = line.partition(":")
        if field == "Name":
            name = value.strip()
        elif field == "Version":
            version = value.strip()
    if name and version:
        yield Package(name=normal_name(name), version=version, kind=PackageKind.PYPI, ecosystem="PyPI", path=path)
