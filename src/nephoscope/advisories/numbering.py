"""The `qid` of an advisory: a positive number of 31 bits, derived from its name, so that every installation gives
the same.

Ours begin at 2^30: the numbers of the product whose API we speak are far below, and one number must never mean two
things. Of two advisories that would get the same number, the second in the order of (source, id) gets its next one.
"""

from hashlib import blake2b

FIRST = 1 << 30


def qid_of(source: str, advisory: str, attempt: int = 0) -> int:
    digest = blake2b(f"{source}\n{advisory}\n{attempt}".encode(), digest_size=4).digest()
    return FIRST | int.from_bytes(digest, "big") >> 2
