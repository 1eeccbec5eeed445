from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from nephoscope.qql.parser import parse
from nephoscope.qql.tree import (
    And,
    AnyOf,
    Compare,
    Comparison,
    Form,
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
from qql.query_text import render

_KEYWORDS = {"and", "or", "not", "in", "is", "null"}
tokens = st.from_regex(r"[a-z][a-zA-Z0-9_]{0,6}(\.[a-zA-Z]{1,6})?", fullmatch=True).filter(
    lambda t: t.lower() not in _KEYWORDS
)
words = st.from_regex(r"[a-zA-Z0-9/_@-]{1,8}", fullmatch=True).filter(lambda word: word.lower() not in _KEYWORDS)
bare = st.builds(
    Value,
    st.lists(words, min_size=1, max_size=3).map(" ".join),
    st.just(Form.WORDS),
    st.booleans(),
    st.booleans(),
)
quoted = st.builds(
    Value,
    st.text(st.characters(codec="utf-8", exclude_characters="\"'`"), min_size=1, max_size=12).filter(str.strip),
    st.sampled_from((Form.PHRASE, Form.EXACT)),
)
values = bare | quoted
ends = st.sampled_from(("", "1", "now-8h", "2024-01-31", "2024-01-31T08:00:00Z", "1.5"))
leaves = (
    st.builds(Term, tokens, values)
    | st.builds(AnyOf, tokens, st.lists(values, min_size=1, max_size=3).map(tuple))
    | st.builds(Range, tokens, ends, ends, st.booleans())
    | st.builds(Compare, tokens, st.sampled_from(Comparison), words)
    | st.builds(IsNull, tokens)
)


def _grown(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(children, min_size=2, max_size=3)
    return (
        st.builds(Not, children)
        | several.map(lambda nodes: And(tuple(_flat(And, nodes))))
        | several.map(lambda nodes: Or(tuple(_flat(Or, nodes))))
        | st.builds(Nested, tokens, children)
    )


def _flat(kind: type[And | Or], nodes: list[Any]) -> list[Any]:
    return [one for node in nodes for one in (node.nodes if isinstance(node, kind) else (node,))]


trees = st.recursive(leaves, _grown, max_leaves=12)


def _unplaced(node: Any) -> Any:
    """The same tree, as if everything stood at the beginning."""
    if isinstance(node, (And, Or)):
        return type(node)(tuple(_unplaced(one) for one in node.nodes))
    if isinstance(node, Not):
        return Not(_unplaced(node.node))
    inner = {"inner": _unplaced(node.inner)} if isinstance(node, Nested) else {}
    return msgspec.structs.replace(node, position=0, **inner)


@given(trees)
def test_printing_and_reading_again_is_the_identity(tree: Node) -> None:
    found = parse(render(Query(tree))).root
    assert found is not None
    assert _unplaced(found) == tree


def test_nothing_prints_as_nothing() -> None:
    assert render(Query()) == ""
