"""Tokens: JWTs that we sign ourselves, and take from nobody else.

Nothing in a token says how it is verified: the algorithm is RS256, the key is looked up by its id among our own, and a
header with anything else in it is refused.
"""

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import msgspec
from jwt.types import Options

from nephoscope.access.keys import LEEWAY, LIFETIME, SigningKeys
from nephoscope.access.proofs import Means, Proof
from nephoscope.errors import UnauthenticatedError
from nephoscope.kit.clock import Clock
from nephoscope.kit.dates import from_epoch, to_epoch
from nephoscope.model.identities import Principal, PrincipalKind

ALGORITHM = "RS256"
LONGEST = 8_192
"""Characters. Ours have about fifteen hundred."""
ISSUER = "nephoscope"
AUDIENCE = "nephoscope"

_HEADER = frozenset({"alg", "typ", "kid"})
_KID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_REQUIRED = ("sub", "kind", "scopes", "iss", "aud", "iat", "exp", "jti", "gen")
_MOST_SECONDS = 1 << 40
_OPTIONS: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": list(_REQUIRED)}
"""Times are checked below, by our own clock."""
_REFUSAL = "The token is not valid, or no longer."


class Issued(msgspec.Struct, frozen=True):
    text: str
    jti: str
    expires_on: datetime


class Tokens:
    """`issuer` is what `iss` says: the public address of this server where it has one. Thread-safe."""

    def __init__(self, clock: Clock, keys: SigningKeys, issuer: str = ISSUER) -> None:
        self._clock = clock
        self._keys = keys
        self._issuer = issuer

    def issue(self, proof: Proof, scopes: Collection[str]) -> Issued:
        """`scopes` tell the holder what he may do as things stand. What counts is what he may when he asks."""
        signing = self._keys.signing()
        now = to_epoch(self._clock())
        jti, until = uuid4().hex, now + int(LIFETIME.total_seconds())
        claims = {
            "sub": proof.principal.name,
            "scopes": sorted(scopes),
            "iss": self._issuer,
            "aud": AUDIENCE,
            "iat": now,
            "exp": until,
            "jti": jti,
            "kind": proof.principal.kind.value,
            "gen": proof.generation,
            "own": proof.owner_generation,
            "usertype": "fo",
            "credentialType": proof.principal.kind.value,
        }
        text = jwt.encode(claims, signing.private, algorithm=ALGORITHM, headers={"kid": signing.kid})
        return Issued(text, jti, from_epoch(until))

    def read(self, text: str) -> Proof:
        """What a genuine token claims; whether its holder still stands is for the store to say. UnauthenticatedError
        for anything else, in the same words."""
        try:
            return self._proof(*self._verified(text))
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise UnauthenticatedError(_REFUSAL) from None

    def _verified(self, text: str) -> tuple[str, Mapping[str, Any]]:
        if len(text) > LONGEST:
            raise ValueError
        header = jwt.get_unverified_header(text)
        kid = header.get("kid")
        if header.keys() - _HEADER or header.get("alg") != ALGORITHM:
            raise ValueError
        if not isinstance(kid, str) or not _KID.match(kid):
            raise ValueError
        public = self._keys.public(kid)
        if public is None:
            raise ValueError
        claims = jwt.decode(
            text, public, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=self._issuer, options=_OPTIONS
        )
        return kid, claims

    def _proof(self, kid: str, claims: Mapping[str, Any]) -> Proof:
        now = self._clock()
        issued, until = _moment(claims["iat"]), _moment(claims["exp"])
        starts = _moment(claims.get("nbf", claims["iat"]))
        if until <= now or max(issued, starts) > now + LEEWAY or until - issued > LIFETIME + timedelta(seconds=1):
            raise ValueError
        texts = [claims[name] for name in ("sub", "jti", "gen")] + [claims.get("own", "")]
        if not all(isinstance(one, str) for one in texts):
            raise TypeError
        name, jti, generation, owner_generation = texts
        return Proof(
            principal=Principal(PrincipalKind(claims["kind"]), name),
            means=Means.TOKEN,
            generation=generation,
            owner_generation=owner_generation,
            until=until,
            shown_as=name,
            mark=jti,
            kid=kid,
        )


def _moment(value: Any) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _MOST_SECONDS:
        raise TypeError
    return from_epoch(value)
