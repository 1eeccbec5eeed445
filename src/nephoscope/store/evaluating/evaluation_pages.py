"""Pages of evaluations: first the keys of the page, from narrow columns and without reading what lies before it where
that can be avoided; then the rows of those keys."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Row, Select, and_, case, false, func, literal_column, select, true

from nephoscope.kit.dates import from_epoch, from_epoch_or_none
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.evaluations import EvaluationDates, EvaluationRow, Status
from nephoscope.model.scopes import Outcome
from nephoscope.qql.bound import Bound, names
from nephoscope.store import bulk
from nephoscope.store.conditions import bounded, order, where
from nephoscope.store.coverage.exemptions import covered
from nephoscope.store.evaluating import counter_queries
from nephoscope.store.evaluating.shown import (
    STATUSES,
    columns,
    conditions_of,
    is_complete,
    is_shown_as,
    last_evaluated,
    shown_status,
    wanted_statuses,
)
from nephoscope.store.pages import along_an_index, limited
from nephoscope.store.reach import resource_is_seen_in
from nephoscope.store.resources import listed_columns, resource_of
from nephoscope.store.scopes import shown_reason
from nephoscope.store.session import Reader
from nephoscope.store.tables.core import FAIL, PASS, connectors, evaluations, resources, scopes, tallies

_OF_EVALUATIONS = frozenset({"cid", "status", "evaluated_on"})
"""Fields that no resource can answer for all its evaluations."""
_WALKED = 5_000


class _Asked(NamedTuple):
    """The conditions, with those taken out that look at nothing but the status, what exceptions cover, and what is
    seen."""

    conditions: Bound
    others: Bound
    statuses: list[Status]
    covered: ColumnElement[bool]
    seen: ColumnElement[bool]

    @classmethod
    def of(cls, conditions: Bound, covered: ColumnElement[bool], seen: ColumnElement[bool]) -> "_Asked":
        of_status = tuple(node for node in conditions if names((node,)) == {"status"})
        others = tuple(node for node in conditions if node not in of_status)
        return cls(conditions, others, wanted_statuses(of_status), covered, seen)

    @property
    def is_of_resources(self) -> bool:
        """Whether the counts on a resource say how many of its evaluations are listed."""
        tells_apart = (Status.FAIL in self.statuses) != (Status.PASSE in self.statuses)
        return not names(self.others) & _OF_EVALUATIONS and not (tells_apart and self.covered is not false())

    @property
    def is_of_failures(self) -> bool:
        return bool(self.statuses) and set(self.statuses) <= {Status.FAIL, Status.PASSE}

    @property
    def is_covered(self) -> ColumnElement[bool]:
        """Of a FAIL among the rows that were found: where only one of its two faces is listed, that one is known."""
        if Status.FAIL in self.statuses:
            return self.covered if Status.PASSE in self.statuses else false()
        return true()

    def narrowed(self) -> ColumnElement[bool]:
        """What the others say, of what is seen."""
        return and_(where(self.others, conditions_of(self.covered)), self.seen) if self.others else self.seen

    def matching(self) -> ColumnElement[bool]:
        return and_(self.narrowed(), is_shown_as(evaluations.c.status, self.statuses, self.covered))


class _Found(NamedTuple):
    """The keys of one page, in order, and how many rows there are in all."""

    keys: list[tuple[int, int]]
    total: int


def page(
    reader: Reader, connector_key: int, cid: int | None, conditions: Bound, request: PageRequest
) -> Page[EvaluationRow]:
    """Evaluations of an account (of one control when `cid` is given), by resource key and cid. A PASS in a scope
    that is not complete shows as UNKNOWN. Without a condition on `status`, UNKNOWN rows are included."""
    asked = _Asked.of(conditions, covered(reader, connector_key, cid), resource_is_seen_in(reader, connector_key))
    if cid is None and request.sort is None and asked.is_of_resources:
        found = _walk(reader, connector_key, asked, request)
    else:
        found = _search(reader, connector_key, cid, asked, request)
    rows = _rows(reader, connector_key, asked.is_covered, found.keys)
    return Page(tuple(rows[key] for key in found.keys), found.total, request)


def get(reader: Reader, connector_key: int, resource_key: int, cid: int) -> EvaluationRow | None:
    """One evaluation as listings show it."""
    pair = (resource_key, cid)
    return _rows(reader, connector_key, covered(reader, connector_key, cid), [pair]).get(pair)


def of_resources(
    reader: Reader, connector_key: int, keys: Sequence[int], conditions: Bound = ()
) -> list[EvaluationRow]:
    """The evaluations of some hundred resources of an account, as listings show them, by resource key and cid."""
    asked = _Asked.of(conditions, covered(reader, connector_key), resource_is_seen_in(reader, connector_key))
    listing = joined(connector_key, None, resources.c.key, evaluations.c.cid).where(asked.matching())
    listing = listing.where(bulk.is_among(reader, resources.c.key, keys))
    found = reader.connection.execute(listing.order_by(resources.c.key, evaluations.c.cid))
    pairs = [(key, cid) for key, cid in found]
    rows = _rows(reader, connector_key, asked.is_covered, pairs)
    return [rows[pair] for pair in pairs]


_RESOURCES_LEAD = literal_column('+resources."key"', BigInteger)
"""The plus keeps SQLite from reading every evaluation of the account and sorting them by resource."""


def joined(
    connector_key: int,
    cid: int | None,
    *columns: ColumnElement[Any],
    resource_key: ColumnElement[int] = _RESOURCES_LEAD,
) -> Select[Any]:
    """Evaluations of an account with resource, scope and connector, resource by resource. A control's own are reached
    through the scopes that have any, of which the counters know."""
    own, mine = evaluations.c, tallies.c
    is_own = and_(own.connector_key == resources.c.connector_key, own.resource_key == resource_key)
    rows = (
        select(*columns)
        .select_from(resources)
        .join(scopes, scopes.c.key == resources.c.scope_key)
        .join(evaluations, is_own if cid is None else and_(is_own, own.cid == bounded(cid)))
        .join(connectors, connectors.c.key == resources.c.connector_key)
        .where(resources.c.connector_key == connector_key)
    )
    if cid is None:
        return rows
    having = select(mine.scope_key).where(mine.connector_key == connector_key, mine.cid == bounded(cid))
    return rows.where(resources.c.scope_key.in_(having))


def _walk(reader: Reader, connector_key: int, asked: _Asked, request: PageRequest) -> _Found:
    """The counts on the resources say where a page begins: no evaluation before it is read."""
    total = counter_queries.total(reader, connector_key, None, asked.conditions)
    first, end = request.offset, request.offset + request.size
    walk = _counts(connector_key, asked)
    wanted: list[int] = []
    before = passed = 0
    with reader.connection.execute(walk.execution_options(yield_per=_WALKED)) as rows:
        for key, count in rows:
            if passed < end and passed + count > first:
                before = before if wanted else passed
                wanted.append(key)
            passed += count
            if passed >= end and total is not None:
                break
    keys = _pairs(reader, connector_key, asked, wanted)
    return _Found(keys[max(0, first - before) : max(0, end - before)], passed if total is None else total)


def _counts(connector_key: int, asked: _Asked) -> Select[Any]:
    """(resource key, how many of its evaluations are listed), in order of key."""
    count = _shown_count(asked.statuses)
    return (
        select(resources.c.key, count)
        .join_from(resources, scopes, scopes.c.key == resources.c.scope_key)
        .join(connectors, connectors.c.key == resources.c.connector_key)
        .where(resources.c.connector_key == connector_key, count > 0, asked.narrowed())
        .order_by(resources.c.key)
    )


def _shown_count(wanted: Sequence[Status]) -> ColumnElement[int]:
    """Where it is asked for, FAIL and PASSE are both listed, or nothing is covered."""
    own, nothing = resources.c, literal_column("0", BigInteger)
    parts = {
        Status.PASS: case((is_complete(), own.passed), else_=nothing),
        Status.FAIL: own.failed,
        Status.PASSE: nothing,
        Status.UNKNOWN: own.unknown + case((is_complete(), nothing), else_=own.passed),
    }
    return sum((parts[status] for status in wanted), start=nothing)


def _pairs(reader: Reader, connector_key: int, asked: _Asked, keys: list[int]) -> list[tuple[int, int]]:
    """(resource key, cid) of the listed evaluations of some resources, in order."""
    if not keys:
        return []
    own = evaluations.c
    listing = (
        select(own.resource_key, own.cid)
        .join_from(evaluations, resources, resources.c.key == own.resource_key)
        .join(scopes, scopes.c.key == resources.c.scope_key)
        .where(own.connector_key == connector_key, bulk.is_among(reader, own.resource_key, keys))
        .where(is_shown_as(own.status, asked.statuses, asked.covered))
        .order_by(own.resource_key, own.cid)
    )
    return [(key, cid) for key, cid in reader.connection.execute(listing)]


def _search(reader: Reader, connector_key: int, cid: int | None, asked: _Asked, request: PageRequest) -> _Found:
    """In order of the resources of an account, or, for what failed of a control, along the index of failures."""
    own, matching = evaluations.c, asked.matching()
    total = counter_queries.total(reader, connector_key, cid, asked.conditions)
    if total is None:
        total = int(reader.connection.execute(joined(connector_key, cid, func.count()).where(matching)).scalar_one())
    if request.offset >= total:
        return _Found([], total)
    if request.sort is None and cid is not None and asked.is_of_failures:
        listing = joined(connector_key, cid, resources.c.key, own.cid, resource_key=resources.c.key)
        listing = listing.where(own.connector_key == connector_key).order_by(own.resource_key)
    else:
        sort = columns(asked.covered) if request.sort else {}
        listing = joined(connector_key, cid, resources.c.key, own.cid)
        listing = listing.order_by(*order(request.sort, sort, resources.c.key, own.cid))
    with nullcontext() if request.sort else along_an_index(reader):
        found = reader.connection.execute(limited(listing.where(matching), request)).all()
    return _Found([(key, number) for key, number in found], total)


def _rows(
    reader: Reader, connector_key: int, is_covered: ColumnElement[bool], pairs: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], EvaluationRow]:
    """By (resource key, cid). `is_covered` is about their FAILs."""
    own, keys = evaluations.c, sorted({key for key, _ in pairs})
    listing = (
        select(
            own.cid,
            own.reason,
            own.status.label("stored"),
            shown_status(own.status, is_covered).label("status"),
            shown_reason().label("scope_reason"),
            scopes.c.outcome,
            scopes.c.evaluated_on,
            own.first_evaluated,
            last_evaluated().label("last_evaluated"),
            own.fixed,
            own.reopened,
            *listed_columns(),
        )
        .select_from(evaluations)
        .join(resources, resources.c.key == own.resource_key)
        .join(scopes, scopes.c.key == resources.c.scope_key)
        .where(own.connector_key == connector_key, bulk.is_among(reader, resources.c.key, keys))
        .where(bulk.is_among(reader, own.resource_key, keys), resource_is_seen_in(reader, connector_key))
        .where(bulk.are_among(reader, own.resource_key, own.cid, pairs))
    )
    return {(row.key, row.cid): _row(row) for row in reader.connection.execute(listing)} if pairs else {}


def _reason(row: Row[Any]) -> str:
    """Why it is unknown; or since when what fails may have been put right without anybody seeing it."""
    if row.stored == PASS and STATUSES[row.status] is Status.UNKNOWN:
        return str(row.scope_reason)
    if row.stored == FAIL and row.outcome != Outcome.COMPLETE:
        known = from_epoch_or_none(row.evaluated_on)
        whole = f"last read whole on {known:%Y-%m-%d %H:%M}Z" if known else "never read whole"
        return f"{whole}, since then {row.scope_reason}"
    return row.reason or ""


def _row(row: Row[Any]) -> EvaluationRow:
    return EvaluationRow(
        cid=row.cid,
        status=STATUSES[row.status],
        reason=_reason(row),
        resource=resource_of(row),
        dates=EvaluationDates(
            first_evaluated=from_epoch(row.first_evaluated),
            last_evaluated=from_epoch(row.last_evaluated),
            reopened=from_epoch_or_none(row.reopened),
            fixed=from_epoch_or_none(row.fixed),
        ),
    )
