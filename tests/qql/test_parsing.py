import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nephoscope.errors import BadRequestError, QuerySyntaxError
from nephoscope.qql.binder import UnknownTokenError, bind
from nephoscope.qql.bound import Condition, Operator
from nephoscope.qql.matching import matches
from nephoscope.qql.parser import LONGEST, MOST_TERMS, parse
from nephoscope.qql.tokens import CONTROL_TOKENS, EVALUATION_TOKENS
from nephoscope.qql.tree import Query, Range, Term
from worlds import FakeClock


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("   ", ()),
        ("provider:AWS", (Term("provider", "AWS", 0),)),
        ("provider: AWS", (Term("provider", "AWS", 0),)),
        ("provider:AWS and service.type:ACM", (Term("provider", "AWS", 0), Term("service.type", "ACM", 17))),
        ("provider:AWS AND cid:1", (Term("provider", "AWS", 0), Term("cid", "1", 17))),
        ('control.name:"a and b"', (Term("control.name", "a and b", 0),)),
        ("control.name:`MFA`", (Term("control.name", "MFA", 0, exact=True),)),
        ("control.name:two words", (Term("control.name", "two words", 0),)),
        ("resource.id:arn:aws:s3:::b", (Term("resource.id", "arn:aws:s3:::b", 0),)),
        ("evaluatedOn:[now-8h..now-1s]", (Range("evaluatedOn", "now-8h", "now-1s", 0),)),
        ("evaluatedOn:[2024-01-01 ... now-1m]", (Range("evaluatedOn", "2024-01-01", "now-1m", 0),)),
    ],
)
def test_what_is_understood(text: str, terms: tuple[Term | Range, ...]) -> None:
    assert parse(text) == Query(terms)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("provider", 0),
        ("provider:", 9),
        (":AWS", 0),
        ("provider:AWS and ", 16),
        ("provider:AWS and service.type", 16),
        ("provider:AWS or provider:GCP", 12),
        ("not provider:AWS", 0),
        ("(provider:AWS)", 0),
        ("evaluatedOn:[now-8h", 12),
        ("cid:[1, 2]", 4),
        ('name:""', 5),
        ("cid > 5", 0),
    ],
)
def test_what_is_not_says_where(text: str, position: int) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    assert caught.value.position == position
    assert str(position) in caught.value.message or "token:value" in caught.value.message


def test_size_is_bounded() -> None:
    with pytest.raises(QuerySyntaxError, match="characters"):
        parse("a:" + "b" * LONGEST)
    with pytest.raises(QuerySyntaxError, match="terms"):
        parse(" and ".join(["a:b"] * (MOST_TERMS + 1)))


@given(st.text(alphabet=st.sampled_from("ab.:[]()`\"' ANDand01-now,"), max_size=60))
def test_any_text_is_a_query_or_a_clear_error(text: str) -> None:
    with contextlib.suppress(QuerySyntaxError):
        assert all(term.token for term in parse(text).terms)


def test_binding_names_every_problem(clock: FakeClock) -> None:
    with pytest.raises(UnknownTokenError) as caught:
        bind(parse("provder:AWS and cid:one and isCustomizable:maybe"), CONTROL_TOKENS, clock())
    assert len(caught.value.problems) == 3
    assert "provider" in caught.value.problems[0]


def test_dates_become_moments(clock: FakeClock) -> None:
    (condition,) = bind(parse("evaluatedOn:[now-8h..now-1s]"), EVALUATION_TOKENS, clock())
    low, high = condition.values
    assert (high - low).total_seconds() == 8 * 3600 - 1
    (day,) = bind(parse("createdDate:2026-01-31"), CONTROL_TOKENS, clock())
    assert (day.values[1] - day.values[0]).total_seconds() == 86_399


@pytest.mark.parametrize("text", ["createdDate:yesterday", "createdDate:now-8x", "createdDate:now-999999y"])
def test_unreal_dates_are_refused(text: str, clock: FakeClock) -> None:
    with pytest.raises(BadRequestError):
        bind(parse(text), CONTROL_TOKENS, clock())


@pytest.mark.parametrize(
    ("condition", "row", "expected"),
    [
        (Condition("a", Operator.EQUALS, ("aws",)), {"a": "AWS"}, True),
        (Condition("a", Operator.EQUALS, ("aws",)), {"a": "AWS2"}, False),
        (Condition("a", Operator.CONTAINS, ("mfa",)), {"a": "Ensure MFA"}, True),
        (Condition("a", Operator.ANY_OF, (1, 2)), {"a": 2}, True),
        (Condition("a", Operator.BETWEEN, (1, None)), {"a": 0}, False),
        (Condition("a", Operator.EQUALS, ("x",)), {"a": ["y", "X"]}, True),
        (Condition("a", Operator.EQUALS, ("x",)), {}, False),
    ],
)
def test_rows_in_memory(condition: Condition, row: dict[str, object], expected: bool) -> None:
    assert matches((condition,), row) is expected
