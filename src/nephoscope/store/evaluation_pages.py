"""Pages of evaluations. First the keys of the page, from narrow columns; then the rows of those keys."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, func, select, true

from nephoscope.kit.dates import from_epoch
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.evaluations import EvaluationDates, EvaluationRow, Status
from nephoscope.qql.bound import Bound
from nephoscope.store import bulk
from nephoscope.store.conditions import bounded, order, where
from nephoscope.store.pages import limited
from nephoscope.store.resources import listed_columns, resource_of
from nephoscope.store.scopes import shown_reason
from nephoscope.store.session import Reader
from nephoscope.store.shown import COLUMNS, CONDITIONS, STATUSES, last_evaluated, shown_status
from nephoscope.store.tables import PASS, connectors, evaluations, resources, scopes, tallies


class _Found(NamedTuple):
    """The keys of one page, in order, and how many rows there are in all."""

    keys: list[tuple[int, int]]
    total: int


def page(
    reader: Reader, connector_key: int, cid: int | None, conditions: Bound, request: PageRequest
) -> Page[EvaluationRow]:
    """Evaluations of an account (of one control when `cid` is given), by resource key and cid. A PASS in a scope
    that is not complete shows as UNKNOWN. Without a condition on `status`, UNKNOWN rows are included."""
    if cid is None and not conditions and request.sort is None:
        found = _walk(reader, connector_key, request)
    else:
        found = _search(reader, connector_key, cid, conditions, request)
    rows = _rows(reader, connector_key, cid, [key for key, _ in found.keys])
    return Page(tuple(rows[key] for key in found.keys), found.total, request)


def joined(connector_key: int, cid: int | None, *columns: ColumnElement[Any]) -> Select[Any]:
    """Evaluations of an account with resource, scope and connector. A control's own are reached through the scopes that
    have any, of which the counters know."""
    own, mine = evaluations.c, tallies.c
    is_own = and_(own.connector_key == connector_key, own.resource_key == resources.c.key)
    rows = (
        select(*columns)
        .select_from(scopes)
        .join(resources, resources.c.scope_key == scopes.c.key)
        .join(evaluations, is_own if cid is None else and_(is_own, own.cid == bounded(cid)))
        .join(connectors, connectors.c.key == scopes.c.connector_key)
        .where(scopes.c.connector_key == connector_key)
    )
    if cid is None:
        return rows
    having = select(mine.scope_key).where(mine.connector_key == connector_key, mine.cid == bounded(cid))
    return rows.where(scopes.c.key.in_(having))


def _walk(reader: Reader, connector_key: int, request: PageRequest) -> _Found:
    """Without conditions, the counts on the resources say where a page begins: no evaluation before it is read."""
    sql = "SELECT key, passed + failed + unknown FROM resources WHERE connector_key = ? ORDER BY key"
    first, end, total = request.offset, request.offset + request.size, 0
    wanted: list[int] = []
    skipped = 0
    for rows in bulk.stream(reader, sql, connector_key):
        for key, count in rows:
            if count and total < end and total + count > first:
                if not wanted:
                    skipped = total
                wanted.append(key)
            total += count
    pairs = select(evaluations.c.resource_key, evaluations.c.cid).where(
        evaluations.c.connector_key == connector_key, bulk.is_among(reader, evaluations.c.resource_key, wanted)
    )
    found = reader.connection.execute(pairs.order_by(evaluations.c.resource_key, evaluations.c.cid)) if wanted else ()
    keys = [(row[0], row[1]) for row in found]
    return _Found(keys[max(0, first - skipped) : max(0, end - skipped)], total)


def _search(reader: Reader, connector_key: int, cid: int | None, conditions: Bound, request: PageRequest) -> _Found:
    matching = where(conditions, CONDITIONS)
    counting = joined(connector_key, cid, func.count()).where(matching)
    total = reader.connection.execute(counting).scalar_one()
    own = evaluations.c
    listing = joined(connector_key, cid, own.resource_key, own.cid).where(matching)
    listing = listing.order_by(*order(request.sort, COLUMNS, resources.c.key, own.cid))
    return _Found([(row[0], row[1]) for row in reader.connection.execute(limited(listing, request))], total)


def _rows(reader: Reader, connector_key: int, cid: int | None, keys: list[int]) -> dict[tuple[int, int], EvaluationRow]:
    own = evaluations.c
    listing = (
        select(
            own.cid,
            own.reason,
            own.status.label("stored"),
            shown_status(own.status).label("status"),
            shown_reason().label("scope_reason"),
            own.first_evaluated,
            last_evaluated().label("last_evaluated"),
            own.fixed,
            own.reopened,
            *listed_columns(),
        )
        .select_from(evaluations)
        .join(resources, resources.c.key == own.resource_key)
        .join(scopes, scopes.c.key == resources.c.scope_key)
        .where(own.connector_key == connector_key)
        .where(bulk.is_among(reader, own.resource_key, sorted(set(keys))))
        .where(own.cid == bounded(cid) if cid is not None else true())
    )
    return {(row.key, row.cid): _row(row) for row in reader.connection.execute(listing)} if keys else {}


def _row(row: Row[Any]) -> EvaluationRow:
    status = STATUSES[row.status]
    is_hidden = status is Status.UNKNOWN and row.stored == PASS
    return EvaluationRow(
        cid=row.cid,
        status=status,
        reason=row.scope_reason if is_hidden else row.reason or "",
        resource=resource_of(row),
        dates=EvaluationDates(
            first_evaluated=from_epoch(row.first_evaluated),
            last_evaluated=from_epoch(row.last_evaluated),
            reopened=from_epoch(row.reopened) if row.reopened is not None else None,
            fixed=from_epoch(row.fixed) if row.fixed is not None else None,
        ),
    )
