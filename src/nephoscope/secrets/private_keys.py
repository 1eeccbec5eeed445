"""Private keys: whether the text is one, whether it is encrypted, and whether the certificate for it has expired.

Encrypted keys are lowered to LOW. The key of an expired certificate is lowered by one step when the certificate lies in
the same file and its public key is this key's: only then.
"""

import base64
import binascii
import re

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from nephoscope.model.secrets import SecretNote, SecretSeverity
from nephoscope.secrets.candidates import Candidate, Judged, accepted

_HEADER = re.compile(rb"^[A-Za-z0-9-]{1,32}: .*$", re.MULTILINE)
_NOT_BASE64 = re.compile(rb"\\[nr]|[^0-9A-Za-z+/]")
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----[0-9A-Za-z+/=\s]{64,8192}-----END CERTIFICATE-----")
_ENCODED_CERTIFICATE = re.compile(rb"certificate-data:[ \t]{0,4}\"?([0-9A-Za-z+/]{64,12288}={0,2})")
_MOST_CERTIFICATES = 8
_LEAST = 32
"""Bytes of the shortest private key, an Ed25519 seed."""
_SEQUENCE = 0x30
_OPENSSH = b"openssh-key-v1\0"
_UNENCRYPTED = b"none"


def judge_pem(candidate: Candidate) -> Judged | None:
    """DER in base64: RSA, EC, DSA and PKCS#8, encrypted in either of two ways."""
    head, body = _parts(candidate.secret)
    is_encrypted = b"ENCRYPTED" in head
    if len(body) < _LEAST or (body[0] != _SEQUENCE and not is_encrypted):
        return None
    if is_encrypted:
        return Judged(SecretSeverity.LOW, (SecretNote.ENCRYPTED,), body)
    if _has_expired(candidate):
        return Judged(candidate.severity.lowered(), (SecretNote.EXPIRED,), body)
    return Judged(candidate.severity, (), body)


def judge_encoded(candidate: Candidate) -> Judged | None:
    """A PEM in base64, as kubeconfig keeps keys, with the certificate that stands beside it in the same form."""
    certificates = [_text_of(found) for found in _ENCODED_CERTIFICATE.findall(candidate.around)]
    before, key = b"\n".join(certificates[:_MOST_CERTIFICATES]), _text_of(candidate.secret)
    span = (len(before), len(before) + len(key))
    return judge_pem(Candidate(before + key, span, candidate.severity, candidate.now, candidate.lookup))


def _text_of(encoded: bytes) -> bytes:
    try:
        return base64.b64decode(encoded)
    except binascii.Error:
        return b""


def judge_openssh(candidate: Candidate) -> Judged | None:
    """The format's third field is the cipher; `none` is a key that anybody can use."""
    _, body = _parts(candidate.secret)
    if not body.startswith(_OPENSSH):
        return None
    length = int.from_bytes(body[len(_OPENSSH) : len(_OPENSSH) + 4], "big")
    cipher = body[len(_OPENSSH) + 4 : len(_OPENSSH) + 4 + min(length, 64)]
    if cipher == _UNENCRYPTED:
        return Judged(candidate.severity, (), body)
    return Judged(SecretSeverity.LOW, (SecretNote.ENCRYPTED,), body)


def judge_putty(candidate: Candidate) -> Judged | None:
    """The second line of a PuTTY key names the cipher."""
    is_encrypted = re.search(rb"Encryption: none\s", candidate.secret) is None
    return Judged(SecretSeverity.LOW, (SecretNote.ENCRYPTED,)) if is_encrypted else accepted(candidate)


def _parts(pem: bytes) -> tuple[bytes, bytes]:
    """The first line with the headers below it, and the body decoded, whatever line ends it was written with."""
    text = pem.replace(b"\\r", b"").replace(b"\\n", b"\n")
    begin, _, rest = text.partition(b"-----BEGIN ")[2].partition(b"-----")
    body = rest.partition(b"-----END")[0]
    headers = b"\n".join(_HEADER.findall(body))
    bare = _NOT_BASE64.sub(b"", _HEADER.sub(b"", body))
    try:
        return begin + headers, base64.b64decode(bare + b"=" * (-len(bare) % 4))
    except binascii.Error:
        return begin + headers, b""


def _has_expired(candidate: Candidate) -> bool:
    """Whether every certificate beside the key that is for it has had its day."""
    certificates = _CERTIFICATE.findall(candidate.around)[:_MOST_CERTIFICATES]
    if not certificates:
        return False
    try:
        key = load_pem_private_key(candidate.secret, None, unsafe_skip_rsa_key_validation=True)
        own = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    ends = [end for pem in certificates if (end := _end_of(pem, own)) is not None]
    return bool(ends) and max(ends) < candidate.now.timestamp()


def _end_of(pem: bytes, public_key: bytes) -> float | None:
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        theirs = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return certificate.not_valid_after_utc.timestamp() if theirs == public_key else None
