"""Evaluations on the wire (contract §7.4)."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from nephoscope.api.wire.reading import Reading
from nephoscope.errors import BadRequestError
from nephoscope.kit.dates import compact
from nephoscope.model.connectors import Connector
from nephoscope.model.controls import Control
from nephoscope.model.evaluations import ControlTally, EvaluationDates, EvaluationRow, Evidence
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import GLOBAL_REGION

_ACCOUNT_FIELD = {Provider.AWS: "account_id", Provider.AZURE: "subscription_id", Provider.GCP: "project_id"}

PASS, FAIL, NOT_EVALUATED = "PASS", "FAIL", "NOT_EVALUATED"


class ControlResult(msgspec.Struct, frozen=True, rename="camel"):
    """One control in one account. `result` is PASS, FAIL or NOT_EVALUATED; FAIL as long as a resource fails without an
    exception, and PASS when every one that fails has one."""

    control_name: str
    control_id: int
    policy_names: tuple[str, ...]
    criticality: str
    service: str
    result: str
    passed_resources: int
    failed_resources: int
    pass_with_exception_resources: int


class EvidenceBody(msgspec.Struct, frozen=True, rename="camel"):
    setting_name: str
    actual_value: str


class DatesBody(msgspec.Struct, frozen=True, rename="camel"):
    """Of what has not been evaluated, an object with nothing in it."""

    first_evaluated: str | msgspec.UnsetType = msgspec.UNSET
    last_evaluated: str | msgspec.UnsetType = msgspec.UNSET
    date_reopen: str | msgspec.UnsetType | None = msgspec.UNSET
    date_fixed: str | msgspec.UnsetType | None = msgspec.UNSET


class ResourceResult(msgspec.Struct, frozen=True, rename="camel"):
    """One control on one resource. Only the account's name in its own cloud is there."""

    resource_id: str
    region: str | None
    evaluated_on: str
    evidences: tuple[EvidenceBody, ...]
    resource_type: str
    connector_id: UUID
    result: str
    evaluation_dates: DatesBody
    account_id: str | UnsetType = UNSET
    subscription_id: str | UnsetType = UNSET
    project_id: str | UnsetType = UNSET


def control_result(
    control: Control, policy_names: tuple[str, ...], tally: ControlTally, *, is_covered: bool
) -> ControlResult:
    """`is_covered` says that everything the control should have looked at was read: without it there is no PASS."""
    return ControlResult(
        control_name=control.name,
        control_id=control.cid,
        policy_names=policy_names,
        criticality=control.criticality.value,
        service=control.service_type,
        result=_result(tally, is_covered=is_covered),
        passed_resources=tally.passed,
        failed_resources=tally.failed,
        pass_with_exception_resources=tally.excepted,
    )


def _result(tally: ControlTally, *, is_covered: bool) -> str:
    if tally.failed:
        return FAIL
    has_passed = tally.passed or tally.excepted
    return PASS if has_passed and is_covered and not tally.unknown else NOT_EVALUATED


def resource_result(
    row: EvaluationRow, connector: Connector, region: str, evidence: tuple[Evidence, ...]
) -> ResourceResult:
    """Why something is unknown, or was not read since it failed, stands among the evidence: there is no key for it."""
    told = [EvidenceBody(one.setting_name, one.actual_value) for one in evidence]
    if row.reason:
        told.append(EvidenceBody("reason", row.reason))
    return ResourceResult(
        resource_id=row.resource.resource_id,
        region=None if region == GLOBAL_REGION else region,
        evaluated_on=compact(row.dates.last_evaluated),
        evidences=tuple(told),
        resource_type=row.resource.resource_type,
        connector_id=connector.uuid,
        result=row.status.value,
        evaluation_dates=dates_body(row.dates),
        **{_ACCOUNT_FIELD[connector.provider]: connector.account_id},
    )


def dates_body(dates: EvaluationDates) -> DatesBody:
    return DatesBody(
        first_evaluated=compact(dates.first_evaluated),
        last_evaluated=compact(dates.last_evaluated),
        date_reopen=_maybe(dates.reopened),
        date_fixed=_maybe(dates.fixed),
    )


def read_regex(body: Reading) -> str:
    """The pattern of a regex list; whether it compiles is for the index to say."""
    pattern = body.text("regex")
    if body.problems:
        raise BadRequestError(f"{body.problems[0]}.", body.problems)
    if not pattern:
        raise BadRequestError('The body must be {"regex": "…"} with the expression that resource ids must match.')
    return pattern


def _maybe(moment: datetime | None) -> str | None:
    return compact(moment) if moment else None
