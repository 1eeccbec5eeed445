"""Passwords: how they are hashed, and which will do.

Hashes are argon2id. A password that people choose has twelve characters or more and is none of those that everybody
tries first; which characters they are is their own affair, and it never expires (as NIST SP 800-63B advises).
"""

import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from nephoscope.access.common_passwords import is_common

SHORTEST_PASSWORD = 12
"""Characters of a new one. Those from before this rule still open."""
LONGEST_PASSWORD = 1024
"""Bytes of UTF-8. This end keeps hashing cheap for us, not for the person."""
_COMMON = ": well-known words, rows of keys, the user's name, or a few characters over and over"
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_VERIFICATIONS_AT_ONCE = 2
"""Each takes 19 MiB and about 20 ms of CPU: a flood of wrong passwords must not take the machine."""


class Passwords:
    """Thread-safe."""

    def __init__(self, hasher: PasswordHasher = _HASHER) -> None:
        self._hasher = hasher
        self._nobodys_hash = self._hasher.hash(secrets.token_urlsafe())
        self._turns = BoundedSemaphore(_VERIFICATIONS_AT_ONCE)

    def hash(self, password: str) -> str:
        with self._turns:
            return self._hasher.hash(password)

    def matches(self, stored: str, password: str) -> bool:
        """Takes as long for an empty hash, which nothing matches: whoever asks learns nothing from the time."""
        if not 0 < _size(password) <= LONGEST_PASSWORD:
            return False
        try:
            with self._turns:
                return self._hasher.verify(stored or self._nobodys_hash, password) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False


def generated() -> str:
    """One that nobody can guess, to be handed over once."""
    return secrets.token_urlsafe(18)


def problems_of(password: str, name: str = "", field: str = "the password") -> tuple[str, ...]:
    """Why it will not do for a user of that name; empty when it will."""
    size = _size(password)
    if size < 0:
        return (f"{field} must be text that UTF-8 can hold",)
    if len(password) < SHORTEST_PASSWORD or size > LONGEST_PASSWORD:
        return (f"{field} must have {SHORTEST_PASSWORD} characters or more, {LONGEST_PASSWORD} bytes at most",)
    if is_common(password, name):
        return (f"{field} is one of those that everybody tries first{_COMMON}",)
    return ()


def _size(password: str) -> int:
    """In bytes; -1 for what is no text."""
    try:
        return len(password.encode())
    except UnicodeEncodeError:
        return -1
