"""The other side of single sign-on: a provider's description, its keys, and what it says of somebody.

What it says counts when it is signed by one of its keys with an algorithm of public keys, is meant for us, and answers
the very question that we asked (the nonce).
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import quote_plus, urlencode

import jwt
import msgspec
from jwt.types import Options

from nephoscope.errors import UnauthenticatedError, UnavailableError
from nephoscope.kit.clock import Clock
from nephoscope.kit.dates import to_epoch
from nephoscope.kit.outbound import Outbound, Reply
from nephoscope.settings import SignOn

ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
"""None with a shared secret, and not `none`."""
DESCRIBED_FOR = timedelta(hours=1)
KEYS_ASKED_EVERY = timedelta(seconds=30)
"""At most, for keys that are not known yet."""
_LEEWAY = 60
_FINE = 200
_LONGEST_TOKEN = 65_536
_OPTIONS: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": ["exp", "iat", "sub"]}
_REFUSAL = "The provider of single sign-on did not vouch for you"


class Words(msgspec.Struct, frozen=True):
    """What a provider says of somebody."""

    issuer: str
    subject: str
    claims: Mapping[str, Any]


class Provider:
    """Thread-safe."""

    def __init__(self, wanted: SignOn, clock: Clock, outbound: Outbound) -> None:
        self._wanted = wanted
        self._clock = clock
        self._outbound = outbound
        self._lock = Lock()
        self._described: tuple[datetime, Mapping[str, Any]] | None = None
        self._keys: tuple[datetime, Mapping[str, jwt.PyJWK]] | None = None

    def endpoint(self, name: str) -> str:
        """UnavailableError when the provider describes itself wrongly."""
        address = self._description().get(name)
        schemes = ("https://", "http://") if self._wanted.issuer.startswith("http://") else ("https://",)
        if not isinstance(address, str) or not address.startswith(schemes):
            raise UnavailableError(f"The provider of single sign-on names no {name} that can be used.")
        return address

    def exchange(self, code: str, verifier: str, nonce: str) -> Words:
        """What the code stands for. UnauthenticatedError when the provider does not take it, or answers something that
        is not right in every point."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._wanted.callback,
            "code_verifier": verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        headers |= self._credentials(form)
        reply = self._outbound.send(
            "POST", self.endpoint("token_endpoint"), headers=headers, body=urlencode(form).encode()
        )
        if reply.status != _FINE:
            raise UnauthenticatedError(f"{_REFUSAL}: it did not take the code.")
        answer = _object(reply)
        token = answer.get("id_token")
        if not isinstance(token, str) or len(token) > _LONGEST_TOKEN:
            raise UnauthenticatedError(f"{_REFUSAL}: there is no ID token in its answer.")
        claims = self._verified(token, nonce)
        return Words(self._wanted.issuer, claims["sub"], self._completed(claims, answer.get("access_token")))

    def _credentials(self, form: dict[str, str]) -> dict[str, str]:
        """As the provider likes it; without a secret we are a public client, and PKCE alone has to do."""
        form["client_id"] = self._wanted.client_id
        methods = self._description().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if not self._wanted.client_secret:
            return {}
        if "client_secret_basic" not in methods and "client_secret_post" in methods:
            form["client_secret"] = self._wanted.client_secret
            return {}
        pair = f"{quote_plus(self._wanted.client_id)}:{quote_plus(self._wanted.client_secret)}"
        return {"Authorization": "Basic " + b64encode(pair.encode()).decode()}

    def _verified(self, token: str, nonce: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            algorithm = header.get("alg")
            if algorithm not in ALGORITHMS:
                raise UnauthenticatedError(f"{_REFUSAL}: its token is signed in a way that is not taken here.")
            key = self._key(header.get("kid"))
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._wanted.client_id,
                issuer=self._wanted.issuer,
                options=_OPTIONS,
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            raise UnauthenticatedError(f"{_REFUSAL}: its token is not valid.") from None
        if not self._is_timely(claims) or not _is_for(claims, self._wanted.client_id) or claims.get("nonce") != nonce:
            raise UnauthenticatedError(f"{_REFUSAL}: its token is not of now, or not for us.")
        return claims

    def _is_timely(self, claims: Mapping[str, Any]) -> bool:
        now = to_epoch(self._clock())
        issued, starts, ends = claims["iat"], claims.get("nbf", 0), claims["exp"]
        if not all(isinstance(one, int | float) for one in (issued, starts, ends)):
            return False
        return bool(max(issued, starts) <= now + _LEEWAY and now < ends + _LEEWAY)

    def _key(self, kid: object) -> jwt.PyJWK:
        """UnauthenticatedError for a key that the provider does not publish."""
        keys = self._published(kid)
        found = keys.get(str(kid)) if kid is not None else next(iter(keys.values())) if len(keys) == 1 else None
        if found is None:
            raise UnauthenticatedError(f"{_REFUSAL}: its token is signed with a key that it does not publish.")
        return found

    def _published(self, kid: object) -> Mapping[str, jwt.PyJWK]:
        """Asked for anew when a key is not among those that are known, but not all the time."""
        now = self._clock()
        with self._lock:
            known = self._keys
        if known is not None:
            is_recent = now - known[0] < KEYS_ASKED_EVERY
            if is_recent or (str(kid) in known[1] and now - known[0] < DESCRIBED_FOR):
                return known[1]
        rows = self._fetched(self.endpoint("jwks_uri")).get("keys")
        keys = dict(_usable(rows if isinstance(rows, list) else ()))
        with self._lock:
            self._keys = (now, keys)
        return keys

    def _completed(self, claims: dict[str, Any], access_token: object) -> Mapping[str, Any]:
        """Some providers tell name and groups only to whoever asks for them with the access token."""
        wanted = (self._wanted.name_claim, self._wanted.role_claim.partition(".")[0])
        has_more = isinstance(self._description().get("userinfo_endpoint"), str)
        if not has_more or not isinstance(access_token, str) or all(name in claims for name in wanted):
            return claims
        more = self._fetched(self.endpoint("userinfo_endpoint"), {"Authorization": f"Bearer {access_token}"})
        return {**more, **claims} if more.get("sub") == claims["sub"] else claims

    def _description(self) -> Mapping[str, Any]:
        now = self._clock()
        with self._lock:
            known = self._described
        if known is not None and now - known[0] < DESCRIBED_FOR:
            return known[1]
        found = self._fetched(self._wanted.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self._wanted.issuer:
            raise UnavailableError(
                "The provider of single sign-on calls itself by another name than NEPHOSCOPE_OIDC_ISSUER."
            )
        with self._lock:
            self._described = (now, found)
        return found

    def _fetched(self, address: str, headers: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        reply = self._outbound.send("GET", address, headers={"Accept": "application/json", **(headers or {})})
        if reply.status != _FINE:
            raise UnavailableError(f"The provider of single sign-on answered {reply.status} at {address}.")
        return _object(reply)


def _object(reply: Reply) -> Mapping[str, Any]:
    try:
        return msgspec.json.decode(reply.body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise UnavailableError("The provider of single sign-on answered what is no JSON object.") from None


def _is_for(claims: Mapping[str, Any], client_id: str) -> bool:
    """Of a token for several, we have to be the one that asked."""
    audience = claims["aud"]
    is_shared = isinstance(audience, list) and len(audience) > 1
    return bool(claims.get("azp", None if is_shared else client_id) == client_id)


def _usable(rows: Iterable[object]) -> Iterator[tuple[str, jwt.PyJWK]]:
    """Those that sign in a way that we know; what a provider publishes for others is not for us to refuse."""
    for row in rows:
        if isinstance(row, dict) and row.get("kty") in {"RSA", "EC", "OKP"} and row.get("use", "sig") == "sig":
            with suppress(jwt.PyJWTError, ValueError, TypeError):
                yield str(row.get("kid", "")), jwt.PyJWK(row)
