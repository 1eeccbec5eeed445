"""Users, API clients and sessions on our own API."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from nephoscope.access.clients import ClientDraft, Made
from nephoscope.access.sessions import Begun
from nephoscope.api.wire.reading import Reading
from nephoscope.api.wire.roles import ReachBody, reach_body
from nephoscope.kit.dates import compact
from nephoscope.model.clients import ApiClient
from nephoscope.model.identities import Grant, Identity, Reach
from nephoscope.model.sessions import Session, SigningKey
from nephoscope.model.users import User

_PARTS = ("groups", "accounts", "tags")
_SHOWN_OF_A_DIGEST = 16


class UserBody(msgspec.Struct, frozen=True, rename="camel"):
    """`reach` null is everything, `role` null nothing."""

    name: str
    role: str | None
    reach: ReachBody | None
    is_disabled: bool
    must_change: bool
    has_second_factor: bool
    comes_by_single_sign_on: bool
    created_on: str
    last_login_on: str | None


class PasswordBody(msgspec.Struct, frozen=True):
    """`password` when it was made here: it is shown this once."""

    name: str
    password: str | None


class MeBody(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    permissions: list[str]
    reach: ReachBody | None
    must_change: bool
    has_second_factor: bool
    recovery_codes_left: int


class EnrolmentBody(msgspec.Struct, frozen=True):
    """`uri` is what the QR code for an authenticator holds."""

    secret: str
    uri: str


class RecoveryBody(msgspec.Struct, frozen=True, rename="camel"):
    """Shown this once."""

    recovery_codes: list[str]


class ClientSecretBody(msgspec.Struct, frozen=True, rename="camel"):
    created_on: str
    expires_on: str | None
    last_used_on: str | None


class ClientBody(msgspec.Struct, frozen=True, rename="camel"):
    client_id: str
    name: str
    description: str
    owner: str | None
    role: str | None
    reach: ReachBody | None
    is_disabled: bool
    created_by: str
    created_on: str
    expires_on: str | None
    last_used_on: str | None
    networks: list[str]
    secrets: list[ClientSecretBody]


class MadeBody(msgspec.Struct, frozen=True, rename="camel"):
    """`clientSecret` is shown this once."""

    client_id: str
    client_secret: str
    name: str


class BegunBody(msgspec.Struct, frozen=True, rename="camel"):
    """`csrfToken` goes into the header `X-CSRF-Token` of whatever changes something."""

    name: str
    csrf_token: str
    expires_on: str
    must_change: bool


class SessionBody(msgspec.Struct, frozen=True, rename="camel"):
    session_id: str
    began_on: str
    seen_on: str
    expires_on: str
    address: str
    agent: str
    is_current: bool


class RevokedBody(msgspec.Struct, frozen=True):
    jti: str


class SigningKeyBody(msgspec.Struct, frozen=True, rename="camel"):
    """`expiresOn` is null for the key that signs."""

    kid: str
    created_on: str
    expires_on: str | None


USER_FIELDS = UserBody.__struct_encode_fields__
CLIENT_FIELDS = ClientBody.__struct_encode_fields__
"""What may be sent: also what is only told, for who sends back what he was answered."""


def user(found: User, grant: Grant | None) -> UserBody:
    return UserBody(
        name=found.name,
        role=grant.role if grant else None,
        reach=reach_body(grant.reach) if grant else None,
        is_disabled=found.is_disabled,
        must_change=found.must_change,
        has_second_factor=found.has_factor,
        comes_by_single_sign_on=bool(found.subject),
        created_on=compact(found.created_on),
        last_login_on=_moment(found.last_login_on),
    )


def me(identity: Identity, found: User | None, codes_left: int) -> MeBody:
    """`found` is None for an API client."""
    return MeBody(
        name=identity.name,
        permissions=sorted(identity.permissions),
        reach=reach_body(identity.reach),
        must_change=bool(found and found.must_change),
        has_second_factor=bool(found and found.has_factor),
        recovery_codes_left=codes_left,
    )


def client(found: ApiClient, grant: Grant | None) -> ClientBody:
    return ClientBody(
        client_id=str(found.uuid),
        name=found.name,
        description=found.description,
        owner=found.owner or None,
        role=grant.role if grant else None,
        reach=reach_body(grant.reach) if grant else None,
        is_disabled=found.is_disabled,
        created_by=found.created_by,
        created_on=compact(found.created_on),
        expires_on=_moment(found.expires_on),
        last_used_on=_moment(found.last_used_on),
        networks=list(found.networks),
        secrets=[
            ClientSecretBody(compact(one.created_on), _moment(one.expires_on), _moment(one.last_used_on))
            for one in found.secrets
        ],
    )


def made(one: Made) -> MadeBody:
    return MadeBody(str(one.client.uuid), one.secret, one.client.name)


def begun(one: Begun, *, must_change: bool) -> BegunBody:
    return BegunBody(one.session.user_name, one.csrf, compact(one.session.expires_on), must_change)


def session(one: Session, current: str) -> SessionBody:
    """`current` is the digest of the one that asks; empty for none."""
    return SessionBody(
        session_id=one.digest[:_SHOWN_OF_A_DIGEST],
        began_on=compact(one.began_on),
        seen_on=compact(one.seen_on),
        expires_on=compact(one.expires_on),
        address=one.address,
        agent=one.agent,
        is_current=one.digest == current,
    )


def find_session(found: Iterable[Session], session_id: str) -> Session | None:
    """By its id on the wire."""
    return next((one for one in found if one.digest[:_SHOWN_OF_A_DIGEST] == session_id), None)


def signing_key(key: SigningKey) -> SigningKeyBody:
    return SigningKeyBody(key.kid, compact(key.created_on), _moment(key.expires_on))


def read_grant(reading: Reading) -> Grant | None:
    """`role`, and `reach` with any of `groups`, `accounts` and `tags`; without `reach` it is everything. None when
    no role is given."""
    role = reading.text("role")
    inner = reading.inner("reach")
    if role is None:
        if inner is not None:
            reading.problems.append("role: it must be given together with reach")
        return None
    if inner is None:
        return Grant(role)
    inner.only(*_PARTS)
    return Grant(role, Reach(*(frozenset(inner.texts(part) or ()) for part in _PARTS)))


def read_client(reading: Reading) -> ClientDraft:
    """`expiresOn` is an ISO date and time, or the word `never`."""
    expires = reading.text("expiresOn")
    is_never = expires == "never"
    return ClientDraft(
        name=reading.text("name"),
        description=reading.text("description"),
        expires_on=None if expires is None or is_never else _read_moment(reading, "expiresOn", expires),
        never_expires=is_never,
        networks=reading.words("networks"),
    )


def read_overlap(reading: Reading, usual: timedelta) -> timedelta:
    hours = reading.number("overlapHours")
    return usual if hours is None else timedelta(hours=hours)


def _read_moment(reading: Reading, name: str, text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        reading.problems.append(f"{name}: {text[:40]!r} is no moment with its zone, such as 2027-01-31T00:00:00Z")
        return None
    return found


def _moment(at: datetime | None) -> str | None:
    return None if at is None else compact(at)
