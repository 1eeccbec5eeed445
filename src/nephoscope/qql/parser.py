"""Filter text to a tree: `token:value` and `token:[low..high]`, joined by `and` in any case.

Linear in the length of the text and bounded by it; what it cannot read is a QuerySyntaxError with the position.
"""

import re

from nephoscope.errors import QuerySyntaxError
from nephoscope.qql.tree import Query, Range, Term

LONGEST = 16_384
"""Characters of a filter."""
MOST_TERMS = 100

_TOKEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_.]*)\s*:\s*")
_RANGE = re.compile(r"\[\s*([^\[\]]*?)\s*\.{2,3}\s*([^\[\].]*)\]")
_QUOTED = re.compile(r'"([^"]*)"|\'([^\']*)\'|`([^`]*)`')
_AND = re.compile(r"\s+and(?=\s)", re.IGNORECASE)
_BEYOND = re.compile(r"\s(?:or|not)\s|^not\s|[()]|\s[<>=]", re.IGNORECASE)


def parse(text: str) -> Query:
    """QuerySyntaxError says what was expected and where."""
    if len(text) > LONGEST:
        raise QuerySyntaxError(f"The filter has {len(text):,} characters; {LONGEST:,} are allowed.", LONGEST)
    if not text.strip():
        return Query()
    terms: list[Term | Range] = []
    position = 0
    while True:
        if len(terms) == MOST_TERMS:
            raise QuerySyntaxError(f"The filter has more than {MOST_TERMS} terms.", position)
        term, position = _term(text, position)
        terms.append(term)
        if not text[position:].strip():
            return Query(tuple(terms))
        joint = _AND.match(text, position)
        if joint is None:
            raise QuerySyntaxError(f"Expected 'and' or the end at position {position}.", position)
        position = joint.end()


def _term(text: str, start: int) -> tuple[Term | Range, int]:
    match = _TOKEN.match(text, start)
    if match is None:
        raise QuerySyntaxError(f"Expected token:value at position {start}.", start)
    token, position = match.group(1), match.end()
    if text[position : position + 1] == "[":
        return _range(text, token, position, match.start(1))
    quoted = _QUOTED.match(text, position)
    if quoted is not None:
        value = next(group for group in quoted.groups() if group is not None)
        _check_given(value, position)
        return Term(token, value, match.start(1), exact=quoted.group(3) is not None), quoted.end()
    joint = _AND.search(text, position)
    end = joint.start() if joint else len(text)
    value = text[position:end].strip()
    _check(value, position)
    return Term(token, value, match.start(1)), end


def _range(text: str, token: str, position: int, start: int) -> tuple[Range, int]:
    match = _RANGE.match(text, position)
    if match is None:
        raise QuerySyntaxError(f"Expected a range like [low..high] at position {position}.", position)
    return Range(token, match.group(1).strip(), match.group(2).strip(), start), match.end()


def _check_given(value: str, position: int) -> None:
    if not value.strip():
        raise QuerySyntaxError(f"Expected a value at position {position}.", position)


def _check(value: str, position: int) -> None:
    _check_given(value, position)
    beyond = _BEYOND.search(value)
    if beyond is not None:
        at = position + beyond.start()
        raise QuerySyntaxError(
            f"Only token:value joined by 'and' is understood; {beyond.group().strip()!r} at position {at} is not."
            " Put a value that contains it in quotes.",
            at,
        )
