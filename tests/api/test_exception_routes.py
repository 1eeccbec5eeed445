"""Exceptions on the compatible API: the seed's samples key by key, lists, details, deletions."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import ACCOUNT, BASE, LAB, PASSWORD, USER, World, basic, instance
from exception_bodies import CONNECTOR, QUALYSTAG, RESOURCE, SCOPES, bent
from golden_shapes import check, golden
from nephoscope.settings import Settings
from worlds import FakeClock

Client = TestClient[Litestar]
EXCEPTIONS = f"{BASE}/exceptions"
CREATE, LIST, DELETE = f"{EXCEPTIONS}/create", f"{EXCEPTIONS}/list", f"{EXCEPTIONS}/delete"
NOBODY = "0d5f7c1e-7c0b-4a53-9d3e-000000000000"


def created(client: Client, body: dict[str, Any], **changes: Any) -> str:
    answer = client.post(CREATE, json=bent(body, **changes))
    assert answer.status_code == 201, answer.text
    uuid: str = answer.json()["uuid"]
    return uuid


def detail(client: Client, uuid: str) -> dict[str, Any]:
    answer = client.get(f"{EXCEPTIONS}/{uuid}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def names(client: Client, query: str = "") -> list[str]:
    answer = client.get(LIST + query)
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json()["content"]]


@pytest.mark.parametrize("scope", SCOPES)
def test_a_creation_answers_like_its_sample(client: Client, scope: str) -> None:
    answer = client.post(CREATE, json=SCOPES[scope])
    assert answer.status_code == 201
    check(golden("exception_created.json"), answer.json())
    assert UUID(answer.json()["uuid"]).version
    assert (answer.json()["exceptionName"], answer.json()["state"]) == (SCOPES[scope]["name"], "ACTIVE")


@pytest.mark.parametrize(("first", "state"), [("2026-01-01", "ACTIVE"), ("2026-01-02", "INACTIVE")])
def test_a_creation_says_whether_it_has_begun(client: Client, first: str, state: str) -> None:
    assert client.post(CREATE, json=bent(RESOURCE, startDate=first)).json()["state"] == state


def test_the_list_has_the_shape_of_its_sample(client: Client) -> None:
    for body in SCOPES.values():
        created(client, body)
    answer = client.get(f"{LIST}?filter=exception.scope%3ACONNECTOR&pageNo=0&pageSize=50&sort=endingDate%3Aasc").json()
    check(golden("exception_list.json"), answer)
    (row,) = answer["content"]
    assert re.fullmatch(r"[0-9a-f-]{36}", row.pop("uuid"))
    assert row == {
        "name": "AWS Demo Connector Level",
        "description": "AWS Connector Level Exception",
        "reason": "False Positive",
        "state": "ACTIVE",
        "startingDate": "2026-01-01T00:00:00+0000",
        "endingDate": "2026-01-08T23:59:59+0000",
        "createdBy": USER,
        "updatedBy": "",
        "createdOn": "2026-01-01T00:00:00+0000",
        "updatedOn": "2026-01-01T00:00:00+0000",
        "scope": "CONNECTOR",
    }
    unsorted = {"sorted": False, "empty": True, "unsorted": True}
    assert answer["pageable"]["sort"] == answer["sort"] == unsorted
    assert (answer["size"], answer["totalElements"], answer["last"], answer["first"]) == (50, 1, True, True)


def test_an_empty_list_is_an_empty_page_of_fifty(still: Client) -> None:
    page = still.get(LIST).json()
    assert (page["content"], page["totalElements"], page["empty"], page["size"]) == ([], 0, True, 50)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_detail_has_the_shape_of_its_sample(client: Client, scope: str) -> None:
    check(golden("exception_detail.json"), detail(client, created(client, SCOPES[scope])))


def test_a_detail_has_the_values_of_its_sample(client: Client, world: World) -> None:
    found = detail(client, created(client, RESOURCE))
    del found["uuid"]
    assert found == {
        "name": "AWS Resource Level Demo",
        "description": "AWS Exception",
        "reason": "False Positive",
        "startDate": "2026-01-01T00:00:00+0000",
        "endDate": "2026-01-08T23:59:59+0000",
        "createdBy": USER,
        "updatedBy": "",
        "referenceDocLink": "",
        "createdOn": "2026-01-01T00:00:00+0000",
        "updatedOn": "2026-01-01T00:00:00+0000",
        "state": "ACTIVE",
        "exceptionSummary": {
            "exceptionScope": "RESOURCE",
            "resourceTagNames": [],
            "connectorTagNames": [],
            "connectors": [],
            "resources": [
                {
                    "serviceType": "EC2",
                    "resourceType": "EC2_INSTANCE",
                    "resourceId": "i-0bbb",
                    "account": ACCOUNT,
                    "uuid": str(world.uuids["i-0bbb"]),
                }
            ],
            "controls": [
                {
                    "criticality": "MEDIUM",
                    "name": "Ensure that EC2 Metadata Service only allows IMDSv2",
                    "id": "322",
                }
            ],
            "provider": "AWS",
        },
    }


def test_a_detail_shows_what_is_not_there_yet(client: Client, world: World) -> None:
    missing = {"resourceId": "i-0ccc", "accountId": LAB}
    uuid = created(client, RESOURCE, resources=[missing])
    (row,) = detail(client, uuid)["exceptionSummary"]["resources"]
    assert row == {"serviceType": None, "resourceType": None, "resourceId": "i-0ccc", "account": LAB, "uuid": None}
    world.record("EC2_INSTANCE", "eu-west-1", [instance("i-0ccc")], connector=world.lab)
    (row,) = detail(client, uuid)["exceptionSummary"]["resources"]
    assert (row["resourceType"], row["uuid"]) == ("EC2_INSTANCE", str(world.uuids["i-0ccc"]))


def test_a_detail_shows_every_resource_of_a_name_that_the_region_allows(client: Client, world: World) -> None:
    world.record("EC2_INSTANCE", "eu-west-1", [instance("i-0bbb")])
    anywhere = created(client, RESOURCE)
    assert len(detail(client, anywhere)["exceptionSummary"]["resources"]) == 2
    there = [{"resourceId": "i-0bbb", "accountId": ACCOUNT, "region": "eu-west-1"}]
    somewhere = created(client, RESOURCE, name="There", resources=there)
    (row,) = detail(client, somewhere)["exceptionSummary"]["resources"]
    assert row["uuid"] == str(world.uuids["i-0bbb"])


def test_a_detail_shows_tags_and_connectors(client: Client, world: World) -> None:
    summary = detail(client, created(client, QUALYSTAG, accountIds=[ACCOUNT, LAB]))["exceptionSummary"]
    assert (summary["resourceTagNames"], summary["connectorTagNames"]) == (["DEMO_TAG"], ["Test_TAG"])
    assert summary["connectors"] == [
        {"uuid": str(world.production.uuid), "name": "Production", "account": ACCOUNT},
        {"uuid": str(world.lab.uuid), "name": "Lab", "account": LAB},
    ]
    assert [row["id"] for row in summary["controls"]] == ["1", "2", "322"]


def test_a_connector_that_has_gone_leaves_its_account(client: Client, world: World) -> None:
    uuid = created(client, CONNECTOR, accountIds=[LAB])
    world.connectors.delete([world.lab.uuid])
    assert detail(client, uuid)["exceptionSummary"]["connectors"] == [{"uuid": None, "name": None, "account": LAB}]


def test_days_are_days_of_the_tenants_time_zone(world: World) -> None:
    with _client_in(world, "Asia/Kolkata") as client:
        found = detail(client, created(client, RESOURCE, startDate="2026-05-10", endDate="2026-05-21"))
    assert (found["startDate"], found["endDate"]) == ("2026-05-09T18:30:00+0000", "2026-05-21T18:29:59+0000")


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2026-03-29", "2026-03-28T23:00:00+0000", "2026-03-29T21:59:59+0000"),
        ("2026-10-25", "2026-10-24T22:00:00+0000", "2026-10-25T22:59:59+0000"),
    ],
)
def test_days_on_which_clocks_change_are_whole(world: World, day: str, first: str, last: str) -> None:
    with _client_in(world, "Europe/Berlin") as client:
        found = detail(client, created(client, RESOURCE, startDate=day, endDate=day))
    assert (found["startDate"], found["endDate"]) == (first, last)


def _client_in(world: World, zone: str) -> Client:
    world.use(Settings(data=None, time_zone=zone))
    opened = TestClient(world.application(), raise_server_exceptions=False)
    opened.auth = (USER, PASSWORD)
    return opened


@pytest.mark.parametrize("exception_id", [NOBODY, "nonsense", "%20", "12"])
def test_an_unknown_exception_is_not_found(still: Client, exception_id: str) -> None:
    assert still.get(f"{EXCEPTIONS}/{exception_id}").status_code == 404


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Four exceptions, made once: Alpha, begun and over; Beta and Gamma in force; Delta to come."""
    clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
    world = World(tmp_path_factory.mktemp("listed"), clock)
    with TestClient(world.application(), raise_server_exceptions=False) as client:
        client.auth = (USER, PASSWORD)
        _fill(client, clock)
        yield client
    world.store.close()


def _fill(client: Client, clock: FakeClock) -> None:
    created(client, RESOURCE, name="Alpha", endDate="2026-01-02", exceptionReason="Other")
    clock.forward(days=2, hours=1)
    created(client, CONNECTOR, name="Beta", startDate="2026-01-03", endDate="2026-03-01", accountIds=[ACCOUNT, LAB])
    clock.forward(hours=1)
    created(client, QUALYSTAG, name="Gamma", startDate="2026-01-03", exceptionReason="Risk Accepted")
    clock.forward(hours=1)
    created(
        client, CONNECTOR, name="Delta", startDate="2026-02-01", endDate="2026-02-02", controlIds=[2], accountIds=[LAB]
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("exception.provider:AWS", ["Alpha", "Beta", "Gamma", "Delta"]),
        ("exception.provider:gcp", []),
        ("exception.reason:`False Positive`", ["Beta", "Delta"]),
        ("exception.reason:Risk Accepted", ["Gamma"]),
        ("exception.reason:other", ["Alpha"]),
        ("exception.status:ACTIVE", ["Beta", "Gamma"]),
        ("exception.status:expired", ["Alpha"]),
        ("exception.status:INACTIVE", ["Delta"]),
        ("exception.status:[ACTIVE, EXPIRED]", ["Alpha", "Beta", "Gamma"]),
        ("not exception.status:ACTIVE", ["Alpha", "Delta"]),
        ("exception.name:amm", ["Gamma"]),
        ("exception.name:`beta`", ["Beta"]),
        ("exception.name:`bet`", []),
        ("exception.name:*ta", ["Beta", "Delta"]),
        ("exception.scope:CONNECTOR", ["Beta", "Delta"]),
        ("exception.scope:QUALYSTAG or exception.scope:RESOURCE", ["Alpha", "Gamma"]),
        (f"account.id:{ACCOUNT}", ["Alpha", "Beta", "Gamma"]),
        (f"account.id:{LAB}", ["Beta", "Delta"]),
        (f"subscriptionId:{LAB}", ["Beta", "Delta"]),
        (f"projectId:{LAB}", ["Beta", "Delta"]),
        ("cid:1", ["Beta", "Gamma"]),
        ("cid:2 and exception.scope:CONNECTOR", ["Delta"]),
        ("cid:999", []),
        ("resource.id:i-0bbb", ["Alpha"]),
        ("resource.id:I-0BBB", ["Alpha"]),
        ("resource.id:i-0aaa", []),
        (f"resource.accountId:{ACCOUNT}", ["Alpha"]),
        (f"resource.subscriptionId:{ACCOUNT}", ["Alpha"]),
        (f"resource.projectId:{LAB}", []),
        ("qflow.id:7", []),
        ("qflow.name:anything", []),
        ("qflow.id:7 or exception.name:Beta", ["Beta"]),
        ("endingDate:[2026-01-05..2026-02-10]", ["Gamma", "Delta"]),
        ("endingDate<now", ["Alpha"]),
        ("updatedOn:2026-01-01", ["Alpha"]),
        ("startingDate>now", ["Delta"]),
        ("Gamma", ["Gamma"]),
        ("(exception.scope:CONNECTOR and not cid:2) or exception.name:Alpha", ["Alpha", "Beta"]),
    ],
)
def test_the_list_is_filtered_by_every_token(listed: Client, query: str, found: list[str]) -> None:
    answer = listed.get(LIST, params={"filter": query})
    assert answer.status_code == 200, answer.text
    assert [row["name"] for row in answer.json()["content"]] == found
    assert answer.json()["totalElements"] == len(found)


def test_an_unknown_token_is_named_with_its_neighbours(still: Client) -> None:
    answer = still.get(f"{LIST}?filter=exception.stats:ACTIVE")
    assert answer.status_code == 400
    assert answer.json()["errorCode"] == "UNKNOWN_TOKEN"
    assert "exception.status" in answer.json()["message"]


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("endingDate:asc", ["Alpha", "Gamma", "Delta", "Beta"]),
        ("endingDate:desc", ["Beta", "Delta", "Gamma", "Alpha"]),
        ("endingDate", ["Alpha", "Gamma", "Delta", "Beta"]),
        ("updatedOn:asc", ["Alpha", "Beta", "Gamma", "Delta"]),
        ("UpdatedOn:DESC", ["Delta", "Gamma", "Beta", "Alpha"]),
    ],
)
def test_the_list_is_sorted(listed: Client, sort: str, found: list[str]) -> None:
    assert names(listed, f"?sort={sort}") == found


def test_the_list_is_paged_without_gaps(listed: Client) -> None:
    pages = [names(listed, f"?sort=endingDate:asc&pageSize=2&PageNo={number}") for number in range(3)]
    assert pages == [["Alpha", "Gamma"], ["Delta", "Beta"], []]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("sort=reason:asc", "not sortable"),
        ("sort=teapot", "teapot"),
        ("sort=endingDate:up", "sort"),
        ("pageNo=-1", "pageNo"),
        ("pageSize=0", "pageSize"),
        ("filter=exception.name:", "position"),
        ("filter=endingDate:soon", "endingDate"),
        ("filter=cid:many", "cid"),
    ],
)
def test_a_bad_parameter_of_the_list_is_named(still: Client, query: str, named: str) -> None:
    answer = still.get(f"{LIST}?{query}")
    assert answer.status_code == 400
    assert named in answer.json()["message"]


@pytest.mark.parametrize("method", ["DELETE", "POST"])
@pytest.mark.parametrize(
    "wrap",
    [lambda ids: ids, lambda ids: {"exceptionIds": ids}, lambda ids: {"ExceptionIDs": ids}, lambda ids: ids + ids],
    ids=["array", "object", "any case", "twice"],
)
def test_exceptions_are_deleted(client: Client, method: str, wrap: Any) -> None:
    ids = [created(client, body) for body in SCOPES.values()]
    answer = client.request(method, DELETE, json=wrap(ids[:2]))
    assert (answer.status_code, answer.content) == (204, b"")
    assert names(client) == [QUALYSTAG["name"]]
    assert client.get(f"{EXCEPTIONS}/{ids[0]}").status_code == 404


def test_one_exception_is_deleted_as_the_table_has_it(client: Client) -> None:
    assert client.request("DELETE", DELETE, json={"exceptionId": created(client, RESOURCE)}).status_code == 204
    assert names(client) == []


def test_deleting_is_all_or_nothing_and_names_the_unknown(client: Client) -> None:
    known = created(client, RESOURCE)
    other = NOBODY.replace("0000", "1111")
    answer = client.request("DELETE", DELETE, json=[known, NOBODY, other])
    assert answer.status_code == 404
    assert NOBODY in answer.json()["message"]
    assert other in answer.json()["message"]
    assert known not in answer.json()["message"]
    assert names(client) == [RESOURCE["name"]]


@pytest.mark.parametrize(
    "body", [[], {}, {"ids": []}, {"exceptionIds": []}, "text", 5, None, [5], ["x"], [None], {"exceptionIds": {"a": 1}}]
)
@pytest.mark.parametrize("method", ["DELETE", "POST"])
def test_a_bad_deletion_is_refused(still: Client, method: str, body: Any) -> None:
    assert still.request(method, DELETE, json=body).status_code == 400


def test_a_deletion_without_a_body_is_refused(still: Client) -> None:
    assert still.request("DELETE", DELETE).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", CREATE),
        ("GET", LIST),
        ("GET", f"{EXCEPTIONS}/{NOBODY}"),
        ("DELETE", DELETE),
        ("POST", DELETE),
        ("POST", "/api/exceptions/preview"),
        ("GET", "/api/exceptions/expiring"),
        ("GET", f"/api/exceptions/{NOBODY}"),
        ("POST", f"/api/exceptions/{NOBODY}/renew"),
        ("POST", f"/api/exceptions/{NOBODY}/approve"),
        ("POST", f"/api/exceptions/{NOBODY}/reject"),
        ("GET", "/api/evaluations/explain"),
        ("GET", "/api/posture"),
    ],
)
def test_strangers_are_told_nothing(stranger: Client, method: str, path: str) -> None:
    for headers in ({}, basic(f"{USER}:wrong")):
        answer = stranger.request(method, path, json=RESOURCE, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["errorCode"] == "UNAUTHORIZED"


@pytest.mark.parametrize(
    "path",
    [
        "/cloudview-api/rest/v2/exceptions",
        "/cloudview-api//rest/v1/exceptions",
        "/cloudview-api/rest/1.5/exceptions",
    ],
)
def test_other_base_paths_answer_alike(client: Client, path: str) -> None:
    answer = client.post(f"{path}/create", json=RESOURCE)
    assert answer.status_code == 201
    uuid = answer.json()["uuid"]
    assert client.get(f"{path}/list/").content == client.get(LIST).content
    assert client.get(f"{path}/{uuid}/").json()["name"] == RESOURCE["name"]
    assert client.request("DELETE", f"{path}/delete", json=[uuid]).status_code == 204


@pytest.mark.parametrize("verb", ["create", "delete"])
def test_a_verb_is_no_exception(still: Client, verb: str) -> None:
    assert still.get(f"{EXCEPTIONS}/{verb}").status_code == 405
