"""Filters of Cloud Logging, read as the service reads them, to tell which entries they match.

Understood are comparisons (`resource.type="gce_route"`, `protoPayload.methodName:"insert"`, `labels."a.b"=~"^x"`,
`field:*`, `field=("a" OR "b")`), bare words, `AND`, `OR`, `NOT`, `-`, and parentheses; two terms beside each other mean
AND, and OR binds closer than AND. Whatever cannot be read matches nothing. Work is linear in the length of the filter,
and nothing nests on Python's stack: filters come from projects that we do not trust.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec
import re2

LONGEST = 20_000
"""The service takes 20,000 characters."""

Entry = Mapping[str, Any]

_TOKEN = re.compile(
    r"""\s*(?:--[^\n]*(?:\n\s*|$))*(?:(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<mark>\(|\)|=~|!~|!=|<=|>=|=|<|>|:)"""
    r"""|(?P<word>(?!--)(?:[^\s()=!<>:"']|"(?:[^"\\]|\\.)*")+))""",
)
_SPACE = re.compile(r"\s*(?:--[^\n]*(?:\n\s*|$))*")
_OPERATORS = frozenset({"=", "!=", "<", ">", "<=", ">=", ":", "=~", "!~"})
_STEP = re.compile(r'"((?:[^"\\]|\\.)*)"|([^."]+)')
_PRECEDENCE = {"AND": 1, "OR": 2, "NOT": 3}


class Comparison(msgspec.Struct, frozen=True):
    """`path operator value`; without a path, a word that may stand anywhere in the entry."""

    path: tuple[str, ...]
    operator: str
    value: str

    def holds(self, entry: Entry) -> bool:
        test = _tester(self.operator, self.value)
        if not self.path:
            return any(test(text) for text in _texts(entry))
        found = any(test(_text(value)) for value in _found(self.path, entry))
        return found != (self.operator in ("!=", "!~"))


class Query(msgspec.Struct, frozen=True):
    """In postfix order: comparisons, `NOT`, `AND` and `OR`."""

    steps: tuple[Comparison | str, ...]

    def matches(self, entry: Entry) -> bool:
        """An empty filter matches every entry."""
        stack: list[bool] = [] if self.steps else [True]
        for step in self.steps:
            if isinstance(step, Comparison):
                stack.append(step.holds(entry))
            elif step == "NOT":
                stack.append(not stack.pop())
            else:
                right, left = stack.pop(), stack.pop()
                stack.append(left and right if step == "AND" else left or right)
        return stack.pop()


@lru_cache(maxsize=1024)
def read_query(text: str) -> Query | None:
    """None for what is no filter."""
    if len(text) > LONGEST:
        return None
    words = _words(text)
    return None if words is None else _Reading(words).run()


def _words(text: str) -> list[tuple[str, str]] | None:
    """(kind, word), the strings without their quotes."""
    found, at = [], 0
    while match := _TOKEN.match(text, at):
        kind, word = str(match.lastgroup), match.group(match.lastgroup or 0)
        found.append((kind, _unquoted(word) if kind == "string" else word))
        at = match.end()
    ending = _SPACE.match(text, at)
    return found if ending and ending.end() == len(text) else None


def _unquoted(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word[1:-1])


class _Reading:
    """Operator precedence without recursion: comparisons go out at once; operators and parentheses wait. A parenthesis
    behind a comparison's operator keeps its path for the values inside."""

    def __init__(self, words: list[tuple[str, str]]) -> None:
        self._words = words
        self._at = 0
        self._steps: list[Comparison | str] = []
        self._waiting: list[str] = []
        self._open: list[tuple[tuple[str, ...], str]] = []
        self._wants_operand = True

    def run(self) -> Query | None:
        while self._at < len(self._words):
            kind, word = self._words[self._at]
            self._at += 1
            if not (self._operand(kind, word) if self._wants_operand else self._connective(kind, word)):
                return None
        if self._open or (self._wants_operand and self._words):
            return None
        return Query((*self._steps, *reversed(self._waiting)))

    def _operand(self, kind: str, word: str) -> bool:
        if (kind, word) in (("word", "NOT"), ("word", "-")):
            self._waiting.append("NOT")
            return True
        if (kind, word) == ("mark", "("):
            self._nest(*(self._open[-1] if self._open else ((), ":")))
            return True
        if kind == "word" and word.startswith("-") and len(word) > 1 and not word[1:].isdigit():
            self._waiting.append("NOT")
            word = word[1:]
        return kind in ("word", "string") and word not in ("AND", "OR") and self._term(kind, word)

    def _term(self, kind: str, word: str) -> bool:
        """A comparison, or a value of the comparison around it."""
        path, operator = self._open[-1] if self._open else ((), ":")
        if not path and self._peek()[0] == "mark" and self._peek()[1] in _OPERATORS:
            return self._comparison(kind, word)
        if self._peek() == ("mark", "("):  # a function, which nobody can decide here
            return False
        self._steps.append(Comparison(path, operator, word))
        self._wants_operand = False
        return True

    def _comparison(self, kind: str, word: str) -> bool:
        path = _path(word) if kind == "word" else (word,)
        operator = self._words[self._at][1]
        self._at += 1
        kind, value = self._peek()
        self._at += 1
        if not path or kind not in ("word", "string", "mark"):
            return False
        if kind == "mark":
            self._nest(path, operator)
            return value == "("
        self._steps.append(Comparison(path, operator, "\0*" if (kind, value) == ("word", "*") else value))
        self._wants_operand = False
        return True

    def _nest(self, path: tuple[str, ...], operator: str) -> None:
        self._waiting.append("(")
        self._open.append((path, operator))

    def _connective(self, kind: str, word: str) -> bool:
        if (kind, word) == ("mark", ")"):
            return self._close()
        if kind == "mark" and word != "(":
            return False
        is_said = kind == "word" and word in ("AND", "OR")
        operator = word if is_said else "AND"
        while self._waiting and _PRECEDENCE.get(self._waiting[-1], 0) >= _PRECEDENCE[operator]:
            self._steps.append(self._waiting.pop())
        self._waiting.append(operator)
        self._wants_operand = True
        self._at -= not is_said
        return True

    def _close(self) -> bool:
        """Everything that waits down to the opening parenthesis goes out; whether there was one."""
        while self._waiting:
            mark = self._waiting.pop()
            if mark == "(":
                self._open.pop()
                return True
            self._steps.append(mark)
        return False

    def _peek(self) -> tuple[str, str]:
        return self._words[self._at] if self._at < len(self._words) else ("", "")


def _path(word: str) -> tuple[str, ...]:
    """`labels."a.b".c` → ("labels", "a.b", "c"); empty for what is no path."""
    return tuple(quoted or plain for quoted, plain in _STEP.findall(word))


def _found(path: tuple[str, ...], entry: Entry) -> list[Any]:
    """Every value at the path; lists are passed through."""
    values: list[Any] = [entry]
    for name in path:
        values = [value[name] for value in _flat(values) if isinstance(value, Mapping) and name in value]
    return list(_flat(values))


def _flat(values: list[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from value
        else:
            yield value


def _texts(entry: Entry) -> Iterator[str]:
    """Every value of the entry, without recursion."""
    waiting: list[Any] = [entry]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        else:
            yield _text(value)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tester(operator: str, value: str) -> Callable[[str], bool]:
    """Letters count the same in both cases, save in regular expressions."""
    wanted = value.lower()
    match operator:
        case ":":
            return lambda text: value == "\0*" or wanted in text.lower()
        case "=" | "!=":
            return lambda text: text.lower() == wanted
        case "=~" | "!~":
            regex = _regex(value)
            return lambda text: regex is not None and regex.search(text) is not None
        case _:
            return lambda text: _ordered(text, operator, value)


def _ordered(text: str, operator: str, value: str) -> bool:
    left: Any = text
    right: Any = value
    try:
        left, right = float(text), float(value)
    except ValueError:
        left, right = _severity(text), _severity(value)
    return bool({"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[operator])


_SEVERITIES = ("DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY")


def _severity(text: str) -> tuple[int, str]:
    """Severities by their weight, anything else as a text."""
    upper = text.upper()
    return (_SEVERITIES.index(upper), "") if upper in _SEVERITIES else (-1, text)


@lru_cache(maxsize=256)
def _regex(text: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(text, options)
    except re2.error:
        return None
