"""One thing that several advisories describe is shown once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nephoscope.advisories.judging import Statement
from nephoscope.model.packages import LANGUAGES, Package
from nephoscope.model.vulnerabilities import Advisory, TypeDetected

_MALICIOUS = "MAL-"
_PREFERRED = ("GHSA-", "GO-", "RUSTSEC-")


class Hit(NamedTuple):
    package: Package
    statement: Statement
    type_detected: TypeDetected


Named = tuple[int, Advisory, list[Hit]]
"""Number, advisory, packages that it is true of."""


def without_twins(found: Sequence[Named]) -> Iterator[Named]:
    """A distribution's erratum (DSA, USN, RHSA) and its word about each CVE in it; a language's databases, which
    describe the same under several names."""
    yield from _without_details([row for row in found if not _is_language(row)])
    yield from _merged([row for row in found if _is_language(row)])


def _without_details(found: Sequence[Named]) -> Iterator[Named]:
    """A CVE is left out where errata of the same source are about it and about all the packages that it is about."""
    covered: dict[tuple[str, str], set[Package]] = defaultdict(set)
    for _, advisory, hits in found:
        for cve in advisory.cves if advisory.id not in advisory.cves else ():
            covered[advisory.source, cve].update(hit.package for hit in hits)
    for row in found:
        _, advisory, hits = row
        if not {hit.package for hit in hits} <= covered.get((advisory.source, advisory.id), set()):
            yield row


def _merged(found: Sequence[Named]) -> Iterator[Named]:
    """Advisories that know each other (GHSA-…, PYSEC-…, CVE-…): one of them is shown, with what the others know."""
    for family in _families(found):
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
