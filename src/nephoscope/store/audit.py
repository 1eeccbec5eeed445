"""The audit trail as rows: appended one at a time, never changed, read in order."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, or_, select, true, update

from nephoscope.kit.dates import to_epoch
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.store import bulk
from nephoscope.store.pages import count_rows, limited
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.core import audit, audit_head
from nephoscope.store.text import is_storable


class Stored(NamedTuple):
    """A row, in the order of the table. `at` in seconds; `detail` is JSON as it was hashed."""

    sequence: int
    at: int
    who: str
    action: str
    subject: str
    detail: str
    previous: str
    hash: str


class Head(msgspec.Struct, frozen=True):
    """How many entries there are, and the hash of the last."""

    count: int
    hash: str


class Wanted(msgspec.Struct, frozen=True):
    """What to look for; empty means anything. `action` may be a noun alone (`exception`). Both ends inclusive."""

    who: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def head(reader: Reader) -> Head:
    """A writer holds it until it ends: the next to append waits."""
    wanted = select(audit_head.c.count, audit_head.c.hash)
    return Head(*reader.connection.execute(reader.held(wanted)).one())


def append(writer: Writer, entry: Stored) -> None:
    """After `head` in the same transaction."""
    writer.connection.execute(insert(audit).values(entry._asdict()))
    writer.connection.execute(update(audit_head).values(count=entry.sequence, hash=entry.hash))


def get(reader: Reader, sequence: int) -> Stored | None:
    row = reader.connection.execute(select(audit).where(audit.c.sequence == sequence)).one_or_none()
    return _stored(row) if row else None


def every(reader: Reader) -> Iterator[Stored]:
    """All of them, in order, in bounded memory."""
    columns = ", ".join(Stored._fields)
    for rows in bulk.stream(reader, f"SELECT {columns} FROM audit ORDER BY sequence"):  # noqa: S608 - our own names
        yield from map(Stored._make, rows)


def last_before(reader: Reader, moment: datetime) -> int:
    """The number of the last entry of those at the beginning that are all older than the moment; 0 for none. Clocks
    step back now and then: what follows a younger entry stays."""
    youngest = select(func.min(audit.c.sequence)).where(audit.c.at >= to_epoch(moment))
    found = reader.connection.execute(youngest).scalar_one_or_none()
    return found - 1 if found is not None else head(reader).count


def remove_through(writer: Writer, sequence: int) -> int:
    """Answers how many entries went."""
    return writer.connection.execute(delete(audit).where(audit.c.sequence <= sequence)).rowcount


def page(reader: Reader, wanted: Wanted, request: PageRequest) -> Page[Stored]:
    """The newest first."""
    if not all(map(is_storable, (wanted.who, wanted.action, wanted.subject))):
        return Page((), 0, request)
    matching = and_(true(), *_conditions(wanted))
    total = count_rows(reader, audit, matching)
    listing = limited(select(audit).where(matching).order_by(audit.c.sequence.desc()), request)
    return Page(tuple(_stored(row) for row in reader.connection.execute(listing)), total, request)


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    own = audit.c
    if wanted.who:
        yield own.who == wanted.who
    if wanted.action:
        yield or_(own.action == wanted.action, own.action.startswith(f"{wanted.action}.", autoescape=True))
    if wanted.subject:
        yield own.subject == wanted.subject
    if wanted.since:
        yield own.at >= to_epoch(wanted.since)
    if wanted.until:
        yield own.at <= to_epoch(wanted.until)


def _stored(row: Row[Any]) -> Stored:
    return Stored._make(row)
