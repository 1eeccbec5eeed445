"""Advisories, what they say about packages, and the vulnerabilities that follow for one disk."""

from enum import StrEnum

import msgspec


class Status(StrEnum):
    """What a vendor says about one package in one advisory."""

    FIXED = "fixed"
    """Affected below a version that is there to install."""
    AFFECTED = "affected"
    """Affected, and nothing to install yet."""
    WILL_NOT_FIX = "will_not_fix"
    """Affected, and the vendor does not mean to change that, or thinks it unimportant."""
    END_OF_LIFE = "end_of_life"
    """Affected or not: the vendor no longer looks."""
    UNDER_INVESTIGATION = "under_investigation"
    NOT_AFFECTED = "not_affected"


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    """One statement about one package of one ecosystem. Versions are affected from `introduced` (empty: all) to before
    `fixed`, or up to and including `last_affected`; or they are those in `versions`."""

    ecosystem: str
    package: str
    status: Status = Status.FIXED
    introduced: str = ""
    fixed: str = ""
    last_affected: str = ""
    versions: tuple[str, ...] = ()
    is_source: bool = False
    """The name and the versions are those of a source package."""
    module: str = ""
    """Only packages of this module stream; empty: no matter."""
    arch: str = ""


class Advisory(msgspec.Struct, frozen=True, kw_only=True):
    """`severity` from 1 to 5, 0 when the vendor does not say. `package`: whom the advisory is about, in the vendor's
    words; empty when it names no one."""

    id: str
    source: str
    """The feed's short name, such as `amazon`: an id is unique inside it."""
    severity: int = 0
    package: str = ""
    title: str = ""
    cves: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    published: str = ""
    affected: tuple[Affected, ...] = ()
    is_withdrawn: bool = False


class Exploited(msgspec.Struct, frozen=True):
    """One row of the catalogue of known exploited vulnerabilities."""

    cve: str
    added: str
    due: str = ""
    is_ransomware: bool = False


class Likelihood(msgspec.Struct, frozen=True):
    """EPSS: how likely exploitation within 30 days is, and the share of vulnerabilities that are less likely."""

    cve: str
    score: float
    percentile: float


class TypeDetected(StrEnum):
    """Confirmed: the vendor says so, by version. Potential: affected without a remedy, or the versions cannot be
    compared. Information: the vendor leaves it as it is, no longer looks or has not decided; or the kernel is
    installed but not the one in use."""

    CONFIRMED = "Confirmed"
    POTENTIAL = "Potential"
    INFORMATION = "Information"


class AffectedPackage(msgspec.Struct, frozen=True, kw_only=True):
    """An installed package that an advisory is about."""

    name: str
    version: str
    fixed_version: str = ""
    """Empty when there is nothing to install."""
    path: str = ""
    type_detected: TypeDetected = TypeDetected.CONFIRMED
    status: Status = Status.FIXED


class Vulnerability(msgspec.Struct, frozen=True, kw_only=True):
    """One advisory on one disk: what the wire shows, and what we add. It has no identity of its own: that is the
    resource's with the `qid`."""

    qid: int
    name: str
    advisory: str
    source: str
    type_detected: TypeDetected
    severity: int
    category: str
    host_os: str = ""
    protocol: str = ""
    port: int = 0
    cves: tuple[str, ...] = ()
    packages: tuple[AffectedPackage, ...] = ()
    fixed_version: str = ""
    """Of the first package that has one."""
    patch_available: bool = False
    kev: Exploited | None = None
    epss: float | None = None
    epss_percentile: float | None = None
    title: str = ""
    published: str = ""


class Matched(msgspec.Struct, frozen=True):
    """What matching says. `unjudged` names the ecosystems that no loaded feed covers, with how many packages: about
    those nothing is known, which is not the same as clean."""

    vulnerabilities: tuple[Vulnerability, ...] = ()
    unjudged: tuple[tuple[str, int], ...] = ()
