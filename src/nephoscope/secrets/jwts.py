"""JSON web tokens: what they say of themselves, without any key. An expired one is worth little."""

import base64
import binascii
from typing import Any

import msgspec

from nephoscope.model.secrets import SecretNote, SecretSeverity
from nephoscope.secrets.candidates import Candidate, Judged, accepted

_PARTS = 3
_ANONYMOUS = "anon"
"""Supabase's public role: meant to be seen."""


def judge(candidate: Candidate) -> Judged | None:
    """Any token that is none of those with a rule of their own."""
    claims = _claims(candidate.secret)
    if claims is None or _is_kubernetes(claims) or _is_supabase(claims):
        return None
    return _by_age(candidate, claims)


def judge_kubernetes(candidate: Candidate) -> Judged | None:
    claims = _claims(candidate.secret)
    return _by_age(candidate, claims) if claims is not None and _is_kubernetes(claims) else None


def judge_supabase(candidate: Candidate) -> Judged | None:
    claims = _claims(candidate.secret)
    if claims is None or not _is_supabase(claims) or claims.get("role") == _ANONYMOUS:
        return None
    return _by_age(candidate, claims)


def _is_kubernetes(claims: dict[str, Any]) -> bool:
    subject, issuer = claims.get("sub"), claims.get("iss")
    return issuer == "kubernetes/serviceaccount" or (
        isinstance(subject, str) and subject.startswith("system:serviceaccount:")
    )


def _is_supabase(claims: dict[str, Any]) -> bool:
    return claims.get("iss") == "supabase" or claims.get("role") == "service_role"


def _by_age(candidate: Candidate, claims: dict[str, Any]) -> Judged | None:
    expires = claims.get("exp")
    is_over = isinstance(expires, int | float) and expires < candidate.now.timestamp()
    return Judged(SecretSeverity.LOW, (SecretNote.EXPIRED,)) if is_over else accepted(candidate)


def _claims(token: bytes) -> dict[str, Any] | None:
    """Nothing when it is no signed token."""
    parts = token.split(b".")
    if len(parts) != _PARTS or not parts[2]:
        return None
    header, claims = _json(parts[0]), _json(parts[1])
    if not isinstance(header, dict) or not isinstance(header.get("alg"), str):
        return None
    return claims if isinstance(claims, dict) else None


def _json(part: bytes) -> Any:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    except (binascii.Error, msgspec.DecodeError, RecursionError):
        return None
