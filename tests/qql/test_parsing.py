import pytest
from hypothesis import given
from hypothesis import strategies as st

from nephoscope.errors import QuerySyntaxError
from nephoscope.qql.parser import DEEPEST, LONGEST, MOST_TERMS, parse
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
    Range,
    Term,
    Value,
)


def term(token: str, text: str, position: int = 0, form: Form = Form.WORDS) -> Term:
    return Term(token, Value(text, form), position)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", None),
        ("   ", None),
        ("provider:AWS", term("provider", "AWS")),
        ("provider: AWS", term("provider", "AWS")),
        ("provider:AWS and service.type:ACM", And((term("provider", "AWS"), term("service.type", "ACM", 17)))),
        ("provider:AWS AND cid:1", And((term("provider", "AWS"), term("cid", "1", 17)))),
        ("a:b or c:d and e:f", Or((term("a", "b"), And((term("c", "d", 7), term("e", "f", 15)))))),
        ("(a:b or c:d) and e:f", And((Or((term("a", "b", 1), term("c", "d", 8))), term("e", "f", 17)))),
        ("NOT a:b", Not(term("a", "b", 4))),
        ("not not a:b", Not(Not(term("a", "b", 8)))),
        ('control.name:"a and b"', term("control.name", "a and b", form=Form.PHRASE)),
        ("control.name:'a and b'", term("control.name", "a and b", form=Form.PHRASE)),
        ("control.name:`MFA`", term("control.name", "MFA", form=Form.EXACT)),
        ("asset.name: Car Assembly", term("asset.name", "Car Assembly")),
        ("asset.name: Car Assembly and x:1", And((term("asset.name", "Car Assembly"), term("x", "1", 29)))),
        ("resource.id:arn:aws:s3:::b", term("resource.id", "arn:aws:s3:::b")),
        ("resource.id:/subs/x(1)/y", term("resource.id", "/subs/x(1)/y")),
        ("name:O'Brien", term("name", "O'Brien")),
        ("a:win*", Term("a", Value("win", is_prefix=True))),
        ("a:*xp", Term("a", Value("xp", is_suffix=True))),
        ("a:*", Term("a", Value("", is_prefix=True))),
        ("a:[A, B c, `d`]", AnyOf("a", (Value("A"), Value("B c"), Value("d", Form.EXACT)))),
        ("a in (A, B)", AnyOf("a", (Value("A"), Value("B")))),
        ("a:[`CRITICAL`,`HIGH`]", AnyOf("a", (Value("CRITICAL", Form.EXACT), Value("HIGH", Form.EXACT)))),
        ("evaluatedOn:[now-8h..now-1s]", Range("evaluatedOn", "now-8h", "now-1s")),
        ("evaluatedOn:[2024-01-01 ... now-1m]", Range("evaluatedOn", "2024-01-01", "now-1m")),
        ("a:[2024-01-01T08:00:00Z .. now]", Range("a", "2024-01-01T08:00:00Z", "now")),
        ("a:(1 .. 5)", Range("a", "1", "5", is_inclusive=False)),
        ("a:[.. 5]", Range("a", "", "5")),
        ("cid >= 5", Compare("cid", Comparison.FROM, "5")),
        ("cid<5", Compare("cid", Comparison.BELOW, "5")),
        ("cid = 5", Compare("cid", Comparison.EQUAL, "5")),
        ("a is null", IsNull("a")),
        ("not a is null", Not(IsNull("a", 4))),
        (
            'v.v:(title:`x` and severity:"5")',
            Nested("v.v", And((term("title", "x", 5, Form.EXACT), term("severity", "5", 19, Form.PHRASE)))),
        ),
        ("some words", term("", "some words")),
        ("provider:AWS AND SERVICE.TYPE", And((term("provider", "AWS"), term("", "SERVICE.TYPE", 17)))),
        ("android:x and orange:y", And((term("android", "x"), term("orange", "y", 14)))),
    ],
)
def test_what_is_understood(text: str, tree: Node | None) -> None:
    assert parse(text).root == tree


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("provider:", 9, "a value"),
        (":AWS", 0, "a term"),
        ("provider:AWS and ", 17, "a term"),
        ("a:b c:d", 4, "'and' or 'or'"),
        ("(a:b", 4, "')'"),
        ("a:b)", 3, "the end"),
        ("evaluatedOn:[now-8h", 19, "']'"),
        ("a:[]", 3, "a value"),
        ("a in A", 5, "'('"),
        ("a is nul", 5, "'null'"),
        ('name:""', 5, "a value between the quotes"),
        ('name:"x', 5, 'a closing "'),
        ("cid > ", 6, "a value"),
        ("a:**", 2, "more than stars"),
        ("and", 0, "a term"),
    ],
)
def test_what_is_not_says_where_and_what_was_expected(text: str, position: int, expected: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    assert caught.value.position == position
    assert caught.value.message.startswith("Expected ")
    assert expected in caught.value.message


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a:" + "b" * LONGEST, "characters"),
        (" and ".join(["a:b"] * (MOST_TERMS + 1)), f"more than {MOST_TERMS} terms"),
        ("a:[" + ",".join("b" * (MOST_TERMS + 1)) + "]", f"more than {MOST_TERMS} terms"),
        ("(" * 10_000, f"deeper than {DEEPEST}"),
        ("not " * (DEEPEST + 1) + "a:b", f"deeper than {DEEPEST}"),
        ("a:(" * (DEEPEST + 1), f"deeper than {DEEPEST}"),
        ("a:b or " * 14_000, "characters"),
    ],
)
def test_length_terms_and_depth_are_bounded(text: str, why: str) -> None:
    with pytest.raises(QuerySyntaxError, match=why):
        parse(text)


@given(st.text(alphabet=st.sampled_from("ab.:[]()`\"' ANDand01-now,*<>="), max_size=60))
def test_any_text_is_a_query_or_a_clear_error(text: str) -> None:
    try:
        parse(text)
    except QuerySyntaxError as error:
        problem = error
        assert 0 <= problem.position <= len(text)
