"""Accounts that come and go by themselves: a tenant, a management group, a folder or an organisation is followed, what
is found in it gets a connector, and what is no longer there is not run any more. Nothing that was known is thrown away.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Protocol
from uuid import UUID, uuid4

import msgspec

from nephoscope.audit import trail
from nephoscope.audit.trail import LOCAL
from nephoscope.clouds import table
from nephoscope.clouds.doors import Account
from nephoscope.connectors import azure_drafts, gcp_drafts
from nephoscope.connectors.connectors import Connectors
from nephoscope.connectors.draft import Draft
from nephoscope.errors import BadRequestError, CloudError, ConflictError, NotFoundError, refuse
from nephoscope.kit.clock import Clock
from nephoscope.kit.ids import stable_uuid
from nephoscope.kit.sealing import Sealer
from nephoscope.model.connectors import (
    ACCESS,
    CREDENTIAL,
    DEFAULT_POLLING_MINUTES,
    Access,
    AzureAccess,
    Connector,
    Followed,
    GcpAccess,
)
from nephoscope.model.providers import Provider
from nephoscope.store import connectors, followed, sealed
from nephoscope.store.session import Store

EVERY = timedelta(hours=1)
"""How often a place is looked at."""
_ANY_SUBSCRIPTION, _ANY_PROJECT = "00000000-0000-0000-0000-000000000000", "any-project"
_LONGEST_PLACE = 200


class Discover(Protocol):
    def __call__(self, provider: Provider, access: Access, *, secret: str, within: str) -> tuple[Account, ...]: ...


class Looked(msgspec.Struct, frozen=True):
    """What one look at a place did, by account."""

    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    """Not there any more: their connectors are disabled."""
    back: tuple[str, ...] = ()
    """There again: enabled."""
    left: tuple[str, ...] = ()
    """Have a connector of somebody's own."""


class Following:
    def __init__(
        self, store: Store, clock: Clock, sealer: Sealer, owner: Connectors, discover: Discover = table.discover
    ) -> None:
        self._store = store
        self._clock = clock
        self._sealer = sealer
        self._connectors = owner
        self._discover = discover

    def create(self, provider: Provider, within: str, draft: Draft, by: str = LOCAL) -> tuple[Followed, Looked]:
        """Follow a place from now on, and look at it at once. BadRequestError with every problem, CloudError when it
        cannot be looked at: then it is not followed."""
        access = _access(provider, draft)
        problems = [*_problems(draft, access, within)]
        refuse("The place cannot be followed", problems)
        found = self._discover(provider, access, secret=draft.secret or "", within=within)
        place = Followed(
            uuid=uuid4(),
            provider=provider,
            within=within,
            access=access,
            created_by=by,
            created_on=self._clock(),
            polling_minutes=draft.polling_minutes or DEFAULT_POLLING_MINUTES,
        )
        with self._store.write() as writer:
            followed.create(writer, place)
            if draft.secret:
                sealed.put(writer, self._sealer, place.uuid, CREDENTIAL, draft.secret)
            told = {"provider": provider, "within": within}
            trail.record(writer, by, "followed.create", str(place.uuid), told, place.created_on)
        looked = self._settle(self.get(place.uuid), found, draft.secret or "")
        return self.get(place.uuid), looked

    def every(self) -> tuple[Followed, ...]:
        with self._store.read() as reader:
            return followed.every(reader)

    def get(self, uuid: UUID) -> Followed:
        with self._store.read() as reader:
            found = followed.get(reader, uuid)
        if found is None:
            raise NotFoundError(f"No place with the uuid {uuid} is followed.")
        return found

    def delete(self, uuid: UUID, by: str = LOCAL) -> None:
        """Its connectors stay as they are."""
        place = self.get(uuid)
        with self._store.write() as writer:
            followed.remove(writer, place.key)
            sealed.remove(writer, uuid)
            trail.record(writer, by, "followed.delete", str(uuid), {"within": place.within}, self._clock())

    def look(self, uuid: UUID) -> Looked:
        """Look at a place now. CloudError when its accounts cannot all be listed: then nothing comes or goes."""
        place = self.get(uuid)
        with self._store.read() as reader:
            secret = sealed.get(reader, self._sealer, uuid, CREDENTIAL)
        try:
            found = self._discover(place.provider, place.access, secret=secret, within=place.within)
        except CloudError as error:
            self._note(place, error.message)
            raise
        return self._settle(place, found, secret)

    def look_when_due(self) -> None:
        """At every place that was not looked at for a while; what cannot be looked at says so on its row."""
        due = self._clock() - EVERY
        for place in self.every():
            if place.looked_on is None or place.looked_on <= due:
                try:
                    self.look(place.uuid)
                except (CloudError, NotFoundError):
                    continue

    def _settle(self, place: Followed, found: tuple[Account, ...], secret: str) -> Looked:
        with self._store.read() as reader:
            mine = followed.connectors_of(reader, place.key)
            known = {uuid: connectors.get(reader, uuid) for uuid in mine}
        own = {one.account_id: one for one in known.values() if one is not None}
        here = {account.account_id for account in found}
        added: list[str] = []
        left: list[str] = []
        for account in found:
            if account.account_id not in own:
                (added if self._add(place, account, secret, mine) else left).append(account.account_id)
        gone = [one for one in own.values() if one.account_id not in here and not one.is_disabled]
        back = [one for one in own.values() if one.account_id in here and one.is_disabled and one.error == _GONE]
        for one in gone:
            self._switch(one, is_disabled=True)
        for one in back:
            self._switch(one, is_disabled=False)
        self._note(place, "")
        return Looked(tuple(added), _accounts(gone), _accounts(back), tuple(left))

    def _add(self, place: Followed, account: Account, secret: str, mine: frozenset[UUID]) -> bool:
        """False for an account that has a connector already; nor does one come again that somebody deleted."""
        uuid = _connector_uuid(place, account)
        if uuid in mine:
            return False
        draft = _draft(place, account, secret)
        try:
            made = self._connectors.create(place.provider, draft, place.created_by, uuid=uuid)
        except ConflictError:
            renamed = msgspec.structs.replace(draft, name=f"{account.name} ({account.account_id})")
            try:
                made = self._connectors.create(place.provider, renamed, place.created_by, uuid=uuid)
            except ConflictError:
                return False
        with self._store.write() as writer:
            followed.attach(writer, place.key, made.uuid)
        return True

    def _switch(self, connector: Connector, *, is_disabled: bool) -> None:
        self._connectors.update(connector.uuid, Draft(is_disabled=is_disabled))
        with self._store.write() as writer:
            connectors.settle(writer, connector.key, error=_GONE if is_disabled else "")

    def _note(self, place: Followed, error: str) -> None:
        with self._store.write() as writer:
            followed.looked(writer, place.key, self._clock(), error)


_GONE = "The account is no longer where it was followed."


def _accounts(found: list[Connector]) -> tuple[str, ...]:
    return tuple(one.account_id for one in found)


def _connector_uuid(place: Followed, account: Account) -> UUID:
    """The same for an account at each look."""
    return stable_uuid("followed", str(place.uuid), account.account_id)


def _access(provider: Provider, draft: Draft) -> Access:
    match ACCESS[provider]():
        case AzureAccess() as azure:
            return azure_drafts.merge(draft, azure)
        case GcpAccess() as gcp:
            return gcp_drafts.merge(draft, gcp)
        case _:
            raise BadRequestError("Only tenants of Azure and folders or organisations of Google Cloud can be followed.")


def _problems(draft: Draft, access: Access, within: str) -> Iterator[str]:
    if isinstance(access, AzureAccess):
        yield from azure_drafts.problems(draft, access, _ANY_SUBSCRIPTION, has_secret=False)
        if "/" in within or len(within) > _LONGEST_PLACE:
            yield "within: the id of a management group is expected"
    elif isinstance(access, GcpAccess):
        yield from gcp_drafts.problems(draft, access, _ANY_PROJECT)
        kind, _, number = within.partition("/")
        if within and not (kind in {"folders", "organizations"} and number.isdigit() and len(number) < _DIGITS):
            yield "within: folders/<number> or organizations/<number> is expected"


_DIGITS = 20


def _draft(place: Followed, account: Account, secret: str) -> Draft:
    said: Mapping[str, object] = msgspec.structs.asdict(place.access)
    common = Draft(
        name=account.name,
        account_id=account.account_id,
        polling_minutes=place.polling_minutes,
        endpoint_url=str(said["endpoint_url"]) or None,
        secret=secret or None,
    )
    if isinstance(place.access, AzureAccess):
        return msgspec.structs.replace(
            common,
            tenant_id=place.access.tenant_id,
            application_id=place.access.application_id,
            sign_in=place.access.sign_in,
            partition=place.access.cloud,
        )
    return msgspec.structs.replace(common, impersonated=str(said.get("impersonated", "")) or None)
