"""Which exceptions concern what is seen, and what of them is shown: for readers with a reach. An exception concerns
whoever sees something that it covers, or of whom it names an account or a tag; of what it names, the rest stays
hidden."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import ColumnElement, Table, and_, false, or_, select, true

from nephoscope.kit.folding import fold
from nephoscope.model.exceptions import ExceptionScope, PolicyException
from nephoscope.model.providers import Provider
from nephoscope.store.coverage.effects import allows_connector
from nephoscope.store.naming import named
from nephoscope.store.reach import connector_is_among, connector_is_seen, part, resource_is_seen, seen_tags, wears
from nephoscope.store.session import Reader
from nephoscope.store.tables.core import (
    connectors,
    exception_accounts,
    exception_connector_tags,
    exception_resource_tags,
    exception_resources,
    exceptions,
    resource_tags,
    resources,
    tags,
)
from nephoscope.store.text import is_storable


def is_touched(reader: Reader) -> ColumnElement[bool]:
    """Beside a statement over exceptions."""
    if part(reader) is None:
        return true()
    own = exceptions.c.scope
    whole = account_is(reader, exception_accounts, is_whole=True)
    return or_(
        and_(own == ExceptionScope.RESOURCE, or_(whole, _lists_seen_resource(reader))),
        and_(own == ExceptionScope.CONNECTOR, account_is(reader, exception_accounts)),
        and_(own == ExceptionScope.QUALYSTAG, or_(whole, _names_own_tag(reader), _is_worn(reader))),
    )


def account_is(reader: Reader, table: Table, *, is_whole: bool = False) -> ColumnElement[bool]:
    """Whether a row that the exception has in the table names an account that is seen (whole)."""
    owned = select(table.c.exception_key).where(table.c.exception_key == exceptions.c.key)
    return owned.where(account_row_is(reader, table, is_whole=is_whole)).correlate(exceptions).exists()


def account_row_is(reader: Reader, table: Table, *, is_whole: bool = False) -> ColumnElement[bool]:
    """The same of one row, beside a statement over exceptions and the table."""
    found = part(reader)
    if found is None:
        return true()
    is_seen = connector_is_among(reader, connectors.c.key, found) if is_whole else connector_is_seen(reader)
    owner = select(connectors.c.key).where(connectors.c.account_id == table.c.account_id)
    owner = owner.where(connectors.c.provider == exceptions.c.provider, is_seen)
    return owner.correlate(exceptions, table).exists()


def resource_row_is_seen(reader: Reader) -> ColumnElement[bool]:
    """Beside a statement over exceptions and the resources that they list: one that is there and seen, or whatever lies
    in an account that is seen whole."""
    found = part(reader)
    if found is None:
        return true()
    is_whole = account_row_is(reader, exception_resources, is_whole=True)
    if not found.tags:
        return is_whole
    own = exception_resources.c
    there = (
        select(resources.c.key)
        .join(connectors, connectors.c.key == resources.c.connector_key)
        .where(connectors.c.provider == exceptions.c.provider, connectors.c.account_id == own.account_id)
        .where(resources.c.resource_id == own.resource_id, own.region.in_(["", resources.c.region]))
        .where(wears(reader, found))
        .correlate(exceptions, exception_resources)
    )
    return or_(is_whole, there.exists())


def as_seen(reader: Reader, found: Sequence[PolicyException]) -> tuple[PolicyException, ...]:
    """With what is seen of the accounts, resources and tags that they name."""
    if reader.reach is None:
        return tuple(found)
    tag_names = seen_tags(reader, [name for one in found for name in (*one.resource_tags, *one.connector_tags)])
    return tuple(_as_seen(reader, one, tag_names) for one in found)


def whole_accounts(reader: Reader, provider: Provider, wanted: Iterable[str]) -> frozenset[str]:
    """Those that are seen whole."""
    found = part(reader)
    names = [name for name in set(wanted) if is_storable(name)]
    own = connectors.c
    is_whole = true() if found is None else connector_is_among(reader, own.key, found)
    rows = select(own.account_id).where(own.provider == provider, own.account_id.in_(names), is_whole)
    return frozenset(reader.connection.execute(rows).scalars()) if names else frozenset()


def _as_seen(reader: Reader, one: PolicyException, tag_names: frozenset[str]) -> PolicyException:
    own = connectors.c
    seen = select(own.account_id).where(own.provider == one.provider, own.account_id.in_(one.account_ids))
    accounts = frozenset(reader.connection.execute(seen.where(connector_is_seen(reader))).scalars())
    whole = whole_accounts(reader, one.provider, (row.account_id for row in one.resources))
    partly = [row for row in one.resources if row.account_id not in whole]
    there = named(reader, one.provider, partly)
    return msgspec.structs.replace(
        one,
        account_ids=tuple(account for account in one.account_ids if account in accounts),
        resources=tuple(row for row in one.resources if row.account_id in whole or row in there),
        resource_tags=tuple(name for name in one.resource_tags if fold(name) in tag_names),
        connector_tags=tuple(name for name in one.connector_tags if fold(name) in tag_names),
    )


def _lists_seen_resource(reader: Reader) -> ColumnElement[bool]:
    own = exception_resources.c
    listed = select(own.exception_key).where(own.exception_key == exceptions.c.key, resource_row_is_seen(reader))
    return listed.correlate(exceptions).exists()


def _names_own_tag(reader: Reader) -> ColumnElement[bool]:
    names = [fold(name) for name in reader.reach.tags if is_storable(name)] if reader.reach else []
    if not names:
        return false()
    tables = (exception_resource_tags, exception_connector_tags)
    owned = (select(table.c.folded).where(table.c.exception_key == exceptions.c.key) for table in tables)
    return or_(*(rows.where(rows.selected_columns.folded.in_(names)).correlate(exceptions).exists() for rows in owned))


def _is_worn(reader: Reader) -> ColumnElement[bool]:
    """One of its tags, by a resource that is seen, in a connector that it allows."""
    own, worn = exception_resource_tags.c, resource_tags.c
    rows = (
        select(worn.resource_key)
        .select_from(exception_resource_tags)
        .join(tags, tags.c.folded == own.folded)
        .join(resource_tags, worn.tag_key == tags.c.key)
        .join(resources, resources.c.key == worn.resource_key)
        .join(connectors, connectors.c.key == resources.c.connector_key)
        .where(own.exception_key == exceptions.c.key, connectors.c.provider == exceptions.c.provider)
        .where(resource_is_seen(reader), allows_connector())
    )
    return rows.correlate(exceptions).exists()
