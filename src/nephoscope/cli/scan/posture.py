"""What a scan says in sum: by control, by benchmark, by service, and what could not be read."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from nephoscope.cli.scan.scanning import Scanned
from nephoscope.kit.pages import PageRequest
from nephoscope.model.controls import Control, Criticality
from nephoscope.model.evaluations import ControlTally, Status
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Resource
from nephoscope.model.scopes import Outcome, ScopeReport
from nephoscope.qql.bound import Condition, Operator
from nephoscope.store import evaluations

RANKS = {Criticality.HIGH: 0, Criticality.MEDIUM: 1, Criticality.LOW: 2}
_EXAMPLES = 2
_REASONS = 10_000
"""UNKNOWN rows that are looked at to tell the reasons."""


class Judged(msgspec.Struct, frozen=True):
    """One control with its counts. `examples` are ids of resources that fail it, or names where ids are paths."""

    control: Control
    tally: ControlTally
    examples: tuple[str, ...] = ()


class Line(msgspec.Struct, frozen=True):
    """Controls of one benchmark or service: how many pass everywhere, fail somewhere, could not be decided; and the
    failing evaluations behind it."""

    title: str
    passing: int
    failing: int
    unknown: int
    failures: int


class Gap(msgspec.Struct, frozen=True):
    """Scopes of one type that ended in the same way, other than complete."""

    resource_type: str
    outcome: Outcome
    permission: str
    message: str
    regions: tuple[str, ...]


class Posture(msgspec.Struct, frozen=True):
    provider: Provider
    account_id: str
    regions: tuple[str, ...]
    resources: int
    calls: int
    seconds: float
    passed: int
    failed: int
    unknown: int
    failures: tuple[Judged, ...]
    """Worst first."""
    benchmarks: tuple[Line, ...]
    services: tuple[Line, ...]
    gaps: tuple[Gap, ...]
    reasons: tuple[tuple[str, int], ...]
    """Why evaluations are UNKNOWN, most frequent first."""
    excepted: int = 0
    """Failures that exceptions cover; they are in no other number."""

    @property
    def is_complete(self) -> bool:
        return not self.gaps and not self.unknown

    def fails_at(self, level: Criticality) -> bool:
        """Whether something of that criticality or a higher one fails."""
        return any(RANKS[row.control.criticality] <= RANKS[level] for row in self.failures)


def posture_of(scanned: Scanned) -> Posture:
    controls = scanned.catalogue.controls
    with scanned.store.read() as reader:
        tallies = evaluations.tallies(reader, scanned.connector.key)
    judged = [Judged(controls[tally.cid], tally) for tally in tallies if tally.cid in controls]
    progress = scanned.result.progress
    unknown = sum(row.tally.unknown for row in judged)
    return Posture(
        provider=scanned.connector.provider,
        account_id=scanned.connector.account_id,
        regions=_regions(scanned.result.reports),
        resources=progress.resources,
        calls=progress.calls,
        seconds=scanned.seconds,
        passed=sum(row.tally.passed for row in judged),
        failed=sum(row.tally.failed for row in judged),
        unknown=unknown,
        excepted=sum(row.tally.excepted for row in judged),
        failures=tuple(_with_examples(scanned, row) for row in sorted(_failing(judged), key=_worst_first)),
        benchmarks=tuple(_benchmarks(scanned, judged)),
        services=tuple(_services(judged)),
        gaps=tuple(_gaps(scanned.result.reports)),
        reasons=_reasons(scanned) if unknown else (),
    )


def _regions(reports: Iterable[ScopeReport]) -> tuple[str, ...]:
    return tuple(sorted({report.scope.region for report in reports} - {"global"}))


def _failing(judged: Iterable[Judged]) -> Iterator[Judged]:
    return (row for row in judged if row.tally.failed)


def _worst_first(row: Judged) -> tuple[int, int, int]:
    return RANKS[row.control.criticality], -row.tally.failed, row.control.cid


def _with_examples(scanned: Scanned, row: Judged) -> Judged:
    failing = (Condition("status", Operator.EQUALS, (Status.FAIL.value,)),)
    with scanned.store.read() as reader:
        page = evaluations.page(reader, scanned.connector.key, row.control.cid, failing, PageRequest(0, _EXAMPLES))
    return msgspec.structs.replace(row, examples=tuple(_called(found.resource) for found in page.rows))


def _called(resource: Resource) -> str:
    is_path = resource.resource_id.startswith("/")
    return resource.name if is_path and resource.name else resource.resource_id


def _benchmarks(scanned: Scanned, judged: list[Judged]) -> Iterator[Line]:
    for policy in scanned.catalogue.policies:
        own = [row for row in judged if policy in scanned.catalogue.policies_of(row.control.cid)]
        if own:
            yield _line(policy.framework or policy.title, own)


def _services(judged: list[Judged]) -> list[Line]:
    by_service: dict[str, list[Judged]] = defaultdict(list)
    for row in judged:
        by_service[row.control.service_type].append(row)
    lines = [_line(service, rows) for service, rows in by_service.items()]
    return sorted(lines, key=lambda line: (-line.failures, line.title))


def _line(title: str, rows: list[Judged]) -> Line:
    failing = sum(1 for row in rows if row.tally.failed)
    unknown = sum(1 for row in rows if row.tally.unknown and not row.tally.failed)
    failures = sum(row.tally.failed for row in rows)
    return Line(title, len(rows) - failing - unknown, failing, unknown, failures)


def _gaps(reports: Iterable[ScopeReport]) -> Iterator[Gap]:
    regions: dict[tuple[str, Outcome, str, str], list[str]] = defaultdict(list)
    for report in reports:
        if report.outcome is not Outcome.COMPLETE:
            outcome: Outcome = report.outcome
            message = report.message.replace(
                f" in {report.scope.region}", ""
            )  # the same trouble in many regions is one
            regions[report.scope.resource_type, outcome, report.permission, message].append(report.scope.region)
    for kind, found in regions.items():
        yield Gap(*kind, regions=tuple(found))


def _reasons(scanned: Scanned) -> tuple[tuple[str, int], ...]:
    unknown = (Condition("status", Operator.EQUALS, (Status.UNKNOWN.value,)),)
    with scanned.store.read() as reader:
        page = evaluations.page(reader, scanned.connector.key, None, unknown, PageRequest(0, _REASONS))
    known = scanned.catalogue.controls
    return tuple(Counter(row.reason for row in page.rows if row.cid in known).most_common())
