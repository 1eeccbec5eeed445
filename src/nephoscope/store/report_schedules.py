"""Reports that come by themselves, and the deliveries of what came."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, and_, delete, insert, select, update

from nephoscope.kit.dates import from_epoch, to_epoch
from nephoscope.model.identities import Identity, Principal, PrincipalKind
from nephoscope.model.reports import ReportRequest
from nephoscope.model.schedules import Delivery, DeliveryState, ReportSchedule, Target, WebhookTarget
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.reports import report_deliveries, report_schedules
from nephoscope.store.text import storable

_KEPT = 50
"""Deliveries of one schedule that are kept to be looked at."""
_NOBODY = f"{PrincipalKind.USER}:"
"""The owner of what somebody left behind who is no more: no user's name is empty."""
_WEBHOOK = '"webhook"'
_own, _sent = report_schedules.c, report_deliveries.c
_encode = msgspec.json.encode


def create(writer: Writer, schedule: ReportSchedule) -> ReportSchedule:
    """Answers it with its key."""
    values = {
        "uuid": schedule.uuid,
        "name": storable(schedule.name),
        "cron": schedule.cron,
        "time_zone": schedule.time_zone,
        "request": storable(_encode(schedule.request).decode()),
        "targets": storable(_encode(schedule.targets).decode()),
        "owner": _spelled(schedule.owner),
        "created_by": storable(schedule.created_by),
        "created_on": to_epoch(schedule.created_on),
        "next_on": to_epoch(schedule.next_on),
        "is_disabled": int(schedule.is_disabled),
        "last_report": None,
        "error": "",
    }
    key = writer.connection.execute(insert(report_schedules).values(values).returning(_own.key)).scalar_one()
    return msgspec.structs.replace(schedule, key=key)


def every(reader: Reader, asker: Identity) -> tuple[ReportSchedule, ...]:
    """Those that the asker may see, the oldest first: their own, or all for who sees everything."""
    rows = map(_schedule, reader.connection.execute(select(report_schedules).order_by(_own.key)))
    return tuple(row for row in rows if asker.reach is None or row.owner == asker.principal)


def get(reader: Reader, uuid: UUID, asker: Identity) -> ReportSchedule | None:
    return next((row for row in every(reader, asker) if row.uuid == uuid), None)


def due(reader: Reader, now: datetime) -> tuple[ReportSchedule, ...]:
    waiting = and_(_own.is_disabled == 0, _own.next_on <= to_epoch(now))
    rows = reader.connection.execute(select(report_schedules).where(waiting).order_by(_own.next_on))
    return tuple(map(_schedule, rows))


def claim(writer: Writer, schedule: ReportSchedule, next_on: datetime) -> bool:
    """Whether it is the caller's turn: of several that find it due, one gets it."""
    mine = and_(_own.key == schedule.key, _own.next_on == to_epoch(schedule.next_on))
    return (
        writer.connection.execute(update(report_schedules).where(mine).values(next_on=to_epoch(next_on))).rowcount > 0
    )


def orphan(writer: Writer, owner: Principal) -> None:
    """Whoever has the name later does not have the schedules."""
    mine = _own.owner == _spelled(owner)
    writer.connection.execute(update(report_schedules).where(mine).values(owner=_NOBODY))


def with_open_addresses(reader: Reader) -> tuple[ReportSchedule, ...]:
    """Those that hold the whole address of a webhook, as they were written once."""
    rows = reader.connection.execute(select(report_schedules).where(_own.targets.contains(_WEBHOOK)))
    return tuple(row for row in map(_schedule, rows) if any(_is_open(target) for target in row.targets))


def change_targets(writer: Writer, schedule: ReportSchedule, targets: tuple[Target, ...]) -> None:
    """One for each that there was, also in the deliveries."""
    spelled = storable(_encode(targets).decode())
    writer.connection.execute(update(report_schedules).where(_own.key == schedule.key).values(targets=spelled))
    for before, after in zip(schedule.targets, targets, strict=True):
        mine = and_(_sent.schedule_key == schedule.key, _sent.target == _target_text(before))
        writer.connection.execute(update(report_deliveries).where(mine).values(target=_target_text(after)))


def note(writer: Writer, key: int, report: UUID | None, error: str) -> None:
    """How the last time went."""
    values: dict[str, Any] = {"error": storable(error)} | ({"last_report": report} if report else {})
    writer.connection.execute(update(report_schedules).where(_own.key == key).values(values))


def switch(writer: Writer, key: int, *, is_disabled: bool, next_on: datetime) -> None:
    values = {"is_disabled": int(is_disabled), "next_on": to_epoch(next_on)}
    writer.connection.execute(update(report_schedules).where(_own.key == key).values(values))


def remove(writer: Writer, key: int) -> None:
    """With its deliveries; its reports stay until they expire."""
    writer.connection.execute(delete(report_deliveries).where(_sent.schedule_key == key))
    writer.connection.execute(delete(report_schedules).where(_own.key == key))


def send(writer: Writer, schedule: ReportSchedule, report: UUID, now: datetime) -> None:
    """The report is to be taken to every target, as soon as it is there."""
    rows = [
        {
            "schedule_key": schedule.key,
            "report_uuid": report,
            "target": _target_text(target),
            "state": DeliveryState.WAITING,
            "attempts": 0,
            "next_on": to_epoch(now),
            "error": "",
        }
        for target in schedule.targets
    ]
    if rows:
        writer.connection.execute(insert(report_deliveries), rows)
    kept = select(_sent.key).where(_sent.schedule_key == schedule.key).order_by(_sent.key.desc()).limit(_KEPT)
    newest = writer.connection.execute(kept).scalars().all()
    old = and_(_sent.schedule_key == schedule.key, _sent.key.not_in(newest), _sent.state != DeliveryState.WAITING)
    writer.connection.execute(delete(report_deliveries).where(old))


def waiting(reader: Reader, now: datetime) -> tuple[Delivery, ...]:
    mine = and_(_sent.state == DeliveryState.WAITING, _sent.next_on <= to_epoch(now))
    rows = reader.connection.execute(select(report_deliveries).where(mine).order_by(_sent.next_on, _sent.key))
    return tuple(map(_delivery, rows))


def deliveries(reader: Reader, schedule_key: int) -> Sequence[Delivery]:
    """The newest first."""
    mine = select(report_deliveries).where(_sent.schedule_key == schedule_key).order_by(_sent.key.desc())
    return tuple(map(_delivery, reader.connection.execute(mine)))


def schedule_of(reader: Reader, key: int) -> ReportSchedule | None:
    row = reader.connection.execute(select(report_schedules).where(_own.key == key)).one_or_none()
    return _schedule(row) if row else None


def take(writer: Writer, one: Delivery, until: datetime) -> bool:
    """Whether the caller may try: nobody else does before `until`."""
    mine = and_(_sent.key == one.key, _sent.state == DeliveryState.WAITING, _sent.next_on == to_epoch(one.next_on))
    return writer.connection.execute(update(report_deliveries).where(mine).values(next_on=to_epoch(until))).rowcount > 0


def settle(writer: Writer, key: int, state: DeliveryState, attempts: int, next_on: datetime, error: str) -> None:  # noqa: PLR0917 - the row's own columns
    values = {"state": state, "attempts": attempts, "next_on": to_epoch(next_on), "error": storable(error)}
    writer.connection.execute(update(report_deliveries).where(_sent.key == key).values(values))


def _target_text(target: Target) -> str:
    return storable(_encode(target).decode())


def _is_open(target: Target) -> bool:
    return isinstance(target, WebhookTarget) and not target.kept


def _spelled(owner: Principal | None) -> str:
    return storable(f"{owner.kind}:{owner.name}") if owner else ""


def _owner(text: str) -> Principal | None:
    kind, _, name = text.partition(":")
    return Principal(PrincipalKind(kind), name) if text else None


def _schedule(row: Row[Any]) -> ReportSchedule:
    return ReportSchedule(
        uuid=row.uuid,
        name=row.name,
        cron=row.cron,
        time_zone=row.time_zone,
        request=msgspec.json.decode(row.request, type=ReportRequest),
        targets=msgspec.json.decode(row.targets, type=tuple[Target, ...]),
        created_by=row.created_by,
        created_on=from_epoch(row.created_on),
        next_on=from_epoch(row.next_on),
        owner=_owner(row.owner),
        is_disabled=bool(row.is_disabled),
        last_report=row.last_report,
        error=row.error,
        key=row.key,
    )


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        key=row.key,
        schedule_key=row.schedule_key,
        report_uuid=row.report_uuid,
        target=msgspec.json.decode(row.target, type=Target),
        state=DeliveryState(row.state),
        attempts=row.attempts,
        next_on=from_epoch(row.next_on),
        error=row.error,
    )
