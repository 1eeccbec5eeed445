"""A tree and a listing's tokens to conditions. What is unknown is named, with the nearest known names."""

from collections.abc import Callable
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from nephoscope.errors import BadRequestError
from nephoscope.qql.bound import Bound, Condition, Either, Every, Inside, Negated, Node, Operator
from nephoscope.qql.dates import span
from nephoscope.qql.tokens import Match, Token, Tokens
from nephoscope.qql.tree import (
    And,
    AnyOf,
    Compare,
    Comparison,
    Form,
    IsNull,
    Nested,
    Not,
    Or,
    Query,
    Range,
    Term,
    Value,
)
from nephoscope.qql.tree import Node as Written

_LONGEST_NUMBER = 18
"""Digits that fit the store's integers."""
_FLAGS = {"true": True, "false": False}
_NEVER = Either(())


class UnknownTokenError(BadRequestError):
    """A token that the listing does not know."""


def bind(query: Query, tokens: Tokens, now: datetime) -> Bound:
    """What must hold, all of it. UnknownTokenError or BadRequestError list every problem at once."""
    if query.root is None:
        return ()
    binding = _Binding(tokens, now)
    node = binding.node(query.root)
    if binding.problems:
        kind = UnknownTokenError if binding.is_unknown else BadRequestError
        raise kind(" ".join(binding.problems), binding.problems)
    return node.nodes if isinstance(node, Every) else (node,)


class _Binding:
    """One pass over a tree; problems are gathered instead of raised."""

    def __init__(self, tokens: Tokens, now: datetime) -> None:
        self._tokens = tokens
        self._now = now
        self.problems: list[str] = []
        self.is_unknown = False

    def node(self, node: Written) -> Node:
        match node:
            case And(nodes):
                return Every(tuple(self.node(one) for one in nodes))
            case Or(nodes):
                return Either(tuple(self.node(one) for one in nodes))
            case Not(inner):
                return Negated(self.node(inner))
            case Term(token="", value=value):
                return self._free(value)
            case _:
                return self._named(node)

    def _free(self, value: Value) -> Node:
        """Text without a token: any of the listing's texts has it."""
        texts = dict.fromkeys(token.field for token in self._tokens.values() if token.is_searched)
        return Either(tuple(_text(Token(field, Match.PART), value) for field in texts))

    def _named(self, node: Term | AnyOf | Range | Compare | IsNull | Nested) -> Node:
        token = self._tokens.get(node.token.lower())
        if token is None:
            self.is_unknown = True
            self.problems.append(_unknown(node.token, self._tokens))
            return _NEVER
        try:
            return self._bound(node, token)
        except BadRequestError as error:
            self.problems.append(f"{node.token}: {error.message}")
            return _NEVER

    def _bound(self, node: Term | AnyOf | Range | Compare | IsNull | Nested, token: Token) -> Node:
        match node:
            case _ if token.match is Match.NOTHING:
                found: Node = _NEVER
            case Term(_, value):
                found = _equal(token, value, self._now)
            case AnyOf(_, values):
                found = Either(tuple(_equal(token, value, self._now) for value in values))
            case Range():
                found = _range(node, token, self._now)
            case Compare():
                found = _compared(node, token, self._now)
            case IsNull():
                found = Condition(token.field, Operator.IS_NULL)
            case Nested(_, inner):
                found = self._inside(token, inner)
        return found

    def _inside(self, token: Token, inner: Written) -> Node:
        if not token.inside:
            raise BadRequestError("it holds no objects to look into with parentheses.")
        within = _Binding(token.inside, self._now)
        node = within.node(inner)
        self.problems.extend(within.problems)
        self.is_unknown = self.is_unknown or within.is_unknown
        return Inside(token.field, node)


def _equal(token: Token, value: Value, now: datetime) -> Node:
    if value.is_prefix and not value.text:
        return Negated(Condition(token.field, Operator.IS_NULL))
    match token.match:
        case Match.DATE:
            return Condition(token.field, Operator.BETWEEN, span(value.text, now))
        case Match.NUMBER:
            return Condition(token.field, Operator.EQUALS, (_number(value.text),))
        case Match.FLAG:
            if value.text.lower() not in _FLAGS:
                raise BadRequestError(f"{value.text!r} is neither true nor false.")
            return Condition(token.field, Operator.EQUALS, (_FLAGS[value.text.lower()],))
        case _:
            return _text(token, value)


def _text(token: Token, value: Value) -> Node:
    """Bare words match in any order, a phrase as it stands, a value in backticks as a whole; stars open an end."""
    if value.is_prefix and value.is_suffix:
        return Condition(token.field, Operator.CONTAINS, (value.text,))
    if value.is_prefix or value.is_suffix:
        return Condition(token.field, Operator.PREFIX if value.is_prefix else Operator.SUFFIX, (value.text,))
    if token.match is not Match.PART or value.form is Form.EXACT:
        return Condition(token.field, Operator.EQUALS, (value.text,))
    words = value.text.split() if value.form is Form.WORDS else [value.text]
    parts = tuple(Condition(token.field, Operator.CONTAINS, (word,)) for word in words)
    return parts[0] if len(parts) == 1 else Every(parts)


def _range(node: Range, token: Token, now: datetime) -> Node:
    read = _reader(token, now)
    low = read(node.low)[0] if node.low else None
    high = read(node.high)[1] if node.high else None
    if node.is_inclusive:
        return Condition(token.field, Operator.BETWEEN, (low, high))
    # An exclusive end leaves out all that the written end means: of a day, the whole day.
    after = Condition(token.field, Operator.ABOVE, (read(node.low)[1],)) if node.low else None
    before = Condition(token.field, Operator.BELOW, (read(node.high)[0],)) if node.high else None
    return Every(tuple(one for one in (after, before) if one is not None))


def _compared(node: Compare, token: Token, now: datetime) -> Node:
    if node.comparison is Comparison.EQUAL:
        return _equal(token, Value(node.value, Form.EXACT), now)
    first, last = _reader(token, now)(node.value)
    match node.comparison:
        case Comparison.ABOVE:
            return Condition(token.field, Operator.ABOVE, (last,))
        case Comparison.BELOW:
            return Condition(token.field, Operator.BELOW, (first,))
        case Comparison.FROM:
            return Condition(token.field, Operator.BETWEEN, (first, None))
        case Comparison.TO:
            return Condition(token.field, Operator.BETWEEN, (None, last))


def _reader(token: Token, now: datetime) -> Callable[[str], tuple[Any, Any]]:
    """How an end of a range is read: the first and the last value that it means."""
    if token.match is Match.DATE:
        return lambda text: span(text, now)
    if token.match is Match.NUMBER:
        return lambda text: (_number(text), _number(text))
    raise BadRequestError("a range or a comparison needs a date or a number.")


def _number(text: str) -> int | float:
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER:
        return int(text)
    whole, dot, rest = digits.partition(".")
    if dot and (whole + rest).isascii() and whole.isdigit() and rest.isdigit() and len(digits) <= _LONGEST_NUMBER:
        return float(text)
    raise BadRequestError(f"{text!r} is not a number.")


def _unknown(name: str, tokens: Tokens) -> str:
    near = get_close_matches(name.lower(), list(tokens), n=3, cutoff=0.5)
    hint = f" Did you mean {', '.join(near)}?" if near else f" Known: {', '.join(sorted(tokens))}."
    return f"There is no token {name!r} here.{hint}"
