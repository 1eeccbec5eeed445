"""Encryption at rest for what must be read again: cloud credentials, signing keys, second factors.

AES-256-GCM. What is sealed names the key that sealed it, so that several keys may be known at once: the first seals,
all of them open. The context (a table and the row's id) is bound into it: sealed bytes that are moved to another row do
not open there.
"""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from nephoscope.errors import SettingsError, StoreError

KEY_BYTES = 32
_FORMAT = b"\x01"
_ID, _NONCE = 8, 12


class Sealer(Protocol):
    """What rooms are given. Thread-safe."""

    def seal(self, plain: bytes, context: str) -> bytes:
        """SettingsError when there is no key."""
        ...

    def open(self, sealed: bytes, context: str) -> bytes:
        """StoreError when none of the keys opens it, or when it was sealed in another context."""
        ...

    def mark(self, text: str) -> str:
        """A keyed hash that is the same in every process with the same newest key; empty without a key."""
        ...


class KeyRing:
    """`Sealer` over keys, the newest first. Its text never shows a key."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {_id_of(key): AESGCM(key) for key in keys}
        self._newest = _id_of(keys[0]) if keys else b""
        self._marks = hmac.digest(keys[0], b"nephoscope marks", "sha256") if keys else b""

    def __len__(self) -> int:
        """How many keys there are."""
        return len(self._keys)

    def seal(self, plain: bytes, context: str) -> bytes:
        if not self._newest:
            raise SettingsError(
                "There is no key to encrypt credentials with: set NEPHOSCOPE_KEY, NEPHOSCOPE_KEY_FILE or "
                "NEPHOSCOPE_KEY_COMMAND (`nephoscope keys new` makes one), the same for every process."
            )
        nonce = secrets.token_bytes(_NONCE)
        head = _FORMAT + self._newest
        return head + nonce + self._keys[self._newest].encrypt(nonce, plain, head + context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        head, nonce, body = sealed[: 1 + _ID], sealed[1 + _ID : 1 + _ID + _NONCE], sealed[1 + _ID + _NONCE :]
        cipher = self._keys.get(head[1:])
        if not head.startswith(_FORMAT) or cipher is None:
            raise StoreError("A stored credential was encrypted with a key that this process does not have.")
        try:
            return cipher.decrypt(nonce, body, head + context.encode())
        except InvalidTag:
            raise StoreError("A stored credential was damaged, or moved from where it belongs.") from None

    def mark(self, text: str) -> str:
        return hmac.digest(self._marks, text.encode("utf-8", "surrogatepass"), "sha256").hex() if self._marks else ""

    def is_newest(self, sealed: bytes) -> bool:
        """Whether the newest key sealed it."""
        return sealed[1 : 1 + _ID] == self._newest


NO_KEYS = KeyRing(())
"""Seals nothing and opens nothing."""


def new_key() -> str:
    """As settings and key files hold it."""
    return b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def parse_keys(text: str) -> tuple[bytes, ...]:
    """Keys in base64, one a line or separated by commas, the newest first; lines that begin with # say nothing.
    SettingsError for anything else, without showing it."""
    lines = (line.strip() for part in text.splitlines() for line in part.split(","))
    return tuple(_key(line) for line in lines if line and not line.startswith("#"))


def _key(line: str) -> bytes:
    try:
        key = b64decode(line, validate=True)
    except (Base64Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingsError(f"A key is not {KEY_BYTES} bytes in base64, as `nephoscope keys new` prints them.")
    return key


def _id_of(key: bytes) -> bytes:
    return hashlib.sha256(b"nephoscope key id" + key).digest()[:_ID]
