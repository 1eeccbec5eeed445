"""One statement about one package: does it hold, and how surely."""

import re
from typing import NamedTuple

from nephoscope.advisories.ordering.table import version_key
from nephoscope.model.packages import OS_KINDS, Package, PackageKind
from nephoscope.model.vulnerabilities import Affected, Status, TypeDetected

_MODULAR = re.compile(r"[.+]module[_+]")
_OPEN = {
    Status.AFFECTED: TypeDetected.POTENTIAL,
    Status.FIXED: TypeDetected.POTENTIAL,
    Status.WILL_NOT_FIX: TypeDetected.INFORMATION,
    Status.END_OF_LIFE: TypeDetected.INFORMATION,
    Status.UNDER_INVESTIGATION: TypeDetected.INFORMATION,
}
"""What a statement without an upper end amounts to."""


class Statement(NamedTuple):
    """An `Affected` as it is kept; `advisory` is its key there. `versions` are separated by line ends."""

    advisory: int
    package: str
    is_source: bool
    status: Status
    introduced: str
    fixed: str
    last_affected: str
    versions: str
    module: str


def judge(package: Package, statement: Statement) -> TypeDetected | None:
    """None when the package is not affected."""
    if statement.status is Status.NOT_AFFECTED or not _is_of_stream(package, statement):
        return None
    version = package.source[1] if statement.is_source else package.full_version
    if statement.versions:
        return TypeDetected.CONFIRMED if _is_among(package.kind, version, statement.versions) else None
    verdict = _by_bounds(package.kind, version, statement)
    if verdict is TypeDetected.CONFIRMED and _is_of_doubtful_stream(package, statement):
        return TypeDetected.POTENTIAL
    return verdict


def holds(kind: PackageKind, version: str, interval: Affected) -> bool:
    """Whether a version surely lies in an interval."""
    bounds = interval.introduced, interval.fixed, interval.last_affected
    statement = Statement(0, interval.package, interval.is_source, Status.AFFECTED, *bounds, "", "")
    return version_key(kind, version) is not None and _by_bounds(kind, version, statement) is not None


def _by_bounds(kind: PackageKind, version: str, statement: Statement) -> TypeDetected | None:
    installed = version_key(kind, version)
    if installed is None:
        return _OPEN[statement.status]
    if statement.introduced:
        first = version_key(kind, statement.introduced)
        if first is None:
            return TypeDetected.POTENTIAL
        if installed < first:
            return None
    end = statement.fixed or statement.last_affected
    if not end:
        return _OPEN[statement.status]
    last = version_key(kind, end)
    if last is None:
        return TypeDetected.POTENTIAL
    is_inside = installed < last or (not statement.fixed and installed == last)
    return TypeDetected.CONFIRMED if is_inside else None


def is_mended(package: Package, statement: Statement) -> bool:
    """Whether a statement that does not hold outweighs one of the same advisory that would: a vendor may list a fix for
    each of its minor releases, and one of them is enough. Only for systems: intervals of other ecosystems say nothing
    about each other."""
    if package.kind not in OS_KINDS or not _is_of_stream(package, statement):
        return False
    if statement.status is Status.NOT_AFFECTED:
        return True
    if not statement.fixed:
        return False
    installed = version_key(package.kind, package.source[1] if statement.is_source else package.full_version)
    fixed = version_key(package.kind, statement.fixed)
    return installed is not None and fixed is not None and not installed < fixed


def _is_of_stream(package: Package, statement: Statement) -> bool:
    """A module's packages and plain ones do not speak about each other."""
    if package.kind is not PackageKind.RPM:
        return True
    is_modular = bool(package.module or _MODULAR.search(f".{package.release}"))
    if statement.module:
        return package.module == statement.module if package.module else is_modular
    if _MODULAR.search(statement.fixed):
        return is_modular
    return not (is_modular and statement.fixed)


def _is_of_doubtful_stream(package: Package, statement: Statement) -> bool:
    """Both come from a module, and one does not say from which line of it, while the versions look like two lines."""
    if package.kind is not PackageKind.RPM or (statement.module and package.module):
        return False
    if not (statement.module or _MODULAR.search(statement.fixed)):
        return False
    fixed = statement.fixed.partition(":")[2] or statement.fixed
    return fixed.split(".")[:2] != package.version.split(".")[:2]


def _is_among(kind: PackageKind, version: str, versions: str) -> bool:
    listed = versions.split("\n")
    if version in listed:
        return True
    installed = version_key(kind, version)
    return installed is not None and any(version_key(kind, one) == installed for one in listed)
