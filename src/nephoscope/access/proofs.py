"""That somebody has proven who he is: what is known of it, and how long it is remembered.

A proof is looked up by a keyed hash of what was shown, so that neither hashing passwords nor verifying signatures is
paid twice. It holds while the principal is of the generation that it was made under. Whether it still does is asked of
the store once a second; what changes in this process counts at once.
"""

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock
from uuid import UUID

import msgspec

from nephoscope.access.keys import SigningKeys
from nephoscope.kit.clock import Clock
from nephoscope.model.clients import ApiClient
from nephoscope.model.identities import Principal, PrincipalKind
from nephoscope.store import api_clients, proofs, users
from nephoscope.store.session import Reader, Store

REMEMBERED_FOR = timedelta(seconds=60)
"""How long a password is not hashed again."""
CHECKED_EVERY = timedelta(seconds=1)
_REMEMBERED_AT_MOST = 4_096


class Means(StrEnum):
    """What was shown."""

    PASSWORD = "password"  # noqa: S105 - a word
    TOKEN = "token"  # noqa: S105 - a word
    SESSION = "session"


class Proof(msgspec.Struct, frozen=True):
    """`acts_as` is whose grant counts: an API client's owner, where it has one. `mark` is the id of the token or the
    digest of the session. `csrf` has to accompany what a session changes."""

    principal: Principal
    means: Means
    generation: str
    until: datetime
    shown_as: str = ""
    acts_as: Principal | None = None
    owner_generation: str = ""
    must_change: bool = False
    networks: tuple[str, ...] = ()
    mark: str = ""
    kid: str = ""
    csrf: str = ""

    @property
    def granted(self) -> Principal:
        return self.acts_as or self.principal


class _Remembered(msgspec.Struct, frozen=True):
    proof: Proof
    checked_on: datetime


class Proofs:
    """One for each process. Thread-safe."""

    def __init__(self, store: Store, clock: Clock, keys: SigningKeys) -> None:
        self._store = store
        self._clock = clock
        self._keys = keys
        self._secret = secrets.token_bytes(32)
        self._lock = Lock()
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()

    def recall(self, means: Means, *shown: str) -> Proof | None:
        """None for what was not proven lately, or holds no more."""
        digest, now = self._digest(means, shown), self._clock()
        with self._lock:
            found = self._remembered.get(digest)
        if found is None or now >= found.proof.until:
            return None
        if found.checked_on <= now < found.checked_on + CHECKED_EVERY:
            return found.proof
        proof = self.renewed(found.proof)
        with self._lock:
            if proof is None:
                self._remembered.pop(digest, None)
            elif digest in self._remembered:
                self._remembered[digest] = _Remembered(proof, now)
        return proof

    def remember(self, proof: Proof, *shown: str) -> Proof:
        digest = self._digest(proof.means, shown)
        with self._lock:
            self._remembered[digest] = _Remembered(proof, self._clock())
            self._remembered.move_to_end(digest)
            while len(self._remembered) > _REMEMBERED_AT_MOST:
                self._remembered.popitem(last=False)
        return proof

    def forget(self) -> None:
        """After a change to any user or API client, so that it counts here at once."""
        with self._lock:
            self._remembered.clear()

    def renewed(self, proof: Proof) -> Proof | None:
        """The proof as the store has it now; None when it holds no more."""
        if proof.means is Means.TOKEN and self._keys.public(proof.kid) is None:
            return None
        with self._store.read() as reader:
            if not _LASTS[proof.means](reader, proof.mark):
                return None
            stands = _user_stands if proof.principal.kind is PrincipalKind.USER else _client_stands
            return stands(reader, proof, self._clock())

    def _digest(self, means: Means, shown: tuple[str, ...]) -> bytes:
        text = "".join(f"{len(one)}:{one}" for one in (means, *shown))
        return hmac.digest(self._secret, text.encode("utf-8", "surrogatepass"), "sha256")


def _user_stands(reader: Reader, proof: Proof, _now: datetime) -> Proof | None:
    found = users.standing(reader, proof.principal.name)
    if found is None or found.is_disabled or found.generation != proof.generation:
        return None
    if found.has_factor and proof.means is Means.PASSWORD:
        return None
    same = found.must_change is proof.must_change
    return proof if same else msgspec.structs.replace(proof, must_change=found.must_change)


def _client_stands(reader: Reader, proof: Proof, now: datetime) -> Proof | None:
    client = _client(reader, proof.principal.name)
    if client is None or client.is_disabled or client.generation != proof.generation:
        return None
    if client.expires_on is not None and client.expires_on <= now:
        return None
    if client.owner and not _owner_stands(reader, client.owner, proof.owner_generation):
        return None
    owner = Principal.user(client.owner) if client.owner else None
    return msgspec.structs.replace(proof, networks=client.networks, shown_as=client.shown_as, acts_as=owner)


def _client(reader: Reader, client_id: str) -> ApiClient | None:
    try:
        return api_clients.get(reader, UUID(client_id))
    except ValueError:
        return None


def _owner_stands(reader: Reader, owner: str, generation: str) -> bool:
    """Whoever must change his password, or has been made anew, has no programs that act for him."""
    found = users.standing(reader, owner)
    return found is not None and found[:3] == (generation, False, False)


_LASTS: dict[Means, Callable[[Reader, str], bool]] = {
    Means.PASSWORD: lambda _reader, _mark: True,
    Means.TOKEN: lambda reader, mark: not proofs.is_revoked(reader, mark),
    Means.SESSION: lambda reader, mark: proofs.get_session(reader, mark) is not None,
}
"""Whether the thing itself is still there."""
