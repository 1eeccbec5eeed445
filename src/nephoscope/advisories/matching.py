"""Which advisories are true of which packages: by ecosystem and name first, then by version.

A package of the operating system is judged by its distribution's feed alone, and so is a language package that one of
those brought along. An ecosystem that no feed covers is named, with its packages counted: nothing is known about them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from nephoscope.advisories.describing import described
from nephoscope.advisories.judging import Statement, is_mended, judge
from nephoscope.advisories.kernels import idle_kernels
from nephoscope.advisories.twins import Hit
from nephoscope.kit.chunks import chunks
from nephoscope.model.packages import OS_KINDS, OsRelease, Package
from nephoscope.model.vulnerabilities import (
    Advisory,
    Exploited,
    Likelihood,
    Matched,
    Status,
    TypeDetected,
    Vulnerability,
)

_NAMES = 400
"""Names asked for at once."""
_UNKNOWN = "an unknown distribution"


class Numbered(NamedTuple):
    """An advisory with the number that people know it by."""

    qid: int
    advisory: Advisory


class Known(Protocol):
    """What feeds have said, by ecosystem and name."""

    def ecosystems(self) -> Mapping[str, int]:
        """How many statements there are about each."""
        ...

    def statements(self, ecosystem: str, names: Sequence[str]) -> Iterable[Statement]: ...

    def advisories(self, keys: Sequence[int]) -> Mapping[int, Numbered]: ...

    def exploited(self, cves: Sequence[str]) -> Mapping[str, Exploited]: ...

    def likelihoods(self, cves: Sequence[str]) -> Mapping[str, Likelihood]: ...


def match(packages: Iterable[Package], known: Known, *, os: OsRelease | None = None, running: str = "") -> Matched:
    """`running`: the release of the kernel in use, where known. The worst come first."""
    by_ecosystem: dict[str, list[Package]] = defaultdict(list)
    for package in packages:
        if not package.is_owned:
            by_ecosystem[package.ecosystem].append(package)
    covered = known.ecosystems()
    unjudged = Counter({name: len(found) for name, found in by_ecosystem.items() if name not in covered})
    hits: dict[int, list[Hit]] = defaultdict(list)
    for ecosystem, found in by_ecosystem.items():
        for name in _feeds(ecosystem, found, covered):
            _collect(hits, name, found, known, running)
    return Matched(
        tuple(_vulnerabilities(hits, known, os)),
        tuple((name or _UNKNOWN, count) for name, count in sorted(unjudged.items())),
    )


def _feeds(ecosystem: str, packages: list[Package], covered: Mapping[str, int]) -> Iterator[str]:
    """A system with packages from Ubuntu's paid service is judged by what is said about those too."""
    if ecosystem in covered:
        yield ecosystem
    pro = ecosystem.replace("Ubuntu:", "Ubuntu:Pro:")
    if pro != ecosystem and pro in covered and any("esm" in package.version for package in packages):
        yield pro


def _collect(
    hits: dict[int, list[Hit]], ecosystem: str, packages: Sequence[Package], known: Known, running: str
) -> None:
    named: dict[tuple[bool, str], list[int]] = defaultdict(list)
    for at, package in enumerate(packages):
        named[False, package.name].append(at)
        if package.kind in OS_KINDS:
            named[True, package.source[0]].append(at)
    judged = _Judged(packages, running)
    for names in chunks(sorted({name for _, name in named}), _NAMES):
        for statement in known.statements(ecosystem, names):
            for at in named.get((statement.is_source, statement.package), ()):
                judged.add(at, statement)
    for (advisory, _), hit in judged.hits():
        hits[advisory].append(hit)


class _Judged:
    """What several statements of one advisory say about one package, taken together."""

    def __init__(self, packages: Sequence[Package], running: str) -> None:
        self._packages = packages
        self._idle = idle_kernels(packages, running)
        self._mended: set[tuple[int, int]] = set()
        self._found: dict[tuple[int, int], Hit] = {}

    def add(self, at: int, statement: Statement) -> None:
        place, package = (statement.advisory, at), self._packages[at]
        verdict = judge(package, statement)
        if verdict is None:
            if is_mended(package, statement):
                self._mended.add(place)
            return
        verdict = TypeDetected.INFORMATION if at in self._idle else verdict
        if place not in self._found or _is_stronger(verdict, statement, self._found[place]):
            self._found[place] = Hit(package, statement, verdict)

    def hits(self) -> Iterator[tuple[tuple[int, int], Hit]]:
        return ((place, hit) for place, hit in self._found.items() if place not in self._mended)


def _is_stronger(verdict: TypeDetected, statement: Statement, other: Hit) -> bool:
    """Of two statements of one advisory about one package, the one that says more."""
    order = list(TypeDetected)
    mine, theirs = order.index(verdict), order.index(other.type_detected)
    return mine < theirs or (mine == theirs and statement.status is Status.FIXED is not other.statement.status)


def _vulnerabilities(hits: Mapping[int, list[Hit]], known: Known, os: OsRelease | None) -> list[Vulnerability]:
    advisories = known.advisories(sorted(hits))
    cves = sorted({cve for numbered in advisories.values() for cve in numbered.advisory.cves})
    exploited, likelihoods = known.exploited(cves), known.likelihoods(cves)
    named = [(numbered.qid, numbered.advisory, hits[key]) for key, numbered in advisories.items()]
    return described(named, exploited, likelihoods, os)
