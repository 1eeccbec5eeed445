"""A tree and a listing's tokens to conditions. What is unknown is named, with the nearest known names."""

from datetime import datetime
from difflib import get_close_matches

from nephoscope.errors import BadRequestError
from nephoscope.qql.bound import Bound, Condition, Operator
from nephoscope.qql.dates import span
from nephoscope.qql.tokens import Match, Token, Tokens
from nephoscope.qql.tree import Query, Range, Term

_LONGEST_NUMBER = 18
"""Digits that fit the store's integers."""
_FLAGS = {"true": True, "false": False}


class UnknownTokenError(BadRequestError):
    """A token that the listing does not know."""


def bind(query: Query, tokens: Tokens, now: datetime) -> Bound:
    """Conditions in the order of the terms. UnknownTokenError or BadRequestError list every problem at once."""
    conditions: list[Condition] = []
    problems: list[str] = []
    is_unknown = False
    for term in query.terms:
        token = tokens.get(term.token.lower())
        if token is None:
            is_unknown = True
            problems.append(_unknown(term.token, tokens))
            continue
        try:
            conditions.append(_range(term, token, now) if isinstance(term, Range) else _condition(term, token, now))
        except BadRequestError as error:
            problems.append(f"{term.token}: {error.message}")
    if problems:
        kind = UnknownTokenError if is_unknown else BadRequestError
        raise kind(" ".join(problems), problems)
    return tuple(conditions)


def _condition(term: Term, token: Token, now: datetime) -> Condition:
    match token.match:
        case Match.DATE:
            return Condition(token.field, Operator.BETWEEN, span(term.value, now))
        case Match.NUMBER:
            return Condition(token.field, Operator.EQUALS, (_number(term.value),))
        case Match.FLAG:
            if term.value.lower() not in _FLAGS:
                raise BadRequestError(f"{term.value!r} is neither true nor false.")
            return Condition(token.field, Operator.EQUALS, (_FLAGS[term.value.lower()],))
        case Match.PART if not term.exact:
            return Condition(token.field, Operator.CONTAINS, (term.value,))
        case _:
            return Condition(token.field, Operator.EQUALS, (term.value,))


def _range(term: Range, token: Token, now: datetime) -> Condition:
    if token.match is Match.DATE:
        first = span(term.low, now)[0] if term.low else None
        last = span(term.high, now)[1] if term.high else None
        return Condition(token.field, Operator.BETWEEN, (first, last))
    if token.match is Match.NUMBER:
        ends = tuple(_number(end) if end else None for end in (term.low, term.high))
        return Condition(token.field, Operator.BETWEEN, ends)
    raise BadRequestError("a range needs a date or a number.")


def _number(text: str) -> int:
    if not text.lstrip("-").isdecimal() or len(text) > _LONGEST_NUMBER:
        raise BadRequestError(f"{text!r} is not a whole number.")
    return int(text)


def _unknown(name: str, tokens: Tokens) -> str:
    near = get_close_matches(name.lower(), list(tokens), n=3, cutoff=0.5)
    hint = f" Did you mean {', '.join(near)}?" if near else f" Known: {', '.join(sorted(tokens))}."
    return f"There is no token {name!r} here.{hint}"
