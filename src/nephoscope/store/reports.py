"""Reports, and their files.

A file is written in compressed pieces, each in a transaction of its own, under the number of an attempt. Only the
attempt that was begun last may write, and only while the report is being made; publishing makes its pieces the file and
removes those of all others. So whoever dies over a report, or comes back from the dead, leaves nothing of it behind.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import zstandard
from sqlalchemy import ColumnElement, Row, and_, delete, insert, select, true, update

from nephoscope.kit.dates import from_epoch, from_epoch_or_none, to_epoch, to_epoch_or_none
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.identities import Identity, Reach
from nephoscope.model.reports import OPEN_STATUSES, Report, ReportRequest, ReportStatus
from nephoscope.qql.bound import Bound
from nephoscope.store.conditions import identities, moments, order, where, words
from nephoscope.store.pages import count_rows, limited
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.reports import report_chunks, reports
from nephoscope.store.text import storable

FIELDS = ("uuid", "name", "provider", "format", "status", "created_by", "created_on", "finished_on", "expires_on")
"""What conditions and sorting may name."""

_LEVEL = 1
_LARGEST = 1 << 26
"""Bytes of one piece as it was before it was compressed."""

_own = reports.c
_CONDITIONS = {
    "uuid": identities(_own.uuid),
    "name": words(_own.name),
    "provider": words(_own.provider),
    "format": words(_own.format),
    "status": words(_own.status),
    "created_by": words(_own.created_by),
    "created_on": moments(_own.created_on),
    "finished_on": moments(_own.finished_on),
    "expires_on": moments(_own.expires_on),
}
_COLUMNS: dict[str, ColumnElement[Any]] = {name: reports.c[name] for name in FIELDS}


def page(reader: Reader, asker: Identity, conditions: Bound, request: PageRequest) -> Page[Report]:
    """Those that the asker may see and that have not expired, the newest first unless the request says otherwise."""
    matching = and_(where(conditions, _CONDITIONS), _is_seen(reader, asker))
    total = count_rows(reader, reports, matching)
    ordered = order(request.sort, _COLUMNS, _own.key.desc())
    rows = reader.connection.execute(limited(select(reports).where(matching).order_by(*ordered), request))
    return Page(tuple(_report(row) for row in rows), total, request)


def get(reader: Reader, uuid: UUID, asker: Identity | None = None) -> Report | None:
    """None also for what the asker may not see, and what has expired. A writer has it for itself until it ends."""
    seen = _is_seen(reader, asker) if asker else true()
    wanted = select(reports).where(_own.uuid == uuid, seen)
    row = reader.connection.execute(reader.held(wanted)).one_or_none()
    return _report(row) if row else None


def unfinished(reader: Reader) -> tuple[Report, ...]:
    """Every report that is waiting or being made, the oldest first."""
    listing = select(reports).where(_own.status.in_(OPEN_STATUSES)).order_by(_own.key)
    return tuple(_report(row) for row in reader.connection.execute(listing))


def create(writer: Writer, report: Report) -> Report:
    """Answers it with its key."""
    values = {
        "uuid": report.uuid,
        "name": storable(report.request.name),
        "provider": report.request.provider,
        "format": report.request.format,
        "request": storable(msgspec.json.encode(report.request).decode()),
        "reach": _spelled(report.reach),
        "created_by": storable(report.created_by),
        "created_on": to_epoch(report.created_on),
        **_fresh(report),
    }
    key = writer.connection.execute(insert(reports).values(values).returning(_own.key)).scalar_one()
    return msgspec.structs.replace(report, key=key)


def restart(writer: Writer, report: Report, expires_on: datetime) -> Report:
    """Ask for it once more: what there was of it goes."""
    blank = Report(
        uuid=report.uuid,
        request=report.request,
        created_by=report.created_by,
        created_on=report.created_on,
        expires_on=expires_on,
        reach=report.reach,
        turn=report.turn + 1,
        attempt=report.attempt,
        key=report.key,
    )
    _change(writer, report.key, **_fresh(blank))
    _remove_chunks(writer, [report.key])
    return blank


def rewrite(writer: Writer, report: Report) -> None:
    """With another request than it has; what there is of it stays."""
    wanted = report.request
    _change(
        writer,
        report.key,
        name=storable(wanted.name),
        provider=wanted.provider,
        format=wanted.format,
        request=storable(msgspec.json.encode(wanted).decode()),
    )


def begin(writer: Writer, uuid: UUID, turn: int, now: datetime) -> Report | None:
    """A new attempt of that turn, with everything before it removed. None when there is nothing to do any more."""
    report = get(writer, uuid)
    if report is None or report.turn != turn or report.status not in _MADE:
        return None
    attempt = report.attempt + 1
    started = report.started_on or now
    _change(
        writer, report.key, status=ReportStatus.PROCESSING, attempt=attempt, started_on=to_epoch(started), progress=0
    )
    _remove_chunks(writer, [report.key])
    return msgspec.structs.replace(
        report, status=ReportStatus.PROCESSING, attempt=attempt, started_on=started, progress=0
    )


_MADE = (ReportStatus.ACCEPTED, ReportStatus.PROCESSING)


def is_current(writer: Writer, report: Report) -> bool:
    """Whether this attempt is still the one that makes the report. It stays so until the writer ends."""
    now = get(writer, report.uuid)
    return now is not None and now.attempt == report.attempt and now.status is ReportStatus.PROCESSING


def add_chunk(writer: Writer, report: Report, number: int, compressed: bytes) -> None:
    row = {"report_key": report.key, "attempt": report.attempt, "number": number, "body": compressed}
    writer.connection.execute(insert(report_chunks).values(row))


def progress(writer: Writer, report: Report, percent: int) -> None:
    _change(writer, report.key, progress=percent)


def publish(writer: Writer, report: Report, now: datetime) -> None:
    """What this attempt wrote is the file from now on; `report` says what there is of it."""
    others = and_(report_chunks.c.report_key == report.key, report_chunks.c.attempt != report.attempt)
    writer.connection.execute(delete(report_chunks).where(others))
    _change(
        writer,
        report.key,
        status=ReportStatus.GENERATED,
        published=report.attempt,
        moment=to_epoch_or_none(report.moment),
        rows=report.rows,
        size=report.size,
        chunks=report.chunks,
        progress=100,
        finished_on=to_epoch(now),
    )


def complete(writer: Writer, uuid: UUID, turn: int, expires_on: datetime) -> None:
    """A report that was generated in that turn; any other stays as it is."""
    mine = and_(_own.uuid == uuid, _own.turn == turn, _own.status == ReportStatus.GENERATED)
    values = {"status": ReportStatus.COMPLETED, "expires_on": to_epoch(expires_on)}
    writer.connection.execute(update(reports).where(mine).values(values))


def fail(writer: Writer, uuid: UUID, turn: int, reason: str, now: datetime) -> bool:
    """Whether it was open in that turn. What was written of it goes."""
    report = get(writer, uuid)
    if report is None or report.turn != turn or not report.is_open:
        return False
    _change(
        writer,
        report.key,
        status=ReportStatus.FAILED,
        reason=storable(reason),
        finished_on=to_epoch(now),
        published=0,
        chunks=0,
        size=0,
        rows=0,
    )
    _remove_chunks(writer, [report.key])
    return True


def remove(writer: Writer, keys: Sequence[int]) -> None:
    _remove_chunks(writer, keys)
    writer.connection.execute(delete(reports).where(_own.key.in_(keys)))


def expired(reader: Reader, now: datetime, most: int) -> list[int]:
    """Keys of reports that are over, the longest first."""
    over = select(_own.key).where(_own.expires_on <= to_epoch(now)).order_by(_own.expires_on).limit(most)
    return list(reader.connection.execute(over).scalars())


def chunk(reader: Reader, report: Report, number: int) -> bytes | None:
    """One piece of the file, as it was written. None when the file is not there any more."""
    own = report_chunks.c
    wanted = and_(own.report_key == report.key, own.attempt == report.published, own.number == number)
    body = reader.connection.execute(select(own.body).where(wanted)).scalar_one_or_none()
    return None if body is None else zstandard.ZstdDecompressor().decompress(body, max_output_size=_LARGEST)


def compress(piece: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=_LEVEL).compress(piece)


def _is_seen(reader: Reader, asker: Identity) -> ColumnElement[bool]:
    """Who sees a part of the inventory sees the reports that they asked for while they saw the same part."""
    is_there = _own.expires_on > to_epoch(reader.at)
    if asker.reach is None:
        return is_there
    return and_(is_there, _own.created_by == storable(asker.name), _own.reach == _spelled(asker.reach))


def _spelled(reach: Reach | None) -> str:
    """The same for the same reach."""
    if reach is None:
        return ""
    parts = {name: sorted(getattr(reach, name)) for name in reach.__struct_fields__}
    return storable(msgspec.json.encode(parts, order="deterministic").decode())


def _fresh(report: Report) -> dict[str, Any]:
    return {
        "status": report.status,
        "expires_on": to_epoch(report.expires_on),
        "turn": report.turn,
        "attempt": report.attempt,
        "published": report.published,
        "started_on": to_epoch_or_none(report.started_on),
        "finished_on": to_epoch_or_none(report.finished_on),
        "moment": to_epoch_or_none(report.moment),
        "rows": report.rows,
        "size": report.size,
        "chunks": report.chunks,
        "progress": report.progress,
        "reason": storable(report.reason),
    }


def _change(writer: Writer, key: int, **values: Any) -> None:
    writer.connection.execute(update(reports).where(_own.key == key).values(values))


def _remove_chunks(writer: Writer, keys: Iterable[int]) -> None:
    writer.connection.execute(delete(report_chunks).where(report_chunks.c.report_key.in_(list(keys))))


def _report(row: Row[Any]) -> Report:
    return Report(
        uuid=row.uuid,
        request=msgspec.json.decode(row.request, type=ReportRequest),
        created_by=row.created_by,
        created_on=from_epoch(row.created_on),
        expires_on=from_epoch(row.expires_on),
        reach=msgspec.json.decode(row.reach, type=Reach) if row.reach else None,
        status=ReportStatus(row.status),
        turn=row.turn,
        attempt=row.attempt,
        published=row.published,
        started_on=from_epoch_or_none(row.started_on),
        finished_on=from_epoch_or_none(row.finished_on),
        moment=from_epoch_or_none(row.moment),
        rows=row.rows,
        size=row.size,
        chunks=row.chunks,
        progress=row.progress,
        reason=row.reason,
        key=row.key,
    )
