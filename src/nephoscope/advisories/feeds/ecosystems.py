"""The ecosystems of OSV in our spelling, and whether their advisories name source or built packages."""

import re

from nephoscope.model.distributions import distribution_in
from nephoscope.model.packages import LANGUAGES

_RED_HAT = re.compile(r"Red Hat:enterprise_linux:(\d+)(?:\.\d+)?(?:::.*)?")
_UBUNTU = re.compile(r"Ubuntu:(?:(Pro):)?(\d\d\.\d\d)(?::LTS)?")
_MAJOR_ONLY = ("AlmaLinux", "Rocky Linux", "Debian", "Azure Linux")
_BY_SOURCE = frozenset({"Debian", "Ubuntu", "Alpine", "SUSE", "openSUSE", "Wolfi", "Chainguard", "Mageia"})
_BY_EITHER = "Rocky Linux"
"""Has used both."""


def ecosystem_named(text: str) -> str:
    """Empty for what we do not match: streams that cost extra, products that are no system, other ecosystems."""
    family, _, release = text.partition(":")
    if family in LANGUAGES:
        return family
    if distribution_in(text) is None:
        return ""
    if family == "Red Hat":
        found = _RED_HAT.fullmatch(text)
        return f"Red Hat:{found[1]}" if found else ""
    if family == "Ubuntu":
        found = _UBUNTU.fullmatch(text)
        return f"Ubuntu:{'Pro:' if found[1] else ''}{found[2]}" if found else ""
    return f"{family}:{release.partition('.')[0]}" if family in _MAJOR_ONLY and release else text


def names_sources(ecosystem: str) -> tuple[bool, ...]:
    """For each reading of a package's name: whether it is a source package's."""
    family = ecosystem.partition(":")[0]
    return (False, True) if family == _BY_EITHER else (family in _BY_SOURCE,)


def feed_of(ecosystem: str) -> str:
    """The short name of whose word it is."""
    row = distribution_in(ecosystem)
    return row.namespace if row else "osv"
