"""Our own routes about exceptions: previews, explanations, outlooks, renewals, approvals."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import ACCOUNT, BASE, LAB, PASSWORD, USER, World, instance
from exception_bodies import CONNECTOR, LEFT_OUT, QUALYSTAG, RESOURCE, bent
from nephoscope.settings import Settings

Client = TestClient[Litestar]
CREATE = f"{BASE}/exceptions/create"
OWN = "/api/exceptions"
NOBODY = "0d5f7c1e-7c0b-4a53-9d3e-000000000000"
SECOND, ITS_PASSWORD = "bob", "another good one"


def ask(client: Client, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    answer = client.request(method, path, json=body) if body is not None else client.request(method, path)
    assert answer.status_code == status, answer.text
    found = answer.json()
    if status >= 400:
        assert list(found) == ["timestamp", "status", "error", "errorCode", "message", "path"]
        assert found["path"] == path.partition("?")[0]
    return found


def created(client: Client, body: dict[str, Any], **changes: Any) -> str:
    uuid: str = ask(client, "POST", CREATE, bent(body, **changes), 201)["uuid"]
    return uuid


def refused(client: Client, method: str, path: str, body: Any = None, status: int = 400) -> str:
    message: str = ask(client, method, path, body, status)["message"]
    return message


@pytest.fixture
def guarded(world: World) -> Iterator[tuple[Client, Client]]:
    """A house that demands a second person, and clients of the first and the second."""
    world.use(Settings(data=None, needs_approval=True))
    world.access.add_user(SECOND, ITS_PASSWORD)
    application = world.application()
    with TestClient(application, raise_server_exceptions=False) as first:
        first.auth = (USER, PASSWORD)
        second = TestClient(application, raise_server_exceptions=False)
        second.auth = (SECOND, ITS_PASSWORD)
        yield first, second


# Previews


def test_a_preview_counts_and_shows_what_a_draft_would_cover(client: Client, world: World) -> None:
    found = ask(client, "POST", f"{OWN}/preview", RESOURCE)
    assert found == {
        "failing": 1,
        "already": 0,
        "counts": [
            {
                "accountId": ACCOUNT,
                "controlId": 322,
                "controlName": "Ensure that EC2 Metadata Service only allows IMDSv2",
                "failing": 1,
                "already": 0,
            }
        ],
        "examples": [
            {
                "accountId": ACCOUNT,
                "controlId": 322,
                "resourceId": "i-0bbb",
                "resourceType": "EC2_INSTANCE",
                "region": "us-east-1",
                "resourceUuid": str(world.uuids["i-0bbb"]),
                "status": "FAIL",
            }
        ],
        "absentResources": [],
        "unknownAccountIds": [],
        "unknownTagNames": [],
    }


def test_a_preview_changes_nothing(client: Client) -> None:
    before = client.get(f"{BASE}/aws/evaluations/{ACCOUNT}").content
    ask(client, "POST", f"{OWN}/preview", CONNECTOR)
    assert client.get(f"{BASE}/aws/evaluations/{ACCOUNT}").content == before
    assert ask(client, "GET", f"{BASE}/exceptions/list")["totalElements"] == 0


def test_a_preview_says_what_others_cover_already(client: Client) -> None:
    created(client, RESOURCE)
    found = ask(client, "POST", f"{OWN}/preview", bent(CONNECTOR, controlIds=[322, 1]))
    assert (found["failing"], found["already"]) == (2, 1)
    assert [(row["controlId"], row["failing"], row["already"]) for row in found["counts"]] == [(1, 1, 0), (322, 1, 1)]
    assert {row["resourceId"]: row["status"] for row in found["examples"]} == {"bob": "FAIL", "i-0bbb": "PASSE"}


def test_a_preview_names_what_does_not_exist_yet(client: Client) -> None:
    named = [{"resourceId": "i-0zzz", "accountId": ACCOUNT}, *RESOURCE["resources"]]
    found = ask(client, "POST", f"{OWN}/preview", bent(RESOURCE, resources=named))
    assert found["failing"] == 1
    assert found["absentResources"] == [{"resourceId": "i-0zzz", "accountId": ACCOUNT, "region": ""}]
    found = ask(client, "POST", f"{OWN}/preview", QUALYSTAG)
    assert (found["failing"], sorted(found["unknownTagNames"])) == (0, ["DEMO_TAG", "Test_TAG"])
    found = ask(client, "POST", f"{OWN}/preview", bent(CONNECTOR, accountIds=[ACCOUNT, "999988887777"]))
    assert (found["failing"], found["unknownAccountIds"]) == (1, ["999988887777"])


def test_a_preview_needs_only_what_says_what_is_covered(client: Client) -> None:
    needed = ("cloudType", "exceptionScope", "controlIds", "accountIds")
    assert ask(client, "POST", f"{OWN}/preview", {name: CONNECTOR[name] for name in needed})["failing"] == 1
    for name in needed:
        assert name in refused(client, "POST", f"{OWN}/preview", bent(CONNECTOR, **{name: LEFT_OUT}))


@pytest.mark.parametrize("body", [[], "text", 5])
def test_a_preview_of_no_object_is_refused(still: Client, body: Any) -> None:
    assert "JSON" in refused(still, "POST", f"{OWN}/preview", body)


# Explanations


def explained(client: Client, world: World, resource_id: str = "i-0bbb", query: str = "&cid=322") -> Any:
    return ask(client, "GET", f"/api/evaluations/explain?resource={world.uuids[resource_id]}{query}")


def test_an_explanation_says_which_exception_wins_and_why(client: Client, world: World) -> None:
    created(client, CONNECTOR, controlIds=[322])
    created(client, CONNECTOR, controlIds=[322], name="Longer", endDate="2026-02-01")
    created(client, RESOURCE)
    created(client, CONNECTOR, controlIds=[322], name="Later", startDate="2026-06-01", endDate="2026-06-02")
    created(client, CONNECTOR, name="Of another control")
    found = explained(client, world)
    assert found["resource"] == {
        "uuid": str(world.uuids["i-0bbb"]),
        "resourceId": "i-0bbb",
        "resourceType": "EC2_INSTANCE",
        "region": "us-east-1",
        "accountId": ACCOUNT,
    }
    assert (found["controlId"], found["status"], found["at"]) == (322, "PASSE", "2026-01-01T00:00:00+0000")
    assert found["controlName"] == "Ensure that EC2 Metadata Service only allows IMDSv2"
    shown = [(row["exception"]["name"], row["standing"], row["exception"]["state"]) for row in found["matches"]]
    assert shown == [
        ("AWS Resource Level Demo", "wins", "ACTIVE"),
        ("Longer", "outranked", "ACTIVE"),
        ("AWS Demo Connector Level", "outranked", "ACTIVE"),
        ("Later", "idle", "INACTIVE"),
    ]
    assert all(row["why"].endswith(".") for row in found["matches"])


@pytest.mark.parametrize(
    ("at", "status", "standing"),
    [
        ("2026-01-08", "PASSE", "wins"),
        ("2026-01-09", "FAIL", "idle"),
        ("2026-01-08T23:59:59Z", "PASSE", "wins"),
        ("2026-01-09T00:00:00Z", "FAIL", "idle"),
        ("now%2B7d", "PASSE", "wins"),
        ("now%2B8d", "FAIL", "idle"),
        ("now+8d", "FAIL", "idle"),
        ("2026-01-09T01:00:00+02:00", "PASSE", "wins"),
        ("2026-01-09 01:00", "FAIL", "idle"),
        ("2025-12-31T23:59:59Z", "FAIL", "idle"),
    ],
)
def test_an_explanation_may_be_of_another_moment(
    client: Client, world: World, at: str, status: str, standing: str
) -> None:
    created(client, RESOURCE)
    found = explained(client, world, query=f"&cid=322&at={at}")
    assert (found["status"], [row["standing"] for row in found["matches"]]) == (status, [standing])


def test_a_day_of_an_explanation_is_one_of_the_tenants(world: World) -> None:
    world.use(Settings(data=None, time_zone="Asia/Kolkata"))
    with TestClient(world.application(), raise_server_exceptions=False) as client:
        client.auth = (USER, PASSWORD)
        assert explained(client, world, query="&cid=322&at=2026-01-09")["at"] == "2026-01-08T18:30:00+0000"


def test_a_pass_is_explained_without_a_winner(client: Client, world: World) -> None:
    assert explained(client, world, "i-0aaa") | {"resource": None} == {
        "resource": None,
        "controlId": 322,
        "controlName": "Ensure that EC2 Metadata Service only allows IMDSv2",
        "at": "2026-01-01T00:00:00+0000",
        "status": "PASS",
        "matches": [],
    }


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("", "resource and cid"),
        ("cid=322", "resource"),
        (f"resource={NOBODY}", "cid"),
        (f"resource={NOBODY}&cid=x", "cid"),
        (f"resource={NOBODY}&cid=-1", "cid"),
        (f"resource={NOBODY}&cid=322&at=soon", "at: 'soon'"),
        (f"resource={NOBODY}&cid=322&at=0001-01-01", "at: '0001-01-01'"),
        (f"resource={NOBODY}&cid=322&at=9999-12-31T23:59:59-12:00", "at: '9999-12-31"),
        (f"resource={NOBODY}&cid=322&at=now-999999y", "at: now-999999y"),
    ],
)
def test_a_bad_question_is_explained_too(still: Client, query: str, named: str) -> None:
    assert named in refused(still, "GET", f"/api/evaluations/explain?{query}")


def test_what_does_not_exist_has_no_explanation(still: Client, still_world: World) -> None:
    instance_uuid = still_world.uuids["i-0bbb"]
    for query in (f"{NOBODY}&cid=322", "nonsense&cid=322", f"{instance_uuid}&cid=1", f"{instance_uuid}&cid=999"):
        refused(still, "GET", f"/api/evaluations/explain?resource={query}", status=404)


# The posture


def test_the_posture_of_now_counts_every_account(client: Client, world: World) -> None:
    created(client, RESOURCE)
    world.record("EC2_INSTANCE", "us-east-1", [instance("i-0lab")], connector=world.lab)
    found = ask(client, "GET", "/api/posture")
    assert (found["at"], found["outlook"]) == ("2026-01-01T00:00:00+0000", None)
    assert found["totals"] == {"passed": 6, "failed": 2, "passedWithException": 1, "notEvaluated": 0}
    assert found["accounts"] == [
        {
            "passed": 6,
            "failed": 1,
            "passedWithException": 1,
            "notEvaluated": 0,
            "provider": "AWS",
            "accountId": ACCOUNT,
            "connectorName": "Production",
            "connectorId": str(world.production.uuid),
        },
        {
            "passed": 0,
            "failed": 1,
            "passedWithException": 0,
            "notEvaluated": 0,
            "provider": "AWS",
            "accountId": LAB,
            "connectorName": "Lab",
            "connectorId": str(world.lab.uuid),
        },
    ]


def test_the_posture_of_another_day_says_what_would_fail(client: Client) -> None:
    ends = created(client, RESOURCE)
    begins = created(client, CONNECTOR, startDate="2026-01-09", endDate="2026-02-01")
    found = ask(client, "GET", "/api/posture?asOf=2026-01-09")
    assert found["at"] == "2026-01-09T00:00:00+0000"
    assert found["totals"] == {"passed": 6, "failed": 1, "passedWithException": 1, "notEvaluated": 0}
    outlook = found["outlook"]
    assert outlook["wouldFail"] == 1
    assert [row["uuid"] for row in outlook["ended"]] == [ends]
    assert [row["uuid"] for row in outlook["begun"]] == [begins]
    kept = ("controlId", "failedNow", "failedThen", "passedWithExceptionNow", "passedWithExceptionThen")
    assert [tuple(row[key] for key in kept) for row in outlook["changes"]] == [(1, 1, 0, 0, 1), (322, 0, 1, 1, 0)]
    assert [row["state"] for row in (*outlook["ended"], *outlook["begun"])] == ["EXPIRED", "ACTIVE"]
    assert ask(client, "GET", "/api/posture?asOf=2026-01-08")["outlook"]["wouldFail"] == 0


@pytest.mark.parametrize("day", ["soon", "2026-13-01", "01.01.2026", "2026-01-01T00:00:00Z", "20260101"])
def test_a_bad_day_is_named(still: Client, day: str) -> None:
    assert "asOf" in refused(still, "GET", f"/api/posture?asOf={day}")


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "9999-12-31"])
def test_a_day_beyond_all_time_is_refused(still: Client, day: str) -> None:
    assert day in refused(still, "GET", f"/api/posture?asOf={day}")


# Renewals, and what ends soon


def test_a_renewal_keeps_the_old_end(client: Client, world: World) -> None:
    uuid = created(client, RESOURCE)
    world.clock.forward(hours=3)
    found = ask(client, "POST", f"{OWN}/{uuid}/renew", {"endDate": "2026-03-01"})
    assert (found["endDate"], found["state"]) == ("2026-03-01T23:59:59+0000", "ACTIVE")
    assert (found["updatedBy"], found["updatedOn"]) == (USER, "2026-01-01T03:00:00+0000")
    assert found["renewals"] == [
        {
            "on": "2026-01-01T03:00:00+0000",
            "by": USER,
            "oldEndDate": "2026-01-08T23:59:59+0000",
            "newEndDate": "2026-03-01T23:59:59+0000",
        }
    ]
    assert ask(client, "GET", f"{BASE}/exceptions/{uuid}")["endDate"] == found["endDate"]
    assert ask(client, "GET", f"{OWN}/{uuid}") == found


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "endDate"),
        ({"endDate": ""}, "endDate"),
        ({"endDate": 5}, "endDate"),
        ({"endDate": "soon"}, "endDate"),
        ({"endDate": "2026-02-30"}, "endDate"),
        ({"endDate": "2025-12-31"}, "endDate"),
        ({"endDate": "2026-01-08"}, "endDate"),
        ([], "JSON object"),
    ],
)
def test_a_bad_renewal_is_named(client: Client, body: Any, named: str) -> None:
    assert named in refused(client, "POST", f"{OWN}/{created(client, RESOURCE)}/renew", body)


def test_what_has_expired_is_not_renewed(client: Client, world: World) -> None:
    uuid = created(client, RESOURCE)
    world.clock.forward(days=9)
    refused(client, "POST", f"{OWN}/{uuid}/renew", {"endDate": "2026-03-01"}, status=409)


def test_what_ends_soon_is_listed_soonest_first(client: Client) -> None:
    created(client, CONNECTOR, name="In a month", endDate="2026-01-30")
    created(client, RESOURCE, name="In a week")
    created(client, CONNECTOR, name="Next year", endDate="2027-01-30")
    created(client, CONNECTOR, name="Not begun", startDate="2026-01-02", endDate="2026-01-05")
    found = ask(client, "GET", f"{OWN}/expiring")
    assert found["days"] == 30
    assert [(row["name"], row["daysLeft"]) for row in found["exceptions"]] == [("In a week", 7), ("In a month", 29)]
    assert [row["name"] for row in ask(client, "GET", f"{OWN}/expiring?days=8")["exceptions"]] == ["In a week"]
    assert ask(client, "GET", f"{OWN}/expiring?days=0")["exceptions"] == []


@pytest.mark.parametrize("days", ["x", "-1", "1.5", "4000", "9" * 400])
def test_a_bad_number_of_days_is_named(still: Client, days: str) -> None:
    assert "days" in refused(still, "GET", f"{OWN}/expiring?days={days}")


# Whole exceptions


def test_an_exception_is_shown_with_everything(client: Client) -> None:
    changes = {"informationSecurityPolicy": "ISP-7", "informationSecurityProcedure": "Board"}
    uuid = created(client, RESOURCE, **changes)
    assert ask(client, "GET", f"{OWN}/{uuid}") == {
        "uuid": uuid,
        "name": "AWS Resource Level Demo",
        "provider": "AWS",
        "scope": "RESOURCE",
        "state": "ACTIVE",
        "reason": "False Positive",
        "startDate": "2026-01-01T00:00:00+0000",
        "endDate": "2026-01-08T23:59:59+0000",
        "createdBy": USER,
        "explanation": "AWS Exception",
        "controlIds": [322],
        "accountIds": [],
        "resources": [{"resourceId": "i-0bbb", "accountId": ACCOUNT, "region": ""}],
        "resourceTagNames": [],
        "connectorTagNames": [],
        "isAllConnector": False,
        "informationSecurityPolicy": "ISP-7",
        "informationSecurityProcedure": "Board",
        "createdOn": "2026-01-01T00:00:00+0000",
        "updatedBy": "",
        "updatedOn": "2026-01-01T00:00:00+0000",
        "approval": {"status": "not_needed", "decidedBy": "", "decidedOn": None},
        "renewals": [],
    }


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("POST", "/renew"), ("POST", "/approve"), ("POST", "/reject")]
)
@pytest.mark.parametrize("uuid", [NOBODY, "nonsense"])
def test_an_unknown_exception_is_named(still: Client, method: str, path: str, uuid: str) -> None:
    body = {"endDate": "2026-03-01"} if path == "/renew" else None
    assert uuid in refused(still, method, f"{OWN}/{uuid}{path}", body, status=404)


# Approval


def counts(client: Client) -> tuple[int, int]:
    page = ask(client, "GET", f"{BASE}/aws/evaluations/{ACCOUNT}?filter=cid:322")
    (row,) = page["content"]
    return row["failedResources"], row["passWithExceptionResources"]


def test_an_exception_waits_for_a_second_person(guarded: tuple[Client, Client], world: World) -> None:
    first, second = guarded
    answer = ask(first, "POST", CREATE, RESOURCE, 201)
    uuid = answer["uuid"]
    assert answer["state"] == "PENDING_APPROVAL"
    assert counts(first) == (1, 0)
    refused(first, "POST", f"{OWN}/{uuid}/approve", status=403)
    assert counts(first) == (1, 0)
    world.clock.forward(hours=1)
    found = ask(second, "POST", f"{OWN}/{uuid}/approve")
    assert (found["state"], counts(first)) == ("ACTIVE", (0, 1))
    assert found["approval"] == {"status": "approved", "decidedBy": SECOND, "decidedOn": "2026-01-01T01:00:00+0000"}
    refused(second, "POST", f"{OWN}/{uuid}/approve", status=409)
    refused(second, "POST", f"{OWN}/{uuid}/reject", status=409)


def test_a_program_of_ones_own_is_no_second_person(guarded: tuple[Client, Client], world: World) -> None:
    first, second = guarded
    with own_program(first, world) as program:
        for creator, other in ((first, program), (program, first)):
            uuid = created(creator, RESOURCE, name=f"Of {creator is program}")
            for verb in ("approve", "reject"):
                assert USER in refused(other, "POST", f"{OWN}/{uuid}/{verb}", status=403)
            assert ask(second, "POST", f"{OWN}/{uuid}/approve")["state"] == "ACTIVE"
            refused(other, "POST", f"{OWN}/{uuid}/renew", {"endDate": "2026-04-01"}, status=403)
        (row,) = ask(first, "GET", f'{BASE}/exceptions/list?filter=exception.name:"Of True"')["content"]
        assert row["createdBy"] == f"{USER} (client:laptop)"


def test_a_program_keeps_the_time_zone_of_whom_it_acts_for(guarded: tuple[Client, Client], world: World) -> None:
    first, _ = guarded
    ask(first, "PUT", "/api/settings/mine", {"timeZone": "Asia/Kolkata"})
    with own_program(first, world) as program:
        assert ask(program, "GET", "/api/settings/mine")["timeZone"] == "Asia/Kolkata"
        ask(program, "PUT", "/api/settings/mine", {"timeZone": "Asia/Tokyo"})
    assert ask(first, "GET", "/api/settings/mine")["timeZone"] == "Asia/Tokyo"


@contextmanager
def own_program(owner: Client, world: World) -> Iterator[Client]:
    """A client with the token of an API client that acts as the owner."""
    made = ask(owner, "POST", "/api/me/clients", {"name": "laptop"}, 201)
    with TestClient(world.application(), raise_server_exceptions=False) as program:
        shown = {"clientId": made["clientId"], "clientSecret": made["clientSecret"]}
        program.headers["Authorization"] = f"Bearer {program.post('/auth/oidc', headers=shown).text}"
        yield program


def test_a_rejected_exception_stays_listed_without_effect(guarded: tuple[Client, Client]) -> None:
    first, second = guarded
    uuid = created(first, RESOURCE)
    refused(first, "POST", f"{OWN}/{uuid}/reject", status=403)
    assert ask(second, "POST", f"{OWN}/{uuid}/reject")["state"] == "REJECTED"
    assert counts(first) == (1, 0)
    (row,) = ask(first, "GET", f"{BASE}/exceptions/list?filter=exception.status:REJECTED")["content"]
    assert row["uuid"] == uuid


def test_states_of_approval_can_be_filtered_for(guarded: tuple[Client, Client]) -> None:
    first, _ = guarded
    created(first, RESOURCE)
    assert ask(first, "GET", f"{BASE}/exceptions/list?filter=exception.status:PENDING_APPROVAL")["totalElements"] == 1
    assert ask(first, "GET", f"{BASE}/exceptions/list?filter=exception.status:ACTIVE")["totalElements"] == 0


def test_what_needs_no_approval_cannot_be_approved(client: Client) -> None:
    refused(client, "POST", f"{OWN}/{created(client, RESOURCE)}/approve", status=409)


# The manual


def test_our_own_routes_are_documented(stranger: Client) -> None:
    paths = stranger.get("/openapi/openapi.json").json()["paths"]
    own = {path: item for path, item in paths.items() if path.startswith("/api/exceptions") or "explain" in path}
    assert len(own) == 7
    for item in (*own.values(), paths["/api/posture"]):
        for operation in item.values():
            assert operation["summary"]
            assert operation["description"]
            assert {"200", "400", "401", "404"} <= set(operation["responses"])
    assert paths["/api/exceptions/preview"]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert paths["/api/exceptions/{exception_id}/renew"]["post"]["requestBody"]
