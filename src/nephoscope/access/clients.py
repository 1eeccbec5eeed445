"""API clients: programs that exchange an id and a secret for a token.

The secret is shown when it is made and never again; what is stored cannot be turned back into it. Two are good while
one is being replaced by the other.
"""

import hmac
import secrets as random
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import msgspec

from nephoscope.access import grants
from nephoscope.access.proofs import Means, Proof, Proofs
from nephoscope.audit import trail
from nephoscope.errors import BadRequestError, ConflictError, ForbiddenError, NotFoundError, UnauthenticatedError
from nephoscope.kit.clock import Clock
from nephoscope.kit.networks import holds_address, network_of
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.clients import ApiClient, ClientSecret
from nephoscope.model.identities import Grant, Identity, Principal
from nephoscope.store import api_clients, users
from nephoscope.store.session import Reader, Store, Writer
from nephoscope.store.text import is_storable

OVERLAP = timedelta(hours=24)
"""How long the old secret is good beside the new one, when nothing else is said."""
LONGEST_OVERLAP = timedelta(days=30)
LONGEST_NAME = 128
LONGEST_DESCRIPTION = 500
MOST_NETWORKS = 50
MOST_CLIENTS = 10_000
MOST_OF_ONE = 50
"""That act as the same user: nobody takes the places of all others."""
_MARKED_EVERY = timedelta(minutes=1)
_LONGEST_SECRET = 256
REFUSAL = "The client id or the client secret is wrong."


class ClientDraft(msgspec.Struct, frozen=True):
    """None leaves it as it was, or empty in a new one. `expires_on` in the past is refused."""

    name: str | None = None
    description: str | None = None
    expires_on: datetime | None = None
    never_expires: bool = False
    networks: tuple[str, ...] | None = None


class Made(msgspec.Struct, frozen=True):
    """`secret` is here this once."""

    client: ApiClient
    secret: str


class Clients:
    """Thread-safe."""

    def __init__(self, store: Store, clock: Clock, proofs: Proofs) -> None:
        self._store = store
        self._clock = clock
        self._proofs = proofs

    def create(self, draft: ClientDraft, by: Identity, grant: Grant | None = None, owner: str = "") -> Made:
        """With a grant, or with an owner as whom it acts. BadRequestError with every problem at once; ConflictError
        for a name that is taken; ForbiddenError for more than `by` has himself."""
        now, secret = self._now(), _secret()
        blank = ApiClient(uuid4(), "", by.name, now, random.token_urlsafe(12), owner)
        client = msgspec.structs.replace(_checked(draft, blank, now), secrets=(ClientSecret(_digest(secret), now),))
        with self._store.write() as writer:
            if api_clients.count(writer) >= MOST_CLIENTS:
                raise ConflictError(f"There are {MOST_CLIENTS:,} API clients already; delete those that nobody needs.")
            if owner and api_clients.count(writer, owner) >= MOST_OF_ONE:
                raise ConflictError(f"You have {MOST_OF_ONE} API clients already; delete those that you do not need.")
            made = api_clients.create(writer, client)
            self._record(writer, by, "client.create", made)
            if grant is not None:
                grants.give(writer, by, Principal.client(str(made.uuid)), grant, now)
        return Made(made, secret)

    def problems(self, draft: ClientDraft) -> Sequence[str]:
        """What is wrong with what a draft says."""
        return _problems(draft, self._now())

    def get(self, uuid: UUID, owner: str | None = None) -> ApiClient:
        """Of this owner, when one is given. NotFoundError when there is none."""
        with self._store.read() as reader:
            return _existing(reader, uuid, owner)

    def find(self, name: str) -> ApiClient:
        """By its id or its name, in any case."""
        with self._store.read() as reader:
            uuid = _uuid(name)
            found = (api_clients.get(reader, uuid) if uuid else None) or api_clients.find_name(reader, name)
        if found is None:
            raise NotFoundError(f"There is no API client {name[:80]!r}.")
        return found

    def shown_as(self, client_id: str) -> str:
        """As the trail names it; empty when there is no such client."""
        uuid = _uuid(client_id)
        with self._store.read() as reader:
            found = api_clients.get(reader, uuid) if uuid else None
        return found.shown_as if found else ""

    def list(self, request: PageRequest, owner: str | None = None) -> Page[ApiClient]:
        with self._store.read() as reader:
            return api_clients.page(reader, request, owner)

    def change(
        self, uuid: UUID, draft: ClientDraft, by: Identity, grant: Grant | None = None, owner: str | None = None
    ) -> ApiClient:
        now = self._now()
        with self._store.write() as writer:
            before = self._touched(writer, uuid, by, owner)
            after = _checked(draft, before, now)
            api_clients.change(writer, after)
            self._record(writer, by, "client.change", after)
            if grant is not None:
                if after.owner:
                    raise ConflictError(f"{after.name} acts as {after.owner}; it has no role of its own.")
                grants.give(writer, by, Principal.client(str(uuid)), grant, now)
        self._proofs.forget()
        return after

    def rotate(self, uuid: UUID, by: Identity, overlap: timedelta = OVERLAP, owner: str | None = None) -> Made:
        """A new secret; the last one stays good for the overlap, one before that goes."""
        if not timedelta() <= overlap <= LONGEST_OVERLAP:
            raise BadRequestError(f"The overlap must be 0 to {LONGEST_OVERLAP.days} days.", ["overlap: too long"])
        now, secret = self._now(), _secret()
        with self._store.write() as writer:
            before = self._touched(writer, uuid, by, owner)
            kept = [_ending(one, now + overlap) for one in before.secrets if _is_live(one, now)][:1] if overlap else []
            after = msgspec.structs.replace(before, secrets=(ClientSecret(_digest(secret), now), *kept))
            api_clients.put_secrets(writer, after, after.secrets)
            detail = {"name": after.name, "overlap_seconds": int(overlap.total_seconds())}
            trail.record(writer, by.name, "client.rotate", str(uuid), detail, now)
        return Made(after, secret)

    def switch(self, uuid: UUID, by: Identity, *, is_disabled: bool, owner: str | None = None) -> ApiClient:
        """Disabling ends the tokens that it has, for good."""
        with self._store.write() as writer:
            before = self._touched(writer, uuid, by, owner)
            after = msgspec.structs.replace(before, is_disabled=is_disabled, generation=random.token_urlsafe(12))
            api_clients.change(writer, after)
            self._record(writer, by, "client.disable" if is_disabled else "client.enable", after)
        self._proofs.forget()
        return after

    def delete(self, uuid: UUID, by: Identity, owner: str | None = None) -> ApiClient:
        with self._store.write() as writer:
            found = self._touched(writer, uuid, by, owner)
            grants.withdraw(writer, by, Principal.client(str(uuid)))
            api_clients.delete(writer, found)
            self._record(writer, by, "client.delete", found)
        self._proofs.forget()
        return found

    def prove(self, client_id: str, secret: str, address: str) -> Proof:
        """UnauthenticatedError in the same words for everything that is wrong with id and secret, and for a client that
        is disabled or has expired; ForbiddenError for an address that is none of its own."""
        now, digest = self._clock(), _digest(secret[:_LONGEST_SECRET])
        with self._store.read() as reader:
            uuid = _uuid(client_id)
            client = api_clients.get(reader, uuid) if uuid else None
            owner = users.standing(reader, client.owner) if client and client.owner else None
        if client is None or not _opens(client, digest, now):
            raise UnauthenticatedError(REFUSAL)
        if client.owner and (owner is None or owner.is_disabled or owner.must_change):
            raise UnauthenticatedError(REFUSAL)
        check_address(client.networks, address)
        if client.last_used_on is None or now - client.last_used_on >= _MARKED_EVERY:
            with self._store.write() as writer:
                api_clients.mark_used(writer, client, digest, now)
        return Proof(
            principal=Principal.client(str(client.uuid)),
            means=Means.TOKEN,
            generation=client.generation,
            until=now,
            shown_as=client.shown_as,
            acts_as=Principal.user(client.owner) if client.owner else None,
            owner_generation=owner.generation if owner else "",
            networks=client.networks,
        )

    def _touched(self, writer: Writer, uuid: UUID, by: Identity, owner: str | None) -> ApiClient:
        found = _existing(writer, uuid, owner)
        grants.check_touch(writer, by, Principal.user(found.owner) if found.owner else Principal.client(str(uuid)))
        return found

    def _record(self, writer: Writer, by: Identity, action: str, client: ApiClient) -> None:
        detail = {
            "name": client.name,
            "owner": client.owner,
            "networks": client.networks,
            "expires_on": client.expires_on,
        }
        trail.record(writer, by.name, action, str(client.uuid), detail, self._clock())

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)


def check_address(networks: Sequence[str], address: str) -> None:
    """ForbiddenError unless the address lies in one of the networks, or there are none."""
    if networks and not any(holds_address(network, address) for network in networks):
        raise ForbiddenError("This API client may not be used from this address.")


def is_live(client: ApiClient, now: datetime) -> bool:
    return not client.is_disabled and (client.expires_on is None or now < client.expires_on)


def _opens(client: ApiClient, digest: str, now: datetime) -> bool:
    live = (one.digest for one in client.secrets if _is_live(one, now))
    return any(hmac.compare_digest(one, digest) for one in live) and is_live(client, now)


def _is_live(secret: ClientSecret, now: datetime) -> bool:
    return secret.expires_on is None or now < secret.expires_on


def _ending(secret: ClientSecret, until: datetime) -> ClientSecret:
    """No later than it would have ended anyway."""
    return msgspec.structs.replace(secret, expires_on=min(secret.expires_on or until, until))


def _existing(reader: Reader, uuid: UUID, owner: str | None) -> ApiClient:
    found = api_clients.get(reader, uuid)
    if found is None or (owner is not None and found.owner != owner):
        raise NotFoundError(f"There is no API client {uuid}.")
    return found


def _checked(draft: ClientDraft, before: ApiClient, now: datetime) -> ApiClient:
    name = before.name if draft.name is None else draft.name.strip()
    description = before.description if draft.description is None else draft.description
    networks = before.networks if draft.networks is None else draft.networks
    problems = _problems(draft, now)
    if draft.name is None:
        problems += _problems_of_name(name)
    if problems:
        raise BadRequestError("The API client cannot be accepted: " + "; ".join(problems) + ".", problems)
    expires = None if draft.never_expires else draft.expires_on or before.expires_on
    return msgspec.structs.replace(
        before,
        name=name,
        description=description,
        networks=tuple(str(network_of(one)) for one in networks),
        expires_on=expires,
    )


def _problems(draft: ClientDraft, now: datetime) -> list[str]:
    """Of what it says."""
    problems = [] if draft.name is None else _problems_of_name(draft.name.strip())
    problems += _problems_of_networks(draft.networks or ())
    if draft.description is not None and len(draft.description) > LONGEST_DESCRIPTION:
        problems.append(f"description: at most {LONGEST_DESCRIPTION} characters")
    if draft.expires_on is not None and draft.expires_on <= now:
        problems.append("expiresOn: it lies in the past")
    return problems


def _problems_of_name(name: str) -> list[str]:
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable() or not is_storable(name):
        return [f"name: 1 to {LONGEST_NAME} printable characters"]
    return []


def _problems_of_networks(networks: Sequence[str]) -> list[str]:
    if len(networks) > MOST_NETWORKS:
        return [f"networks: {MOST_NETWORKS} at most"]
    wrong = [one for one in networks if network_of(one) is None]
    return [f"networks: {one[:60]!r} is no range of addresses; expected such as 10.0.0.0/8" for one in wrong]


def _secret() -> str:
    """256 random bits."""
    return random.token_urlsafe(32)


def _digest(secret: str) -> str:
    """A fast hash is the right one here: nobody can guess 256 random bits, and a slow one would only let strangers
    spend our time."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
