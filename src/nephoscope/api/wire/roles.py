"""Roles and what was given, on the wire."""

from collections.abc import Iterable

import msgspec

from nephoscope.access.roles import RoleDraft
from nephoscope.api.wire.reading import Reading
from nephoscope.errors import refuse
from nephoscope.kit.dates import compact
from nephoscope.model.identities import Grant, Identity, PrincipalKind, Reach, Role

ROLE, REACH = "role", "reach"


class RoleBody(msgspec.Struct, frozen=True, rename="camel"):
    """`permissions` are `capability:verb`. Roles that come with the program have no dates."""

    name: str
    description: str
    permissions: tuple[str, ...]
    is_built_in: bool
    created_by: str
    created_on: str | None
    updated_by: str
    updated_on: str | None


class ReachBody(msgspec.Struct, frozen=True):
    """What is in any of these groups (uuids) or accounts, or wears any of these tags."""

    groups: tuple[str, ...]
    accounts: tuple[str, ...]
    tags: tuple[str, ...]


class GrantBody(msgspec.Struct, frozen=True):
    """A role, and the part that it holds for; everything when `reach` is null."""

    role: str
    reach: ReachBody | None


class GrantRow(msgspec.Struct, frozen=True):
    """`name` is what a user logs in with, or the id of an API client."""

    kind: PrincipalKind
    name: str
    role: str
    reach: ReachBody | None


class IdentityBody(msgspec.Struct, frozen=True):
    """Who asks, and what they may."""

    name: str
    permissions: tuple[str, ...]
    reach: ReachBody | None


def role(found: Role) -> RoleBody:
    return RoleBody(
        name=found.name,
        description=found.description,
        permissions=tuple(sorted(found.permissions)),
        is_built_in=found.is_built_in,
        created_by=found.created_by,
        created_on=compact(found.created_on) if found.created_on else None,
        updated_by=found.updated_by,
        updated_on=compact(found.updated_on) if found.updated_on else None,
    )


def grant_body(found: Grant) -> GrantBody:
    return GrantBody(found.role, reach_body(found.reach))


def grant_row(kind: PrincipalKind, name: str, found: Grant) -> GrantRow:
    return GrantRow(kind, name, found.role, reach_body(found.reach))


def reach_body(found: Reach | None) -> ReachBody | None:
    if found is None:
        return None
    return ReachBody(_sorted(found.groups), _sorted(found.accounts), _sorted(found.tags))


def identity(found: Identity) -> IdentityBody:
    return IdentityBody(found.name, tuple(sorted(found.permissions)), reach_body(found.reach))


def read_role(body: Reading) -> RoleDraft:
    """BadRequestError names every field of a wrong kind."""
    body.only(*RoleBody.__struct_encode_fields__)
    permissions = body.texts("permissions")
    draft = RoleDraft(
        name=body.text("name"),
        permissions=None if permissions is None else frozenset(permissions),
        description=body.text("description"),
    )
    refuse("The role cannot be accepted", body.problems)
    return draft


def read_grant(body: Reading) -> Grant:
    """`role` and, for a part of the inventory, `reach`. BadRequestError names every field that is missing or wrong."""
    body.only(ROLE, REACH)
    name = body.text(ROLE)
    reach = read_reach(body)
    if not name:
        body.problems.append(f"{ROLE}: the name of a role is expected")
    refuse("This cannot be given", body.problems)
    return Grant(name or "", reach)


def read_reach(body: Reading) -> Reach | None:
    """None when it is not there, or null. Problems are the body's."""
    inner = body.inner(REACH)
    if inner is None:
        return None
    inner.only("groups", "accounts", "tags")
    groups = inner.uuids("groups") or ()
    return Reach(
        groups=frozenset(str(uuid) for uuid in groups),
        accounts=frozenset(inner.texts("accounts") or ()),
        tags=frozenset(inner.texts("tags") or ()),
    )


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(values))
