"""Roles that people made, and what each user and API client was given."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, and_, insert, select, update
from sqlalchemy import delete as delete_from

from nephoscope.kit.dates import from_epoch, to_epoch
from nephoscope.kit.folding import fold
from nephoscope.model.identities import Grant, Permission, Principal, PrincipalKind, Reach, Role
from nephoscope.store import bulk
from nephoscope.store.conflicts import unless_taken
from nephoscope.store.pages import count_rows
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.core import users
from nephoscope.store.tables.roles import grant_parts, grants, role_permissions, roles
from nephoscope.store.text import is_storable, storable

_GROUP, _ACCOUNT, _TAG = "group", "account", "tag"
_KNOWN = frozenset(Permission)


def every(reader: Reader) -> tuple[Role, ...]:
    """Own ones, in order of creation."""
    return _roles(reader, None)


def get(reader: Reader, name: str) -> Role | None:
    """An own one, in any case."""
    if not is_storable(name):
        return None
    return next(iter(_roles(reader, roles.c.folded == fold(name))), None)


def create(writer: Writer, role: Role) -> Role:
    """Answers it with its key. ConflictError when the name is taken."""
    adding = insert(roles).values(_values(role)).returning(roles.c.key)
    with unless_taken(writer, _taken(role)):
        key: int = writer.connection.execute(adding).scalar_one()
    _put_permissions(writer, key, role.permissions)
    return msgspec.structs.replace(role, key=key)


def change(writer: Writer, before: Role, after: Role) -> None:
    """Whoever has the role has it under its new name. ConflictError when that is taken."""
    with unless_taken(writer, _taken(after)):
        writer.connection.execute(update(roles).where(roles.c.key == before.key).values(_values(after)))
    writer.connection.execute(delete_from(role_permissions).where(role_permissions.c.role_key == before.key))
    _put_permissions(writer, before.key, after.permissions)
    writer.connection.execute(update(grants).where(grants.c.role == before.name).values(role=after.name))


def delete(writer: Writer, key: int) -> None:
    writer.connection.execute(delete_from(role_permissions).where(role_permissions.c.role_key == key))
    writer.connection.execute(delete_from(roles).where(roles.c.key == key))


def count_granted(reader: Reader, role: str) -> int:
    """How many have it, by its exact name."""
    return count_rows(reader, grants, grants.c.role == role)


def grant_of(reader: Reader, who: Principal) -> Grant | None:
    if not is_storable(who.name):
        return None
    return _grants(reader, _is(grants, who), _is(grant_parts, who)).get(who)


def grants_of(reader: Reader, kind: PrincipalKind) -> dict[str, Grant]:
    """By the name of the principal."""
    found = _grants(reader, grants.c.kind == kind, grant_parts.c.kind == kind)
    return {who.name: grant for who, grant in found.items()}


def put_grant(writer: Writer, who: Principal, grant: Grant) -> None:
    """Adds or replaces."""
    drop_grant(writer, who)
    values = {"kind": who.kind, "name": who.name, "role": grant.role, "is_scoped": grant.reach is not None}
    writer.connection.execute(insert(grants).values(values))
    parts = [(who.kind.value, who.name, *part) for part in _parts(grant.reach)]
    bulk.insert(writer, grant_parts, ("kind", "name", "part", "value"), parts)


def drop_grant(writer: Writer, who: Principal) -> bool:
    writer.connection.execute(delete_from(grant_parts).where(_is(grant_parts, who)))
    return bool(writer.connection.execute(delete_from(grants).where(_is(grants, who))).rowcount)


def count_reaching_group(reader: Reader, group: str) -> int:
    """How many grants name the group (a uuid as text)."""
    own = grant_parts.c
    return count_rows(reader, grant_parts, own.part == _GROUP, own.value == group)


def enabled_users_with(reader: Reader, role: str) -> frozenset[str]:
    """Users who may log in and have the role everywhere."""
    wanted = (
        select(grants.c.name)
        .join(users, users.c.name == grants.c.name)
        .where(grants.c.kind == PrincipalKind.USER, grants.c.role == role, grants.c.is_scoped.is_(False))
        .where(users.c.is_disabled.is_(False))
    )
    return frozenset(reader.connection.execute(reader.held(wanted)).scalars())


def _taken(role: Role) -> str:
    return f"There is already a role named {role.name!r}."


def _roles(reader: Reader, condition: ColumnElement[bool] | None) -> tuple[Role, ...]:
    own = role_permissions.c
    wanted, inner = select(roles).order_by(roles.c.key), select(own.role_key, own.permission)
    if condition is not None:
        wanted = wanted.where(condition)
        inner = inner.join(roles, roles.c.key == own.role_key).where(condition)
    found: dict[int, set[Permission]] = {}
    for key, name in reader.connection.execute(inner):
        if name in _KNOWN:  # one that the program no longer has gives nothing
            found.setdefault(key, set()).add(Permission(name))
    return tuple(_role(row, found.get(row.key, ())) for row in reader.connection.execute(wanted))


def _put_permissions(writer: Writer, key: int, permissions: Iterable[Permission]) -> None:
    rows = [(key, permission.value) for permission in sorted(permissions)]
    bulk.insert(writer, role_permissions, ("role_key", "permission"), rows)


def _grants(reader: Reader, wanted: ColumnElement[bool], parts: ColumnElement[bool]) -> dict[Principal, Grant]:
    rows = reader.connection.execute(select(grants).where(wanted)).all()
    reaches: dict[Principal, dict[str, set[str]]] = {}
    if any(row.is_scoped for row in rows):
        for row in reader.connection.execute(select(grant_parts).where(parts)):
            who = Principal(PrincipalKind(row.kind), row.name)
            reaches.setdefault(who, {}).setdefault(row.part, set()).add(row.value)
    found: dict[Principal, Grant] = {}
    for row in rows:
        who = Principal(PrincipalKind(row.kind), row.name)
        found[who] = Grant(row.role, _reach(reaches.get(who, {})) if row.is_scoped else None)
    return found


def _reach(parts: dict[str, set[str]]) -> Reach:
    return Reach(*(frozenset(parts.get(part, ())) for part in (_GROUP, _ACCOUNT, _TAG)))


def _parts(reach: Reach | None) -> list[tuple[str, str]]:
    if reach is None:
        return []
    kinds = ((_GROUP, reach.groups), (_ACCOUNT, reach.accounts), (_TAG, reach.tags))
    return [(part, value) for part, values in kinds for value in sorted(values)]


def _is(table: Any, who: Principal) -> ColumnElement[bool]:
    return and_(table.c.kind == who.kind, table.c.name == who.name)


def _values(role: Role) -> dict[str, Any]:
    return {
        "name": role.name,
        "folded": fold(role.name),
        "description": storable(role.description),
        "created_by": storable(role.created_by),
        "created_on": to_epoch(role.created_on) if role.created_on else 0,
        "updated_by": storable(role.updated_by),
        "updated_on": to_epoch(role.updated_on) if role.updated_on else 0,
    }


def _role(row: Row[Any], permissions: Iterable[Permission]) -> Role:
    return Role(
        name=row.name,
        permissions=frozenset(permissions),
        description=row.description,
        created_by=row.created_by,
        created_on=from_epoch(row.created_on),
        updated_by=row.updated_by,
        updated_on=from_epoch(row.updated_on),
        key=row.key,
    )
