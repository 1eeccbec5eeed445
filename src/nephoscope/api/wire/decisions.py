"""Our own answers about exceptions: previews, explanations, the posture at another moment. Keys are camelCase, dates
those of contract §6, controls always `controlId` and accounts `accountId`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from nephoscope.exceptions.answers import Covered, Explanation, Match, Outlook, OutlookRow, Preview
from nephoscope.kit.dates import compact
from nephoscope.model.controls import Control
from nephoscope.model.exceptions import ExemptResource, PolicyException
from nephoscope.model.resources import Resource
from nephoscope.usecases.posture import AccountPosture, Posture

Controls = Mapping[int, Control]


class NamedResource(msgspec.Struct, frozen=True, rename="camel"):
    """A resource as an exception names it. An empty region is any."""

    resource_id: str
    account_id: str
    region: str


class ApprovalBody(msgspec.Struct, frozen=True, rename="camel"):
    """`status` is not_needed, pending, approved or rejected."""

    status: str
    decided_by: str
    decided_on: str | None


class RenewalBody(msgspec.Struct, frozen=True, rename="camel"):
    on: str
    by: str
    old_end_date: str
    new_end_date: str


class Brief(msgspec.Struct, frozen=True, rename="camel"):
    """An exception in one glance."""

    uuid: UUID
    name: str
    provider: str
    scope: str
    state: str
    reason: str
    start_date: str
    end_date: str
    created_by: str


class Whole(Brief, frozen=True, rename="camel"):
    """An exception with everything that it says and that was decided about it."""

    explanation: str
    control_ids: tuple[int, ...]
    account_ids: tuple[str, ...]
    resources: tuple[NamedResource, ...]
    resource_tag_names: tuple[str, ...]
    connector_tag_names: tuple[str, ...]
    is_all_connector: bool
    information_security_policy: str
    information_security_procedure: str
    created_on: str
    updated_by: str
    updated_on: str
    approval: ApprovalBody
    renewals: tuple[RenewalBody, ...]


class ExpiringRow(Brief, frozen=True, rename="camel"):
    days_left: int
    """Whole days until it ends."""


class Expiring(msgspec.Struct, frozen=True):
    days: int
    exceptions: tuple[ExpiringRow, ...]


class PreviewCount(msgspec.Struct, frozen=True, rename="camel"):
    """Evaluations of one control in one account: `failing` would be covered, `already` of them are."""

    account_id: str
    control_id: int
    control_name: str
    failing: int
    already: int


class PreviewExample(msgspec.Struct, frozen=True, rename="camel"):
    account_id: str
    control_id: int
    resource_id: str
    resource_type: str
    region: str
    resource_uuid: UUID
    status: str
    """FAIL, or PASSE when another exception covers it."""


class PreviewBody(msgspec.Struct, frozen=True, rename="camel"):
    """What a draft would cover now. Absent resources and unknown tags are no fault: it holds for them once they are
    there. Unknown accounts would be refused."""

    failing: int
    already: int
    counts: tuple[PreviewCount, ...]
    examples: tuple[PreviewExample, ...]
    absent_resources: tuple[NamedResource, ...]
    unknown_account_ids: tuple[str, ...]
    unknown_tag_names: tuple[str, ...]


class ExplainedResource(msgspec.Struct, frozen=True, rename="camel"):
    uuid: UUID
    resource_id: str
    resource_type: str
    region: str
    account_id: str


class ExplainedMatch(msgspec.Struct, frozen=True):
    """`standing` is wins, outranked or idle; `why` says it for a person."""

    exception: Brief
    standing: str
    why: str


class ExplanationBody(msgspec.Struct, frozen=True, rename="camel"):
    resource: ExplainedResource
    control_id: int
    control_name: str
    at: str
    status: str
    matches: tuple[ExplainedMatch, ...]


class Counts(msgspec.Struct, frozen=True, rename="camel"):
    """Evaluations by what they show."""

    passed: int
    failed: int
    passed_with_exception: int
    not_evaluated: int


class AccountCounts(Counts, frozen=True, rename="camel"):
    provider: str
    account_id: str
    connector_name: str
    connector_id: UUID


class Change(msgspec.Struct, frozen=True, rename="camel"):
    """One control in one account, now and then."""

    provider: str
    account_id: str
    control_id: int
    control_name: str
    failed_now: int
    failed_then: int
    passed_with_exception_now: int
    passed_with_exception_then: int


class OutlookBody(msgspec.Struct, frozen=True, rename="camel"):
    """How the posture of that moment differs from now, by what exceptions begin and end until then."""

    would_fail: int
    """Evaluations that fail then and do not now."""
    changes: tuple[Change, ...]
    ended: tuple[Brief, ...]
    begun: tuple[Brief, ...]


class PostureBody(msgspec.Struct, frozen=True, rename="camel"):
    """`outlook` is null for the posture of now."""

    at: str
    totals: Counts
    accounts: tuple[AccountCounts, ...]
    outlook: OutlookBody | None


def brief(exception: PolicyException, now: datetime) -> Brief:
    return Brief(
        uuid=exception.uuid,
        name=exception.name,
        provider=exception.provider.value,
        scope=exception.scope.value,
        state=exception.state(now).value,
        reason=exception.reason.value,
        start_date=compact(exception.starts),
        end_date=compact(exception.ends),
        created_by=exception.created_by,
    )


def whole(exception: PolicyException, now: datetime) -> Whole:
    return Whole(
        **msgspec.structs.asdict(brief(exception, now)),
        explanation=exception.explanation,
        control_ids=exception.control_ids,
        account_ids=exception.account_ids,
        resources=tuple(map(_named, exception.resources)),
        resource_tag_names=exception.resource_tags,
        connector_tag_names=exception.connector_tags,
        is_all_connector=exception.is_for_all_connectors,
        information_security_policy=exception.security_policy,
        information_security_procedure=exception.security_procedure,
        created_on=compact(exception.created_on),
        updated_by=exception.updated_by,
        updated_on=compact(exception.updated_on),
        approval=ApprovalBody(
            exception.approval.value,
            exception.decided_by,
            compact(exception.decided_on) if exception.decided_on else None,
        ),
        renewals=tuple(
            RenewalBody(compact(row.at), row.by, compact(row.old_ends), compact(row.new_ends))
            for row in exception.renewals
        ),
    )


def expiring(days: int, found: Sequence[PolicyException], now: datetime) -> Expiring:
    rows = (
        ExpiringRow(**msgspec.structs.asdict(brief(row, now)), days_left=max(0, (row.ends - now).days)) for row in found
    )
    return Expiring(days, tuple(rows))


def preview(found: Preview, controls: Controls) -> PreviewBody:
    return PreviewBody(
        failing=found.failing,
        already=found.already,
        counts=tuple(
            PreviewCount(row.account_id, row.cid, _name(controls, row.cid), row.failing, row.already)
            for row in found.counts
        ),
        examples=tuple(map(_example, found.examples)),
        absent_resources=tuple(map(_named, found.absent_resources)),
        unknown_account_ids=found.unknown_accounts,
        unknown_tag_names=found.unknown_tags,
    )


def explanation(found: Explanation, account_id: str, controls: Controls) -> ExplanationBody:
    return ExplanationBody(
        resource=_explained(found.resource, account_id),
        control_id=found.cid,
        control_name=_name(controls, found.cid),
        at=compact(found.at),
        status=found.status.value,
        matches=tuple(_match(row, found.at) for row in found.matches),
    )


def posture(found: Posture, controls: Controls) -> PostureBody:
    rows = tuple(map(_account, found.accounts))
    totals = Counts(
        sum(row.passed for row in rows),
        sum(row.failed for row in rows),
        sum(row.passed_with_exception for row in rows),
        sum(row.not_evaluated for row in rows),
    )
    return PostureBody(compact(found.at), totals, rows, _outlook(found.outlook, controls) if found.outlook else None)


def _account(found: AccountPosture) -> AccountCounts:
    return AccountCounts(
        passed=found.passed,
        failed=found.failed,
        passed_with_exception=found.excepted,
        not_evaluated=found.unknown,
        provider=found.connector.provider.value,
        account_id=found.connector.account_id,
        connector_name=found.connector.name,
        connector_id=found.connector.uuid,
    )


def _outlook(found: Outlook, controls: Controls) -> OutlookBody:
    return OutlookBody(
        would_fail=found.would_fail,
        changes=tuple(_change(row, controls) for row in found.rows),
        ended=tuple(brief(row, found.then) for row in found.ended),
        begun=tuple(brief(row, found.then) for row in found.begun),
    )


def _change(row: OutlookRow, controls: Controls) -> Change:
    return Change(
        provider=row.provider.value,
        account_id=row.account_id,
        control_id=row.cid,
        control_name=_name(controls, row.cid),
        failed_now=row.failed_now,
        failed_then=row.failed_then,
        passed_with_exception_now=row.excepted_now,
        passed_with_exception_then=row.excepted_then,
    )


def _match(row: Match, at: datetime) -> ExplainedMatch:
    return ExplainedMatch(brief(row.exception, at), row.standing.value, row.why)


def _explained(resource: Resource, account_id: str) -> ExplainedResource:
    return ExplainedResource(resource.uuid, resource.resource_id, resource.resource_type, resource.region, account_id)


def _example(row: Covered) -> PreviewExample:
    return PreviewExample(
        account_id=row.account_id,
        control_id=row.cid,
        resource_id=row.resource.resource_id,
        resource_type=row.resource.resource_type,
        region=row.resource.region,
        resource_uuid=row.resource.uuid,
        status=row.status.value,
    )


def _named(resource: ExemptResource) -> NamedResource:
    return NamedResource(resource.resource_id, resource.account_id, resource.region)


def _name(controls: Controls, cid: int) -> str:
    control = controls.get(cid)
    return control.name if control else ""
