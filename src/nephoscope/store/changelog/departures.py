"""What is kept of a resource when it goes: enough to tell whoever followed it, and to know who may be told."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from nephoscope.store import bulk
from nephoscope.store.changelog.changes import ChangeKind, Note
from nephoscope.store.session import Reader
from nephoscope.store.tables.core import connector_tags
from nephoscope.store.tables.roles import connector_groups, group_connectors


class Departed(msgspec.Struct, frozen=True):
    """A resource that is no more, as it was."""

    uuid: UUID
    provider: str
    account_id: str
    connector: UUID
    resource_type: str
    region: str
    resource_id: str
    name: str
    arn: str
    cids: tuple[int, ...]
    """Of its evaluations."""
    tag_keys: tuple[int, ...]
    """That it or its connector wore."""
    groups: tuple[UUID, ...]
    """That its connector was in."""


def departed(detail: str | None) -> Departed:
    return msgspec.json.decode(detail or "", type=Departed)


def departures(reader: Reader, connector_key: int, keys: Sequence[int]) -> list[Note]:
    """Of some thousand resources of a connector, before they go."""
    packed = bulk.packed(reader, keys)
    sql = f"""
        SELECT r.key, r.uuid, c.provider, c.account_id, c.uuid, s.resource_type, r.region, r.resource_id, r.name, r.arn
        FROM resources r JOIN scopes s ON s.key = r.scope_key JOIN connectors c ON c.key = r.connector_key
        WHERE r.connector_key = ? AND {bulk.among(reader, "r.key")}
    """  # noqa: S608 - our own text
    cids, worn, owner = (
        _cids(reader, connector_key, packed),
        _tags(reader, packed),
        _connector_tags(reader, connector_key),
    )
    groups = _groups(reader, connector_key)
    notes = []
    for key, *row in bulk.fetch(reader, sql, connector_key, packed):
        own = (tuple(cids.get(key, ())), tuple(sorted({*worn.get(key, ()), *owner})), groups)
        notes.append(Note(ChangeKind.GONE, connector_key, key, 0, _spelled(row, own)))
    return notes


def _spelled(row: Sequence[Any], own: tuple[Any, ...]) -> str:
    uuid, provider, account_id, connector, *texts = row
    gone = (_uuid(uuid), provider, account_id, _uuid(connector), *texts, *own)
    return msgspec.json.encode(Departed(*gone)).decode()


def _cids(reader: Reader, connector_key: int, packed: object) -> dict[int, list[int]]:
    sql = f"""
        SELECT resource_key, cid FROM evaluations
        WHERE connector_key = ? AND {bulk.among(reader, "resource_key")} ORDER BY resource_key, cid
    """  # noqa: S608 - our own text
    return _lists(bulk.fetch(reader, sql, connector_key, packed))


def _tags(reader: Reader, packed: object) -> dict[int, list[int]]:
    sql = f"SELECT DISTINCT resource_key, tag_key FROM resource_tags WHERE {bulk.among(reader, 'resource_key')}"  # noqa: S608 - our own text
    return _lists(bulk.fetch(reader, sql, packed))


def _lists(pairs: Sequence[tuple[int, int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def _connector_tags(reader: Reader, connector_key: int) -> list[int]:
    own = connector_tags.c
    return list(reader.connection.execute(select(own.tag_key).where(own.connector_key == connector_key)).scalars())


def _groups(reader: Reader, connector_key: int) -> tuple[UUID, ...]:
    own = group_connectors.c
    listing = select(connector_groups.c.uuid).join(group_connectors, own.group_key == connector_groups.c.key)
    return tuple(reader.connection.execute(listing.where(own.connector_key == connector_key)).scalars())


def _uuid(value: UUID | bytes) -> UUID:
    """As the driver has it."""
    return value if isinstance(value, UUID) else UUID(bytes=bytes(value))
