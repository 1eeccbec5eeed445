"""Policies and mandates over HTTP: the shapes that clients know, and own policies that count everywhere at once."""

from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import ACCOUNT, BASE, World
from fresh_stores import migrated_file
from nephoscope.audit import trail
from nephoscope.model.providers import Provider
from nephoscope.policies.policies import Draft, Policies
from nephoscope.store.session import open_store
from worlds import FakeClock

V2 = "/cloudview-api/rest/v2"
BENCH, PLAIN = "CIS Amazon Web Services Foundations Benchmark", "AWS Best Practices Policy"
MINE = {"title": "What payments watch", "cloudType": "AWS", "description": "Ours", "controlIds": [322, 1]}
Client = TestClient[Litestar]


def made(client: Client, **more: Any) -> dict[str, Any]:
    answer = client.post("/api/policies", json=MINE | more)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_the_second_version_pages_through_all_with_the_keys_of_the_sample(client: Client) -> None:
    mine = made(client)
    page = client.get(f"{V2}/policies?pageNo=0&pageSize=2").json()
    assert (page["totalElements"], page["totalPages"], page["last"], page["numberOfElements"]) == (3, 2, False, 2)
    bench = page["content"][0]
    assert list(bench) == [
        "uuid", "title", "cloudType", "version", "createdBy", "modifiedBy", "createdDate", "modifiedDate", "header",
        "steps", "footer", "customerCreated", "type", "scope", "controlIds",
    ]  # fmt: skip
    assert (bench["title"], bench["cloudType"], bench["version"]) == (BENCH, "AWS", "3.0.0")
    assert (bench["createdBy"], bench["modifiedBy"], bench["createdDate"]) == (
        "SYSTEM",
        "SYSTEM",
        "2024-01-01T00:00:00+0000",
    )
    assert (bench["steps"], bench["footer"], bench["controlIds"]) == ([], "", [1, 2, 45, 46, 322])
    assert (bench["customerCreated"], bench["type"], bench["scope"]) == (False, "SYSTEM_DEFINED_POLICY", "GLOBAL")
    (own,) = client.get(f"{V2}/policies?pageNo=1&pageSize=2").json()["content"]
    assert (own["uuid"], own["customerCreated"], own["type"]) == (mine["uuid"], True, "USER_DEFINED_POLICY")
    assert (own["createdBy"], own["version"], own["controlIds"], own["header"]) == ("alice", "1.0", [1, 322], "Ours")


def test_the_first_version_shows_a_hundred_and_no_more(client: Client) -> None:
    page = client.get(f"{BASE}/policies").json()
    assert [row["title"] for row in page["content"]] == [BENCH, PLAIN]
    for number in range(100):
        made(client, title=f"Policy {number}")
    page = client.get(f"{BASE}/policies?pageNo=1&pageSize=5").json()
    assert (len(page["content"]), page["totalElements"], page["last"]) == (100, 100, True)
    assert client.get(f"{V2}/policies").json()["totalElements"] == 102


def test_the_list_for_reports_is_bare(client: Client) -> None:
    mine = made(client)
    rows = client.get(f"{BASE}/reports/policies?cloudType=AWS").json()
    assert isinstance(rows, list)
    assert list(rows[0]) == ["policyId", "title", "type", "cloudType", "version", "isSystemDefined", "controlIds"]
    assert [(row["title"], row["isSystemDefined"]) for row in rows] == [
        (BENCH, True),
        (PLAIN, True),
        (MINE["title"], False),
    ]
    assert rows[2]["policyId"] == mine["uuid"]
    assert client.get(f"{BASE}/reports/policies?cloudType=gcp").json() == []
    assert client.get(f"{BASE}/reports/policies").json() == rows


@pytest.mark.parametrize("path", [f"{BASE}/policies", f"{V2}/policies", f"{BASE}/reports/policies", f"{BASE}/mandates"])
def test_an_unknown_cloud_is_named(still: Client, path: str) -> None:
    answer = still.get(f"{path}?cloudType=IBM")
    assert answer.status_code == 400
    assert "cloudType: 'IBM' is none of AWS" in answer.json()["message"]


def test_mandates_under_all_their_addresses(still: Client) -> None:
    rows = still.get(f"{BASE}/mandates").json()
    pci = next(row for row in rows if row["name"] == "PCI DSS 4.0.1")
    assert list(pci) == ["mandateId", "name", "title", "version", "publisher", "description", "cloudTypes", "sections"]
    assert pci["cloudTypes"] == ["AWS"]
    assert {"number": "8.4", "title": "Access to card data needs more than one factor", "controlIds": [1]} in pci[
        "sections"
    ]
    assert still.get(f"{BASE}/reports/mandates").json() == still.get(f"{V2}/mandates").json() == rows
    assert still.get(f"{BASE}/mandates?cloudType=GCP").json() == []


def test_own_policies_count_in_metadata_evaluations_and_filters(client: Client) -> None:
    made(client)
    title = MINE["title"]
    (control,) = client.get(f"{BASE}/controls/metadata/list?filter=cid:1").json()["control"]
    assert control["policyNames"] == [BENCH, title]
    found = client.get(f'{BASE}/controls/metadata/list?filter=policy.name:"payments"').json()["control"]
    assert [row["cid"] for row in found] == [1, 322]
    xml = client.get(f"{BASE}/controls/metadata/list?filter=cid:1", headers={"Accept": "application/xml"}).text
    assert [name.text for name in ET.fromstring(xml).iter("POLICY_NAME")] == [BENCH, title]  # noqa: S314 - our own
    rows = client.get(f"{BASE}/aws/evaluations/{ACCOUNT}").json()["content"]
    assert {row["controlId"]: row["policyNames"] for row in rows}[322] == [BENCH, PLAIN, title]
    rows = client.get(f'{BASE}/aws/evaluations/{ACCOUNT}?filter=policy.name:"payments"').json()["content"]
    assert [row["controlId"] for row in rows] == [1, 322]
    path = f"{BASE}/aws/evaluations/{ACCOUNT}/resources/2"
    assert client.get(f'{path}?filter=policy.name:"payments"').json()["totalElements"] == 0
    assert client.get(path).json()["totalElements"] == 3


def test_a_policy_lives_through_change_and_deletion(client: Client, world: World) -> None:
    mine = made(client)
    path = f"/api/policies/{mine['uuid']}"
    assert client.get(path).json() == mine
    changed = client.put(path, json={"controlIds": [2]}).json()
    assert (changed["version"], changed["controlIds"], changed["title"]) == ("2.0", [2], MINE["title"])
    assert client.get("/api/policies?pageSize=1&pageNo=2").json()["content"] == [changed]
    (control,) = client.get(f"{BASE}/controls/metadata/list?filter=cid:1").json()["control"]
    assert control["policyNames"] == [BENCH]
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.get(f'{BASE}/controls/metadata/list?filter=policy.name:"payments"').json()["control"] == []
    with world.store.read() as reader:
        assert [row.action for row in trail.entries(reader)][-3:] == ["policy.create", "policy.change", "policy.delete"]


def test_what_is_shipped_can_be_neither_changed_nor_deleted(client: Client) -> None:
    uuid = client.get(f"{V2}/policies").json()["content"][0]["uuid"]
    assert client.put(f"/api/policies/{uuid}", json={"controlIds": [1]}).status_code == 409
    answer = client.delete(f"/api/policies/{uuid}")
    assert answer.status_code == 409
    assert "comes with the program" in answer.json()["message"]


def test_everything_wrong_is_said_at_once(client: Client) -> None:
    answer = client.post("/api/policies", json={"title": BENCH, "cloudType": "AWS", "controlIds": [7, 8]})
    assert answer.status_code == 400
    message = answer.json()["message"]
    assert "title:" in message
    assert "there is no control 7, 8" in message
    for path in (f"/api/policies/{uuid4()}", "/api/policies/x"):
        assert client.get(path).status_code == 404
        assert client.put(path, json={"title": "A"}).status_code == 404
        assert client.delete(path).status_code == 404
    assert client.post("/api/policies", json=[1]).status_code == 400


def test_a_policy_that_another_process_made_counts_here(tmp_path: Path, clock: FakeClock) -> None:
    url = migrated_file(tmp_path / "shared.db")
    world = World(tmp_path, clock, url=url)
    world.populate()
    with closing(world.store), TestClient(world.application()) as client, closing(open_store(url, clock)) as elsewhere:
        client.auth = ("alice", "correct horse")
        other = Policies(elsewhere, clock, world.catalogue.controls, world.catalogue.policies)
        assert client.get(f"{BASE}/controls/metadata/list?filter=cid:46").json()["control"][0]["policyNames"] == [BENCH]
        other.create(Draft(title="Elsewhere", provider=Provider.AWS, control_ids=(46,)))
        names = client.get(f"{BASE}/controls/metadata/list?filter=cid:46").json()["control"][0]["policyNames"]
        assert names == [BENCH, "Elsewhere"]
