"""Users."""

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy import delete as delete_from

from nephoscope.kit.dates import from_epoch, to_epoch
from nephoscope.model.users import User
from nephoscope.store import bulk
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables import users
from nephoscope.store.text import is_storable


def get(reader: Reader, name: str) -> User | None:
    if not is_storable(name):
        return None
    row = reader.connection.execute(select(users).where(users.c.name == name)).one_or_none()
    return _user(row) if row else None


def every(reader: Reader) -> tuple[User, ...]:
    """In order of name."""
    return tuple(_user(row) for row in reader.connection.execute(select(users).order_by(users.c.name)))


def put(writer: Writer, user: User) -> None:
    """Adds or replaces."""
    values = {
        "name": user.name,
        "password_hash": user.password_hash,
        "created_on": to_epoch(user.created_on),
        "is_disabled": user.is_disabled,
    }
    bulk.upsert(writer, users, ["name"], values)


def delete(writer: Writer, name: str) -> bool:
    if not is_storable(name):
        return False
    return bool(writer.connection.execute(delete_from(users).where(users.c.name == name)).rowcount)


def _user(row: Row[Any]) -> User:
    return User(row.name, row.password_hash, from_epoch(row.created_on), row.is_disabled)
