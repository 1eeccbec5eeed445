"""Settings that people change while the server runs: the tenant's over what the program was started with, and each
user's own."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Row, select
from sqlalchemy import delete as delete_from

from nephoscope.store import bulk
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.roles import tenant_settings, user_settings
from nephoscope.store.text import is_storable


def of_tenant(reader: Reader) -> dict[str, Any]:
    """What was set, by name; what was not is left out."""
    return _values(reader.connection.execute(select(tenant_settings.c.name, tenant_settings.c.value)).all())


def set_for_tenant(writer: Writer, changed: Mapping[str, Any]) -> None:
    """None forgets what was set."""
    for name, value in sorted(changed.items()):
        if value is None:
            writer.connection.execute(delete_from(tenant_settings).where(tenant_settings.c.name == name))
        else:
            bulk.upsert(writer, tenant_settings, ["name"], {"name": name, "value": _text(value)})


def of_user(reader: Reader, user: str) -> dict[str, Any]:
    """Like `of_tenant`."""
    own = user_settings.c
    if not is_storable(user):
        return {}
    return _values(reader.connection.execute(select(own.name, own.value).where(own.user_name == user)).all())


def set_for_user(writer: Writer, user: str, changed: Mapping[str, Any]) -> None:
    """Like `set_for_tenant`."""
    own = user_settings.c
    for name, value in sorted(changed.items()):
        if value is None:
            writer.connection.execute(delete_from(user_settings).where(own.user_name == user, own.name == name))
        else:
            row = {"user_name": user, "name": name, "value": _text(value)}
            bulk.upsert(writer, user_settings, ["user_name", "name"], row)


def forget_user(writer: Writer, user: str) -> None:
    writer.connection.execute(delete_from(user_settings).where(user_settings.c.user_name == user))


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _values(rows: Any) -> dict[str, Any]:
    found: list[Row[Any]] = list(rows)
    return {row.name: msgspec.json.decode(row.value) for row in found}
