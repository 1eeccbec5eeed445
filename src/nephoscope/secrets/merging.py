"""One finding for each secret: overlapping sightings give way to the most telling one, equal secrets become one."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from nephoscope.model.secrets import FoundSecret
from nephoscope.secrets.masking import digest, preview
from nephoscope.secrets.matching import Sighting


def merged(sightings: Sequence[Sighting], path: str, key: bytes) -> tuple[FoundSecret, ...]:
    """By first line, then rule."""
    groups: dict[tuple[str, str], list[Sighting]] = {}
    for sighting in _apart(sightings):
        hashed = digest(key, sighting.judged.core or sighting.secret)
        groups.setdefault((sighting.rule.row.id, hashed), []).append(sighting)
    found = [_finding(group, path, hashed) for (_, hashed), group in groups.items()]
    return tuple(sorted(_distinct(found), key=lambda one: (one.line, one.rule, one.digest)))


def _apart(sightings: Sequence[Sighting]) -> list[Sighting]:
    """Of what overlaps, the first in this order stays: named rules before generic ones, the worse, the longer, the
    earlier rule."""
    taken: dict[int, list[tuple[int, int]]] = {}
    undone = sorted({sighting.origin for sighting in sightings if sighting.origin >= 0})
    kept = []
    for sighting in sorted(set(sightings), key=_telling):
        if _is_outside_of_one(sighting, undone):
            continue
        if _takes(taken.setdefault(sighting.origin, []), (sighting.start, sighting.end)):
            kept.append(sighting)
    return sorted(kept, key=lambda one: (one.line, one.origin, one.start))


def _takes(spans: list[tuple[int, int]], span: tuple[int, int]) -> bool:
    """Whether the span is free; then it is taken. The spans do not overlap and stay in order."""
    at = bisect_left(spans, span)
    if at > 0 and spans[at - 1][1] > span[0]:
        return False
    if at < len(spans) and spans[at][0] < span[1]:
        return False
    spans.insert(at, span)
    return True


def _is_outside_of_one(sighting: Sighting, undone: Sequence[int]) -> bool:
    """Whether it is but the base64 text that something better was found in."""
    if not sighting.rule.row.generic or sighting.origin >= 0:
        return False
    at = bisect_left(undone, sighting.start)
    return at < len(undone) and undone[at] < sighting.end


def _telling(sighting: Sighting) -> tuple[bool, int, int, str, int, int]:
    row, length = sighting.rule.row, sighting.end - sighting.start
    return row.generic, row.severity.rank, -length, row.id, sighting.origin, sighting.start


def _finding(group: Sequence[Sighting], path: str, hashed: str) -> FoundSecret:
    first = group[0]
    worst = min(group, key=lambda one: one.judged.severity.rank).judged
    row = first.rule.row
    return FoundSecret(
        rule=row.id,
        title=row.title,
        type=row.type,
        severity=worst.severity,
        path=path,
        line=first.line,
        digest=hashed,
        preview=preview(first.secret),
        notes=worst.notes,
        times=len(group),
        account=worst.account,
        owner=worst.owner,
    )


def _distinct(found: Iterable[FoundSecret]) -> list[FoundSecret]:
    """The same secret under two rules, in different places of one file, is one finding of the worse."""
    best: dict[str, FoundSecret] = {}
    for one in sorted(found, key=lambda one: (one.severity.rank, one.line, one.rule)):
        best.setdefault(one.digest, one)
    return list(best.values())
