from typing import Any

import pytest

from nephoscope.errors import BadRequestError
from nephoscope.qql.binder import UnknownTokenError, bind
from nephoscope.qql.bound import Condition, Either, Every, Inside, Negated, Node, Operator, names
from nephoscope.qql.matching import matches
from nephoscope.qql.parser import parse
from nephoscope.qql.tokens import CONTROL_TOKENS, EVALUATION_TOKENS, Match, Token, Tokens
from worlds import FakeClock

TOKENS: Tokens = {
    "name": Token("name", Match.PART),
    "state": Token("state"),
    "count": Token("count", Match.NUMBER),
    "flag": Token("flag", Match.FLAG),
    "made": Token("made", Match.DATE),
    "qflow.id": Token("qflow", Match.NOTHING),
    "rules": Token("rules", inside={"port": Token("port", Match.NUMBER), "cidr": Token("cidr")}),
}


def name(operator: Operator, *values: Any) -> Condition:
    return Condition("name", operator, values)


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("name:two words", (name(Operator.CONTAINS, "two"), name(Operator.CONTAINS, "words"))),
        ('name:"two words"', (name(Operator.CONTAINS, "two words"),)),
        ("name:`two words`", (name(Operator.EQUALS, "two words"),)),
        ("name:win*", (name(Operator.PREFIX, "win"),)),
        ("name:*xp", (name(Operator.SUFFIX, "xp"),)),
        ("name:*mid*", (name(Operator.CONTAINS, "mid"),)),
        ("name:*", (Negated(name(Operator.IS_NULL)),)),
        ("name is null", (name(Operator.IS_NULL),)),
        ("state:ACTIVE", (Condition("state", Operator.EQUALS, ("ACTIVE",)),)),
        ("count > 5", (Condition("count", Operator.ABOVE, (5,)),)),
        ("count:(1 .. 5)", (Condition("count", Operator.ABOVE, (1,)), Condition("count", Operator.BELOW, (5,)))),
        ("count <= 1.5", (Condition("count", Operator.BETWEEN, (None, 1.5)),)),
        ("flag:TRUE", (Condition("flag", Operator.EQUALS, (True,)),)),
        ("qflow.id:7", (Either(()),)),
        ("not qflow.id:7", (Negated(Either(())),)),
        (
            "rules:(port:22 and cidr:0.0.0.0/0)",
            (
                Inside(
                    "rules",
                    Every(
                        (
                            Condition("port", Operator.EQUALS, (22,)),
                            Condition("cidr", Operator.EQUALS, ("0.0.0.0/0",)),
                        )
                    ),
                ),
            ),
        ),
        (
            "prod",
            (
                Either(
                    (
                        name(Operator.CONTAINS, "prod"),
                        *(Condition(one, Operator.CONTAINS, ("prod",)) for one in ("state", "rules")),
                    )
                ),
            ),
        ),
    ],
)
def test_terms_become_conditions(text: str, bound: tuple[Node, ...], clock: FakeClock) -> None:
    assert bind(parse(text), TOKENS, clock()) == bound


def test_every_problem_is_named(clock: FakeClock) -> None:
    with pytest.raises(UnknownTokenError) as caught:
        bind(
            parse("provder:AWS or (cid:one and not isCustomizable:maybe) or createdDate:soon"), CONTROL_TOKENS, clock()
        )
    assert len(caught.value.problems) == 4
    assert "provider" in caught.value.problems[0]


@pytest.mark.parametrize("text", ["name > 5", "name:[a .. b]", "state:(x:1)", "made:now-999999y", "rules:(prt:22)"])
def test_what_a_field_cannot_do_is_refused(text: str, clock: FakeClock) -> None:
    with pytest.raises(BadRequestError):
        bind(parse(text), TOKENS, clock())


def test_dates_become_moments(clock: FakeClock) -> None:
    (condition,) = bind(parse("evaluatedOn:[now-8h..now-1s]"), EVALUATION_TOKENS, clock())
    assert isinstance(condition, Condition)
    low, high = condition.values
    assert (high - low).total_seconds() == 8 * 3600 - 1
    (day,) = bind(parse("createdDate:2026-01-31"), CONTROL_TOKENS, clock())
    assert isinstance(day, Condition)
    assert (day.values[1] - day.values[0]).total_seconds() == 86_399
    (after,) = bind(parse("createdDate > 2026-01-31"), CONTROL_TOKENS, clock())
    assert after == Condition("created", Operator.ABOVE, (day.values[1],))


ROW = {
    "name": "Ensure MFA is on",
    "state": "ACTIVE",
    "count": 5,
    "flag": True,
    "made": "2026-01-01T00:00:00Z",
    "rules": [{"port": 22, "cidr": "10.0.0.0/8"}, {"port": 443, "cidr": "0.0.0.0/0"}],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name:mfa", True),
        ("name:mfa off", False),
        ("name:on ensure", True),
        ('name:"mfa is"', True),
        ('name:"is mfa"', False),
        ("name:`ensure mfa is on`", True),
        ("name:`mfa`", False),
        ("name:ens*", True),
        ("name:*on", True),
        ("state:[expired, active]", True),
        ("state:act", False),
        ("count >= 5 and count < 6", True),
        ("count:(5 .. 9)", False),
        ("flag:false", False),
        ("made:2026-01-01", True),
        ("made < now-1d", False),
        ("missing.not.there is null or state:x", None),
        ("not state:expired", True),
        ("rules:(port:22 and cidr:0.0.0.0/0)", False),
        ("rules:(port:443 and cidr:0.0.0.0/0)", True),
        ("qflow.id:7 or state:active", True),
        ("active", True),
        ("nowhere", False),
    ],
)
def test_rows_in_memory(text: str, expected: bool | None, clock: FakeClock) -> None:
    if expected is None:
        with pytest.raises(UnknownTokenError):
            bind(parse(text), TOKENS, clock())
        return
    assert matches(bind(parse(text), TOKENS, clock()), ROW) is expected


def test_what_is_missing_satisfies_nothing_and_its_negation_everything(clock: FakeClock) -> None:
    for text in ("name:x", "count:5", "flag:true", "made:now", "name:*", "rules:(port:1)"):
        bound = bind(parse(text), TOKENS, clock())
        assert not matches(bound, {"name": None})
        assert matches((Negated(Every(bound)),), {})


def test_a_query_knows_its_fields(clock: FakeClock) -> None:
    assert names(bind(parse("not (name:x or count:5) and rules:(port:1)"), TOKENS, clock())) == {
        "name",
        "count",
        "rules",
    }
