"""AWS access keys: the account that a key id names, its other half, and whose it is in a connected account.

A key id is four letters that say its kind and 16 base-32 digits. In ids of the present form, which begin with one of
`Q` to `7` there, the 40 bits after the first are the account number (public research; AWS does not document it). A
secret is 40 characters of the base64 alphabet and says nothing, not even whose it is: that is told by an id beside it.
"""

import base64
import re

from nephoscope.model.secrets import KeyOwner, SecretNote, SecretSeverity
from nephoscope.secrets.candidates import Candidate, Judged, Lookup
from nephoscope.secrets.filters import entropy

NEAR = 400
"""Bytes between a key id and its secret, at most."""
_KEY_ID = re.compile(rb"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])")
_SECRET = re.compile(rb"(?<![0-9A-Za-z/+])[0-9A-Za-z/+]{40}(?![0-9A-Za-z/+=])")
_HEX = re.compile(rb"[0-9a-fA-F]+")
_RANDOM = 4.2
"""Bits a character that 40 random characters of base64 practically always have."""
_BITS_BEHIND = 7
_FIRST_BIT = 1 << 47
_TEMPORARY = b"ASIA"


def account_of(key_id: str) -> str:
    """Twelve digits, or nothing for ids of the old form."""
    first = int.from_bytes(base64.b32decode(key_id[4:20])[:6], "big")
    if not first & _FIRST_BIT:
        return ""
    number = (first & (_FIRST_BIT - 1)) >> _BITS_BEHIND
    return f"{number:012d}" if number < 10**12 else ""


def judge_key_id(candidate: Candidate) -> Judged:
    """An id is no secret; beside its secret, or of a connected account, it is worth more."""
    near = candidate.before[-NEAR:] + b"\n" + candidate.after[:NEAR]
    is_paired = any(_is_random(found) for found in _SECRET.findall(near))
    severity = candidate.severity if is_paired else SecretSeverity.LOW
    note = SecretNote.PAIRED if is_paired else SecretNote.ALONE
    key_id = candidate.secret.decode()
    judged = _with_owner(severity, (note,), key_id, candidate.lookup)
    if judged.owner is None and key_id.encode().startswith(_TEMPORARY) and is_paired:
        return judged._replace(severity=severity.lowered())  # its life is counted in hours
    return judged


def judge_secret(candidate: Candidate) -> Judged | None:
    if not _is_random(candidate.secret):
        return None
    before, after = _KEY_ID.findall(candidate.before[-NEAR:]), _KEY_ID.findall(candidate.after[:NEAR])
    if not before and not after:
        return Judged(candidate.severity.lowered())
    key_id = before[-1] if before else after[0]
    return _with_owner(candidate.severity, (SecretNote.PAIRED,), key_id.decode(), candidate.lookup)


def reweighed(
    base: SecretSeverity, notes: tuple[SecretNote, ...], shown: str, owner: KeyOwner | None, *, is_id: bool
) -> tuple[SecretSeverity, tuple[SecretNote, ...]]:
    """What a key id, or the secret beside one, is worth by what is known of its owner now. `base` is its rule's
    severity, `shown` its mask."""
    rest = tuple(note for note in notes if note not in (SecretNote.LIVE, SecretNote.INACTIVE))
    severity = base
    if SecretNote.PAIRED not in rest:
        severity = SecretSeverity.LOW if is_id else base.lowered()
    if owner is not None:
        return _weighed(severity, owner), (*rest[:1], _state(owner), *rest[1:])
    is_brief = is_id and SecretNote.PAIRED in rest and shown.startswith(_TEMPORARY.decode())
    return severity.lowered() if is_brief else severity, rest


def _with_owner(severity: SecretSeverity, notes: tuple[SecretNote, ...], key_id: str, lookup: Lookup) -> Judged:
    account, owner = account_of(key_id), lookup(key_id)
    if owner is None:
        return Judged(severity, notes, account=account)
    return Judged(_weighed(severity, owner), (*notes, _state(owner)), account=owner.account, owner=owner)


def _weighed(severity: SecretSeverity, owner: KeyOwner) -> SecretSeverity:
    return severity.raised() if owner.is_active else SecretSeverity.LOW


def _state(owner: KeyOwner) -> SecretNote:
    return SecretNote.LIVE if owner.is_active else SecretNote.INACTIVE


def _is_random(text: bytes) -> bool:
    return _HEX.fullmatch(text) is None and entropy(text) >= _RANDOM
