"""Vulnerabilities out of what matched: names, numbers, severity, what is exploited and what is likely."""

from collections.abc import Iterable, Mapping

from nephoscope.advisories import severity
from nephoscope.advisories.twins import Hit, Named, without_twins
from nephoscope.model.distributions import distribution_in
from nephoscope.model.packages import OsRelease
from nephoscope.model.vulnerabilities import (
    AffectedPackage,
    Exploited,
    Likelihood,
    Status,
    TypeDetected,
    Vulnerability,
)

_MALICIOUS = "MAL-"
_ORDER = tuple(TypeDetected)


def described(
    found: Iterable[Named],
    exploited: Mapping[str, Exploited],
    likelihoods: Mapping[str, Likelihood],
    os: OsRelease | None,
) -> list[Vulnerability]:
    """The worst first: by severity, then what is exploited, then by likelihood."""
    shown = [_described(row, exploited, likelihoods, os) for row in without_twins(list(found))]
    return sorted(shown, key=_rank)


def _rank(row: Vulnerability) -> tuple[object, ...]:
    return -row.severity, row.kev is None, -(row.epss or 0.0), _ORDER.index(row.type_detected), row.name


def _described(
    row: Named,
    exploited: Mapping[str, Exploited],
    likelihoods: Mapping[str, Likelihood],
    os: OsRelease | None,
) -> Vulnerability:
    qid, advisory, hits = row
    is_malicious = advisory.id.startswith(_MALICIOUS)
    surest = TypeDetected.CONFIRMED if is_malicious else min((one.type_detected for one in hits), key=_ORDER.index)
    kev = next((exploited[cve] for cve in advisory.cves if cve in exploited), None)
    likely = max((likelihoods[cve] for cve in advisory.cves if cve in likelihoods), key=_score, default=None)
    packages = tuple(_package(hit) for hit in sorted(hits, key=_place))
    fixed = next((one.fixed_version for one in packages if one.fixed_version), "")
    vendor, category = _vendor(hits[0].package.ecosystem)
    about = advisory.package or ", ".join(sorted({_source(hit) for hit in hits})[:3])
    return Vulnerability(
        qid=qid,
        name=f"{vendor} Security Advisory for {about} : {advisory.id}",
        advisory=advisory.id,
        source=advisory.source,
        type_detected=surest,
        severity=severity.WORST if kev else advisory.severity or severity.ASSUMED,
        category=category,
        host_os=os.title if os else "",
        cves=advisory.cves,
        packages=packages,
        fixed_version=fixed,
        patch_available=bool(fixed),
        kev=kev,
        epss=likely.score if likely else None,
        epss_percentile=likely.percentile if likely else None,
        title=advisory.title,
        published=advisory.published,
    )


def _score(likelihood: Likelihood) -> float:
    return likelihood.score


def _place(hit: Hit) -> tuple[str, str]:
    return hit.package.name, hit.package.path


def _source(hit: Hit) -> str:
    return hit.package.source[0]


def _package(hit: Hit) -> AffectedPackage:
    package, statement = hit.package, hit.statement
    return AffectedPackage(
        name=package.name,
        version=package.full_version,
        fixed_version=statement.fixed,
        path=package.path,
        type_detected=hit.type_detected,
        status=Status(statement.status),
    )


def _vendor(ecosystem: str) -> tuple[str, str]:
    """In a title, and as a category."""
    row = distribution_in(ecosystem)
    return (row.vendor, row.category) if row else (ecosystem, ecosystem)
