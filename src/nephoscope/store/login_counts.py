"""How often logging in went wrong of late, for every process that shares the store. Who it was is a keyed hash: people
type passwords where names belong."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import and_, delete, or_, select

from nephoscope.store import bulk
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.identities import login_counts

_own = login_counts.c
_TICK = timedelta(milliseconds=1)
_START = datetime(1970, 1, 1, tzinfo=UTC)


class LoginCount(msgspec.Struct, frozen=True):
    """`until` is when one may try again; `known_on` when somebody last got in."""

    failures: int
    last: datetime
    until: datetime
    known_on: datetime | None = None


def load(reader: Reader, marks: Collection[str]) -> dict[str, LoginCount]:
    """Of these, by their marks; what nothing is known of is left out."""
    rows = reader.connection.execute(select(login_counts).where(_own.mark.in_(sorted(marks))))
    return {
        row.mark: LoginCount(
            row.failures, _moment(row.last), _moment(row.until), _moment(row.known_on) if row.known_on else None
        )
        for row in rows
    }


def put(writer: Writer, counts: Mapping[str, LoginCount | None]) -> None:
    """In place of what was there; None forgets it."""
    for mark, one in sorted(counts.items()):
        if one is None:
            writer.connection.execute(delete(login_counts).where(_own.mark == mark))
            continue
        values = {
            "mark": mark,
            "failures": one.failures,
            "last": _ticks(one.last),
            "until": _ticks(one.until),
            "known_on": _ticks(one.known_on) if one.known_on else None,
        }
        bulk.upsert(writer, login_counts, ["mark"], values)


def prune(writer: Writer, *, failed_before: datetime, known_before: datetime) -> None:
    is_over = or_(_own.known_on.is_(None), _own.known_on < _ticks(known_before))
    writer.connection.execute(delete(login_counts).where(and_(_own.last < _ticks(failed_before), is_over)))


def _ticks(moment: datetime) -> int:
    return (moment - _START) // _TICK


def _moment(ticks: int) -> datetime:
    return _START + ticks * _TICK
