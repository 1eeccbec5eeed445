"""The table of orderings: for each kind of package, from a version's text to something that compares.

Keys are remembered: a feed repeats the same few versions thousands of times.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from univers import versions as univers

from nephoscope.advisories.ordering import apk, dpkg, rpm
from nephoscope.model.packages import PackageKind

LONGEST = 256
"""Characters of a version that are looked at; a longer one cannot be compared."""
_REMEMBERED = 1 << 14


def _golang(text: str) -> Any:
    return univers.GolangVersion(text.removeprefix("go").removeprefix("v"))


ORDERINGS: dict[PackageKind, Callable[[str], Any]] = {
    PackageKind.RPM: rpm.key,
    PackageKind.DEB: dpkg.key,
    PackageKind.APK: apk.key,
    PackageKind.PYPI: univers.PypiVersion,
    PackageKind.NPM: univers.SemverVersion,
    PackageKind.CARGO: univers.SemverVersion,
    PackageKind.GOLANG: _golang,
    PackageKind.GEM: univers.RubygemsVersion,
    PackageKind.COMPOSER: univers.ComposerVersion,
    PackageKind.MAVEN: univers.MavenVersion,
}


@lru_cache(maxsize=_REMEMBERED)
def version_key(kind: PackageKind, text: str) -> Any:
    """Something that compares with other keys of the kind; None for what is no version there."""
    if not text or len(text) > LONGEST:
        return None
    try:
        return ORDERINGS[kind](text)
    except (ValueError, TypeError, AttributeError, IndexError):  # univers raises them for what it did not expect
        return None
