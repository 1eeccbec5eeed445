"""Credentials that open nothing: drawn from their names, so that none stands in a file of this project and every start
draws the same."""

import base64
import hashlib
import string
import zlib
from collections.abc import Iterator
from itertools import count

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_CHECKSUM = 6
_KEY_BYTES = 121
"""As long as an elliptic curve's key is in its PEM."""


def drawn(name: str, length: int, letters: str = _BASE62) -> str:
    stream = _bytes(name)
    return "".join(letters[next(stream) % len(letters)] for _ in range(length))


def aws_secret(name: str) -> str:
    return drawn(name, 40, _BASE62 + "+/")


def github_token(name: str) -> str:
    """The last six digits are a checksum of the rest."""
    body = drawn(name, 30)
    number, digits = zlib.crc32(body.encode()), ""
    while number:
        number, rest = divmod(number, len(_BASE62))
        digits = _BASE62[rest] + digits
    return f"ghp_{body}{digits.rjust(_CHECKSUM, '0')}"


def private_key(name: str) -> str:
    """The form of a key, around bytes that are none."""
    stream = _bytes(name)
    body = b"\x30\x77\x02\x01\x01\x04\x20" + bytes(next(stream) for _ in range(_KEY_BYTES - 7))
    text = base64.b64encode(body).decode()
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN {'EC PRIVATE'} KEY-----\n{lines}\n-----END {'EC PRIVATE'} KEY-----\n"


def _bytes(name: str) -> Iterator[int]:
    for turn in count():
        yield from hashlib.sha256(f"{name}/{turn}".encode()).digest()
