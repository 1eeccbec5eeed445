"""Groups of connectors."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, func, insert, literal, or_, select, true, update
from sqlalchemy import delete as delete_from

from nephoscope.kit.dates import from_epoch, to_epoch
from nephoscope.kit.folding import fold
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.groups import ConnectorGroup
from nephoscope.store import bulk
from nephoscope.store.conflicts import unless_taken
from nephoscope.store.pages import count_rows, limited
from nephoscope.store.reach import connector_is_seen, part
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.core import Identity, connectors
from nephoscope.store.tables.roles import connector_groups, group_connectors
from nephoscope.store.text import is_storable, storable


def page(reader: Reader, request: PageRequest) -> Page[ConnectorGroup]:
    """In order of name; those that are seen, with as many connectors as are seen."""
    is_seen = group_is_seen(reader)
    total = count_rows(reader, connector_groups, is_seen)
    listing = select(connector_groups).where(is_seen).order_by(connector_groups.c.folded)
    return Page(_groups(reader, reader.connection.execute(limited(listing, request)).all()), total, request)


def get(reader: Reader, uuid: UUID) -> ConnectorGroup | None:
    return _one(reader, connector_groups.c.uuid == uuid)


def known(reader: Reader, uuids: Iterable[UUID]) -> frozenset[UUID]:
    """Those that there are."""
    own = connector_groups.c.uuid
    wanted = select(own).where(own.in_([literal(uuid, Identity) for uuid in uuids]))
    return frozenset(reader.connection.execute(wanted).scalars())


def find_by_name(reader: Reader, name: str) -> ConnectorGroup | None:
    """In any case (A to Z)."""
    return _one(reader, connector_groups.c.folded == fold(name)) if is_storable(name) else None


def group_is_seen(reader: Reader) -> ColumnElement[bool]:
    """Beside a statement over groups: one that the reach names, or that something seen is in."""
    if part(reader) is None or reader.reach is None:
        return true()
    own = connector_groups.c
    members = select(group_connectors.c.group_key).where(group_connectors.c.group_key == own.key)
    members = members.join(connectors, connectors.c.key == group_connectors.c.connector_key)
    inside = members.where(connector_is_seen(reader)).correlate(connector_groups).exists()
    return or_(own.uuid.in_([literal(uuid, Identity) for uuid in reader.reach.group_ids]), inside)


def create(writer: Writer, group: ConnectorGroup) -> ConnectorGroup:
    """Answers it with its key. ConflictError when the name is taken."""
    values = {
        "uuid": group.uuid,
        "name": group.name,
        "folded": fold(group.name),
        "created_by": storable(group.created_by),
        "created_on": to_epoch(group.created_on),
    }
    with unless_taken(writer, _taken(group.name)):
        key: int = writer.connection.execute(
            insert(connector_groups).values(values).returning(connector_groups.c.key)
        ).scalar_one()
    return msgspec.structs.replace(group, key=key)


def rename(writer: Writer, key: int, name: str) -> None:
    """ConflictError when the name is taken."""
    renaming = update(connector_groups).where(connector_groups.c.key == key).values(name=name, folded=fold(name))
    with unless_taken(writer, _taken(name)):
        writer.connection.execute(renaming)


def delete(writer: Writer, key: int) -> None:
    """Its connectors stay."""
    writer.connection.execute(delete_from(group_connectors).where(group_connectors.c.group_key == key))
    writer.connection.execute(delete_from(connector_groups).where(connector_groups.c.key == key))
    writer.mark_changed()


def count(reader: Reader) -> int:
    return count_rows(reader, connector_groups)


def members(reader: Reader, key: int) -> frozenset[int]:
    """Keys of its connectors."""
    own = group_connectors.c
    return frozenset(reader.connection.execute(select(own.connector_key).where(own.group_key == key)).scalars())


def put_in(writer: Writer, key: int, connector_keys: Iterable[int]) -> None:
    """Connectors that are not in it yet."""
    rows = [(key, connector_key) for connector_key in sorted(connector_keys)]
    bulk.insert(writer, group_connectors, ("group_key", "connector_key"), rows)
    writer.mark_changed()


def take_out(writer: Writer, key: int, connector_keys: Iterable[int]) -> None:
    rows = [(key, connector_key) for connector_key in sorted(connector_keys)]
    bulk.delete(writer, group_connectors, ("group_key", "connector_key"), rows)
    writer.mark_changed()


def of_connectors(reader: Reader, connector_keys: Sequence[int]) -> Mapping[int, tuple[ConnectorGroup, ...]]:
    """Connector → its groups, in order of name. Connectors without any are left out."""
    own, mine = connector_groups.c, group_connectors.c
    rows = (
        select(mine.connector_key, connector_groups)
        .join_from(group_connectors, connector_groups, own.key == mine.group_key)
        .where(bulk.is_among(reader, mine.connector_key, connector_keys))
        .order_by(own.folded)
    )
    found: dict[int, tuple[ConnectorGroup, ...]] = {}
    for row in reader.connection.execute(rows):
        found[row.connector_key] = (*found.get(row.connector_key, ()), _group(row))
    return found


def connectors_in(reader: Reader, key: int) -> tuple[UUID, ...]:
    """Uuids of its connectors that are seen, in order of creation."""
    mine = group_connectors.c
    rows = select(connectors.c.uuid).join(group_connectors, mine.connector_key == connectors.c.key)
    rows = rows.where(mine.group_key == key, connector_is_seen(reader)).order_by(connectors.c.key)
    return tuple(reader.connection.execute(rows).scalars())


def _taken(name: str) -> str:
    return f"There is already a group named {name!r}."


def _one(reader: Reader, condition: ColumnElement[bool]) -> ConnectorGroup | None:
    wanted = select(connector_groups).where(condition, group_is_seen(reader))
    row = reader.connection.execute(reader.held(wanted)).one_or_none()
    return _groups(reader, [row])[0] if row else None


def _groups(reader: Reader, rows: Sequence[Row[Any]]) -> tuple[ConnectorGroup, ...]:
    mine = group_connectors.c
    counting = select(mine.group_key, func.count()).join(connectors, connectors.c.key == mine.connector_key)
    counting = counting.where(bulk.is_among(reader, mine.group_key, [row.key for row in rows]))
    counting = counting.where(connector_is_seen(reader)).group_by(mine.group_key)
    counts = {key: number for key, number in reader.connection.execute(counting)}  # noqa: C416 - a Row is no pair to mypy
    return tuple(msgspec.structs.replace(_group(row), connectors=counts.get(row.key, 0)) for row in rows)


def _group(row: Row[Any]) -> ConnectorGroup:
    return ConnectorGroup(
        uuid=row.uuid,
        name=row.name,
        created_by=row.created_by,
        created_on=from_epoch(row.created_on),
        key=row.key,
    )
