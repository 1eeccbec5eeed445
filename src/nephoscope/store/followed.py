"""Places whose accounts are followed, and the connectors that came of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, delete, insert, select, update

from nephoscope.kit.dates import from_epoch, from_epoch_or_none, to_epoch
from nephoscope.model.connectors import ACCESS, Followed
from nephoscope.model.providers import Provider
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.followed import followed, followed_connectors
from nephoscope.store.text import storable


def create(writer: Writer, place: Followed) -> None:
    values = {
        "uuid": place.uuid,
        "provider": place.provider,
        "within": storable(place.within),
        "access": msgspec.json.encode(place.access).decode(),
        "polling_minutes": place.polling_minutes,
        "created_by": storable(place.created_by),
        "created_on": to_epoch(place.created_on),
        "looked_on": None,
        "error": "",
    }
    writer.connection.execute(insert(followed).values(values))


def every(reader: Reader) -> tuple[Followed, ...]:
    """The oldest first."""
    return tuple(map(_place, reader.connection.execute(select(followed).order_by(followed.c.key))))


def get(reader: Reader, uuid: UUID) -> Followed | None:
    row = reader.connection.execute(select(followed).where(followed.c.uuid == uuid)).one_or_none()
    return _place(row) if row else None


def looked(writer: Writer, key: int, now: datetime, error: str) -> None:
    """How the last look went."""
    values = {"looked_on": to_epoch(now), "error": storable(error)}
    writer.connection.execute(update(followed).where(followed.c.key == key).values(values))


def remove(writer: Writer, key: int) -> None:
    """The connectors stay, as if somebody had made them by hand."""
    writer.connection.execute(delete(followed_connectors).where(followed_connectors.c.followed_key == key))
    writer.connection.execute(delete(followed).where(followed.c.key == key))


def connectors_of(reader: Reader, key: int) -> frozenset[UUID]:
    """Of those that came of it, also such as somebody has deleted since."""
    wanted = select(followed_connectors.c.connector_uuid).where(followed_connectors.c.followed_key == key)
    return frozenset(reader.connection.execute(wanted).scalars())


def attach(writer: Writer, key: int, connector: UUID) -> None:
    row = {"connector_uuid": connector, "followed_key": key}
    writer.connection.execute(insert(followed_connectors).values(row))


def _place(row: Row[Any]) -> Followed:
    provider = Provider(row.provider)
    return Followed(
        uuid=row.uuid,
        key=row.key,
        provider=provider,
        within=row.within,
        access=msgspec.json.decode(row.access, type=ACCESS[provider]),
        polling_minutes=row.polling_minutes,
        created_by=row.created_by,
        created_on=from_epoch(row.created_on),
        looked_on=from_epoch_or_none(row.looked_on),
        error=row.error,
    )
