"""Python: what a wheel or an egg says about itself."""

from collections.abc import Iterator

from nephoscope.model.packages import Package, PackageKind, normal_name

_PLACES = (".dist-info/METADATA", ".egg-info/PKG-INFO", "/EGG-INFO/PKG-INFO", ".egg-info")


def is_wanted(path: str) -> bool:
    return path.endswith(_PLACES)


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
        yield Package(
            name=normal_name("PyPI", name), version=version, kind=PackageKind.PYPI, ecosystem="PyPI", path=path
        )
