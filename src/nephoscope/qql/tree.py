"""The tree of a filter, as written: no meaning yet. Frozen; `position` counts characters from 0."""

from enum import StrEnum

import msgspec


class Form(StrEnum):
    """How a value was written."""

    WORDS = "words"
    """Bare: related words, compared without regard to case."""
    PHRASE = "phrase"
    """In quotes: these words, one after the other."""
    EXACT = "exact"
    """In backticks: the whole value."""


class Value(msgspec.Struct, frozen=True):
    """`is_prefix` for `win*`, `is_suffix` for `*xp`; the stars are not part of the text."""

    text: str
    form: Form = Form.WORDS
    is_prefix: bool = False
    is_suffix: bool = False


class Comparison(StrEnum):
    EQUAL = "="
    ABOVE = ">"
    FROM = ">="
    BELOW = "<"
    TO = "<="


class Term(msgspec.Struct, frozen=True, tag=True):
    """`token:value`; an empty token means free text over all fields."""

    token: str
    value: Value
    position: int = 0


class AnyOf(msgspec.Struct, frozen=True, tag=True):
    """`token:[A, B]` and `token in (A, B)`."""

    token: str
    values: tuple[Value, ...]
    position: int = 0


class Range(msgspec.Struct, frozen=True, tag=True):
    """`token:[low .. high]`, exclusive in parentheses. An empty end is open."""

    token: str
    low: str
    high: str
    is_inclusive: bool = True
    position: int = 0


class Compare(msgspec.Struct, frozen=True, tag=True):
    """`token > value`."""

    token: str
    comparison: Comparison
    value: str
    position: int = 0


class IsNull(msgspec.Struct, frozen=True, tag=True):
    """`token is null`."""

    token: str
    position: int = 0


class Nested(msgspec.Struct, frozen=True, tag=True):
    """`token:(inner)`: one and the same object below the token satisfies all of it."""

    token: str
    inner: "Node"
    position: int = 0


class Not(msgspec.Struct, frozen=True, tag=True):
    node: "Node"


class And(msgspec.Struct, frozen=True, tag=True):
    """Two or more, none of them an And itself."""

    nodes: tuple["Node", ...]


class Or(msgspec.Struct, frozen=True, tag=True):
    """Two or more, none of them an Or itself."""

    nodes: tuple["Node", ...]


Node = Term | AnyOf | Range | Compare | IsNull | Nested | Not | And | Or


class Query(msgspec.Struct, frozen=True):
    """No root matches everything."""

    root: Node | None = None
