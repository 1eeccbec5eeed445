"""Scans of disks: what was asked for, how it ended, what it cost."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, and_, delete, exists, func, insert, select, true, update

from nephoscope.kit.dates import from_epoch, from_epoch_or_none, to_epoch, to_epoch_or_none
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.findings import (
    OPEN_SCANS,
    ConnectorCost,
    DiskScan,
    ScanCost,
    ScanRequest,
    ScanResult,
    ScanState,
)
from nephoscope.qql.bound import Bound
from nephoscope.store.conditions import identities, moments, numbers, order, where, words
from nephoscope.store.conflicts import unless_taken
from nephoscope.store.pages import count_rows, limited
from nephoscope.store.reach import resource_is_seen
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.core import resources
from nephoscope.store.tables.findings import disk_scans
from nephoscope.store.text import storable

_own = disk_scans.c
_CONDITIONS = {
    "uuid": identities(_own.uuid),
    "resource_uuid": identities(_own.resource_uuid),
    "resource_id": words(_own.resource_id),
    "connector_uuid": identities(_own.connector_uuid),
    "region": words(_own.region),
    "state": words(_own.state),
    "requested_by": words(_own.requested_by),
    "permission": words(_own.permission),
    "blocks": numbers(_own.blocks),
    "queued_on": moments(_own.queued_on),
    "finished_on": moments(_own.finished_on),
}
_SORTS: dict[str, ColumnElement[Any]] = {
    "queued_on": _own.queued_on,
    "finished_on": _own.finished_on,
    "state": _own.state,
    "blocks": _own.blocks,
    "resource_id": _own.resource_id,
}
SORTABLE = frozenset(_SORTS)
_OPEN = _own.state.in_(sorted(OPEN_SCANS))


def create(writer: Writer, scan: DiskScan) -> None:
    """ConflictError while another scan of the resource is queued or running."""
    values = {
        "uuid": scan.uuid,
        "resource_uuid": scan.resource_uuid,
        "resource_id": storable(scan.resource_id),
        "connector_uuid": scan.connector_uuid,
        "region": storable(scan.region),
        "requested_by": storable(scan.requested_by),
        "request": msgspec.json.encode(scan.request).decode(),
        "queued_on": to_epoch(scan.queued_on),
        **_outcome(scan),
    }
    with unless_taken(writer, f"A scan of {scan.resource_id} is already queued or running."):
        writer.connection.execute(insert(disk_scans).values(values))


def get(reader: Reader, uuid: UUID) -> DiskScan | None:
    row = reader.connection.execute(select(disk_scans).where(_own.uuid == uuid, _is_seen(reader))).one_or_none()
    return _scan(row) if row else None


def page(reader: Reader, conditions: Bound, request: PageRequest) -> Page[DiskScan]:
    """The newest first unless the request says otherwise."""
    matching = and_(where(conditions, _CONDITIONS), _is_seen(reader))
    total = count_rows(reader, disk_scans, matching)
    ordered = order(request.sort, _SORTS, _own.key.desc())
    rows = reader.connection.execute(limited(select(disk_scans).where(matching).order_by(*ordered), request))
    return Page(tuple(_scan(row) for row in rows), total, request)


def unfinished(reader: Reader) -> tuple[DiskScan, ...]:
    """The oldest first."""
    return tuple(_scan(row) for row in reader.connection.execute(select(disk_scans).where(_OPEN).order_by(_own.key)))


def busy(reader: Reader) -> frozenset[UUID]:
    """Resources that are waiting for a scan or being scanned."""
    return frozenset(reader.connection.execute(select(_own.resource_uuid).where(_OPEN)).scalars())


def begin(writer: Writer, uuid: UUID, now: datetime) -> DiskScan | None:
    """None when it has ended meanwhile. A scan that is taken over begins anew."""
    mine = and_(_own.uuid == uuid, _OPEN)
    values = {"state": ScanState.RUNNING, "started_on": func.coalesce(_own.started_on, to_epoch(now))}
    writer.connection.execute(update(disk_scans).where(mine).values(values))
    scan = get(writer, uuid)
    return scan if scan is not None and scan.state is ScanState.RUNNING else None


def quoted(writer: Writer, scan: DiskScan) -> None:
    """What it may cost, known before it reads anything."""
    cost = scan.cost
    values = {"quoted": cost.quoted, "currency": cost.currency, "as_of": cost.as_of}
    writer.connection.execute(update(disk_scans).where(_own.uuid == scan.uuid).values(values))


def finish(writer: Writer, scan: DiskScan) -> bool:
    """Whether it was open until now."""
    mine = and_(_own.uuid == scan.uuid, _OPEN)
    return writer.connection.execute(update(disk_scans).where(mine).values(_outcome(scan))).rowcount > 0


def prune_before(writer: Writer, moment: datetime) -> None:
    """Those that ended earlier."""
    over = and_(_own.finished_on < to_epoch(moment), _own.state.not_in(sorted(OPEN_SCANS)))
    writer.connection.execute(delete(disk_scans).where(over))


def costs(reader: Reader, since: datetime | None = None) -> tuple[ConnectorCost, ...]:
    """By connector, of scans that were asked for since then and that are seen."""
    totals = (func.count(), func.sum(_own.blocks), func.sum(_own.bytes), func.sum(_own.money), func.max(_own.currency))
    asked = _own.queued_on >= to_epoch(since) if since else true()
    listing = select(_own.connector_uuid, *totals).where(asked, _is_seen(reader)).group_by(_own.connector_uuid)
    rows = reader.connection.execute(listing.order_by(func.sum(_own.money).desc(), _own.connector_uuid))
    return tuple(ConnectorCost(row[0], row[1], int(row[2]), int(row[3]), row[4], row[5]) for row in rows)


def regions_of(reader: Reader, connector_uuid: UUID) -> frozenset[str]:
    """Where disks of a connector were scanned."""
    listing = select(_own.region).where(_own.connector_uuid == connector_uuid).distinct()
    return frozenset(reader.connection.execute(listing).scalars())


def of_resource(reader: Reader, resource_uuids: Sequence[UUID]) -> dict[UUID, DiskScan]:
    """The newest of each."""
    newest = select(func.max(_own.key)).where(_own.resource_uuid.in_(resource_uuids)).group_by(_own.resource_uuid)
    rows = reader.connection.execute(select(disk_scans).where(_own.key.in_(newest)))
    return {row.resource_uuid: _scan(row) for row in rows}


def _is_seen(reader: Reader) -> ColumnElement[bool]:
    """Who sees a part sees the scans of what is there and in it."""
    if reader.reach is None:
        return true()
    there = select(resources.c.key).where(resources.c.uuid == _own.resource_uuid, resource_is_seen(reader))
    return exists(there.correlate(disk_scans))


def _outcome(scan: DiskScan) -> dict[str, Any]:
    cost = scan.cost
    return {
        "state": scan.state,
        "started_on": to_epoch_or_none(scan.started_on),
        "finished_on": to_epoch_or_none(scan.finished_on),
        "quoted": cost.quoted,
        "money": cost.money,
        "currency": cost.currency,
        "as_of": cost.as_of,
        "blocks": cost.blocks,
        "bytes": cost.bytes,
        "listings": cost.listings,
        "seconds": cost.seconds,
        "result": storable(msgspec.json.encode(scan.result).decode()),
        "error": storable(scan.error),
        "permission": storable(scan.permission),
    }


def _scan(row: Row[Any]) -> DiskScan:
    return DiskScan(
        uuid=row.uuid,
        resource_uuid=row.resource_uuid,
        resource_id=row.resource_id,
        connector_uuid=row.connector_uuid,
        region=row.region,
        requested_by=row.requested_by,
        queued_on=from_epoch(row.queued_on),
        request=msgspec.json.decode(row.request, type=ScanRequest),
        state=ScanState(row.state),
        started_on=from_epoch_or_none(row.started_on),
        finished_on=from_epoch_or_none(row.finished_on),
        cost=ScanCost(row.quoted, row.money, row.currency, row.as_of, row.blocks, row.bytes, row.listings, row.seconds),
        result=msgspec.json.decode(row.result, type=ScanResult),
        error=row.error,
        permission=row.permission,
    )
