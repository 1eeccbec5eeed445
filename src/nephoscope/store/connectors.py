"""Connectors."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, and_, insert, select, true
from sqlalchemy import delete as delete_from
from sqlalchemy import update as update_in

from nephoscope.kit.chunks import chunks
from nephoscope.kit.dates import from_epoch, from_epoch_or_none, to_epoch, to_epoch_or_none
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.connectors import ACCESS, Connector, ConnectorState
from nephoscope.model.providers import Provider
from nephoscope.qql.bound import Bound
from nephoscope.store import bulk
from nephoscope.store.changelog import changes
from nephoscope.store.changelog.departures import departures
from nephoscope.store.conditions import identities, moments, order, where, words
from nephoscope.store.conflicts import unless_taken
from nephoscope.store.locks import lock_connector, share_rules
from nephoscope.store.pages import count_rows, limited
from nephoscope.store.reach import connector_is_seen, seen_assets
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables import core as tables
from nephoscope.store.tables.core import connectors
from nephoscope.store.tables.findings import disk_scans, disk_settings, disks, found_secrets, vulnerabilities
from nephoscope.store.tables.roles import group_connectors
from nephoscope.store.tags import connectors_wearing
from nephoscope.store.text import is_storable, storable

FIELDS = ("name", "description", "state", "uuid", "last_synced_on")
"""What conditions and sorting may name; conditions also `tag_name`."""

_CONDITIONS = {
    "name": words(connectors.c.name),
    "description": words(connectors.c.description),
    "state": words(connectors.c.state),
    "uuid": identities(connectors.c.uuid),
    "last_synced_on": moments(connectors.c.last_synced_on),
    "tag_name": connectors_wearing,
}
_COLUMNS: dict[str, ColumnElement[Any]] = {name: connectors.c[name] for name in FIELDS}


def page(reader: Reader, provider: Provider | None, conditions: Bound, request: PageRequest) -> Page[Connector]:
    """In order of creation unless the request says otherwise."""
    of_provider = connectors.c.provider == provider if provider else true()
    matching = and_(where(conditions, _CONDITIONS), of_provider, connector_is_seen(reader))
    total = count_rows(reader, connectors, matching)
    listing = select(connectors).where(matching).order_by(*order(request.sort, _COLUMNS, connectors.c.key))
    rows = reader.connection.execute(limited(listing, request))
    return Page(_as_seen(reader, [_connector(row) for row in rows]), total, request)


def get(reader: Reader, uuid: UUID) -> Connector | None:
    """A writer that gets a connector has it for itself until it ends, so that what it then writes is no lost update."""
    return _one(reader, connectors.c.uuid == uuid, is_held=True)


def get_by_key(reader: Reader, key: int) -> Connector | None:
    """Like `get`."""
    return _one(reader, connectors.c.key == key, is_held=True)


def every(reader: Reader, provider: Provider | None = None) -> tuple[Connector, ...]:
    """All that are seen, of one cloud or of all, in order of creation."""
    seen = and_(connectors.c.provider == provider if provider else true(), connector_is_seen(reader))
    rows = reader.connection.execute(select(connectors).where(seen).order_by(connectors.c.key))
    return _as_seen(reader, [_connector(row) for row in rows])


def keys_of(reader: Reader, uuids: Sequence[UUID]) -> dict[UUID, int]:
    """Unknown ones are left out."""
    wanted = select(connectors.c.uuid, connectors.c.key).where(connectors.c.uuid.in_(uuids), connector_is_seen(reader))
    rows = reader.connection.execute(wanted)
    return {uuid: key for uuid, key in rows}  # noqa: C416 - a Row is no pair to mypy


def find_by_account(reader: Reader, provider: Provider, account_id: str) -> Connector | None:
    if not is_storable(account_id):
        return None
    return _one(reader, and_(connectors.c.provider == provider, connectors.c.account_id == account_id))


def find_by_name(reader: Reader, provider: Provider, name: str) -> Connector | None:
    if not is_storable(name):
        return None
    return _one(reader, and_(connectors.c.provider == provider, connectors.c.name == name))


def create(writer: Writer, connector: Connector) -> Connector:
    """Answers it with its key. ConflictError when the account or the name is taken."""
    values = _values(connector) | {
        "uuid": connector.uuid,
        "provider": connector.provider,
        "created_on": to_epoch(connector.created_on),
    }
    with unless_taken(writer, _taken(connector)):
        key = writer.connection.execute(insert(connectors).values(values).returning(connectors.c.key)).scalar_one()
    return msgspec.structs.replace(connector, key=key)


def update(writer: Writer, connector: Connector) -> None:
    """Replaces everything but uuid, key, provider and created_on. ConflictError when account or name is taken."""
    changed = update_in(connectors).where(connectors.c.uuid == connector.uuid).values(_values(connector))
    with unless_taken(writer, _taken(connector)):
        writer.connection.execute(changed)


def settle(
    writer: Writer,
    key: int,
    *,
    state: ConnectorState | None = None,
    error: str | None = None,
    total_assets: int | None = None,
    account_alias: str | None = None,
    last_synced_on: datetime | None = None,
    next_sync_on: datetime | None = None,
) -> None:
    """What a run found out, and nothing that a person may be changing meanwhile. None leaves a column as it was."""
    said = {
        "state": state,
        "error": storable(error) if error is not None else None,
        "total_assets": total_assets,
        "account_alias": storable(account_alias) if account_alias is not None else None,
        "last_synced_on": to_epoch_or_none(last_synced_on),
        "next_sync_on": to_epoch_or_none(next_sync_on),
    }
    values = {name: value for name, value in said.items() if value is not None}
    if values:
        writer.connection.execute(update_in(connectors).where(connectors.c.key == key).values(values))


def delete(writer: Writer, keys: Sequence[int]) -> None:
    """With all that belongs to them."""
    share_rules(writer)
    for key in sorted(set(keys)):
        connector = get_by_key(writer, key)
        if connector is None:
            continue
        lock_connector(writer, key)
        _note_departures(writer, key)
        for name in ("documents", "resource_tags"):
            bulk.execute(writer, _DELETE_OF_RESOURCES.format(name), key)
        for table in (*_OWNED, group_connectors):
            writer.connection.execute(delete_from(table).where(table.c.connector_key == key))
        for work in (tables.runs, disk_scans):
            writer.connection.execute(delete_from(work).where(work.c.connector_uuid == connector.uuid))
        writer.connection.execute(delete_from(connectors).where(connectors.c.key == key))
        writer.mark_changed()


def _note_departures(writer: Writer, key: int) -> None:
    owned = select(tables.resources.c.key).where(tables.resources.c.connector_key == key)
    keys = writer.connection.execute(owned.order_by(tables.resources.c.key)).scalars().all()
    for part in chunks(keys, _MANY):
        changes.note(writer, departures(writer, key, part))


_MANY = 20_000
_OWNED = (
    tables.evaluations,
    tables.tallies,
    vulnerabilities,
    found_secrets,
    disks,
    disk_settings,
    tables.resources,
    tables.scopes,
    tables.connector_tags,
)
_DELETE_OF_RESOURCES = """
    DELETE FROM {} WHERE resource_key IN (SELECT key FROM resources WHERE connector_key = ?)
"""


def due(reader: Reader, now: datetime) -> tuple[Connector, ...]:
    """Enabled connectors whose next run is not in the future, the longest waiting first."""
    waiting = and_(connectors.c.is_disabled.is_(False), connectors.c.next_sync_on <= to_epoch(now))
    listing = select(connectors).where(waiting).order_by(connectors.c.next_sync_on, connectors.c.key)
    return tuple(_connector(row) for row in reader.connection.execute(listing))


def _one(reader: Reader, condition: ColumnElement[bool], *, is_held: bool = False) -> Connector | None:
    wanted = select(connectors).where(condition, connector_is_seen(reader))
    row = reader.connection.execute(reader.held(wanted) if is_held else wanted).one_or_none()
    return _as_seen(reader, [_connector(row)])[0] if row else None


def _as_seen(reader: Reader, found: Sequence[Connector]) -> tuple[Connector, ...]:
    """With as many assets as are seen."""
    counts = seen_assets(reader, [row.key for row in found])
    if not counts:
        return tuple(found)
    return tuple(
        msgspec.structs.replace(row, total_assets=counts[row.key]) if row.key in counts else row for row in found
    )


def _taken(connector: Connector) -> str:
    return f"The account {connector.account_id} or the name {connector.name!r} is taken by another connector."


def _values(connector: Connector) -> dict[str, Any]:
    return {
        "account_id": connector.account_id,
        "name": storable(connector.name),
        "description": storable(connector.description),
        "access": msgspec.json.encode(connector.access).decode(),
        "polling_minutes": connector.polling_minutes,
        "is_disabled": connector.is_disabled,
        "is_portal_connector": connector.is_portal_connector,
        "account_alias": storable(connector.account_alias),
        "state": connector.state,
        "error": storable(connector.error),
        "total_assets": connector.total_assets,
        "last_synced_on": to_epoch_or_none(connector.last_synced_on),
        "next_sync_on": to_epoch_or_none(connector.next_sync_on),
    }


def _connector(row: Row[Any]) -> Connector:
    return Connector(
        uuid=row.uuid,
        provider=Provider(row.provider),
        account_id=row.account_id,
        name=row.name,
        created_on=from_epoch(row.created_on),
        key=row.key,
        description=row.description,
        access=msgspec.json.decode(row.access, type=ACCESS[Provider(row.provider)]),
        polling_minutes=row.polling_minutes,
        is_disabled=row.is_disabled,
        is_portal_connector=row.is_portal_connector,
        account_alias=row.account_alias,
        state=ConnectorState(row.state),
        error=row.error,
        total_assets=row.total_assets,
        last_synced_on=from_epoch_or_none(row.last_synced_on),
        next_sync_on=from_epoch_or_none(row.next_sync_on),
    )
