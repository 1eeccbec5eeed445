"""Where a follower stands: what it has seen, and how far it is in what it is being told. Text to others."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error

import msgspec

from nephoscope.errors import BadRequestError
from nephoscope.kit.hashes import fingerprint
from nephoscope.model.identities import Reach
from nephoscope.store.changelog.changed_since import Since

_FORMAT = 1
_LONGEST = 400
_FARTHEST = 2**62
_BEGINNING = Since(0, 0)


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """`since` is what was seen whole; version 0 is nothing. While one export is told in parts, `until` is where its
    first part was made, which the next export begins at, and `after` the last key that was told."""

    format: int
    noun: str
    query: int
    since: Since
    until: Since
    after: int

    @property
    def is_under_way(self) -> bool:
        return self.after > 0

    @property
    def is_from_the_beginning(self) -> bool:
        return self.since.version == 0

    @property
    def numbers(self) -> tuple[int, ...]:
        return (*self.since, *self.until, self.after)

    def spelled(self) -> str:
        return urlsafe_b64encode(msgspec.msgpack.encode(self)).decode().rstrip("=")

    def next(self, now: Since, last: int, *, has_more: bool) -> "Cursor":
        """After what is told now, the last key of which is given."""
        until = self.until if self.is_under_way else Since(now.version, max(now.at, self.since.at))
        if has_more:
            return Cursor(_FORMAT, self.noun, self.query, self.since, until, last)
        return Cursor(_FORMAT, self.noun, self.query, until, _BEGINNING, 0)


def beginning(noun: str, query: str, reach: Reach | None = None) -> Cursor:
    part = "" if reach is None else "\0" + "\0".join(repr(sorted(values)) for values in msgspec.structs.astuple(reach))
    return Cursor(_FORMAT, noun, fingerprint(f"{query.strip()}{part}".encode()), _BEGINNING, _BEGINNING, 0)


def read(text: str, noun: str, query: str, reach: Reach | None = None) -> Cursor:
    """BadRequestError for what is no cursor, or one of another noun, filter or reach."""
    fresh = beginning(noun, query, reach)
    if not text:
        return fresh
    try:
        padded = text + "=" * (-len(text) % 4)
        found = msgspec.msgpack.decode(urlsafe_b64decode(padded), type=Cursor) if len(text) <= _LONGEST else None
    except (Error, msgspec.DecodeError, ValueError):
        found = None
    if found is None or found.format != _FORMAT or not all(0 <= number < _FARTHEST for number in found.numbers):
        raise _wrong(f"{text[:40]!r} is not a cursor; leave it out to begin, then pass on what each answer gives")
    if found.noun != noun:
        raise _wrong(f"it belongs to an export of {found.noun[:20]}, not of {noun}")
    if found.query != fresh.query:
        raise _wrong(
            "it belongs to another filter or reach: what that one left out was never told. Begin anew without it"
        )
    return found


def _wrong(problem: str) -> BadRequestError:
    return BadRequestError(f"since: {problem}.", [f"since: {problem}"])
