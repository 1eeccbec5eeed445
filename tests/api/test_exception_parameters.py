"""Every line of the seed's parameter tables, good and bad."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import ACCOUNT, BASE, LAB, PASSWORD, USER, World
from exception_bodies import CONNECTOR, LEFT_OUT, QUALYSTAG, RESOURCE, SCOPES, bent
from worlds import FakeClock

Client = TestClient[Litestar]
CREATE, DELETE = f"{BASE}/exceptions/create", f"{BASE}/exceptions/delete"
NAMED = {"resourceId": "i-0bbb", "accountId": ACCOUNT}
NOT_TEXTS = [5, True, ["a"], {"a": 1}]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A world for the whole file, which every test leaves as it found it."""
    world = World(tmp_path_factory.mktemp("shared"), FakeClock(datetime(2026, 1, 1, tzinfo=UTC)))
    world.populate()
    with TestClient(world.application(), raise_server_exceptions=False) as opened:
        opened.auth = (USER, PASSWORD)
        yield opened
    world.store.close()


@pytest.fixture
def create(shared: Client) -> Iterator[Any]:
    """Creates, and takes back at the end, so that names are free again."""
    made: list[str] = []

    def call(body: dict[str, Any]) -> dict[str, Any]:
        answer = shared.post(CREATE, json=body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        made.append(found["uuid"])
        return found

    yield call
    assert shared.post(DELETE, json=made).status_code == 204


def refusal(client: Client, body: Any, status: int = 400) -> str:
    answer = client.post(CREATE, json=body)
    assert answer.status_code == status, answer.text
    message: str = answer.json()["message"]
    assert client.get(f"{BASE}/exceptions/list").json()["totalElements"] == 0 or status == 409
    return message


GOOD: list[tuple[str, str, Any]] = [
    ("RESOURCE", "cloudType", "aws"),
    ("RESOURCE", "exceptionScope", "resource"),
    ("CONNECTOR", "exceptionScope", "Connector"),
    ("QUALYSTAG", "exceptionScope", "QualysTag"),
    ("RESOURCE", "resources", [{**NAMED, "region": "us-east-1"}]),
    ("RESOURCE", "resources", [{**NAMED, "region": ""}, {**NAMED, "region": None}]),
    ("RESOURCE", "resources", [NAMED, {"resourceId": "not seen yet", "accountId": LAB}]),
    ("RESOURCE", "resources", [{"resourceId": "i-0bbb", "accountId": int(ACCOUNT)}]),
    ("RESOURCE", "resources", [{"ResourceID": "i-0bbb", "AccountId": ACCOUNT}]),
    ("RESOURCE", "name", "näme ✓"),
    ("RESOURCE", "name", "n" * 200),
    ("RESOURCE", "explanation", "Lines\nand more lines"),
    ("RESOURCE", "startDate", "2026-01-05"),
    ("RESOURCE", "startDate", "2026-01-08"),
    ("RESOURCE", "endDate", "2026-01-01"),
    ("RESOURCE", "endDate", "2028-02-29"),
    ("QUALYSTAG", "resourceTagNames", "DEMO_TAG, other tag"),
    ("QUALYSTAG", "resourceTagNames", ["one", "two"]),
    ("QUALYSTAG", "isAllConnector", "false"),
    ("QUALYSTAG", "isAllConnector", False),
    ("QUALYSTAG", "accountIds", f"{ACCOUNT},{LAB}"),
    ("QUALYSTAG", "accountIds", []),
    ("QUALYSTAG", "accountIds", LEFT_OUT),
    ("QUALYSTAG", "connectorTagNames", []),
    ("QUALYSTAG", "connectorTagNames", LEFT_OUT),
    ("QUALYSTAG", "connectorTagNames", "Test_TAG,Other"),
    ("CONNECTOR", "accountIds", [ACCOUNT, LAB]),
    ("CONNECTOR", "accountIds", f"{ACCOUNT}, {LAB}"),
    ("CONNECTOR", "accountIds", ACCOUNT),
    ("CONNECTOR", "accountIds", int(ACCOUNT)),
    ("CONNECTOR", "controlIds", [1, 2, 322]),
    ("CONNECTOR", "controlIds", "1, 2"),
    ("CONNECTOR", "controlIds", ["1", 2]),
    ("CONNECTOR", "controlIds", 1),
    ("CONNECTOR", "exceptionReason", "False Positive"),
    ("CONNECTOR", "exceptionReason", "Risk Accepted"),
    ("CONNECTOR", "exceptionReason", "Other"),
    ("CONNECTOR", "exceptionReason", "risk accepted"),
    ("CONNECTOR", "exceptionReason", "RISK_ACCEPTED"),
    ("CONNECTOR", "informationSecurityPolicy", "ISP-7"),
    ("CONNECTOR", "informationSecurityPolicy", LEFT_OUT),
    ("CONNECTOR", "informationSecurityPolicy", None),
    ("CONNECTOR", "informationSecurityProcedure", "Board, 3 May"),
    ("CONNECTOR", "informationSecurityProcedure", LEFT_OUT),
]


@pytest.mark.parametrize(("scope", "field", "value"), GOOD)
def test_a_good_value_is_taken(create: Any, scope: str, field: str, value: Any) -> None:
    answer = create(bent(SCOPES[scope], **{field: value}))
    assert answer["exceptionName"] == (value if field == "name" else SCOPES[scope]["name"])


@pytest.mark.parametrize("spelling", ["accountId", "ACCOUNTIDS", "accountid"])
@pytest.mark.parametrize("scope", ["CONNECTOR", "QUALYSTAG"])
def test_accounts_are_spelled_as_the_table_or_as_the_sample_has_them(create: Any, scope: str, spelling: str) -> None:
    create(bent(SCOPES[scope], accountIds=LEFT_OUT) | {spelling: ACCOUNT})


@pytest.mark.parametrize("value", ["true", "True", True])
def test_all_connectors_need_neither_accounts_nor_tags(create: Any, value: Any) -> None:
    create(bent(QUALYSTAG, isAllConnector=value, accountIds=LEFT_OUT, connectorTagNames=LEFT_OUT))


def test_keys_in_any_case_and_unknown_keys_are_borne(create: Any) -> None:
    create({name.upper(): value for name, value in RESOURCE.items()} | {"referenceDocLink": "", "tenant": 7})


BAD: list[tuple[str, str, Any]] = [
    *(("RESOURCE", name, LEFT_OUT) for name in RESOURCE if not name.startswith("information")),
    *(("CONNECTOR", name, LEFT_OUT) for name in ("accountIds", "controlIds")),
    *(("QUALYSTAG", name, LEFT_OUT) for name in ("resourceTagNames", "isAllConnector")),
    *(
        (scope, name, value)
        for scope, name, words in (
            ("RESOURCE", "cloudType", ("IBM", "", "A W S")),
            ("RESOURCE", "exceptionScope", ("GALAXY", "", "RESOURCES")),
            ("RESOURCE", "exceptionReason", ("Because", "", "FalsePositive!")),
            ("RESOURCE", "name", ("", "   ", "n" * 10_000, "a\0b")),
            ("RESOURCE", "explanation", ("", " \n ", "e" * 100_000)),
            ("RESOURCE", "informationSecurityPolicy", ("p" * 100_000,)),
            ("RESOURCE", "informationSecurityProcedure", ("p" * 100_000,)),
        )
        for value in (*words, *NOT_TEXTS)
    ),
    *(
        ("RESOURCE", field, value)
        for field in ("startDate", "endDate")
        for value in (
            "", "2026-02-30", "2026-1-5", "05-01-2026", "2026-01-05T00:00:00Z", "tomorrow", "now", "20260105", 20260105,
            "0000-01-01", "2026-01-05x", "\N{FULLWIDTH DIGIT TWO}026-01-05",
        )
    ),
    ("RESOURCE", "endDate", "2025-12-31"),
    ("RESOURCE", "startDate", "2026-01-09"),
    ("RESOURCE", "resources", []),
    ("RESOURCE", "resources", {}),
    ("RESOURCE", "resources", "i-0bbb"),
    ("RESOURCE", "resources", ["i-0bbb"]),
    ("RESOURCE", "resources", [{}]),
    ("RESOURCE", "resources", [{"resourceId": "i-0bbb"}]),
    ("RESOURCE", "resources", [{"accountId": ACCOUNT}]),
    ("RESOURCE", "resources", [{"resourceId": "", "accountId": ACCOUNT}]),
    ("RESOURCE", "resources", [{"resourceId": ["i"], "accountId": ACCOUNT}]),
    ("RESOURCE", "resources", [{**NAMED, "region": 5}]),
    ("RESOURCE", "resources", [NAMED, {**NAMED, "accountId": "999988887777"}]),
    ("CONNECTOR", "accountIds", []),
    ("CONNECTOR", "accountIds", " , "),
    ("CONNECTOR", "accountIds", ["999988887777"]),
    ("CONNECTOR", "accountIds", f"{ACCOUNT},999988887777"),
    ("CONNECTOR", "accountIds", [[ACCOUNT]]),
    ("CONNECTOR", "accountIds", {"id": ACCOUNT}),
    ("QUALYSTAG", "resourceTagNames", []),
    ("QUALYSTAG", "resourceTagNames", ""),
    ("QUALYSTAG", "resourceTagNames", {"a": 1}),
    ("QUALYSTAG", "isAllConnector", "maybe"),
    ("QUALYSTAG", "isAllConnector", 1),
    ("QUALYSTAG", "isAllConnector", []),
    ("QUALYSTAG", "connectorTagNames", {"a": 1}),
    ("CONNECTOR", "controlIds", []),
    ("CONNECTOR", "controlIds", ""),
    ("CONNECTOR", "controlIds", [1, 999_999]),
    ("CONNECTOR", "controlIds", [0]),
    ("CONNECTOR", "controlIds", [-1]),
    ("CONNECTOR", "controlIds", [1.5]),
    ("CONNECTOR", "controlIds", ["one"]),
    ("CONNECTOR", "controlIds", [10**30]),
    ("CONNECTOR", "controlIds", True),
    ("CONNECTOR", "controlIds", [[1]]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("scope", "field", "value"), BAD, ids=[f"{scope}-{field}-{str(value)[:20]}" for scope, field, value in BAD]
)
def test_a_bad_value_is_named(still: Client, scope: str, field: str, value: Any) -> None:
    body = bent(SCOPES[scope], **{field: value})
    assert field in refusal(still, body)


@pytest.mark.parametrize("nothing", [[], "", LEFT_OUT])
def test_a_tag_exception_must_say_in_which_connectors(still: Client, nothing: Any) -> None:
    message = refusal(still, bent(QUALYSTAG, accountIds=nothing, connectorTagNames=nothing))
    assert "accountIds" in message
    assert "connectorTagNames" in message


def test_controls_of_another_cloud_are_named(still: Client) -> None:
    message = refusal(still, bent(CONNECTOR, cloudType="GCP"))
    assert "controlIds" in message
    assert "accountIds" in message


MANDATORY = (
    "cloudType", "exceptionScope", "name", "explanation", "startDate", "endDate", "controlIds", "exceptionReason",
)  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        {},
        {
            "cloudType": "IBM",
            "name": "",
            "startDate": "x",
            "endDate": "y",
            "controlIds": [999_999],
            "exceptionReason": 5,
        },
    ],
    ids=["nothing said", "everything wrong"],
)
def test_everything_that_is_wrong_is_said_at_once(still: Client, body: dict[str, Any]) -> None:
    message = refusal(still, body)
    assert [field for field in MANDATORY if field not in message] == []


@pytest.mark.parametrize("body", [[], [RESOURCE], "text", 5, None, True])
def test_a_body_that_is_no_object_is_refused(still: Client, body: Any) -> None:
    assert "JSON" in refusal(still, body)


@pytest.mark.parametrize("name", [RESOURCE["name"], RESOURCE["name"].upper(), f" {RESOURCE['name']} "])
def test_a_taken_name_is_a_conflict(shared: Client, create: Any, name: str) -> None:
    create(RESOURCE)
    assert "name" in refusal(shared, bent(CONNECTOR, name=name), 409)


def test_a_name_is_free_again_after_a_deletion(shared: Client) -> None:
    for _ in range(2):
        uuid = shared.post(CREATE, json=RESOURCE).json()["uuid"]
        assert shared.request("DELETE", DELETE, json=[uuid]).status_code == 204


def test_a_past_first_day_is_said(world: World, client: Client) -> None:
    world.clock.forward(days=2)
    assert "startDate" in refusal(client, RESOURCE)
