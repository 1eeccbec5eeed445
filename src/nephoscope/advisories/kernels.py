"""Kernels that are installed and not in use: systems keep the last few, and those harm nobody until they are booted."""

import re
from collections import defaultdict
from collections.abc import Sequence

from nephoscope.advisories.ordering.table import version_key
from nephoscope.model.packages import Package, PackageKind

_RPM = re.compile(r"kernel(?:\d+\.\d+)?(?:-(?:rt|uek|default|core|modules|extra|lt|ml))*")
_DEB = re.compile(r"linux-(image|modules)(?:-unsigned|-extra)?-\d.*")


def idle_kernels(packages: Sequence[Package], running: str = "") -> frozenset[int]:
    """Places of those that are not `running`; when nobody knows what runs, all but the newest, which the next start
    takes. A single kernel is never idle."""
    families: dict[str, list[int]] = defaultdict(list)
    for at, package in enumerate(packages):
        family = _family(package)
        if family:
            families[family].append(at)
    idle: set[int] = set()
    for places in families.values():
        if len({packages[at].full_version for at in places}) > 1:
            idle.update(set(places) - _in_use(packages, places, running))
    return frozenset(idle)


def _family(package: Package) -> str:
    if package.kind is PackageKind.RPM and _RPM.fullmatch(package.name):
        return package.name
    found = _DEB.fullmatch(package.name) if package.kind is PackageKind.DEB else None
    return f"linux-{found[1]}" if found else ""


def _in_use(packages: Sequence[Package], places: Sequence[int], running: str) -> set[int]:
    booted = {at for at in places if running and _is_running(packages[at], running)}
    if booted:
        return booted
    keys = {at: version_key(packages[at].kind, packages[at].full_version) for at in places}
    known = [at for at in places if keys[at] is not None]
    if not known:
        return set(places)
    newest = max(keys[at] for at in known)
    return {at for at in places if keys[at] is None or not keys[at] < newest}


def _is_running(package: Package, running: str) -> bool:
    if package.kind is PackageKind.DEB:
        return package.name.endswith(f"-{running}")
    return running in (f"{package.version}-{package.release}.{package.arch}", f"{package.version}-{package.release}")
