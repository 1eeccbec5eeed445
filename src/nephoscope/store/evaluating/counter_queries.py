"""What the counters answer about an account without reading an evaluation.

They know nothing of exceptions. Where one covers a control whole, all that its counter of FAILs holds is excepted;
where it covers some resources, these were counted once (`exemptions.partial_counts`) and are moved over here.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, Integer, and_, case, false, func, literal_column, select, true

from nephoscope.model.evaluations import Status
from nephoscope.qql.bound import Bound, names
from nephoscope.store import bulk
from nephoscope.store.conditions import bounded, where
from nephoscope.store.coverage.exemptions import coverage, partial_counts
from nephoscope.store.evaluating.shown import COUNTED, EXCEPTED, counted_conditions, shown_status, wanted_statuses
from nephoscope.store.reach import sees_whole
from nephoscope.store.session import Reader
from nephoscope.store.tables.core import FAIL, connectors, scopes, tallies


class _Moved(NamedTuple):
    """Covered FAILs of one control in one scope, and whether the conditions take them as FAIL and as PASSE."""

    cid: int
    failures: int
    as_failed: bool
    as_excepted: bool


def can_tell(reader: Reader, connector_key: int, conditions: Bound) -> bool:
    """Counters know nothing of who sees what."""
    return names(conditions) <= COUNTED and sees_whole(reader, connector_key)


def total(reader: Reader, connector_key: int, cid: int | None, conditions: Bound) -> int | None:
    """How many evaluations match; None when the counters cannot tell."""
    if not can_tell(reader, connector_key, conditions):
        return None
    rows = (
        select(func.coalesce(func.sum(tallies.c.count), 0))
        .join_from(tallies, scopes, scopes.c.key == tallies.c.scope_key)
        .join(connectors, connectors.c.key == tallies.c.connector_key)
        .where(tallies.c.connector_key == connector_key, _matches(reader, connector_key, conditions))
        .where(tallies.c.cid == bounded(cid) if cid is not None else true())
    )
    found = int(reader.connection.execute(rows).scalar_one())
    if not _tell_apart(conditions):
        return found
    moved = (row for row in _moved(reader, connector_key, conditions) if cid in {None, row.cid})
    return found + sum(row.failures * (row.as_excepted - row.as_failed) for row in moved)


def by_control(reader: Reader, connector_key: int, conditions: Bound) -> dict[tuple[int, int], int]:
    """(cid, shown status) → how many evaluations match; for conditions that the counters can tell."""
    whole = coverage(reader, connector_key).whole
    status = shown_status(tallies.c.status, false())
    rows = (
        select(tallies.c.cid, status, func.sum(tallies.c.count))
        .join_from(tallies, scopes, scopes.c.key == tallies.c.scope_key)
        .join(connectors, connectors.c.key == tallies.c.connector_key)
        .where(tallies.c.connector_key == connector_key, _matches(reader, connector_key, conditions))
        .group_by(tallies.c.cid, status)
    )
    found: Counter[tuple[int, int]] = Counter()
    for cid, shown, count in reader.connection.execute(rows):
        found[cid, EXCEPTED if shown == FAIL and cid in whole else shown] = int(count)
    for row in _moved(reader, connector_key, conditions):
        found[row.cid, FAIL] -= row.failures * row.as_failed
        found[row.cid, EXCEPTED] += row.failures * row.as_excepted
    return {key: count for key, count in found.items() if count}


def _tell_apart(conditions: Bound) -> bool:
    """Whether they may take a FAIL and leave it as a PASSE, or the other way round."""
    looked_at = names(conditions)
    if looked_at == {"status"}:
        wanted = wanted_statuses(conditions)
        return (Status.FAIL in wanted) != (Status.PASSE in wanted)
    return "status" in looked_at


def _matches(reader: Reader, connector_key: int, conditions: Bound) -> ColumnElement[bool]:
    """With the FAILs of a control as PASSE where it is covered whole."""
    if not conditions:
        return true()
    whole = coverage(reader, connector_key).whole
    is_whole = bulk.is_among(reader, tallies.c.cid, sorted(whole)) if whole else false()
    return where(conditions, counted_conditions(is_whole))


def _moved(reader: Reader, connector_key: int, conditions: Bound) -> Iterator[_Moved]:
    counts = partial_counts(reader, connector_key)
    if not counts:
        return
    if names(conditions) <= {"status"}:
        wanted = wanted_statuses(conditions)
        faces = Status.FAIL in wanted, Status.PASSE in wanted
        yield from (_Moved(cid, count, *faces) for (_, cid), count in counts.items())
        return
    yes, no = literal_column("1", Integer), literal_column("0", Integer)
    rows = (
        select(
            tallies.c.scope_key,
            tallies.c.cid,
            case((where(conditions, counted_conditions(false())), yes), else_=no),
            case((where(conditions, counted_conditions(true())), yes), else_=no),
        )
        .join_from(tallies, scopes, scopes.c.key == tallies.c.scope_key)
        .join(connectors, connectors.c.key == tallies.c.connector_key)
        .where(and_(tallies.c.connector_key == connector_key, tallies.c.status == literal_column(str(FAIL))))
        .where(bulk.is_among(reader, tallies.c.cid, sorted({cid for _, cid in counts})))
    )
    for scope_key, cid, as_failed, as_excepted in reader.connection.execute(rows):
        yield _Moved(cid, counts.get((scope_key, cid), 0), bool(as_failed), bool(as_excepted))
