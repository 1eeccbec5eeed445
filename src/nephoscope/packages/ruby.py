"""Ruby: the specifications that `gem` writes when it installs. They are programs; only the two lines that it always
writes the same way are read."""

import re
from collections.abc import Iterator

from nephoscope.model.packages import Package, PackageKind

_NAME = re.compile(r"""^[ \t]*\w{1,40}\.name\s*=\s*["']([^"']{1,200})["']""", re.MULTILINE)
_VERSION = re.compile(
    r"""^[ \t]*\w{1,40}\.version\s*=\s*(?:Gem::Version\.new\()?\s*["']([^"']{1,100})["']""", re.MULTILINE
)


def is_wanted(path: str) -> bool:
    return path.endswith(".gemspec") and "/specifications/" in path


def parse(path: str, content: bytes) -> Iterator[Package]:
    text = content.decode("utf-8", "replace")
    name, version = _NAME.search(text), _VERSION.search(text)
    if name and version:
        yield Package(name=name[1], version=version[1], kind=PackageKind.GEM, ecosystem="RubyGems", path=path)
