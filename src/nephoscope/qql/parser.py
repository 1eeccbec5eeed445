"""Filter text to a frozen tree (contract §8.1). Linear in the text, bounded in length, terms and depth.

query     = [ either ]
either    = both { "or" both }
both      = single { "and" single }
single    = "not" single | "(" either ")" | term
term      = token ":" value | token ":" list | token ":" range | token ":(" either ")"
| token comparison value | token "in" list | token "is" "null" | free text
"""

from collections.abc import Callable

from nephoscope.errors import QuerySyntaxError
from nephoscope.qql.lexing import Reader
from nephoscope.qql.tree import (
    And,
    AnyOf,
    Compare,
    Comparison,
    IsNull,
    Nested,
    Node,
    Not,
    Or,
    Query,
    Range,
    Term,
    Value,
)

LONGEST = 16_384
"""Characters of a filter."""
MOST_TERMS = 500
DEEPEST = 50
"""Parentheses and nots inside each other."""

_COMPARISONS = (Comparison.FROM, Comparison.TO, Comparison.ABOVE, Comparison.BELOW, Comparison.EQUAL)


def parse(text: str) -> Query:
    """QuerySyntaxError says what was expected and where."""
    if len(text) > LONGEST:
        raise QuerySyntaxError(f"The filter has {len(text):,} characters; {LONGEST:,} are allowed.", LONGEST)
    parser = _Parser(Reader(text))
    return parser.query()


class _Parser:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._terms = 0
        self._depth = 0

    def query(self) -> Query:
        self._reader.skip_space()
        if self._reader.is_at_end():
            return Query()
        root = self._either()
        if not self._reader.is_at_end():
            raise self._reader.expected("'and', 'or' or the end")
        return Query(root)

    def _either(self) -> Node:
        nodes = [self._both()]
        while self._reader.skip_keyword("or"):
            nodes.append(self._both())
        return _joined(Or, nodes)

    def _both(self) -> Node:
        nodes = [self._single()]
        while self._reader.skip_keyword("and"):
            nodes.append(self._single())
        return _joined(And, nodes)

    def _single(self) -> Node:
        reader = self._reader
        if reader.skip_keyword("not"):
            return Not(self._deeper(self._single))
        if reader.skip("("):
            inner = self._deeper(self._either)
            self._close(")")
            return inner
        return self._term()

    def _deeper(self, rule: "Rule") -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise QuerySyntaxError(
                f"The filter is nested deeper than {DEEPEST} levels at position {self._reader.at}.", self._reader.at
            )
        self._reader.skip_space()
        node = rule()
        self._depth -= 1
        return node

    def _close(self, mark: str) -> None:
        self._reader.skip_space()
        if not self._reader.skip(mark):
            raise self._reader.expected(f"'{mark}'")
        self._reader.skip_space()

    def _term(self) -> Node:
        self._terms += 1
        reader = self._reader
        if self._terms > MOST_TERMS:
            raise QuerySyntaxError(f"The filter has more than {MOST_TERMS} terms.", reader.at)
        start = reader.at
        token = reader.skip_name()
        if token:
            node = self._about(token, start)
            if node is not None:
                reader.skip_space()
                return node
            reader.at = start
        if reader.sees(":"):
            raise reader.expected("a term such as token:value")
        return Term("", self._value("a term such as token:value"), start)

    def _about(self, token: str, start: int) -> Node | None:
        """What follows a token; None when this word is not a token after all."""
        reader = self._reader
        reader.skip_space()
        if reader.skip(":"):
            reader.skip_space()
            return self._after_colon(token, start)
        for comparison in _COMPARISONS:
            if reader.skip(comparison):
                reader.skip_space()
                return Compare(token, comparison, self._operand(), start)
        if reader.skip_keyword("in"):
            return AnyOf(token, self._list("(", ")"), start)
        if reader.skip_keyword("is"):
            if not reader.skip_keyword("null"):
                raise reader.expected("'null' after 'is'")
            return IsNull(token, start)
        return None

    def _after_colon(self, token: str, start: int) -> Node:
        reader = self._reader
        if reader.sees("[") or reader.sees("("):
            found = reader.take_range()
            if found is not None:
                low, high, is_inclusive = found
                return Range(token, low, high, is_inclusive, start)
        if reader.sees("["):
            return AnyOf(token, self._list("[", "]"), start)
        if reader.skip("("):
            inner = self._deeper(self._either)
            self._close(")")
            return Nested(token, inner, start)
        return Term(token, self._value("a value"), start)

    def _list(self, opening: str, closing: str) -> tuple[Value, ...]:
        reader = self._reader
        if not reader.skip(opening):
            raise reader.expected(f"'{opening}'")
        values: list[Value] = []
        while True:
            self._terms += 1
            if self._terms > MOST_TERMS:
                raise QuerySyntaxError(f"The filter has more than {MOST_TERMS} terms.", reader.at)
            reader.skip_space()
            values.append(self._element(closing))
            reader.skip_space()
            if reader.skip(closing):
                return tuple(values)
            if not reader.skip(","):
                raise reader.expected(f"',' or '{closing}'")

    def _element(self, closing: str) -> Value:
        """One value of a list: quoted, or bare words up to a comma or the end of the list."""
        reader = self._reader
        if reader.sees_quote():
            return reader.take_quoted()
        start = reader.at
        words = []
        while word := reader.skip_word(f",{closing}"):
            words.append(word)
            reader.skip_space()
        if not words:
            raise reader.expected("a value", start)
        return bare(" ".join(words), start)

    def _operand(self) -> str:
        reader = self._reader
        if reader.sees_quote():
            return reader.take_quoted().text
        word = reader.skip_word()
        if not word:
            raise reader.expected("a value")
        return word

    def _value(self, what: str) -> Value:
        """A value in quotes, or bare words up to the next operator."""
        reader = self._reader
        if reader.sees_quote():
            value = reader.take_quoted()
            reader.skip_space()
            return value
        start = reader.at
        words: list[str] = []
        while not reader.is_at_end() and not reader.sees_quote() and not reader.sees_keyword():
            if words and reader.sees_token():
                raise reader.expected("'and' or 'or' before the next token")
            word = reader.skip_word()
            if not word:
                break
            words.append(word)
            reader.skip_space()
        if not words:
            raise reader.expected(what, start)
        return bare(" ".join(words), start)


Rule = Callable[[], Node]


def bare(text: str, position: int) -> Value:
    """A bare value; stars at its ends are wildcards."""
    is_suffix, is_prefix = text.startswith("*"), text.endswith("*") and len(text) > 1
    inner = text[is_suffix : len(text) - is_prefix]
    if not inner and text != "*":
        raise QuerySyntaxError(f"Expected more than stars at position {position}.", position)
    if text == "*":
        return Value("", is_prefix=True)
    return Value(inner, is_prefix=is_prefix, is_suffix=is_suffix)


def _joined(kind: type[And | Or], nodes: list[Node]) -> Node:
    """One node for many: `a and (b and c)` is `a and b and c`."""
    flat: list[Node] = []
    for node in nodes:
        flat.extend(node.nodes if isinstance(node, (And, Or)) and isinstance(node, kind) else (node,))
    return flat[0] if len(flat) == 1 else kind(tuple(flat))
