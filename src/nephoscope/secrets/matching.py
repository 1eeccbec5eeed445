"""From places to sightings: each hit of the prefilter confirmed, filtered and checked within its own surroundings, and
the same again inside base64."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from nephoscope.model.secrets import SecretNote
from nephoscope.secrets import decoding, filters
from nephoscope.secrets.candidates import Candidate, Judged, Lookup, accepted
from nephoscope.secrets.checks import CHECKS
from nephoscope.secrets.prefilter import LONGEST_HIT, Prefilter
from nephoscope.secrets.rules import BACK, Rule

_BASE64 = -1
"""Instead of a prefilter: a text in base64."""
_NAMING = 64
"""Bytes before a value that may call it a checksum."""
Spend = Callable[[], None]


class Sighting(NamedTuple):
    """One secret in one place. `start` and `end` say where it lies in the file, or inside the base64 text at
    `origin` (-1: not inside one). It holds the secret, and its `repr` does not."""

    rule: Rule
    secret: bytes
    judged: Judged
    origin: int
    start: int
    end: int
    line: int

    def __repr__(self) -> str:
        return f"Sighting({self.rule.row.id}, {self.origin}, {self.start}, {self.end})"

    def placed(self, base: int, line: int) -> "Sighting":
        """Offsets of the file instead of the window's."""
        if self.origin >= 0:
            return self._replace(origin=self.origin + base, line=line)
        return self._replace(start=self.start + base, end=self.end + base, line=line)


class Matcher:
    """The rules that look at one file, by prefilter."""

    def __init__(self, prefilters: Sequence[Prefilter], now: datetime, lookup: Lookup) -> None:
        self._prefilters, self._now, self._lookup = prefilters, now, lookup

    def seen(
        self, data: bytes, start: int, end: int, spend: Spend, *, is_binary: bool
    ) -> Iterator[tuple[int, Sighting]]:
        """What lies between the two offsets of the window, in the order of the hits: (where, what). A secret that
        several hits lead to comes several times."""
        hits = self._hits(data, start, end)
        runs = [] if is_binary else [(at, _BASE64, 0) for at in decoding.runs(data, start, end)]
        for at, which, number in sorted(hits + runs):
            if which == _BASE64:
                found = self._inside(data, at, spend)
            else:
                found = self._confirmed(self._prefilters[which].rules[number], data, at, spend)
            for sighting in found:
                yield at if sighting.origin >= 0 else sighting.start, sighting

    def _hits(self, data: bytes, start: int, end: int) -> list[tuple[int, int, int]]:
        """(end of the hit, which prefilter, which of its rules)."""
        first = max(0, start - LONGEST_HIT)
        part = data[first:end] if first or end < len(data) else data
        return [
            (at + first, which, number)
            for which, prefilter in enumerate(self._prefilters)
            for at, number in prefilter.places(part)
            if at + first > start
        ]

    def _confirmed(self, rule: Rule, data: bytes, at: int, spend: Spend) -> list[Sighting]:
        spend()
        first = max(0, at - max(BACK, rule.row.reach // 2))
        region = data[first : at + rule.row.reach]
        hit = at - first
        found = []
        for begin, end, secret_begin, secret_end in rule.matches(region, max(0, hit - BACK), hit):
            if end < hit or secret_begin < 0:
                continue
            judged = self._judged(rule, region, begin, (secret_begin, secret_end))
            if judged is not None:
                secret = region[secret_begin:secret_end]
                found.append(Sighting(rule, secret, judged, -1, first + secret_begin, first + secret_end, 0))
        return found

    def _judged(self, rule: Rule, region: bytes, begin: int, span: tuple[int, int]) -> Judged | None:
        secret, row = region[slice(*span)], rule.row
        if filters.is_made_up(secret, row):
            return None
        if rule.is_assigned and filters.is_named_a_hash(region[max(0, begin - _NAMING // 2) : span[0]][-_NAMING:]):
            return None
        if row.generic and filters.looks_like_code(secret):
            return None
        candidate = Candidate(region, span, row.severity, self._now, self._lookup)
        return CHECKS[row.check](candidate) if row.check else accepted(candidate)

    def _inside(self, data: bytes, at: int, spend: Spend, depth: int = 1) -> list[Sighting]:
        """What the base64 text that begins here says."""
        text = decoding.undone(data, at)
        if not text:
            return []
        spend()
        context = decoding.context_of(data, at)
        found = []
        for place, which, number in self._hits(text, 0, len(text)):
            found += self._confirmed(self._prefilters[which].rules[number], text, place, spend)
        if depth < decoding.DEEPEST:
            for inner in decoding.runs(text, context, len(text)):
                found += self._inside(text, inner, spend, depth + 1)
        return [_decoded(sighting, at) for sighting in found if sighting.end > context]


def _decoded(sighting: Sighting, origin: int) -> Sighting:
    notes = sighting.judged.notes
    if SecretNote.DECODED in notes:
        return sighting._replace(origin=origin)
    return sighting._replace(judged=sighting.judged._replace(notes=(*notes, SecretNote.DECODED)), origin=origin)
