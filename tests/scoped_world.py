"""A small estate, who wears what in it and who sees what, with a model in Python of what a reach means."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, NamedTuple

import msgspec
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from apiworld import ACCOUNT, LAB, PASSWORD, USER, World, instance, user
from nephoscope.connectors.connectors import Draft
from nephoscope.exceptions.exceptions import Draft as ExceptionDraft
from nephoscope.kit.folding import fold
from nephoscope.model.exceptions import ExceptionReason, ExceptionScope, ExemptResource
from nephoscope.model.identities import Grant, Principal, Reach
from nephoscope.model.providers import Provider
from nephoscope.store import exceptions, groups, resources, roles, tags
from nephoscope.store.tables.core import connector_tags, resource_tags
from nephoscope.store.tables.core import exceptions as exception_table
from nephoscope.store.tables.roles import group_connectors

ANNEX = "777788889999"
ACCOUNTS = (ACCOUNT, LAB, ANNEX)
TAGS = ("red", "Blue", "green")
GROUPS = ("East", "West")
SCOPED, ITS_PASSWORD = "eve", "battery staple"
RESOURCES = tuple((account, name) for account in ACCOUNTS for name in ("i-1", "i-2", "i-3", "ann", "bob"))
"""The same names in every account: an account and an id say which one is meant."""
KINDS = ("EC2_INSTANCE", "IAM_USER")
CIDS = (1, 2, 322)


class Told(msgspec.Struct, frozen=True):
    """An exception that is in force: what it names."""

    scope: ExceptionScope
    cids: tuple[int, ...] = CIDS
    accounts: tuple[str, ...] = ()
    resources: tuple[tuple[str, str], ...] = ()
    resource_tags: tuple[str, ...] = ()
    connector_tags: tuple[str, ...] = ()
    is_everywhere: bool = False


class Facts(msgspec.Struct, frozen=True):
    """Who wears what, what is in which group, and which exceptions there are."""

    worn: Mapping[tuple[str, str], frozenset[str]]
    worn_by_accounts: Mapping[str, frozenset[str]]
    groups: Mapping[str, frozenset[str]]
    """Name → accounts."""
    exceptions: tuple[Told, ...] = ()


class Part(msgspec.Struct, frozen=True):
    """A reach with groups by name."""

    groups: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()


class Seen:
    """What somebody sees: the meaning of a reach, once more and in plain words."""

    def __init__(self, facts: Facts, part: Part) -> None:
        self._facts = facts
        self._part = part
        self._tags = set(map(fold, part.tags))

    def whole(self, account: str) -> bool:
        return (
            account in self._part.accounts
            or any(account in self._facts.groups[name] for name in self._part.groups)
            or self._has_own(self._facts.worn_by_accounts[account])
        )

    def resource(self, account: str, name: str) -> bool:
        return self.whole(account) or self._has_own(self._facts.worn[account, name])

    def account(self, account: str) -> bool:
        return self.whole(account) or any(self.resource(*one) for one in RESOURCES if one[0] == account)

    def exception(self, told: Told) -> bool:
        match told.scope:
            case ExceptionScope.RESOURCE:
                return any(self.resource(*one) for one in told.resources)
            case ExceptionScope.CONNECTOR:
                return any(map(self.account, told.accounts))
            case ExceptionScope.QUALYSTAG:
                names_own = self._has_own(frozenset(told.resource_tags + told.connector_tags))
                return names_own or any(map(self.whole, told.accounts)) or self._is_worn(told)

    def beyond(self, told: Told) -> bool:
        """Whether it covers, or may come to cover, what is not seen."""
        match told.scope:
            case ExceptionScope.RESOURCE:
                return not all(self.resource(*one) for one in told.resources)
            case ExceptionScope.CONNECTOR:
                return not all(map(self.whole, told.accounts))
            case ExceptionScope.QUALYSTAG:
                if set(map(fold, told.resource_tags)) <= self._tags:
                    return False
                own_connectors = set(map(fold, told.connector_tags)) <= self._tags
                return told.is_everywhere or not (own_connectors and all(map(self.whole, told.accounts)))

    def _is_worn(self, told: Told) -> bool:
        return any(
            self.resource(account, name)
            and self._facts.worn[account, name] & frozenset(told.resource_tags)
            and self._allows(told, account)
            for account, name in RESOURCES
        )

    def _allows(self, told: Told, account: str) -> bool:
        wears = self._facts.worn_by_accounts[account] & frozenset(told.connector_tags)
        return told.is_everywhere or account in told.accounts or bool(wears)

    def _has_own(self, names: frozenset[str]) -> bool:
        return bool({fold(name) for name in names} & self._tags)


class ScopedWorld:
    """One application; `set` says anew who wears and sees what."""

    def __init__(self, world: World) -> None:
        self.world = world
        annex = world.connectors.create(Provider.AWS, Draft(name="Annex", account_id=ANNEX))
        self.connectors = {ACCOUNT: world.production, LAB: world.lab, ANNEX: annex}
        for account, owner in self.connectors.items():
            instances = [instance("i-1", tokens="required"), instance("i-2"), instance("i-3")]
            world.record("EC2_INSTANCE", "us-east-1", instances, connector=owner)
            world.record(
                "IAM_USER", "global", [user("ann", mfa=account == LAB), user("bob", mfa=False)], connector=owner
            )
        self.keys = dict(self._keys())
        self.groups = {name: world.usecases.groups.create(name) for name in GROUPS}
        world.access.add_user(SCOPED, ITS_PASSWORD)

    def reach(self, part: Part) -> Reach:
        ids = frozenset(str(self.groups[name].uuid) for name in part.groups)
        return Reach(ids, part.accounts, part.tags)

    def set(self, facts: Facts, part: Part | None, role: str = "Manager") -> None:
        """Whoever is scoped has the role in that part; None is everything."""
        with self.world.store.write() as writer:
            for table in (resource_tags, connector_tags, group_connectors):
                writer.connection.execute(table.delete())
            known = writer.connection.execute(select(exception_table.c.key)).scalars().all()
            exceptions.delete(writer, list(known))
            keys = tags.ensure(writer, TAGS)
            for one, names in facts.worn.items():
                tags.put_on(writer, [self.keys[one]], [keys[fold(name)] for name in names])
            for account, names in facts.worn_by_accounts.items():
                tags.put_on_connectors(writer, [self.connectors[account].key], [keys[fold(name)] for name in names])
            for name, members in facts.groups.items():
                groups.put_in(writer, self.groups[name].key, [self.connectors[account].key for account in members])
            roles.put_grant(writer, Principal.user(SCOPED), Grant(role, self.reach(part) if part else None))
        self.world.roles.forget()
        for number, told in enumerate(facts.exceptions):
            self.world.exceptions.create(draft_of(told, f"Exception {number}", self.world.clock().date()), USER)

    def _keys(self) -> Iterator[tuple[tuple[str, str], int]]:
        with self.world.store.read() as reader:
            for account, owner in self.connectors.items():
                for kind in KINDS:
                    keys = [row.resource_key for row in resources.candidates(reader, owner.key, kind)]
                    for row in resources.by_keys(reader, keys).values():
                        yield (account, row.resource_id), row.key


def draft_of(told: Told, name: str, today: date) -> ExceptionDraft:
    return ExceptionDraft(
        provider=Provider.AWS,
        scope=told.scope,
        name=name,
        explanation="Because.",
        starts_on=today,
        ends_on=today + timedelta(days=20),
        reason=ExceptionReason.OTHER,
        resources=tuple(ExemptResource(name, account) for account, name in told.resources),
        account_ids=told.accounts,
        resource_tags=told.resource_tags,
        connector_tags=told.connector_tags,
        is_for_all_connectors=told.is_everywhere,
        control_ids=told.cids,
    )


class Asker(NamedTuple):
    """One person at the client that all share."""

    client: TestClient[Litestar]
    auth: tuple[str, str]

    def get(self, path: str) -> Response:
        return self.client.get(path, auth=self.auth)

    def post(self, path: str, json: Any = None) -> Response:
        return self.client.post(path, json=json, auth=self.auth)

    def put(self, path: str, json: Any = None) -> Response:
        return self.client.put(path, json=json, auth=self.auth)

    def delete(self, path: str, json: Any = None) -> Response:
        return self.client.request("DELETE", path, json=json, auth=self.auth)


@contextmanager
def askers(world: World) -> Iterator[tuple[Asker, Asker]]:
    """Somebody who sees everything, and somebody who sees a part."""
    with TestClient(world.application()) as client:
        yield Asker(client, (USER, PASSWORD)), Asker(client, (SCOPED, ITS_PASSWORD))
