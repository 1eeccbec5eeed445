"""What a rule may ask about a match beyond its shape. One row a check; `check:` in a rule names it.

Facts about formats: GitHub and npm end their tokens with six base-62 digits of the CRC-32 of the rest (public since
2021); GitLab's routable tokens with seven base-36 digits of the CRC-32 of everything before; Grafana's service accounts
with its four bytes in hexadecimal digits, the lowest first.
"""

import base64
import binascii
import re
import string
import zlib
from collections.abc import Mapping

import msgspec

from nephoscope.model.secrets import SecretNote, SecretSeverity
from nephoscope.secrets import aws_keys, filters, jwts, private_keys
from nephoscope.secrets.candidates import Candidate, Check, Judged, accepted

_BASE62 = (string.digits + string.ascii_uppercase + string.ascii_lowercase).encode()
_BASE36 = (string.digits + string.ascii_lowercase).encode()
_CRC62, _CRC36 = 6, 7
_PYPI_PREFIX = b"pypi-"
_STORAGE_KEY = 64
_LEAST_PASSWORD = 3
_SIGNED_UNTIL = re.compile(rb"[?&]se=(\d{4}-\d\d-\d\d)")
_SIGNED_ADDRESS = 400


def spelled(number: int, digits: bytes, width: int) -> bytes:
    """The number in the base of its digits, filled with zeros from the left."""
    places = bytearray()
    while number:
        number, rest = divmod(number, len(digits))
        places.append(digits[rest])
    return bytes(reversed(places)).rjust(width, digits[:1])


def crc62(text: bytes) -> bytes:
    return spelled(zlib.crc32(text), _BASE62, _CRC62)


def crc36(text: bytes) -> bytes:
    return spelled(zlib.crc32(text), _BASE36, _CRC36)


def _github(candidate: Candidate) -> Judged | None:
    body = candidate.secret.rpartition(b"_")[2]
    return _by_checksum(candidate, crc62(body[:-_CRC62]) == body[-_CRC62:])


def _gitlab(candidate: Candidate) -> Judged | None:
    secret = candidate.secret
    return _by_checksum(candidate, crc36(secret[:-_CRC36]) == secret[-_CRC36:])


def _grafana(candidate: Candidate) -> Judged | None:
    head, _, checksum = candidate.secret.rpartition(b"_")
    return _by_checksum(candidate, zlib.crc32(head).to_bytes(4, "little").hex().encode() == checksum)


def _by_checksum(candidate: Candidate, is_right: bool) -> Judged | None:
    return accepted(candidate, SecretNote.CHECKSUM) if is_right else None


def _pypi(candidate: Candidate) -> Judged | None:
    """A macaroon, version 2, whose location is the index that it is for."""
    decoded = unpadded(candidate.secret[len(_PYPI_PREFIX) :])
    return accepted(candidate) if b"pypi.org" in decoded[:32] else None


def _base64_json(candidate: Candidate) -> Judged | None:
    """Something with structure inside: the text after the last `_` or the first `eyJ` is JSON in base64."""
    start = candidate.secret.find(b"eyJ")
    body = candidate.secret[start:].split(b"_")[0].split(b".")[0]
    try:
        msgspec.json.decode(unpadded(body))
    except (msgspec.DecodeError, RecursionError):
        return None
    return accepted(candidate)


def _basic(candidate: Candidate) -> Judged | None:
    """`user:password` in base64, as Docker and HTTP keep it."""
    user, colon, password = unpadded(candidate.secret).partition(b":")
    is_text = all(32 <= byte < 127 for byte in user + password)  # noqa: PLR2004 - printable ASCII
    if not colon or not user or not is_text or len(password) < _LEAST_PASSWORD or _is_dummy(password):
        return None
    return Judged(candidate.severity, (), password)


def _password(candidate: Candidate) -> Judged | None:
    """A password in its own place: anything but what stands for one."""
    return None if _is_dummy(candidate.secret) else accepted(candidate)


def _is_dummy(password: bytes) -> bool:
    return len(set(password)) < _LEAST_PASSWORD or filters.is_weak(password.lower())


def _azure_key(candidate: Candidate) -> Judged | None:
    """64 bytes in base64: account keys of storage and Cosmos DB."""
    return accepted(candidate) if len(unpadded(candidate.secret)) == _STORAGE_KEY else None


def _mixed(candidate: Candidate) -> Judged | None:
    """Random text of letters and digits holds both."""
    secret = candidate.secret
    has_digit = any(byte in b"0123456789" for byte in secret)
    return accepted(candidate) if has_digit and secret.upper() != secret.lower() else None


def _letters_and_digits(candidate: Candidate) -> Judged | None:
    """A password or a token that somebody or something made up holds both; a word, a path or a number does not."""
    secret = candidate.secret
    has_digit = any(byte in b"0123456789" for byte in secret)
    is_worded = secret.lower() != secret.upper()
    return accepted(candidate) if has_digit and is_worded and not _is_dummy(secret) else None


def _azure_sas(candidate: Candidate) -> Judged | None:
    """A signed address says until when: `se=2099-01-01T00:00:00Z`."""
    ends = _SIGNED_UNTIL.findall(candidate.before[-_SIGNED_ADDRESS:] + candidate.after[:_SIGNED_ADDRESS])
    today = f"{candidate.now:%Y-%m-%d}".encode()
    if ends and max(ends) < today:
        return Judged(SecretSeverity.LOW, (SecretNote.EXPIRED,))
    return accepted(candidate)


def unpadded(text: bytes) -> bytes:
    """What the base64 text says, either alphabet, with or without padding; nothing when it is none."""
    bare = text.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return base64.b64decode(bare + b"=" * (-len(bare) % 4), validate=True)
    except binascii.Error:
        return b""


CHECKS: Mapping[str, Check] = {
    "aws-key-id": aws_keys.judge_key_id,
    "aws-secret": aws_keys.judge_secret,
    "azure-key": _azure_key,
    "azure-sas": _azure_sas,
    "base64-json": _base64_json,
    "basic": _basic,
    "github": _github,
    "gitlab": _gitlab,
    "grafana": _grafana,
    "jwt": jwts.judge,
    "jwt-kubernetes": jwts.judge_kubernetes,
    "jwt-supabase": jwts.judge_supabase,
    "letters-and-digits": _letters_and_digits,
    "mixed": _mixed,
    "openssh": private_keys.judge_openssh,
    "password": _password,
    "pem": private_keys.judge_pem,
    "pem-in-base64": private_keys.judge_encoded,
    "putty": private_keys.judge_putty,
    "pypi": _pypi,
}
