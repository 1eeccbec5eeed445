"""npm: the `package.json` of whatever lies in a `node_modules`."""

import re
from collections.abc import Iterator

from nephoscope.model.packages import Package, PackageKind
from nephoscope.packages.files import json_of

_PLACE = re.compile(r"/node_modules/(?:@[^/]+/)?[^/@.][^/]*/package\.json")
"""One folder below: what lies deeper is a part of the package."""


def is_wanted(path: str) -> bool:
    at = path.rfind("/node_modules/")
    return at >= 0 and _PLACE.fullmatch(path, at) is not None


def parse(path: str, content: bytes) -> Iterator[Package]:
    document = json_of(path, content)
    if not isinstance(document, dict):
        return
    name, version = document.get("name"), document.get("version")
    if isinstance(name, str) and isinstance(version, str) and name and version:
        yield Package(name=name, version=version, kind=PackageKind.NPM, ecosystem="npm", path=path)
