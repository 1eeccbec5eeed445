"""Packages: what is installed on a disk, and by whom it came there."""

import re
from enum import StrEnum

import msgspec
from packageurl import PackageURL

from nephoscope.model.distributions import distribution_in


class PackageKind(StrEnum):
    """How versions of the package are written and ordered."""

    DEB = "deb"
    RPM = "rpm"
    APK = "apk"
    PYPI = "pypi"
    NPM = "npm"
    GEM = "gem"
    COMPOSER = "composer"
    GOLANG = "golang"
    CARGO = "cargo"
    MAVEN = "maven"


_SEPARATORS = re.compile(r"[-_.]+")

OS_KINDS = frozenset({PackageKind.DEB, PackageKind.RPM, PackageKind.APK})
"""Judged by the feed of the distribution alone."""


class OsRelease(msgspec.Struct, frozen=True):
    """What the system says it is. `ecosystem` is the name of the distribution's advisories, such as `Debian:12`; empty
    for a distribution without any that we can read."""

    id: str
    version: str = ""
    title: str = ""
    """Such as `Amazon Linux 2023.6.20241010`."""
    codename: str = ""
    ecosystem: str = ""


class Kernel(msgspec.Struct, frozen=True):
    """A kernel that could be booted. `release` is what `uname -r` would say; `is_running` None when nobody knows."""

    release: str
    path: str
    is_running: bool | None = None


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """One installed package. `version` is as the package manager writes it, without `epoch` and `release` for an rpm,
    whole for all others; empty when the package does not say."""

    name: str
    """The name that advisories use: `group:artifact` for Maven, the module path for Go."""
    version: str
    kind: PackageKind
    ecosystem: str
    """In the spelling of OSV: `Debian:12`, `Amazon Linux:2023`, `PyPI`. Empty: nobody's feed covers it."""
    epoch: int = 0
    release: str = ""
    arch: str = ""
    source_name: str = ""
    """The source package it was built from; empty when that is the package itself."""
    source_version: str = ""
    module: str = ""
    """The module stream of an rpm, such as `nodejs:18`."""
    path: str = ""
    """The database or file that says so."""
    is_owned: bool = False
    """A language package that a package of the operating system brought: that one's vendor judges it."""

    @property
    def full_version(self) -> str:
        """As advisories write it: `[epoch:]version-release` for an rpm."""
        if self.kind is not PackageKind.RPM:
            return self.version
        epoch = f"{self.epoch}:" if self.epoch else ""
        return f"{epoch}{self.version}-{self.release}" if self.release else f"{epoch}{self.version}"

    @property
    def source(self) -> tuple[str, str]:
        """Name and version of the source package."""
        return self.source_name or self.name, self.source_version or self.full_version

    @property
    def purl(self) -> str:
        """The package URL, as other tools know it."""
        return str(_purl(self))


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was found on one volume. `problems`: what could not be read, a line each."""

    os: OsRelease | None = None
    packages: tuple[Package, ...] = ()
    kernels: tuple[Kernel, ...] = ()
    problems: tuple[str, ...] = ()


LANGUAGES = {
    "PyPI": PackageKind.PYPI,
    "npm": PackageKind.NPM,
    "RubyGems": PackageKind.GEM,
    "Packagist": PackageKind.COMPOSER,
    "Go": PackageKind.GOLANG,
    "crates.io": PackageKind.CARGO,
    "Maven": PackageKind.MAVEN,
}
"""The ecosystems that belong to no distribution."""


def normal_name(ecosystem: str, name: str) -> str:
    """As the ecosystem's index compares names."""
    if ecosystem == "PyPI":
        return _SEPARATORS.sub("-", name).lower()
    return name.lower() if ecosystem == "Packagist" else name


def _purl(package: Package) -> PackageURL:
    namespace, name = _names(package)
    version = package.version
    qualifiers: dict[str, str] = {}
    if package.kind is PackageKind.RPM:
        version = f"{package.version}-{package.release}" if package.release else package.version
        qualifiers = {"epoch": str(package.epoch)} if package.epoch else {}
    if package.kind in OS_KINDS:
        qualifiers |= {"arch": package.arch} if package.arch else {}
        qualifiers |= {"distro": _distro(package.ecosystem)} if package.ecosystem else {}
        qualifiers |= {"upstream": package.source_name} if package.source_name else {}
    return PackageURL(package.kind.value, namespace or None, name, version or None, qualifiers or None)


def _names(package: Package) -> tuple[str, str]:
    """Namespace and name of the package URL."""
    if package.kind in OS_KINDS:
        row = distribution_in(package.ecosystem)
        return row.namespace if row else "", package.name
    separator = ":" if package.kind is PackageKind.MAVEN else "/"
    namespace, _, name = package.name.rpartition(separator)
    return namespace, name


def _distro(ecosystem: str) -> str:
    """`Amazon Linux:2023` → `amzn-2023`."""
    row = distribution_in(ecosystem)
    return f"{row.namespace if row else ''}-{ecosystem.partition(':')[2]}".replace(" ", "-").lower().strip("-")
