"""Schedules of reports on our own wire."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from nephoscope.kit.dates import zulu
from nephoscope.model.schedules import Delivery, FolderTarget, MailTarget, ReportSchedule, Target, WebhookTarget


class DeliveryBody(msgspec.Struct, frozen=True, rename="camel"):
    """One report on its way. `state` is WAITING, DELIVERED or FAILED."""

    report_id: UUID
    target: dict[str, Any]
    state: str
    attempts: int
    next_on: str | None
    error: str


class ScheduleBody(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """`secret` signs the webhooks, and is only there in the answer to the creation."""

    schedule_id: UUID
    name: str
    cron: str
    time_zone: str
    cloud_type: str
    format: str
    deliveries: list[dict[str, Any]]
    is_disabled: bool
    next_on: str | None
    last_report_id: UUID | None
    error: str
    created_by: str
    created_on: str
    secret: str | msgspec.UnsetType = msgspec.UNSET


def schedule(row: ReportSchedule, secret: str = "") -> ScheduleBody:
    return ScheduleBody(
        schedule_id=row.uuid,
        name=row.name,
        cron=row.cron,
        time_zone=row.time_zone,
        cloud_type=row.request.provider.value,
        format=row.request.format.value,
        deliveries=[_target(target) for target in row.targets],
        is_disabled=row.is_disabled,
        next_on=None if row.is_disabled else zulu(row.next_on),
        last_report_id=row.last_report,
        error=row.error,
        created_by=row.created_by,
        created_on=zulu(row.created_on),
        secret=secret or msgspec.UNSET,
    )


def deliveries(rows: Sequence[Delivery]) -> list[DeliveryBody]:
    return [
        DeliveryBody(
            report_id=row.report_uuid,
            target=_target(row.target),
            state=row.state.value,
            attempts=row.attempts,
            next_on=zulu(row.next_on) if row.state == "WAITING" else None,
            error=row.error,
        )
        for row in rows
    ]


def _target(target: Target) -> dict[str, Any]:
    match target:
        case FolderTarget(folder):
            return {"folder": folder}
        case WebhookTarget() as hook:
            return {"url": hook.shown}
        case MailTarget(to):
            return {"to": list(to)}
