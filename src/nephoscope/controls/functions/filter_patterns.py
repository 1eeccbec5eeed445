"""CloudWatch Logs filter patterns, read as the service reads them, to tell which records they match.

Understood are JSON patterns (`{ ($.eventName = DeleteTrail) || ($.errorCode = "*Denied*") }`) and plain terms
(`"AccessDenied"`, `?one ?another`, `-never`). Whatever cannot be read matches nothing. Work is linear in the length of
the pattern, and nothing nests on Python's stack: patterns come from accounts that we do not trust.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec
import re2

LONGEST = 4_096
"""The service takes 1,024 characters."""

Record = Mapping[str, Any]

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<regex>%[^%]*%)|(?P<mark>\(|\)|&&|\|\||!=|<=|>=|=|<|>)"""
    r"""|(?P<word>[^\s()=!<>&|"]+))""",
)
_TERM = re.compile(r'\s*(?P<sign>[-?]?)(?:"(?P<phrase>(?:[^"\\]|\\.)*)"|(?P<word>\S+))')
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_PRECEDENCE = {"||": 1, "&&": 2}
_MISSING = object()


class Comparison(msgspec.Struct, frozen=True):
    """`selector operator value`; the operators are those of the language, with `exists`, `null`, `true`, `false`."""

    selector: tuple[str | int, ...]
    operator: str
    value: str = ""
    is_regex: bool = False


class JsonPattern(msgspec.Struct, frozen=True):
    """In postfix order: comparisons, `&&` and `||`."""

    steps: tuple[Comparison | str, ...]

    def matches(self, record: Record) -> bool:
        stack: list[bool] = []
        for step in self.steps:
            if isinstance(step, Comparison):
                stack.append(_holds(step, record))
            else:
                right, left = stack.pop(), stack.pop()
                stack.append(left and right if step == "&&" else left or right)
        return stack.pop()


class TermPattern(msgspec.Struct, frozen=True):
    """Words of the raw text. One of the `optional` ones is enough; no word at all matches everything."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    excluded: tuple[str, ...]

    def matches(self, record: Record) -> bool:
        text = json.dumps(record, default=str)
        if any(term in text for term in self.excluded) or not all(term in text for term in self.required):
            return False
        return not self.optional or any(term in text for term in self.optional)


Pattern = JsonPattern | TermPattern


@lru_cache(maxsize=1024)
def read_pattern(text: str) -> Pattern | None:
    """None for what is no pattern, and for patterns of space-delimited columns, which match no JSON record."""
    text = text.strip()
    if len(text) > LONGEST or text.startswith("["):
        return None
    if not text.startswith("{"):
        return _terms(text)
    return _json_pattern(text[1:-1]) if text.endswith("}") else None


def _terms(text: str) -> TermPattern:
    found: dict[str, list[str]] = {"": [], "?": [], "-": []}
    for match in _TERM.finditer(text):
        phrase = match["phrase"]
        found[match["sign"]].append(match["word"] if phrase is None else phrase.replace('\\"', '"'))
    return TermPattern(tuple(found[""]), tuple(found["?"]), tuple(found["-"]))


def _json_pattern(text: str) -> JsonPattern | None:
    """Operator precedence without recursion: comparisons go out at once, connectives and parentheses wait."""
    tokens = _Tokens(text)
    steps: list[Comparison | str] = []
    waiting: list[str] = []
    wants_operand = True
    while word := tokens.take():
        if wants_operand and word == "(":
            waiting.append(word)
        elif wants_operand:
            comparison = _comparison(word, tokens)
            if comparison is None:
                return None
            steps.append(comparison)
            wants_operand = False
        elif word == ")":
            if not _close(waiting, steps):
                return None
        elif word in _PRECEDENCE:
            while waiting and _PRECEDENCE.get(waiting[-1], 0) >= _PRECEDENCE[word]:
                steps.append(waiting.pop())
            waiting.append(word)
            wants_operand = True
        else:
            return None
    if wants_operand or tokens.is_broken or "(" in waiting:
        return None
    return JsonPattern((*steps, *reversed(waiting)))


def _close(waiting: list[str], steps: list[Comparison | str]) -> bool:
    """Everything that waits down to the opening parenthesis goes out; whether there was one."""
    while waiting:
        mark = waiting.pop()
        if mark == "(":
            return True
        steps.append(mark)
    return False


class _Tokens:
    """The words of a JSON pattern, one after another; an empty string at the end or where nothing can be read."""

    def __init__(self, text: str) -> None:
        self._text = text.rstrip()
        self._at = 0

    @property
    def is_broken(self) -> bool:
        return self._at < len(self._text)

    def take(self) -> str:
        match = _TOKEN.match(self._text, self._at)
        if match is None:
            return ""
        self._at = match.end()
        return match.group(match.lastgroup or 0)


_COMPARED = frozenset({"=", "!=", "<", ">", "<=", ">="})


def _comparison(selector: str, tokens: _Tokens) -> Comparison | None:
    path = _path(selector)
    operator = tokens.take()
    value = tokens.take()
    if path is None or not value:
        return None
    if operator in _COMPARED:
        if value[0] == "%" and operator in ("=", "!="):
            return Comparison(path, operator, value[1:-1], is_regex=True)
        return Comparison(path, operator, _unquoted(value)) if value not in _PRECEDENCE else None
    return _worded(path, f"{operator} {value}".upper())


_WORDED = {"IS NULL": "null", "IS TRUE": "true", "IS FALSE": "false", "NOT EXISTS": "absent", "IS EXISTS": "exists"}


def _worded(path: tuple[str | int, ...], words: str) -> Comparison | None:
    operator = _WORDED.get(words)
    return Comparison(path, operator) if operator else None


def _path(selector: str) -> tuple[str | int, ...] | None:
    """`$.resources[0].ARN` → ("resources", 0, "ARN")."""
    if not selector.startswith("$"):
        return None
    steps = [name or int(index) for name, index in _STEP.findall(selector[1:])]
    return tuple(steps) if steps and "".join(_spelled(steps)) == selector[1:] else None


def _spelled(steps: list[str | int]) -> Iterator[str]:
    for step in steps:
        yield f".{step}" if isinstance(step, str) else f"[{step}]"


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] == '"' else value


def _holds(comparison: Comparison, record: Record) -> bool:
    found = _found(comparison.selector, record)
    test = _TESTS.get(comparison.operator)
    if test is not None:
        return test(found)
    if comparison.operator in ("=", "!="):
        return (found is not _MISSING and _equals(found, comparison)) == (comparison.operator == "=")
    return _ordered(found, comparison)


_TESTS: dict[str, Callable[[Any], bool]] = {
    "exists": lambda found: found is not _MISSING,
    "absent": lambda found: found is _MISSING,
    "null": lambda found: found is None,
    "true": lambda found: found is True,
    "false": lambda found: found is False,
}


def _found(selector: tuple[str | int, ...], record: Record) -> Any:
    value: Any = record
    for step in selector:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else _MISSING
        else:
            value = value.get(step, _MISSING) if isinstance(value, Mapping) else _MISSING
    return value


def _equals(found: Any, comparison: Comparison) -> bool:
    text = _text(found)
    if comparison.is_regex:
        regex = _regex(comparison.value)
        return regex is not None and regex.search(text) is not None
    return _like(text, comparison.value)


def _text(found: Any) -> str:
    if found is None:
        return "null"
    return str(found).lower() if isinstance(found, bool) else str(found)


def _ordered(found: Any, comparison: Comparison) -> bool:
    try:
        left, right = float(found), float(comparison.value)
    except (TypeError, ValueError):
        return False
    return {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[comparison.operator]


def _like(text: str, wanted: str) -> bool:
    """Whether the text is the wanted one, in which `*` stands for anything. Each part is looked for once, from left."""
    first, *others = wanted.split("*")
    if not others:
        return text == wanted
    *middle, last = others
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True


@lru_cache(maxsize=256)
def _regex(text: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(text, options)
    except re2.error:
        return None
