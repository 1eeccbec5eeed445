"""Who asks, what they may do, and which part of the inventory they see."""

from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

import msgspec


class Permission(StrEnum):
    """One verb on one capability. Roles are sets of these; every route names exactly one."""

    CONNECTORS_READ = "connectors:read"
    CONNECTORS_WRITE = "connectors:write"
    CONNECTORS_RUN = "connectors:run"
    RESOURCES_READ = "resources:read"
    CONTROLS_READ = "controls:read"
    CONTROLS_WRITE = "controls:write"
    """Own policies and own controls."""
    EVALUATIONS_READ = "evaluations:read"
    EXCEPTIONS_READ = "exceptions:read"
    EXCEPTIONS_WRITE = "exceptions:write"
    EXCEPTIONS_APPROVE = "exceptions:approve"
    TAGS_READ = "tags:read"
    TAGS_WRITE = "tags:write"
    REPORTS_READ = "reports:read"
    REPORTS_WRITE = "reports:write"
    FINDINGS_READ = "findings:read"
    FINDINGS_WRITE = "findings:write"
    """Start disk scans, renew the advisories."""
    SECRETS_PREVIEW = "secrets:preview"
    """See the masked preview of a secret that was found."""
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    CLIENTS_READ = "clients:read"
    CLIENTS_WRITE = "clients:write"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"
    AUDIT_READ = "audit:read"
    METRICS_READ = "metrics:read"
    PORTAL = "portal"
    """What everybody who is known may ask: who this is, what I may do, my own password and settings."""


EVERY_PERMISSION = frozenset(Permission)


class Reach(msgspec.Struct, frozen=True):
    """A part of the inventory: what is in any of these connector groups (uuids as text), in any of these accounts, or
    wears any of these tags. An identity without a reach sees everything."""

    groups: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()

    @property
    def group_ids(self) -> list[UUID]:
        """What is no uuid names no group."""
        found = []
        for text in sorted(self.groups):
            with suppress(ValueError):
                found.append(UUID(text))
        return found


class PrincipalKind(StrEnum):
    """What can be given a role."""

    USER = "user"
    CLIENT = "client"


class Principal(msgspec.Struct, frozen=True):
    """A user by what they log in with, or an API client by its id."""

    kind: PrincipalKind
    name: str

    @classmethod
    def user(cls, name: str) -> Self:
        return cls(PrincipalKind.USER, name)

    @classmethod
    def client(cls, client_id: str) -> Self:
        return cls(PrincipalKind.CLIENT, client_id)


class Role(msgspec.Struct, frozen=True):
    """A named set of permissions. Those that the program ships cannot be changed."""

    name: str
    permissions: frozenset[Permission]
    description: str = ""
    is_built_in: bool = False
    created_by: str = ""
    created_on: datetime | None = None
    updated_by: str = ""
    updated_on: datetime | None = None
    key: int = 0


class Grant(msgspec.Struct, frozen=True):
    """What a principal was given: a role by its name, and the part of the inventory that it holds for."""

    role: str
    reach: Reach | None = None
    """None is everything."""


class Identity(msgspec.Struct, frozen=True):
    """Who asks. `name` is what the audit trail and `createdBy` show."""

    name: str
    permissions: frozenset[Permission] = EVERY_PERMISSION
    reach: Reach | None = None
    """None sees everything."""
    principal: Principal | None = None
    """Whose grant this is; None for whoever has the machine."""

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    @classmethod
    def local(cls) -> Self:
        """Whoever has the machine: the command line."""
        return cls("local")


_CLIENT = "client:"


def shown_client(name: str, owner: str) -> str:
    """What an API client is called. No user's name has a colon, so that nobody is called like a program."""
    return f"{owner} ({_CLIENT}{name})" if owner else f"{_CLIENT}{name}"


def person_of(shown: str) -> str:
    """Who stands behind a name: the user as whom an API client acts; else whoever is named."""
    owner, acts, _ = shown.partition(f" ({_CLIENT}")
    return owner if acts and not shown.startswith(_CLIENT) else shown
