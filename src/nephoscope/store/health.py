"""What the database can tell of its own state."""

from datetime import UTC, datetime

from sqlalchemy import func, select, text

from nephoscope.model.scopes import Outcome
from nephoscope.store.session import Reader, every_failure_told
from nephoscope.store.tables.core import scopes

_MOST = 5


def server_clock(reader: Reader) -> datetime | None:
    """The database server's; None for SQLite, which has none of its own."""
    if not reader.is_postgres:
        return None
    found: datetime = reader.connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found.astimezone(UTC)


def faults(reader: Reader) -> tuple[str, ...]:
    """What SQLite finds wrong in its file, a few at most; PostgreSQL watches over its own."""
    if reader.is_postgres:
        return ()
    with every_failure_told():
        rows = reader.connection.execute(text(f"PRAGMA quick_check({_MOST})")).scalars().all()
    return tuple(str(row) for row in rows if row != "ok")


def denied(reader: Reader) -> dict[str, int]:
    """Missing permissions, and how many scopes each has kept from being read, the most first."""
    count = func.count()
    listing = (
        select(scopes.c.permission, count)
        .where(scopes.c.outcome == Outcome.DENIED.value)
        .group_by(scopes.c.permission)
        .order_by(count.desc(), scopes.c.permission)
    )
    return {row[0]: row[1] for row in reader.connection.execute(listing)}
