"""The keys that tokens are signed with. The newest signs; those before it are good until the last token that they
signed has expired, and are published as long. A key is replaced by itself after ninety days.

The private halves are sealed before they are stored, and open only in the memory of a process that signs.
"""

import secrets
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from threading import Lock

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from nephoscope.audit import trail
from nephoscope.audit.trail import LOCAL
from nephoscope.errors import StoreError
from nephoscope.kit.clock import Clock
from nephoscope.kit.sealing import Sealer
from nephoscope.model.sessions import SigningKey
from nephoscope.store import proofs
from nephoscope.store.session import Store, Writer

LIFETIME = timedelta(hours=4)
"""Of a token."""
LEEWAY = timedelta(seconds=30)
"""What the clocks of two machines may differ by."""
REPLACED_AFTER = timedelta(days=90)
_READ_EVERY = timedelta(seconds=1)
_BITS = 2048
_CONTEXT = "signing key "


class Signing(msgspec.Struct, frozen=True):
    kid: str
    private: rsa.RSAPrivateKey


class SigningKeys:
    """One for each process. Thread-safe."""

    def __init__(self, store: Store, clock: Clock, sealer: Sealer) -> None:
        self._store = store
        self._clock = clock
        self._sealer = sealer
        self._lock = Lock()
        self._rows: tuple[SigningKey, ...] = ()
        self._read_on: datetime | None = None
        self._public: dict[str, rsa.RSAPublicKey] = {}
        self._signing: Signing | None = None

    def good(self) -> tuple[SigningKey, ...]:
        """Those that are good now, the newest first."""
        now = self._clock()
        with self._lock:
            if self._read_on is None or not self._read_on <= now < self._read_on + _READ_EVERY:
                with self._store.read() as reader:
                    self._rows, self._read_on = proofs.keys(reader), now
            return tuple(row for row in self._rows if row.expires_on is None or now < row.expires_on)

    def public(self, kid: str) -> rsa.RSAPublicKey | None:
        """None for a key that there is not, or no more."""
        row = next((row for row in self.good() if row.kid == kid), None)
        if row is None:
            return None
        if kid not in self._public:
            self._public[kid] = _public(row.public)
        return self._public[kid]

    def signing(self) -> Signing:
        """The key that signs; made when there is none, or when the last one has grown old."""
        row = next((row for row in self.good() if row.expires_on is None), None)
        if row is None or self._clock() - row.created_on >= REPLACED_AFTER:
            row = self._renewed(row)
        with self._lock:
            if self._signing is None or self._signing.kid != row.kid:
                self._signing = Signing(row.kid, self._open(row))
            return self._signing

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """What others verify our tokens with (RFC 7517)."""
        if not self.good():
            self.signing()
        return {"keys": [_jwk(row.kid, key) for row in self.good() if (key := self.public(row.kid)) is not None]}

    def rotate(self, by: str, *, revokes: bool = False) -> SigningKey:
        """A new key signs from now on. `revokes`: what the old ones have signed counts no more."""
        made = self._made()
        with self._store.write() as writer:
            _replace(writer, made, by, revokes=revokes)
        self._forget()
        return made

    def _renewed(self, old: SigningKey | None) -> SigningKey:
        """Of several processes that find the same key too old, the first one makes a new one and the others take it."""
        made = self._made()
        with self._store.write() as writer:
            found = next((row for row in proofs.keys(writer) if row.expires_on is None), None)
            if found is not None and (old is None or found.kid != old.kid):
                made = found
            else:
                _replace(writer, made, LOCAL)
        self._forget()
        return made

    def _forget(self) -> None:
        with self._lock:
            self._read_on = None

    def _made(self) -> SigningKey:
        kid = secrets.token_urlsafe(12)
        private = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
        plain = private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        sealed = self._sealer.seal(plain, _CONTEXT + kid)
        return SigningKey(kid, sealed, public.decode(), self._clock().replace(microsecond=0))

    def _open(self, row: SigningKey) -> rsa.RSAPrivateKey:
        private = serialization.load_der_private_key(self._sealer.open(row.private, _CONTEXT + row.kid), None)
        if not isinstance(private, rsa.RSAPrivateKey):
            raise StoreError(f"The signing key {row.kid} is no RSA key.")
        return private


def _replace(writer: Writer, made: SigningKey, by: str, *, revokes: bool = False) -> None:
    until = made.created_on + LIFETIME + LEEWAY
    proofs.retire_keys(writer, until)
    proofs.drop_keys(writer, until if revokes else made.created_on)
    proofs.add_key(writer, made)
    trail.record(writer, by, "key.rotate", made.kid, {"revokes": revokes}, made.created_on)


def _public(pem: str) -> rsa.RSAPublicKey:
    public = serialization.load_pem_public_key(pem.encode())
    if not isinstance(public, rsa.RSAPublicKey):
        raise StoreError("A signing key is no RSA key.")
    return public


def _jwk(kid: str, public: rsa.RSAPublicKey) -> dict[str, str]:
    numbers = public.public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": kid,
        "n": _number(numbers.n),
        "e": _number(numbers.e),
    }


def _number(value: int) -> str:
    return urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8)).rstrip(b"=").decode()
