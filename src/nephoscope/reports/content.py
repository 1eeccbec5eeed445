"""What a report says, at one moment: the rows, and what a reader wants to know before the rows. Renderers ask for what
they show; what they do not ask for is not read. Everything comes from one session, so it fits together.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import msgspec

from nephoscope.evaluation.evidence import AccountEvidence
from nephoscope.evaluation.facts import ControlFacts
from nephoscope.kit.dates import from_epoch
from nephoscope.model.connectors import Connector
from nephoscope.model.controls import Control, Criticality
from nephoscope.model.evaluations import EvaluationDates, Evidence, Status
from nephoscope.model.exceptions import PolicyException
from nephoscope.model.policies import ControlPolicy, Section
from nephoscope.model.reports import Report
from nephoscope.model.resources import Resource
from nephoscope.model.scopes import Outcome, StoredScope
from nephoscope.qql.matching import matches
from nephoscope.reports.resolving import Selection
from nephoscope.store import evaluations, exceptions, resources, scopes
from nephoscope.store.evaluating import evaluation_walks
from nephoscope.store.evaluating.evaluation_walks import Walked, Window
from nephoscope.store.session import Reader

Watch = Callable[[int, int], None]
"""Hears, now and then, how many resources have been looked at and how many there are; whatever it raises ends it."""

_WORST_FIRST = {Criticality.HIGH: 0, Criticality.MEDIUM: 1, Criticality.LOW: 2}


class ResultRow(msgspec.Struct, frozen=True):
    """One evaluation. Rows of one resource follow each other and share its value, as they share connector and
    control."""

    connector: Connector
    resource: Resource
    control: Control
    policy_names: tuple[str, ...]
    status: Status
    dates: EvaluationDates
    evidence: tuple[Evidence, ...]


class Counts(msgspec.Struct, frozen=True):
    """Evaluations, by what they show as. `unknown` are those whose facts could not be read."""

    passed: int = 0
    failed: int = 0
    excepted: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.excepted + self.unknown

    @property
    def score(self) -> float | None:
        """Percent of what was decided that passed or is excepted; None when nothing was decided."""
        decided = self.passed + self.failed + self.excepted
        return 100 * (decided - self.failed) / decided if decided else None

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.passed + other.passed,
            self.failed + other.failed,
            self.excepted + other.excepted,
            self.unknown + other.unknown,
        )


class ControlPosture(msgspec.Struct, frozen=True):
    control: Control
    policy_names: tuple[str, ...]
    counts: Counts


class PolicyPosture(msgspec.Struct, frozen=True):
    policy: ControlPolicy
    counts: Counts


class ConnectorPosture(msgspec.Struct, frozen=True):
    connector: Connector
    counts: Counts


class RequirementPosture(msgspec.Struct, frozen=True):
    """One requirement of the mandate with the counts of the controls that say something about it."""

    section: Section
    counts: Counts


class Unread(msgspec.Struct, frozen=True):
    """A part of an account that the controls of the report look at and that could not be read the last time."""

    connector: Connector
    scope: StoredScope

    @property
    def reason(self) -> str:
        """`denied: s3:ListAllMyBuckets`."""
        return scopes.reason(self.scope.report)


class Cover(msgspec.Struct, frozen=True):
    """Whose report it is and what it is about. Empty lists mean that nothing narrows there."""

    report: Report
    moment: datetime
    policies: tuple[ControlPolicy, ...]
    connectors: tuple[Connector, ...]
    """All that it looks at, whether named or not."""
    group_names: tuple[str, ...]
    tag_names: tuple[str, ...]
    statuses: tuple[Status, ...]
    """Of the rows that it lists."""


class Content:
    """One report in one session. `rows` may be read once or more; each time it is the same."""

    def __init__(
        self, reader: Reader, facts: ControlFacts, report: Report, selection: Selection, watch: Watch | None = None
    ) -> None:
        self.report = report
        self.selection = selection
        self.listed = 0
        """Rows that were handed out last time."""
        self._reader = reader
        self._facts = facts
        self._watch = watch

    @property
    def cover(self) -> Cover:
        selection = self.selection
        return Cover(
            report=self.report,
            moment=self._reader.at,
            policies=selection.policies,
            connectors=selection.connectors,
            group_names=selection.group_names,
            tag_names=selection.tag_names,
            statuses=selection.statuses,
        )

    def rows(self, statuses: Sequence[Status] | None = None) -> Iterator[ResultRow]:
        """By connector, resource and cid. Those of the report, or of other results."""
        total, done, self.listed = self._resources, 0, 0
        for connector in self.selection.connectors:
            wanted = self.selection.wanted(connector, statuses)
            account = _Account(self._reader, self._facts, connector, self.selection)
            for window in evaluation_walks.walk(self._reader, wanted):
                yield from account.rows(window)
                self.listed += len(window.rows)
                done += window.looked_at
                if self._watch:
                    self._watch(done, total)

    def failures(self) -> Iterator[ResultRow]:
        """Whatever fails without an exception, whatever results the report lists."""
        return self.rows((Status.FAIL,))

    @property
    def controls(self) -> tuple[ControlPosture, ...]:
        """Controls with an evaluation, by cid, counted over all results that the query allows."""
        return tuple(
            ControlPosture(self.selection.controls[cid], self._facts.policy_names(cid), counts)
            for cid, counts in sorted(self._tally.by_cid.items())
        )

    @property
    def total(self) -> Counts:
        return sum((row.counts for row in self.controls), Counts())

    @property
    def by_policy(self) -> tuple[PolicyPosture, ...]:
        """Of the named policies, else of every policy that a counted control is in."""
        counted = self._tally.by_cid
        chosen = self.selection.policies or self._facts.book.of_provider(self.report.request.provider)
        rows = (
            PolicyPosture(policy, sum((counted[cid] for cid in policy.control_ids if cid in counted), Counts()))
            for policy in chosen
        )
        return tuple(row for row in rows if self.selection.policies or row.counts.total)

    @property
    def by_requirement(self) -> tuple[RequirementPosture, ...]:
        """Of the mandate, in its order, with what the report lets be seen of its controls; empty without a mandate."""
        mandate, counted = self.selection.mandate, self._tally.by_cid
        return tuple(
            RequirementPosture(row, sum((counted[cid] for cid in row.control_ids if cid in counted), Counts()))
            for row in (mandate.sections if mandate else ())
        )

    def requirements_of(self, cid: int) -> tuple[str, ...]:
        """Their numbers; empty without a mandate."""
        return self._requirements.get(cid, ())

    @cached_property
    def _requirements(self) -> dict[int, tuple[str, ...]]:
        found: dict[int, tuple[str, ...]] = {}
        for section in self.selection.mandate.sections if self.selection.mandate else ():
            for cid in section.control_ids:
                found[cid] = (*found.get(cid, ()), section.number)
        return found

    @property
    def by_connector(self) -> tuple[ConnectorPosture, ...]:
        counted = self._tally.by_connector
        return tuple(ConnectorPosture(connector, counted[connector.key]) for connector in self.selection.connectors)

    def worst(self, size: int) -> tuple[ControlPosture, ...]:
        """Controls that fail: the most critical first, then those that fail most."""
        failing = [row for row in self.controls if row.counts.failed]
        failing.sort(key=lambda row: (_WORST_FIRST[row.control.criticality], -row.counts.failed, row.control.cid))
        return tuple(failing[:size])

    @cached_property
    def exceptions(self) -> tuple[PolicyException, ...]:
        """In force at the moment and about some control of the report, the soonest to end first; without their lists
        of resources."""
        mine = self.selection
        accounts = {connector.account_id for connector in mine.connectors}
        return tuple(
            row
            for row in exceptions.effective(self._reader)
            if row.provider is mine.request.provider
            and not mine.controls.keys().isdisjoint(row.control_ids)
            and (not row.account_ids or not accounts.isdisjoint(row.account_ids) or row.connector_tags)
        )

    @cached_property
    def unread(self) -> tuple[Unread, ...]:
        """By connector, type and region."""
        types = frozenset(self.selection.resource_types)
        return tuple(
            Unread(connector, scope)
            for connector in self.selection.connectors
            for scope in scopes.of_connector(self._reader, connector.key)
            if scope.report.outcome is not Outcome.COMPLETE and scope.report.scope.resource_type in types
        )

    @cached_property
    def _tally(self) -> "_Tally":
        tally = _Tally({}, {})
        for connector in self.selection.connectors:
            counted = self._counted(connector)
            tally.by_connector[connector.key] = sum(counted.values(), Counts())
            for cid, counts in counted.items():
                tally.by_cid[cid] = tally.by_cid.get(cid, Counts()) + counts
        return tally

    def _counted(self, connector: Connector) -> dict[int, Counts]:
        selection = self.selection
        rows = evaluations.tallies(self._reader, connector.key, selection.conditions_in(connector))
        found = {
            row.cid: Counts(
                passed=row.passed * self._is_counted(Status.PASS),
                failed=row.failed * self._is_counted(Status.FAIL),
                excepted=row.excepted * self._is_counted(Status.PASSE),
                unknown=row.unknown * self._is_counted(Status.UNKNOWN),
            )
            for row in rows
            if row.cid in selection.controls
        }
        return {cid: counts for cid, counts in found.items() if counts.total}

    def _is_counted(self, status: Status) -> bool:
        return matches(self.selection.of_status, {"status": status.value})

    @cached_property
    def _resources(self) -> int:
        wanted = (self.selection.wanted(connector) for connector in self.selection.connectors)
        return sum(evaluation_walks.count(self._reader, one) for one in wanted)


class _Tally(NamedTuple):
    by_cid: dict[int, Counts]
    by_connector: dict[int, Counts]


class _Account:
    """Rows of one connector, with what they share."""

    def __init__(self, reader: Reader, facts: ControlFacts, connector: Connector, selection: Selection) -> None:
        self._reader = reader
        self._connector = connector
        self._controls = selection.controls
        self._names = {cid: facts.policy_names(cid) for cid in selection.controls}

    @cached_property
    def _evidence(self) -> AccountEvidence:
        """Made for the first row: it reads every related document of the account."""
        return AccountEvidence(self._reader, self._connector, self._controls.values())

    def rows(self, window: Window) -> Iterator[ResultRow]:
        documents = resources.documents(self._reader, list(window.resources))
        for row in window.rows:
            control, resource = self._controls[row.cid], window.resources[row.resource_key]
            yield ResultRow(
                connector=self._connector,
                resource=resource,
                control=control,
                policy_names=self._names[row.cid],
                status=row.status,
                dates=_dates(row),
                evidence=self._evidence.of(control, resource, documents.get(row.resource_key)),
            )


def _dates(row: Walked) -> EvaluationDates:
    return EvaluationDates(
        first_evaluated=_moment(row.first_evaluated),
        last_evaluated=_moment(row.last_evaluated),
        reopened=None if row.reopened is None else _moment(row.reopened),
        fixed=None if row.fixed is None else _moment(row.fixed),
    )


_moment: Callable[[int], Any] = lru_cache(maxsize=4_096)(from_epoch)
"""Most rows share theirs with many others."""
