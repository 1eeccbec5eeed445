"""Every evaluation of an account that is asked for, resource by resource, in bounded memory: for what is too long to be
a page. The rows are those of `evaluation_pages`, in the same order."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, func, literal_column, select, true

from nephoscope.model.evaluations import Status
from nephoscope.model.resources import Resource
from nephoscope.qql.bound import Bound
from nephoscope.store import bulk
from nephoscope.store.conditions import where
from nephoscope.store.coverage.exemptions import covered
from nephoscope.store.evaluating.shown import STATUSES, conditions_of, is_shown_as, last_evaluated, shown_status
from nephoscope.store.reach import resource_is_seen_in
from nephoscope.store.resources import by_keys
from nephoscope.store.session import Reader
from nephoscope.store.tables.core import connectors, evaluations, resources, scopes

WINDOW = 1_000
"""Resources at a time."""


class Wanted(NamedTuple):
    """Rows that show as one of `statuses`, of these controls, on resources of these types, and that fulfil the
    conditions."""

    connector_key: int
    cids: Sequence[int]
    resource_types: Sequence[str]
    conditions: Bound
    statuses: Sequence[Status]


class Walked(NamedTuple):
    """One evaluation; moments in seconds."""

    resource_key: int
    cid: int
    status: Status
    first_evaluated: int
    last_evaluated: int
    fixed: int | None
    reopened: int | None


class Window(NamedTuple):
    """Some resources in order of key. `looked_at` counts those that were looked at for it."""

    rows: Sequence[Walked]
    resources: Mapping[int, Resource]
    looked_at: int


def walk(reader: Reader, wanted: Wanted) -> Iterator[Window]:
    """In order of resource key and cid. Windows without a row come as well, so that whoever walks hears of it."""
    last = 0
    while keys := _keys(reader, wanted, last):
        last = keys[-1]
        rows = _rows(reader, wanted, keys)
        found = by_keys(reader, list(dict.fromkeys(row.resource_key for row in rows)), is_counted=False)
        yield Window(rows, found, len(keys))


def count(reader: Reader, wanted: Wanted) -> int:
    """Resources that a walk looks at."""
    found: int = reader.connection.execute(_listed(reader, wanted, func.count())).scalar_one()
    return found


def _keys(reader: Reader, wanted: Wanted, after: int) -> list[int]:
    listing = (
        _listed(reader, wanted, resources.c.key).where(resources.c.key > after).order_by(resources.c.key).limit(WINDOW)
    )
    return list(reader.connection.execute(listing).scalars())


def _listed(reader: Reader, wanted: Wanted, column: ColumnElement[int]) -> Select[Any]:
    """The scope is looked up for each resource, and not the resources of each scope, or they would be sorted anew for
    every window."""
    own_type = select(scopes.c.resource_type).where(scopes.c.key == resources.c.scope_key).scalar_subquery()
    return select(column).where(
        resources.c.connector_key == wanted.connector_key,
        own_type.in_(list(wanted.resource_types)),
        resource_is_seen_in(reader, wanted.connector_key),
    )


def _rows(reader: Reader, wanted: Wanted, keys: Sequence[int]) -> list[Walked]:
    own = evaluations.c
    is_covered = covered(reader, wanted.connector_key)
    listing = (
        select(
            own.resource_key,
            own.cid,
            shown_status(own.status, is_covered),
            own.first_evaluated,
            last_evaluated(),
            own.fixed,
            own.reopened,
        )
        .select_from(resources)
        .join(scopes, scopes.c.key == resources.c.scope_key)
        .join(evaluations, own.resource_key == _LED)
        .join(connectors, connectors.c.key == resources.c.connector_key)
        .where(own.connector_key == wanted.connector_key, bulk.is_among(reader, resources.c.key, keys))
        .where(bulk.is_among(reader, own.resource_key, keys) if reader.is_postgres else true())
        .where(bulk.is_among(reader, own.cid, wanted.cids))
        .where(is_shown_as(own.status, wanted.statuses, is_covered))
        .where(where(wanted.conditions, conditions_of(is_covered)) if wanted.conditions else true())
        .order_by(own.resource_key, own.cid)
    )
    found = reader.connection.execute(listing).all()
    return [Walked(key, cid, STATUSES[shown], *dates) for key, cid, shown, *dates in found]


_LED = literal_column('+resources."key"', BigInteger)
"""The plus keeps SQLite from starting with every evaluation of the account. PostgreSQL is told the keys twice, or it
would do so before it knows anything about the tables."""
