"""Routes of roles, of what was given, of connector groups and of settings."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import ACCOUNT, BASE, PASSWORD, USER, World
from nephoscope.access.preferences import Preferences
from nephoscope.connectors.groups import Groups
from nephoscope.model.identities import Grant, Reach
from nephoscope.store.session import open_store
from worlds import FakeClock

Client = TestClient[Litestar]
BOB = ("bob", "battery staple")
NOBODY = "6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2"
DRAFT = {
    "cloudType": "AWS",
    "exceptionScope": "CONNECTOR",
    "name": "Quiet",
    "explanation": "Because.",
    "startDate": "2026-01-01",
    "endDate": "2026-01-02",
    "exceptionReason": "Other",
    "controlIds": [1],
    "accountIds": [ACCOUNT],
    "informationSecurityPolicy": "",
    "informationSecurityProcedure": "",
}


@pytest.fixture
def either(url: str, tmp_path: Path) -> Iterator[World]:
    """The estate on SQLite and on PostgreSQL."""
    world = World(tmp_path, FakeClock(datetime(2026, 1, 1, 12, tzinfo=UTC)), url=url)
    with closing(world.store):
        world.populate()
        world.access.add_user(*BOB)
        yield world


@pytest.fixture
def manager(either: World) -> Iterator[Client]:
    with TestClient(either.application(), raise_server_exceptions=False) as client:
        client.auth = (USER, PASSWORD)
        yield client


def test_own_roles(manager: Client) -> None:
    body = {"name": "Tagger", "description": "Tags", "permissions": ["tags:read", "tags:write"]}
    made = manager.post("/api/roles", json=body)
    assert made.status_code == 201
    assert made.json() == {
        "name": "Tagger",
        "description": "Tags",
        "permissions": ["portal", "tags:read", "tags:write"],
        "isBuiltIn": False,
        "createdBy": USER,
        "createdOn": "2026-01-01T12:00:00+0000",
        "updatedBy": USER,
        "updatedOn": "2026-01-01T12:00:00+0000",
    }
    assert manager.post("/api/roles", json=body).status_code == 409
    page = manager.get("/api/roles?pageSize=2&pageNo=2").json()
    assert [row["name"] for row in page["content"]] == ["Reader", "Tagger"]
    changed = manager.put("/api/roles/tagger", json={"permissions": ["tags:read"]})
    assert changed.json()["permissions"] == ["portal", "tags:read"]
    assert manager.get("/api/roles/TAGGER").json() == changed.json()
    assert manager.put("/api/roles/Reader", json={"name": "x"}).status_code == 409
    assert manager.delete("/api/roles/Tagger").status_code == 204
    assert manager.get("/api/roles/Tagger").status_code == 404
    wrong = manager.post("/api/roles", json={"name": 7, "permissions": "all"})
    assert wrong.status_code == 400
    assert "name: a text" in wrong.json()["message"]
    assert "permissions: a list" in wrong.json()["message"]


def test_roles_are_given_and_count_at_once(manager: Client) -> None:
    assert manager.get("/api/audit", auth=BOB).status_code == 200
    given = {"role": "reader", "reach": {"accounts": [ACCOUNT]}}
    answer = manager.put("/api/grants/user/bob", json=given)
    assert answer.json() == {"role": "Reader", "reach": {"groups": [], "accounts": [ACCOUNT], "tags": []}}
    assert manager.get("/api/audit", auth=BOB).status_code == 403
    told = manager.get("/api/identity", auth=BOB).json()
    assert (told["name"], told["reach"]["accounts"]) == ("bob", [ACCOUNT])
    assert "users:read" not in told["permissions"]
    rows = manager.get("/api/grants").json()["content"]
    assert [(row["kind"], row["name"], row["role"]) for row in rows] == [
        ("user", USER, "Manager"),
        ("user", "bob", "Reader"),
    ]
    assert manager.put(f"/api/grants/user/{USER}", json={"role": "Reader"}).status_code == 409
    assert manager.put("/api/grants/user/nobody", json=given).status_code == 404
    assert manager.put("/api/grants/robot/bob", json=given).status_code == 404
    for wrong in ({}, {"role": "Nobody"}, {"role": "Reader", "reach": {}}, {"role": "Reader", "reach": "all"}):
        assert manager.put("/api/grants/user/bob", json=wrong).status_code == 400


def test_whoever_sees_a_part_gives_a_part(either: World, manager: Client) -> None:
    """With an own role that may give: everywhere it takes somebody who sees everything."""
    part = Reach(accounts=frozenset({ACCOUNT}))
    either.access.add_user("mo", "battery staple", grant=Grant("Manager", part))
    mo = ("mo", "battery staple")
    assert [row["name"] for row in manager.get("/api/grants", auth=mo).json()["content"]] == ["mo"]
    assert manager.put("/api/grants/user/bob", json={"role": "Reader"}, auth=mo).status_code == 404
    manager.put("/api/grants/user/bob", json={"role": "Reader", "reach": {"accounts": [ACCOUNT]}})
    larger = manager.put("/api/grants/user/bob", json={"role": "Reader"}, auth=mo)
    assert larger.status_code == 403
    assert manager.get("/api/users", auth=mo).status_code == 403
    same = {"role": "Auditor", "reach": {"accounts": [ACCOUNT]}}
    assert manager.put("/api/grants/user/bob", json=same, auth=mo).status_code == 200


def test_groups_of_connectors(either: World, manager: Client) -> None:
    production, lab = str(either.production.uuid), str(either.lab.uuid)
    made = manager.post("/api/groups", json={"name": "Shops", "connectorIds": [production, production]})
    assert made.status_code == 201
    uuid = made.json()["uuid"]
    assert made.json()["connectorIds"] == [production]
    assert manager.get(f"{BASE}/groups").json()["content"] == [
        {
            "name": "Shops",
            "uuid": uuid,
            "connectorCount": 1,
            "createdBy": USER,
            "createdOn": "2026-01-01T12:00:00+0000",
        }
    ]
    row = manager.get(f"{BASE}/aws/connectors/{production}").json()
    assert row["groups"] == [{"name": "Shops", "uuid": uuid}]
    assert manager.post(f"/api/groups/{uuid}/connectors/add", json=[lab]).json()["connectorCount"] == 2
    assert manager.post(f"/api/groups/{uuid}/connectors/add", json=[lab]).json()["connectorCount"] == 2
    assert manager.post(f"/api/groups/{uuid}/connectors/add", json=[lab, NOBODY]).status_code == 404
    removed = manager.post(f"/api/groups/{uuid}/connectors/remove", json={"connectorIds": [production]})
    assert removed.json()["connectorIds"] == [lab]
    assert manager.put(f"/api/groups/{uuid}", json={"name": "Stores"}).json()["name"] == "Stores"
    assert manager.get(f"{BASE}/groups/{uuid}").json()["name"] == "Stores"
    assert manager.post("/api/groups", json={"name": "STORES"}).status_code == 409
    assert manager.delete(f"{BASE}/aws/connectors/{lab}").status_code == 204
    assert manager.get(f"{BASE}/groups/{uuid}").json()["connectorIds"] == []
    assert manager.delete(f"/api/groups/{uuid}").status_code == 204
    for path in (f"{BASE}/groups/{uuid}", f"{BASE}/groups/x", f"/api/groups/{NOBODY}"):
        assert manager.get(path).status_code == 404


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": " x"}, {"name": "x" * 129}, {"name": 1}, {"name": "a\n"}])
def test_names_of_groups_that_will_not_do(still: Client, body: dict[str, Any]) -> None:
    answer = still.post("/api/groups", json=body)
    assert answer.status_code == 400
    assert "name" in answer.json()["message"]


def test_a_connector_that_leaves_a_group_is_seen_no_more(either: World, manager: Client) -> None:
    groups = Groups(either.store, either.clock)
    shops = groups.create("Shops", [either.production.uuid, either.lab.uuid])
    reach = {"groups": [str(shops.uuid)]}
    manager.put("/api/grants/user/bob", json={"role": "Reader", "reach": reach})
    path = f"{BASE}/aws/evaluations/{ACCOUNT}"
    assert manager.get(path, auth=BOB).status_code == 200
    groups.remove(shops.uuid, [either.production.uuid])
    assert manager.get(path, auth=BOB).status_code == 404
    found = manager.post(f"{BASE}/aws/evaluations/list/resources", json={"regex": ".*"}, auth=BOB).json()
    assert found["totalElements"] == 0


def test_settings_of_the_tenant_count_at_once(either: World, manager: Client) -> None:
    assert manager.get("/api/settings").json() == {
        "timeZone": "UTC",
        "exceptionsNeedApproval": False,
        "keepReportsDays": 7,
        "keepRunsDays": 365,
        "keepAuditDays": 0,
    }
    wanted = {"timeZone": "Asia/Kolkata", "exceptionsNeedApproval": True, "keepRunsDays": 0}
    changed = manager.put("/api/settings", json=wanted).json()
    assert changed == {**changed, **wanted}
    made = manager.post(f"{BASE}/exceptions/create", json=DRAFT)
    assert made.json()["state"] == "PENDING_APPROVAL"
    shown = manager.get(f"{BASE}/exceptions/{made.json()['uuid']}").json()
    assert (shown["startDate"], shown["endDate"]) == ("2025-12-31T18:30:00+0000", "2026-01-02T18:29:59+0000")
    assert manager.put("/api/settings", json=dict.fromkeys(wanted)).json()["timeZone"] == "UTC"
    subject = manager.get("/api/audit?subject=tenant").json()["content"]
    assert [row["action"] for row in subject] == ["settings.change", "settings.change"]
    assert subject[1]["detail"]["time_zone"] == ["UTC", "Asia/Kolkata"]
    assert either.preferences.tenant().run_days == 365


def test_another_process_hears_of_settings_at_once(url: str, either: World, manager: Client) -> None:
    with closing(open_store(url, either.clock)) as elsewhere:
        other = Preferences(elsewhere, either.clock)
        manager.put("/api/settings", json={"timeZone": "Europe/Berlin"})
        assert other.zone_of("alice").key == "Europe/Berlin"


def test_everybody_has_a_time_zone_of_his_own(manager: Client) -> None:
    manager.put("/api/settings", json={"timeZone": "Europe/Berlin"})
    mine = "/api/settings/mine"
    assert manager.get(mine).json() == {"timeZone": None, "effectiveTimeZone": "Europe/Berlin"}
    manager.put(mine, json={"timeZone": "Asia/Kolkata"}, auth=BOB)
    assert manager.get(mine, auth=BOB).json() == {"timeZone": "Asia/Kolkata", "effectiveTimeZone": "Asia/Kolkata"}
    ends = []
    for who in (BOB, (USER, PASSWORD)):
        made = manager.post(f"{BASE}/exceptions/create", json={**DRAFT, "name": f"By {who[0]}"}, auth=who).json()
        ends.append(manager.get(f"{BASE}/exceptions/{made['uuid']}").json()["endDate"])
    assert ends == ["2026-01-02T18:29:59+0000", "2026-01-02T22:59:59+0000"]
    assert manager.put(mine, json={"timeZone": None}, auth=BOB).json()["effectiveTimeZone"] == "Europe/Berlin"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"timeZone": "Mars/Base"}, "timeZone: 'Mars/Base' is no IANA name"),
        ({"timeZone": "../../etc/passwd"}, "timeZone:"),
        ({"timeZone": 1}, "timeZone: a text is expected"),
        ({"exceptionsNeedApproval": "yes"}, "exceptionsNeedApproval: true or false"),
        ({"keepReportsDays": 0}, "keepReportsDays: a whole number of days from 1 to 36,500"),
        ({"keepRunsDays": -1}, "keepRunsDays: a whole number of days from 0"),
        ({"keepAuditDays": True}, "keepAuditDays: a whole number"),
        ({"keepAuditDays": 10**9}, "keepAuditDays: a whole number"),
        ({"colour": "red"}, "colour: there is no such setting"),
    ],
)
def test_settings_that_will_not_do(still: Client, body: dict[str, Any], problem: str) -> None:
    answer = still.put("/api/settings", json=body)
    assert answer.status_code == 400
    assert problem in answer.json()["message"]
    assert still.put("/api/settings", json=[body]).status_code == 400
