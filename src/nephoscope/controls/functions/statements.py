"""Policy documents, read: whatever shape AWS or a person gives one, as statements that can be asked questions.

A document may be a map, JSON text, or URL-encoded JSON text; a field may hold one string or many. Actions, condition
operators and condition keys are compared without regard to case, as AWS does. Reading is bounded by the length of
the text and never raises: what cannot be read is None, which is something else than an empty policy.
"""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import msgspec

LONGEST = 200_000
"""Characters of the longest text that is read; AWS itself stops at 20,480 for a bucket and 32,768 for a key."""
MOST = 2_000
"""Statements, and values in one field."""


class Condition(msgspec.Struct, frozen=True):
    """One key of one operator. `operator` is in lower case, without its quantifier and without `IfExists`."""

    operator: str
    key: str
    values: tuple[str, ...]
    quantifier: str = ""
    is_optional: bool = False
    """`…IfExists`: met when the request does not carry the key."""


class Statement(msgspec.Struct, frozen=True):
    """`principals` holds (kind, value), kinds in lower case; the bare `*` is the kind `*`."""

    allows: bool
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[tuple[str, str], ...] = ()
    not_principals: tuple[tuple[str, str], ...] = ()
    conditions: tuple[Condition, ...] = ()

    @property
    def is_for_anyone(self) -> bool:
        """Everybody, or everybody but a few. Says nothing of conditions."""
        return bool(self.not_principals) or any(
            value == "*" and kind in {"*", "aws", "federated"} for kind, value in self.principals
        )

    def covers_action(self, action: str) -> bool:
        """`action` is `service:Name`, or itself a pattern that would have to be covered whole."""
        wanted = action.lower()
        if self.not_actions:
            return "*" not in wanted and not any(matches(pattern, wanted) for pattern in self.not_actions)
        return any(matches(pattern, wanted) for pattern in self.actions)

    def covers_resource(self, resource: str) -> bool:
        if self.not_resources:
            return "*" not in resource and not any(matches(pattern, resource) for pattern in self.not_resources)
        return any(matches(pattern, resource) for pattern in self.resources)


Policy = tuple[Statement, ...]


def read_policy(value: Any) -> Policy | None:
    """The statements of a policy; none at all for null or an empty text; None when it cannot be read."""
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        return _read_text(value)
    return _read_value(value)


@lru_cache(maxsize=512)
def _read_text(text: str) -> Policy | None:
    if len(text) > LONGEST:
        return None
    for candidate in (text, unquote(text)):
        try:
            return _read_value(json.loads(candidate))
        except (ValueError, RecursionError):
            continue
    return None


def _read_value(value: Any) -> Policy | None:
    found = value.get("Statement", []) if isinstance(value, Mapping) else value
    rows = found if isinstance(found, list) else [found]
    if len(rows) > MOST or not all(isinstance(row, Mapping) for row in rows):
        return None
    return tuple(_statement(row) for row in rows)


def _statement(row: Mapping[str, Any]) -> Statement:
    return Statement(
        allows=row.get("Effect") == "Allow",
        actions=tuple(text.lower() for text in _texts(row.get("Action"))),
        not_actions=tuple(text.lower() for text in _texts(row.get("NotAction"))),
        resources=_texts(row.get("Resource")),
        not_resources=_texts(row.get("NotResource")),
        principals=tuple(_principals(row.get("Principal"))),
        not_principals=tuple(_principals(row.get("NotPrincipal"))),
        conditions=tuple(_conditions(row.get("Condition"))),
    )


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    rows = value if isinstance(value, list) else [value]
    return tuple(_text(row) for row in rows[:MOST])


def _text(value: Any) -> str:
    """JSON's true and false are what policies also spell as texts."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _principals(value: Any) -> Iterable[tuple[str, str]]:
    if isinstance(value, Mapping):
        for kind, inner in value.items():
            yield from ((str(kind).lower(), text) for text in _texts(inner))
    else:
        yield from (("*" if text == "*" else "aws", text) for text in _texts(value))


def _conditions(value: Any) -> Iterable[Condition]:
    if not isinstance(value, Mapping):
        return
    for name, keys in value.items():
        quantifier, _, rest = str(name).lower().rpartition(":")
        operator = rest.removesuffix("ifexists")
        for key, values in keys.items() if isinstance(keys, Mapping) else ():
            yield Condition(operator, str(key).lower(), _texts(values), quantifier, is_optional=operator != rest)


def matches(pattern: str, literal: str) -> bool:
    """AWS's wildcards: `*` any run of characters, `?` one. Both sides are taken as they are, case included."""
    if "*" not in pattern and "?" not in pattern:
        return pattern == literal
    if len(pattern) - pattern.count("*") > len(literal):
        return False
    return _walk(pattern, literal)


def _walk(pattern: str, literal: str) -> bool:
    """Greedy match that goes back to the last star only."""
    at = here = 0
    star, resume = -1, 0
    while here < len(literal):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, here
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", literal[here]):
            at += 1
            here += 1
        elif star >= 0:
            resume += 1
            at, here = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("*")
