"""Questions about single exceptions: which ones match an evaluation, and what one that is not stored would cover."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, func, literal_column, or_, select, true

from nephoscope.model.exceptions import ExceptionScope, ExemptResource, PolicyException
from nephoscope.model.resources import Resource
from nephoscope.store import bulk, tags
from nephoscope.store.conditions import bounded
from nephoscope.store.coverage.exemptions import covered
from nephoscope.store.naming import named
from nephoscope.store.reach import connector_is_seen, resource_is_seen_in
from nephoscope.store.session import Reader
from nephoscope.store.tables.core import (
    FAIL,
    connector_tags,
    connectors,
    evaluations,
    exception_accounts,
    exception_connector_tags,
    exception_controls,
    exception_resource_tags,
    exception_resources,
    exceptions,
    resource_tags,
    resources,
)
from nephoscope.store.tables.core import tags as names

_FAIL = literal_column(str(FAIL), BigInteger)


class Extent(NamedTuple):
    """What an exception would cover of one control in one connector: FAILs, and those that others cover already."""

    connector_key: int
    cid: int
    failing: int
    already: int


class Example(NamedTuple):
    """One FAIL that it would cover."""

    resource_key: int
    cid: int
    is_covered: bool
    """By another one, already."""


class Effect:
    """What an exception would cover, whatever its window. It need not be stored."""

    def __init__(self, reader: Reader, exception: PolicyException) -> None:
        self._reader = reader
        self._exception = exception

    def extents(self) -> Iterator[Extent]:
        """In order of connector and cid; controls without such a FAIL are left out."""
        for connector_key in self._connector_keys:
            already = func.sum(case((covered(self._reader, connector_key), 1), else_=0))
            rows = self._failures(connector_key, evaluations.c.cid, func.count(), already)
            rows = rows.group_by(evaluations.c.cid).order_by(evaluations.c.cid)
            for cid, failing, known in self._reader.connection.execute(rows):
                yield Extent(connector_key, cid, failing, int(known))

    def examples(self, size: int) -> list[Example]:
        """The first ones, by connector, resource and cid."""
        own = evaluations.c
        found: list[Example] = []
        for connector_key in self._connector_keys:
            rows = self._failures(connector_key, own.resource_key, own.cid, covered(self._reader, connector_key))
            rows = rows.order_by(own.resource_key, own.cid).limit(size - len(found))
            found.extend(Example(key, cid, bool(known)) for key, cid, known in self._reader.connection.execute(rows))
            if len(found) == size:
                break
        return found

    def pairs(self) -> Iterator[tuple[int, int]]:
        """(resource key, cid) of all of them, by connector."""
        own = evaluations.c
        for connector_key in self._connector_keys:
            found = self._failures(connector_key, own.resource_key, own.cid)
            yield from ((key, cid) for key, cid in self._reader.connection.execute(found))

    @property
    def absent(self) -> tuple[ExemptResource, ...]:
        """Listed resources that are not there."""
        return tuple(one for one in self._exception.resources if one not in self._named)

    @cached_property
    def _named(self) -> dict[ExemptResource, tuple[Resource, ...]]:
        return dict(named(self._reader, self._exception.provider, self._exception.resources))

    @cached_property
    def _keys(self) -> dict[int, list[int]]:
        """Connector → the listed resources that are there."""
        found: dict[int, set[int]] = {}
        for rows in self._named.values():
            for row in rows:
                found.setdefault(row.connector_key, set()).add(row.key)
        return {connector_key: sorted(keys) for connector_key, keys in found.items()}

    @cached_property
    def _tag_keys(self) -> list[int]:
        return sorted(tags.find(self._reader, self._exception.resource_tags).values())

    @cached_property
    def _connector_keys(self) -> list[int]:
        if self._exception.scope is ExceptionScope.RESOURCE:
            return sorted(self._keys)
        own = connectors.c
        listing = select(own.key).where(own.provider == self._exception.provider, self._is_allowed())
        listing = listing.where(connector_is_seen(self._reader))
        return list(self._reader.connection.execute(listing.order_by(own.key)).scalars())

    def _is_allowed(self) -> ColumnElement[bool]:
        wanted = self._exception
        if wanted.scope is ExceptionScope.QUALYSTAG and wanted.is_for_all_connectors:
            return true()
        tag_keys = tags.find(self._reader, wanted.connector_tags).values()
        wearing = select(connector_tags.c.connector_key).where(connector_tags.c.tag_key.in_(list(tag_keys)))
        return or_(connectors.c.account_id.in_(wanted.account_ids), connectors.c.key.in_(wearing))

    def _failures(self, connector_key: int, *columns: ColumnElement[Any]) -> Select[Any]:
        own = evaluations.c
        cids = bulk.is_among(self._reader, own.cid, self._exception.control_ids)
        rows = select(*columns).join_from(evaluations, resources, resources.c.key == own.resource_key)
        rows = rows.where(own.connector_key == connector_key, own.status == _FAIL, cids, self._is_exempt(connector_key))
        return rows.where(resource_is_seen_in(self._reader, connector_key))

    def _is_exempt(self, connector_key: int) -> ColumnElement[bool]:
        own = evaluations.c
        match self._exception.scope:
            case ExceptionScope.RESOURCE:
                return bulk.is_among(self._reader, own.resource_key, self._keys[connector_key])
            case ExceptionScope.CONNECTOR:
                return true()
            case ExceptionScope.QUALYSTAG:
                worn = select(resource_tags.c.tag_key).where(resource_tags.c.resource_key == own.resource_key)
                return worn.where(resource_tags.c.tag_key.in_(self._tag_keys)).exists()


def matching_keys(reader: Reader, resource_key: int, cid: int) -> list[int]:
    """Every exception that names the control and the resource in one way or another, whatever its window and its
    approval, in order of creation."""
    own = exceptions.c
    listing = (
        select(own.key)
        .join(exception_controls, exception_controls.c.exception_key == own.key)
        .join(connectors, connectors.c.provider == own.provider)
        .join(resources, resources.c.connector_key == connectors.c.key)
        .where(exception_controls.c.cid == bounded(cid), resources.c.key == resource_key)
        .where(
            or_(
                and_(own.scope == ExceptionScope.RESOURCE, _lists_resource()),
                and_(own.scope == ExceptionScope.CONNECTOR, _lists_account()),
                and_(own.scope == ExceptionScope.QUALYSTAG, _wears_resource_tag(), allows_connector()),
            )
        )
    )
    return list(reader.connection.execute(listing.order_by(own.key)).scalars())


def _lists_resource() -> ColumnElement[bool]:
    own, one = exception_resources.c, resources.c
    is_same = and_(own.account_id == connectors.c.account_id, own.resource_id == one.resource_id)
    listed = select(own.exception_key).where(own.exception_key == exceptions.c.key, is_same)
    return listed.where(own.region.in_(["", one.region])).exists()


def _lists_account() -> ColumnElement[bool]:
    own = exception_accounts.c
    listed = select(own.exception_key).where(own.exception_key == exceptions.c.key)
    return listed.where(own.account_id == connectors.c.account_id).correlate(exceptions, connectors).exists()


def _wears_resource_tag() -> ColumnElement[bool]:
    own, worn = exception_resource_tags.c, resource_tags.c
    wanted = select(names.c.key).join(exception_resource_tags, own.folded == names.c.folded)
    wanted = wanted.where(own.exception_key == exceptions.c.key).correlate(exceptions)
    mine = select(worn.tag_key).where(worn.resource_key == resources.c.key)
    return mine.where(worn.tag_key.in_(wanted)).exists()


def allows_connector() -> ColumnElement[bool]:
    """Whether an exception for tags may cover what lies in a connector: beside a statement over both."""
    own, worn = exception_connector_tags.c, connector_tags.c
    wanted = select(names.c.key).join(exception_connector_tags, own.folded == names.c.folded)
    wanted = wanted.where(own.exception_key == exceptions.c.key).correlate(exceptions)
    mine = select(worn.tag_key).where(worn.connector_key == connectors.c.key)
    wears = mine.where(worn.tag_key.in_(wanted)).correlate(connectors).exists()
    return or_(exceptions.c.all_connectors, _lists_account(), wears)
