"""What a body may say, field by field: the parameter table of the seed, good and bad."""

from datetime import date
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from exceptions.exceptions_world import LAB, MAIN, body, of_connectors, of_tags
from nephoscope.exceptions import checking
from nephoscope.exceptions.drafts import Draft, draft_of
from nephoscope.model.exceptions import ExceptionReason, ExceptionScope, ExemptResource
from nephoscope.model.providers import Provider

TODAY = date(2026, 1, 1)


def problems(said: dict[str, Any]) -> list[str]:
    return checking.problems(draft_of(said), TODAY)


def fields(said: dict[str, Any]) -> list[str]:
    """The fields with a problem."""
    return sorted({problem.partition(":")[0].partition("[")[0] for problem in problems(said)})


def test_a_resource_body_is_read() -> None:
    said = body(
        resources=[
            {"resourceId": " i-1 ", "accountId": MAIN, "region": "eu-west-1"},
            {"resourceId": "b", "accountId": LAB},
        ],
        informationSecurityPolicy="P1",
        informationSecurityProcedure="P2",
    )
    assert problems(said) == []
    assert draft_of(said) == Draft(
        provider=Provider.AWS,
        scope=ExceptionScope.RESOURCE,
        name="Public site",
        explanation="The site is public.",
        reason=ExceptionReason.RISK_ACCEPTED,
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 1, 10),
        control_ids=(1,),
        resources=(ExemptResource("i-1", MAIN, "eu-west-1"), ExemptResource("b", LAB)),
        security_policy="P1",
        security_procedure="P2",
    )


def test_the_samples_of_the_seed_are_right_in_shape() -> None:
    """Optional texts empty, a flag as a word, accounts beside connector tags."""
    empty = {"informationSecurityPolicy": "", "informationSecurityProcedure": ""}
    assert problems(body(**empty)) == []
    assert problems(of_connectors(**empty)) == []
    said = of_tags(isAllConnector="False", accountIds=[MAIN], connectorTagNames=["Test_TAG"], controlIds=[289, 41, 42])
    assert problems(said | empty) == []
    assert draft_of(said).is_for_all_connectors is False


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("cloudType", "aws", {"provider": Provider.AWS}),
        ("cloudType", "Azure", {"provider": Provider.AZURE}),
        ("exceptionScope", "resource", {"scope": ExceptionScope.RESOURCE}),
        ("exceptionReason", "false positive", {"reason": ExceptionReason.FALSE_POSITIVE}),
        ("exceptionReason", "FALSE_POSITIVE", {"reason": ExceptionReason.FALSE_POSITIVE}),
        ("exceptionReason", "Other", {"reason": ExceptionReason.OTHER}),
        ("controlIds", "1, 2,3", {"control_ids": (1, 2, 3)}),
        ("controlIds", ["1", 2, 2], {"control_ids": (1, 2)}),
        ("controlIds", 7, {"control_ids": (7,)}),
        ("accountIds", f"{MAIN}, {LAB}", {"account_ids": (MAIN, LAB)}),
        ("accountId", MAIN, {"account_ids": (MAIN,)}),
        ("accountId", [MAIN, LAB, MAIN], {"account_ids": (MAIN, LAB)}),
        ("accountId", 111122223333, {"account_ids": (MAIN,)}),
        ("AccountIDs", [MAIN], {"account_ids": (MAIN,)}),
        ("resourceTagNames", "red, blue ,", {"resource_tags": ("red", "blue")}),
        ("resourceTagNames", ["a, b"], {"resource_tags": ("a, b",)}),
        ("connectorTagNames", ["prod", "", None], {"connector_tags": ("prod",)}),
        ("isAllConnector", "true", {"is_for_all_connectors": True}),
        ("isAllConnector", "False", {"is_for_all_connectors": False}),
        ("isAllConnector", True, {"is_for_all_connectors": True}),
        ("isAllConnector", "", {"is_for_all_connectors": None}),
        ("isAllConnector", None, {"is_for_all_connectors": None}),
        ("name", "  spaced  ", {"name": "spaced"}),
        ("resources", None, {"resources": ()}),
        ("resources", [], {"resources": ()}),
        ("unheard", {"of": []}, {}),
    ],
)
def test_spellings(field: str, value: Any, read: dict[str, Any]) -> None:
    draft = draft_of({field: value})
    assert draft.problems == ()
    assert {name: getattr(draft, name) for name in read} == read


def test_both_names_of_a_list_are_one_list() -> None:
    assert draft_of({"accountIds": [MAIN], "accountId": f"{LAB},{MAIN}"}).account_ids == (MAIN, LAB)


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("cloudType", "OCI", "cloudType: 'OCI' is none of AWS, AZURE, GCP"),
        ("cloudType", 1, "cloudType: a text is expected"),
        ("exceptionScope", "TAG", "exceptionScope: 'TAG' is none of RESOURCE, CONNECTOR, QUALYSTAG"),
        ("exceptionReason", "Because", "exceptionReason: 'Because' is none of False Positive, Risk Accepted, Other"),
        ("name", ["x"], "name: a text is expected"),
        ("startDate", "01/02/2026", "startDate: '01/02/2026' is not a day; expected YYYY-MM-DD"),
        ("startDate", "20260102", "startDate: '20260102' is not a day; expected YYYY-MM-DD"),
        ("endDate", "2026-02-30", "endDate: '2026-02-30' is not a day; expected YYYY-MM-DD"),
        ("endDate", "2026-01-02T00:00:00Z", "endDate: '2026-01-02T00:00:00Z' is not a day; expected YYYY-MM-DD"),
        ("endDate", 20260102, "endDate: a text is expected"),
        ("controlIds", ["x"], "controlIds: a list of whole numbers is expected; 'x' is none"),
        ("controlIds", [1.5], "controlIds: a list of whole numbers is expected; 1.5 is none"),
        ("controlIds", [True], "controlIds: a list of whole numbers is expected; True is none"),
        ("controlIds", [0], "controlIds: a list of whole numbers is expected; 0 is none"),
        ("controlIds", [2**31], f"controlIds: a list of whole numbers is expected; {2**31} is none"),
        ("controlIds", {"a": 1}, "controlIds: a list of whole numbers is expected; \"{'a': 1}\" is none"),
        ("accountIds", [["x"]], "accountIds: a list of texts is expected; \"['x']\" is none"),
        ("resourceTagNames", [{}], "resourceTagNames: a list of texts is expected; '{}' is none"),
        ("isAllConnector", "yes", "isAllConnector: true or false is expected"),
        ("isAllConnector", 1, "isAllConnector: true or false is expected"),
        ("resources", "i-1", "resources: a list of objects with resourceId and accountId is expected"),
        ("resources", ["i-1"], "resources[0]: an object with resourceId and accountId is expected"),
        ("resources", [{"accountId": MAIN}], "resources[0].resourceId: missing"),
        ("resources", [{"resourceId": "x"}], "resources[0].accountId: missing"),
        ("resources", [{"resourceId": 5, "accountId": MAIN}], "resources[0].resourceId: a text is expected"),
        ("resources", [{"resourceId": "x", "accountId": "1,2"}], "resources[0].accountId: one account is expected"),
        (
            "resources",
            [{"resourceId": "x", "accountId": MAIN, "region": 1}],
            "resources[0].region: a text is expected",
        ),
        ("informationSecurityPolicy", 1, "informationSecurityPolicy: a text is expected"),
        ("informationSecurityProcedure", [], "informationSecurityProcedure: a text is expected"),
    ],
)
def test_wrong_kinds(field: str, value: Any, problem: str) -> None:
    assert draft_of({field: value}).problems == (problem,)
    assert problems(body(**{field: value})).count(problem) == 1


def test_what_cannot_be_read_is_not_called_missing_as_well() -> None:
    said = body(name=1, controlIds=["x"], startDate="soon", exceptionReason="?", resources=[{}])
    assert fields(said) == ["controlIds", "exceptionReason", "name", "resources", "startDate"]
    assert len(problems(said)) == 6


@pytest.mark.parametrize(
    "field",
    ["cloudType", "exceptionScope", "name", "explanation", "startDate", "endDate", "exceptionReason", "controlIds"],
)
@pytest.mark.parametrize("value", [None, ""])
def test_each_mandatory_field_is_missed(field: str, value: str | None) -> None:
    said = body() | {field: value}
    assert fields(said) == [field]
    assert ": missing" in problems(said)[0]


def test_nothing_at_all_names_every_field() -> None:
    assert fields({}) == sorted(
        [
            *("cloudType", "exceptionScope", "name", "explanation", "startDate", "endDate"),
            *("exceptionReason", "controlIds"),
        ]
    )


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (body(resources=None), ["resources"]),
        (body(resources=[]), ["resources"]),
        (body(accountIds=[MAIN]), ["accountIds"]),
        (body(resourceTagNames="x"), ["resourceTagNames"]),
        (body(connectorTagNames="x"), ["connectorTagNames"]),
        (body(isAllConnector="true"), ["isAllConnector"]),
        (body(isAllConnector="false", accountIds=[], resourceTagNames=[], connectorTagNames=""), []),
        (of_connectors(accountIds=None), ["accountIds"]),
        (of_connectors(accountIds=None, accountId=MAIN), []),
        (of_connectors(resources=[{"resourceId": "x", "accountId": MAIN}]), ["resources"]),
        (of_connectors(resourceTagNames=["x"], connectorTagNames=["y"]), ["connectorTagNames", "resourceTagNames"]),
        (of_connectors(isAllConnector=True), ["isAllConnector"]),
        (of_tags(), []),
        (of_tags(resourceTagNames=None), ["resourceTagNames"]),
        (of_tags(isAllConnector=None), ["isAllConnector"]),
        (of_tags(isAllConnector="false"), ["accountIds", "connectorTagNames"]),
        (of_tags(isAllConnector="false", accountIds=[MAIN]), []),
        (of_tags(isAllConnector="false", connectorTagNames=["x"]), []),
        (of_tags(accountIds=[MAIN]), ["accountIds"]),
        (of_tags(connectorTagNames=["x"]), ["connectorTagNames"]),
        (of_tags(resources=[{"resourceId": "x", "accountId": MAIN}]), ["resources"]),
    ],
)
def test_fields_of_each_scope(said: dict[str, Any], wrong: list[str]) -> None:
    assert fields(said) == wrong


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        ("2026-01-01", "2026-01-01", []),
        ("2026-01-02", "2026-01-01", ["endDate: 2026-01-01 is before the startDate 2026-01-02"]),
        ("2025-12-31", "2026-01-01", ["startDate: 2025-12-31 is past; today is 2026-01-01"]),
        (
            "2025-12-31",
            "2025-12-30",
            [
                "startDate: 2025-12-31 is past; today is 2026-01-01",
                "endDate: 2025-12-30 is past; today is 2026-01-01",
                "endDate: 2025-12-30 is before the startDate 2025-12-31",
            ],
        ),
        ("2026-01-01", "9999-12-31", ["endDate: at most 9998-12-31"]),
    ],
)
def test_days(starts: str, ends: str, expected: list[str]) -> None:
    assert problems(body(startDate=starts, endDate=ends)) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (body(name="x" * 256), ["name: at most 255 printable characters"]),
        (body(name="two\nlines"), ["name: at most 255 printable characters"]),
        (body(explanation="two\nlines"), []),
        (body(explanation="x" * 4_001), ["explanation: at most 4,000 characters"]),
        (body(informationSecurityPolicy="x" * 4_001), ["informationSecurityPolicy: at most 4,000 characters"]),
        (body(informationSecurityProcedure="x" * 4_001), ["informationSecurityProcedure: at most 4,000 characters"]),
        (body(controlIds=list(range(1, 10_002))), ["controlIds: at most 10,000"]),
        (of_connectors(accountIds=[str(n) for n in range(10_001)]), ["accountIds: at most 10,000"]),
        (of_connectors(accountIds=["1" * 256]), ["accountIds: at most 255 characters each"]),
        (of_tags(resourceTagNames=[str(n) for n in range(1_001)]), ["resourceTagNames: at most 1,000"]),
        (of_tags(resourceTagNames=["x" * 256]), ["resourceTagNames: at most 255 characters each"]),
        (
            body(resources=[{"resourceId": "x" * 2_049, "accountId": MAIN}]),
            ["resources: ids have at most 2,048 characters"],
        ),
    ],
)
def test_bounds(said: dict[str, Any], expected: list[str]) -> None:
    assert problems(said) == expected


def test_resources_are_bounded_too() -> None:
    many = [{"resourceId": str(number), "accountId": MAIN} for number in range(100_001)]
    assert problems(body(resources=many)) == ["resources: at most 100,000"]


def test_problems_of_a_body_are_bounded() -> None:
    assert len(draft_of({"resources": [{}] * 5_000}).problems) == 100


def test_a_preview_needs_only_what_it_covers() -> None:
    said = {name: body()[name] for name in ("cloudType", "exceptionScope", "controlIds", "resources")}
    assert checking.coverage_problems(draft_of(said)) == []
    wrong = draft_of({"exceptionScope": "CONNECTOR", "name": 1, "isAllConnector": "x", "resources": 5})
    assert checking.coverage_problems(wrong) == [
        "resources: a list of objects with resourceId and accountId is expected",
        "isAllConnector: true or false is expected",
        "cloudType: missing; one of AWS, AZURE, GCP",
        "controlIds: missing; at least one",
        "accountIds: missing; the scope CONNECTOR needs at least one",
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = st.sampled_from([*body(), "accountId", "accountIds", "resourceTagNames", "connectorTagNames", "isAllConnector"])


@settings(max_examples=40)
@given(st.dictionaries(NAMES, JSON))
def test_whatever_is_said_is_read_or_named(said: dict[str, Any]) -> None:
    draft = draft_of(said)
    assert {problem.partition(":")[0].partition("[")[0] for problem in draft.problems} <= {*said, "accountIds"}
    assert isinstance(checking.problems(draft, TODAY), list)
