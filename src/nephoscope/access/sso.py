"""Single sign-on with any provider of OpenID Connect: the authorization code flow with PKCE.

What has to come back from the provider (state, nonce, the PKCE verifier) travels in a sealed cookie of the browser that
began: nothing is stored here for whoever never returns, and nobody can finish what another browser began. Whoever comes
back is known by what the provider calls him (issuer and subject), never by his name: a name that is known here already
belongs to somebody else.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from nephoscope.access import grants
from nephoscope.access.accounts import GIVER, problems_of_name
from nephoscope.access.providers import Provider, Words
from nephoscope.audit import trail
from nephoscope.errors import (
    BadRequestError,
    ForbiddenError,
    NotFoundError,
    SettingsError,
    StoreError,
    UnauthenticatedError,
)
from nephoscope.kit.clock import Clock
from nephoscope.kit.outbound import Outbound
from nephoscope.kit.sealing import Sealer
from nephoscope.model.identities import Grant, Identity, Principal
from nephoscope.model.users import User
from nephoscope.settings import SignOn
from nephoscope.store import roles, users
from nephoscope.store.session import Store, Writer

LONGEST_WAY = timedelta(minutes=10)
"""From our door to the provider's and back."""
_CONTEXT = "single sign-on"
_LONGEST = 4_096
_LOST = "This login was not begun in this browser, or too long ago; begin it again."


class Begun(msgspec.Struct, frozen=True):
    """Where the browser goes, and what it brings back in a cookie."""

    location: str
    cookie: str


class _Way(msgspec.Struct, frozen=True):
    state: str
    nonce: str
    verifier: str
    onward: str
    until: datetime
    issuer: str


class SingleSignOn:
    """One for each process. Thread-safe. `wanted` are the providers, the first for whoever names none. SettingsError
    for two of one issuer or name."""

    def __init__(
        self, store: Store, clock: Clock, sealer: Sealer, outbound: Outbound, wanted: Sequence[SignOn] = ()
    ) -> None:
        for what, values in (("issuer", [one.issuer for one in wanted]), ("name", [one.name for one in wanted])):
            if len(set(values)) < len(values):
                raise SettingsError(f"Two providers of single sign-on have the same {what}: {', '.join(values)[:200]}.")
        self._store = store
        self._clock = clock
        self._sealer = sealer
        self._providers = tuple((one, Provider(one, clock, outbound)) for one in wanted)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one, _ in self._providers)

    def begin(self, onward: str, name: str = "") -> Begun:
        """`onward` is a path of ours to go to when all is done. NotFoundError where there is no provider, or none of
        that name, UnavailableError when it does not answer."""
        wanted, provider = self._named(name)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        way = _Way(state, nonce, verifier, _checked(onward), self._clock() + LONGEST_WAY, wanted.issuer)
        challenge = urlsafe_b64encode(sha256(way.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": wanted.client_id,
            "redirect_uri": wanted.callback,
            "scope": wanted.scopes,
            "state": way.state,
            "nonce": way.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = provider.endpoint("authorization_endpoint")
        location = f"{address}{'&' if '?' in address else '?'}{urlencode(asked, quote_via=quote)}"
        sealed = self._sealer.seal(msgspec.json.encode(way), _CONTEXT)
        return Begun(location, urlsafe_b64encode(sealed).decode())

    def finish(self, cookie: str, state: str, code: str, issuer: str = "") -> tuple[User, str]:
        """Who has come back, and where he goes on. `issuer` is who sent him, where the provider says so (RFC 9207).
        UnauthenticatedError for whoever did not begin here or is not vouched for; ForbiddenError when no role is meant
        for him."""
        self._named("")
        way = self._opened(cookie)
        if not hmac.compare_digest(way.state.encode(), state.encode("utf-8", "replace")) or self._clock() >= way.until:
            raise UnauthenticatedError(_LOST)
        if issuer not in {"", way.issuer}:  # one provider must not get the code of another
            raise UnauthenticatedError("Another provider than the one that this login was begun with sent you back.")
        wanted, provider = self._of_issuer(way.issuer)
        words = provider.exchange(code, way.verifier, way.nonce)
        return self._admitted(wanted, words), way.onward

    def _named(self, name: str) -> tuple[SignOn, Provider]:
        if not self._providers:
            raise NotFoundError("Single sign-on is not set up here.")
        found = next((pair for pair in self._providers if name in {"", pair[0].name}), None)
        if found is None:
            raise NotFoundError(f"There is no provider {name[:40]!r}; there are: {', '.join(self.names)}.")
        return found

    def _of_issuer(self, issuer: str) -> tuple[SignOn, Provider]:
        """The one that the login was begun with; it may have gone meanwhile."""
        found = next((pair for pair in self._providers if pair[0].issuer == issuer), None)
        if found is None:
            raise UnauthenticatedError(_LOST)
        return found

    def _opened(self, cookie: str) -> _Way:
        try:
            sealed = urlsafe_b64decode(cookie[:_LONGEST].encode())
            return msgspec.json.decode(self._sealer.open(sealed, _CONTEXT), type=_Way)
        except (Base64Error, UnicodeError, ValueError, StoreError):
            raise UnauthenticatedError(_LOST) from None

    def _admitted(self, wanted: SignOn, words: Words) -> User:
        """The user, made at the first visit; with the role that the provider says he has today. Who has none any more
        loses what he had, for the sessions and programs of his that are still there."""
        role = _role_of(wanted, words.claims)
        with self._store.write() as writer:
            found = users.find_subject(writer, words.issuer, words.subject)
            if not role:
                self._take(writer, found)
            else:
                found = found or self._made(writer, wanted, words)
                if found.is_disabled:
                    raise ForbiddenError(f"{found.name} is disabled here.")
                self._give(writer, Principal.user(found.name), role)
        if not role or found is None:
            raise ForbiddenError(
                f"The provider vouches for you, but {wanted.role_claim} names nothing with a role here."
            )
        return found

    def _take(self, writer: Writer, found: User | None) -> None:
        if found is not None:
            grants.take(writer, Identity(GIVER), Principal.user(found.name), self._clock())

    def _made(self, writer: Writer, wanted: SignOn, words: Words) -> User:
        name = str(words.claims.get(wanted.name_claim) or words.claims.get("email") or words.subject)
        problems = problems_of_name(name)
        if problems:
            raise ForbiddenError(f"The provider calls you by a name that is none here: {'; '.join(problems)}.")
        taken = users.namesake(writer, name)
        if taken is not None:
            raise ForbiddenError(f"There is a user {taken!r} here already, who is somebody else.")
        now = self._clock()
        user = User(name, "", now, generation=secrets.token_urlsafe(12), issuer=words.issuer, subject=words.subject)
        users.put(writer, user)
        trail.record(writer, GIVER, "user.create", name, {"issuer": words.issuer, "subject": words.subject}, now)
        return user

    def _give(self, writer: Writer, who: Principal, role: str) -> None:
        """The reach is what somebody here has set, and stays."""
        held = roles.grant_of(writer, who)
        if held is None or held.role != role:
            grant = Grant(role, held.reach if held else None)
            grants.give(writer, Identity(GIVER), who, grant, self._clock())


def _role_of(wanted: SignOn, claims: Mapping[str, Any]) -> str:
    """Empty for none."""
    said = _texts(_inside(claims, wanted.role_claim))
    return next((role for word, role in wanted.roles if word in said), wanted.default_role)


def _checked(onward: str) -> str:
    """A path on this server, and nothing that a browser takes for another one."""
    if not onward.startswith("/") or onward.startswith(("//", "/\\")) or not onward.isprintable() or len(onward) > 500:  # noqa: PLR2004 - enough for a page
        raise BadRequestError("next: expected a path of this server, such as /.", ["next: no path of this server"])
    return onward


def _inside(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name, or by the path to it: realm_access.roles."""
    if name in claims:
        return claims[name]
    value: Any = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _texts(value: Any) -> frozenset[str]:
    values = value if isinstance(value, list) else [value]
    return frozenset(one for one in values if isinstance(one, str))
