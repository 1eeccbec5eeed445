"""Hashes for noticing change: fast, and the same in every process and on every machine. Not for security."""

from hashlib import blake2b


def fingerprint(*parts: bytes) -> int:
    """A signed 64-bit hash of the parts, in order; parts are length-prefixed."""
    digest = blake2b(digest_size=8)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return int.from_bytes(digest.digest(), "little", signed=True)
