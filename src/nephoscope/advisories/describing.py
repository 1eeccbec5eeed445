"""Vulnerabilities out of what matched: names, numbers, severity, what is exploited and what is likely."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from nephoscope.advisories import severity
from nephoscope.advisories.judging import Statement
from nephoscope.model.distributions import distribution_in
from nephoscope.model.packages import LANGUAGES, OsRelease, Package
from nephoscope.model.vulnerabilities import (
    Advisory,
    AffectedPackage,
    Exploited,
    Likelihood,
    Status,
    TypeDetected,
    Vulnerability,
)

_MALICIOUS = "MAL-"
_PREFERRED = ("GHSA-", "GO-", "RUSTSEC-")
_ORDER = tuple(TypeDetected)


class Hit(NamedTuple):
    package: Package
    statement: Statement
    type_detected: TypeDetected


Named = tuple[int, Advisory, list[Hit]]
"""Number, advisory, packages that it is true of."""


def described(
    found: Iterable[Named],
    exploited: Mapping[str, Exploited],
    likelihoods: Mapping[str, Likelihood],
    os: OsRelease | None,
) -> list[Vulnerability]:
    """The worst first: by severity, then what is exploited, then by likelihood."""
    shown = [_described(row, exploited, likelihoods, os) for row in _without_twins(list(found))]
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


def _without_twins(found: Sequence[Named]) -> Iterator[Named]:
    """Databases of languages describe one thing under several names (GHSA-…, PYSEC-…, CVE-…) that know each other; one
    of them is shown, with what the others know."""
    families = _families([row for row in found if _is_language(row)])
    yield from (row for row in found if not _is_language(row))
    for family in families:
        qid, advisory, hits = min(family, key=_preference)
        cves = tuple(dict.fromkeys(cve for _, one, _ in family for cve in one.cves))
        worst = max(one.severity for _, one, _ in family)
        mine = {(hit.package.name, hit.package.path) for hit in hits}
        others = [hit for _, _, more in family for hit in more if (hit.package.name, hit.package.path) not in mine]
        merged = Advisory(
            id=advisory.id,
            source=advisory.source,
            severity=advisory.severity or worst,
            package=advisory.package,
            title=advisory.title,
            cves=cves,
            published=advisory.published,
        )
        yield qid, merged, [*hits, *{(hit.package.name, hit.package.path): hit for hit in others}.values()]


def _is_language(row: Named) -> bool:
    return row[2][0].package.ecosystem in LANGUAGES


def _preference(row: Named) -> tuple[bool, int, str]:
    own = row[1].id
    place = next((at for at, prefix in enumerate(_PREFERRED) if own.startswith(prefix)), len(_PREFERRED))
    return not own.startswith(_MALICIOUS), place, own


def _families(rows: Sequence[Named]) -> list[list[Named]]:
    """Rows that share a package and, directly or by way of others, a name."""
    root = list(range(len(rows)))

    def find(at: int) -> int:
        while root[at] != at:
            root[at] = root[root[at]]
            at = root[at]
        return at

    first: dict[tuple[str, str], int] = {}
    for at, (_, advisory, hits) in enumerate(rows):
        package = hits[0].package.name
        for name in (advisory.id, *advisory.aliases, *advisory.cves):
            root[find(at)] = find(first.setdefault((package, name), at))
    families: dict[int, list[Named]] = defaultdict(list)
    for at, row in enumerate(rows):
        families[find(at)].append(row)
    return list(families.values())
