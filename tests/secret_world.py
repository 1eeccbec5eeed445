"""A searcher with a clock that stands, and texts made of parts."""

from datetime import UTC, datetime
from functools import cache

from nephoscope.model.secrets import FoundSecret
from nephoscope.secrets.rules import ANYWHERE
from nephoscope.secrets.searching import Searcher

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = b"a key that only this installation has"


def now() -> datetime:
    return NOW


@cache
def searcher() -> Searcher:
    return Searcher(KEY, now)


def found_in(content: bytes, path: str = ANYWHERE) -> tuple[FoundSecret, ...]:
    searched = searcher().search_chunks(path, [content])
    assert not searched.cut
    return searched.found


def rules_in(content: bytes, path: str = ANYWHERE) -> list[str]:
    return [found.rule for found in found_in(content, path)]


def one_in(content: bytes, path: str = ANYWHERE) -> FoundSecret:
    found = found_in(content, path)
    assert len(found) == 1, [one.rule for one in found]
    return found[0]


def joined(*parts: str) -> str:
    """Text that would look like a secret if it stood here in one piece."""
    return "".join(parts)
