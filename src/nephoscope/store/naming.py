"""Accounts and resources by what people call them: an account and an id, perhaps a region."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Select, select

from nephoscope.kit.chunks import chunks
from nephoscope.model.exceptions import ExemptResource
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Resource
from nephoscope.store.reach import connector_is_seen, resource_is_seen
from nephoscope.store.resources import listed_columns, resource_of
from nephoscope.store.session import Reader
from nephoscope.store.tables.core import connectors, resources, scopes
from nephoscope.store.text import is_storable

_MANY = 500
"""Ids of one statement."""


def named(
    reader: Reader, provider: Provider, wanted: Iterable[ExemptResource]
) -> Mapping[ExemptResource, tuple[Resource, ...]]:
    """Every resource that goes by each name, in order of key: types and regions may share an id. Names that nothing
    goes by are left out."""
    asked: dict[str, dict[str, list[ExemptResource]]] = {}
    for name in wanted:
        asked.setdefault(name.account_id, {}).setdefault(name.resource_id, []).append(name)
    found: dict[ExemptResource, list[Resource]] = {}
    for account_id, names in asked.items():
        for row in _rows(reader, provider, account_id, names):
            for name in names[row.resource_id]:
                if name.region in {"", row.region}:
                    found.setdefault(name, []).append(row)
    return {name: tuple(rows) for name, rows in found.items()}


def known_accounts(reader: Reader, provider: Provider, wanted: Iterable[str]) -> frozenset[str]:
    """Those that a connector enters."""
    found: set[str] = set()
    for part in chunks([one for one in wanted if is_storable(one)], _MANY):
        own = connectors.c
        listing = select(own.account_id).where(own.provider == provider, own.account_id.in_(part))
        found.update(reader.connection.execute(listing.where(connector_is_seen(reader))).scalars())
    return frozenset(found)


def of_id(reader: Reader, resource_id: str) -> tuple[Resource, ...]:
    """Every resource of that id, of whatever account."""
    if not is_storable(resource_id):
        return ()
    rows = reader.connection.execute(_listing(reader).where(resources.c.resource_id == resource_id))
    return tuple(map(resource_of, rows))


def _rows(reader: Reader, provider: Provider, account_id: str, ids: Iterable[str]) -> Iterable[Resource]:
    if is_storable(account_id):
        listing = _listing(reader).where(connectors.c.provider == provider, connectors.c.account_id == account_id)
        for part in chunks([one for one in ids if is_storable(one)], _MANY):
            yield from map(resource_of, reader.connection.execute(listing.where(resources.c.resource_id.in_(part))))


def _listing(reader: Reader) -> Select[Any]:
    """Through the connectors, in each of which an id is found by an index."""
    return (
        select(*listed_columns())
        .select_from(connectors)
        .join(resources, resources.c.connector_key == connectors.c.key)
        .join(scopes, scopes.c.key == resources.c.scope_key)
        .where(resource_is_seen(reader))
        .order_by(resources.c.key)
    )
