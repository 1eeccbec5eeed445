"""Roles: those that the program ships and those that people make, and who was given which, where.

What an identity may do is remembered for a second. A change made in this process counts at once, one made by another
process within that second.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from threading import Lock

import msgspec

from nephoscope.access import grants
from nephoscope.access.built_in import BUILT_IN, MANAGER
from nephoscope.audit import trail
from nephoscope.errors import BadRequestError, ConflictError, ForbiddenError, NotFoundError
from nephoscope.kit.clock import Clock
from nephoscope.kit.folding import fold
from nephoscope.model.identities import Grant, Identity, Permission, Principal, PrincipalKind, Role
from nephoscope.store import locks, roles
from nephoscope.store.session import Store, Writer

__all__ = ["MANAGER", "RoleDraft", "Roles"]

REMEMBERED_FOR = timedelta(seconds=1)
_REMEMBERED_AT_MOST = 4_096
MOST_ROLES = 200
LONGEST_NAME = 64
LONGEST_DESCRIPTION = 500


class RoleDraft(msgspec.Struct, frozen=True):
    """What somebody wants a role to be. None leaves it as it was, or empty in a new one; of a name, it is missing."""

    name: str | None = None
    permissions: frozenset[str] | None = None
    description: str | None = None


class Roles:
    """One for each process. Thread-safe."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._remembered: dict[tuple[Principal, str], tuple[Identity, datetime]] = {}

    def identity(self, who: Principal, shown_as: str = "") -> Identity:
        """What a principal that has proven who it is may do and sees. See `grants.identity_of`."""
        key, now = (who, shown_as), self._clock()
        with self._lock:
            found = self._remembered.get(key)
        if found and found[1] <= now < found[1] + REMEMBERED_FOR:
            return found[0]
        with self._store.read() as reader:
            identity = grants.identity_of(reader, who, shown_as)
        with self._lock:
            if len(self._remembered) >= _REMEMBERED_AT_MOST:
                self._remembered.clear()
            self._remembered[key] = (identity, now)
        return identity

    def forget(self) -> None:
        """After a transaction that gave or took something, so that it counts here at once."""
        with self._lock:
            self._remembered.clear()

    def list(self) -> tuple[Role, ...]:
        """Shipped ones first."""
        with self._store.read() as reader:
            return (*BUILT_IN.values(), *roles.every(reader))

    def get(self, name: str) -> Role:
        """In any case. NotFoundError when there is none."""
        with self._store.read() as reader:
            found = grants.find_role(reader, name)
        if found is None:
            raise NotFoundError(f"There is no role {name[:80]!r}.")
        return found

    def create(self, draft: RoleDraft, by: Identity) -> Role:
        """BadRequestError with every problem at once, ForbiddenError for a permission that `by` has not, ConflictError
        for a name that is taken."""
        now = self._clock().replace(microsecond=0)
        made = _checked(draft, Role("", frozenset(), created_by=by.name, created_on=now), by, now)
        with self._store.write() as writer:
            locks.lock_grants(writer)
            if len(roles.every(writer)) >= MOST_ROLES:
                raise ConflictError(f"There are {MOST_ROLES} own roles already; delete one that nobody needs.")
            made = roles.create(writer, made)
            self._record(writer, by, "role.create", made)
        return made

    def change(self, name: str, draft: RoleDraft, by: Identity) -> Role:
        """It holds at once for whoever has the role. Errors as of `create`, and ConflictError for a shipped one."""
        with self._store.write() as writer:
            locks.lock_grants(writer)
            before = _own(writer, name)
            _check_held(before.permissions, by)
            after = _checked(draft, before, by, self._clock().replace(microsecond=0))
            roles.change(writer, before, after)
            self._record(writer, by, "role.change", after)
        self.forget()
        return after

    def delete(self, name: str, by: Identity) -> Role:
        """ConflictError for a shipped one, and for one that somebody has."""
        with self._store.write() as writer:
            locks.lock_grants(writer)
            found = _own(writer, name)
            _check_held(found.permissions, by)
            count = roles.count_granted(writer, found.name)
            if count:
                raise ConflictError(f"{found.name} is the role of {count} users and API clients; give them another.")
            roles.delete(writer, found.key)
            self._record(writer, by, "role.delete", found)
        return found

    def grants(self, kind: PrincipalKind) -> dict[str, Grant]:
        """By the name of the principal."""
        with self._store.read() as reader:
            return roles.grants_of(reader, kind)

    def give(self, who: Principal, grant: Grant, by: Identity) -> Grant:
        """See `grants.give`. That `who` exists is for the caller to know."""
        with self._store.write() as writer:
            given = grants.give(writer, by, who, grant, self._clock())
        self.forget()
        return given

    def problems(self, grant: Grant) -> Sequence[str]:
        """What is wrong with it, before it is given with something else."""
        with self._store.read() as reader:
            return grants.problems_of(reader, grant)

    def _record(self, writer: Writer, by: Identity, action: str, role: Role) -> None:
        detail = {"permissions": sorted(role.permissions), "description": role.description}
        trail.record(writer, by.name, action, role.name, detail, self._clock())


def _own(writer: Writer, name: str) -> Role:
    found = roles.get(writer, name)
    if found is not None:
        return found
    if fold(name) in BUILT_IN:
        raise ConflictError(f"{BUILT_IN[fold(name)].name} comes with the program and stays as it is; make an own role.")
    raise NotFoundError(f"There is no role {name[:80]!r}.")


def _checked(draft: RoleDraft, before: Role, by: Identity, now: datetime) -> Role:
    name = before.name if draft.name is None else draft.name
    wanted: Iterable[str] = before.permissions if draft.permissions is None else draft.permissions
    description = before.description if draft.description is None else draft.description
    problems = [*_problems_of_name(name), *_problems_of_permissions(wanted)]
    if len(description) > LONGEST_DESCRIPTION:
        problems.append(f"description: at most {LONGEST_DESCRIPTION} characters")
    if problems:
        raise BadRequestError("The role cannot be accepted: " + "; ".join(problems) + ".", problems)
    permissions = frozenset(map(Permission, wanted)) | grants.NOTHING
    _check_held(permissions, by)
    return msgspec.structs.replace(
        before, name=name, permissions=permissions, description=description, updated_by=by.name, updated_on=now
    )


def _check_held(permissions: frozenset[Permission], by: Identity) -> None:
    missing = sorted(permissions - by.permissions - grants.NOTHING)
    if missing:
        raise ForbiddenError(f"Nobody makes or changes a role that may do more than he: {', '.join(missing)}.")


def _problems_of_name(name: str) -> list[str]:
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable() or name != name.strip() or "/" in name:
        return [f"name: 1 to {LONGEST_NAME} printable characters, without a slash and without spaces around it"]
    if fold(name) in BUILT_IN:
        return [f"name: {BUILT_IN[fold(name)].name} is a role that comes with the program"]
    return []


def _problems_of_permissions(wanted: Iterable[str]) -> list[str]:
    unknown = sorted(set(wanted) - set(Permission))
    if unknown:
        return [f"permissions: there is no {', '.join(map(repr, unknown[:10]))}; there are {', '.join(Permission)}"]
    return []
