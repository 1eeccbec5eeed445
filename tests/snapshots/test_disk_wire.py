"""What lies on disks, on the wire: tallies and findings of instances, our own listings, and who may see what."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from apiworld import BASE, PASSWORD, USER, World, basic
from nephoscope.kit.sealing import NO_KEYS
from nephoscope.model.resources import Resource
from nephoscope.settings import Settings
from nephoscope.simulation.aws import Simulation
from nephoscope.store.tables.sealed import sealed
from snapshots.disk_world import KEY_ID, DiskWorld
from worlds import FakeClock

Get = Any


@pytest.fixture
def house(url: str, tmp_path: Path, clock: FakeClock) -> Iterator[World]:
    made = World(tmp_path, clock, url=url)
    yield made
    made.store.close()


@pytest.fixture
def world(house: World, tmp_path: Path, clock: FakeClock, simulation: Simulation) -> DiskWorld:
    made = DiskWorld(house.store, tmp_path, clock, simulation)
    made.learn()
    return made


@pytest.fixture
def scanned(world: DiskWorld, root: Path) -> Resource:
    world.user("ann", KEY_ID)
    instance = world.launch(root)
    world.launch(root, tagged=False)
    world.scan(instance)
    return instance


@pytest.fixture
def client(house: World, scanned: Resource) -> Iterator[TestClient[Any]]:
    del scanned
    with TestClient(house.application()) as opened:
        opened.headers.update(basic(f"{USER}:{PASSWORD}"))
        yield opened


def listed(client: TestClient[Any], query: str = "") -> dict[str, dict[str, Any]]:
    answer = client.get(f"{BASE}/resource/EC2_INSTANCE/AWS", params={"filter": query} if query else {})
    assert answer.status_code == 200, answer.text
    return {row["resourceId"]: row for row in answer.json()["content"]}


def test_only_what_was_scanned_has_the_keys(client: TestClient[Any], scanned: Resource) -> None:
    rows = listed(client)
    mine = rows.pop(scanned.resource_id)
    (other,) = rows.values()
    assert not {"hasSecrets", "secretStats", "secrets", "vulnerability"} & other.keys()
    assert (other["vulnerabilityStats"], other["isSnapshotScanEnabled"]) == (None, False)
    assert (mine["hasSecrets"], mine["isSnapshotScanEnabled"]) == (True, True)
    assert set(mine["secretStats"]["severity"]) == {"CRITICAL", "HIGH", "MEDIUM", "LOW"}
    assert mine["secretStats"]["totalSecrets"] == sum(mine["secretStats"]["severity"].values())
    stats = mine["vulnerabilityStats"]
    assert stats["totalVulnerability"] == sum(stats["severity"].values()) == sum(stats["typeDetected"].values())
    assert set(stats["typeDetected"]) <= {"Confirmed", "Potential", "Information"}


def test_details_name_findings_by_method(client: TestClient[Any], scanned: Resource) -> None:
    path = f"{BASE}/resource/EC2_INSTANCE/uuid/{scanned.uuid}/AWS"
    got, posted = client.get(path).json(), client.post(path).json()
    assert "vulnerability" not in got
    assert "vulnerabilities" not in posted
    assert list(posted["vulnerability"][0]) == [
        "uuid", "resourceId", "name", "qid", "typeDetected", "severity", "protocol", "hostOS", "category",
        "lastFound", "firstFound", "port",
    ]  # fmt: skip
    assert set(got["secrets"][0]) == {
        "uuid", "type", "severity", "path", "line", "firstFound", "lastFound", "state",
    }  # fmt: skip
    assert got["vulnerabilities"][0]["status"] == "NEW"


QUERIES = [
    ("vulnerability.severity:5", True),
    ("vulnerability.typeDetected in (Confirmed, Potential) and not vulnerability.status:FIXED", True),
    ("vulnerability.status:FIXED", False),
    ("vulnerability.cve:CVE-2024-0001 and vulnerability.exploited:true", True),
    ("vulnerabilities.vulnerability:(severity:5 and typeDetected:Confirmed)", True),
    ("vulnerabilities.vulnerability:(severity:5 and typeDetected:Information)", False),
    ("secret.type:AWS_ACCESS_KEY_ID and secret.live:true", True),
    ("secret.severity:LOW", False),
    ("vulnerability.severity:5 and instance.state:running", True),
    ("(secret.severity:LOW or instance.state:running) and vulnerability.package:openssl", True),
]


def test_instances_are_found_by_what_lies_on_them(client: TestClient[Any], scanned: Resource) -> None:
    for query, is_found in QUERIES:
        assert set(listed(client, query)) == ({scanned.resource_id} if is_found else set()), query


def test_our_own_routes(client: TestClient[Any], scanned: Resource, world: DiskWorld) -> None:
    weak = client.get("/api/findings/vulnerabilities", params={"filter": "exploited:true"}).json()
    assert [row["cves"] for row in weak["content"]] == [["CVE-2024-0001"]]
    lying = client.get("/api/findings/secrets", params={"filter": "live:true"}).json()["content"]
    assert lying
    assert all("preview" not in row and row["owner"]["user"] == "ann" for row in lying)
    shown = client.post(f"/api/findings/secrets/{lying[0]['uuid']}/preview").json()
    assert "****" in shown["preview"]
    scans = client.get("/api/disk-scans", params={"filter": "state:COMPLETE"}).json()["content"]
    assert [row["resourceId"] for row in scans] == [scanned.resource_id]
    assert client.get("/api/disk-scans/costs").json()["money"] > 0
    bill = client.get(f"/api/resources/{scanned.uuid}/sbom", params={"format": "spdx"}).json()
    assert bill["spdxVersion"] == "SPDX-2.3"
    assert client.get(f"/api/resources/{scanned.uuid}/sbom", params={"format": "x"}).status_code == 400
    settings = f"/api/disk-settings/{world.connector.uuid}"
    assert client.put(settings, json={"isEnabled": True, "hours": 6}).json()["hours"] == 6
    assert client.put(settings, json={"hours": "soon", "budget": {"money": -1}}).status_code == 400
    assert client.post("/api/disk-scans", json={"resourceUuids": ["no"]}).status_code == 400
    assert client.post("/api/disk-scans", json={"resourceUuids": [str(scanned.uuid)]}).status_code == 202
    assert client.post("/api/disk-scans", json={"connectorId": str(world.connector.uuid)}).status_code == 409
    actions = [row["action"] for row in client.get("/api/audit").json()["content"]]
    assert {"secret.preview", "disks.scan", "disks.configure"} <= set(actions)


def test_what_is_said_about_one_scan_changes_that_alone(
    client: TestClient[Any], scanned: Resource, world: DiskWorld
) -> None:
    settings = f"/api/disk-settings/{world.connector.uuid}"
    usual = {"isEnabled": False, "keepSnapshots": True, "budget": {"money": 0.5, "blocks": 900}}
    assert client.put(settings, json=usual).status_code == 200
    asked = {"resourceUuids": [str(scanned.uuid)], "withSecrets": False, "budget": {"blocks": 7}}
    (scan,) = client.post("/api/disk-scans", json=asked).json()["scans"]
    assert scan["request"] == {
        "withSecrets": False,
        "useExisting": False,
        "keepSnapshots": True,
        "budget": {"blocks": 7, "seconds": 0.0, "money": 0.5},
    }
    assert client.post(f"/api/disk-scans/{scan['uuid']}/cancel").json()["state"] == "CANCELLED"
    wrong = client.post("/api/disk-scans", json={**asked, "budget": {"money": -1}, "keepSnapshots": "perhaps"})
    assert wrong.status_code == 400
    problems = "keepSnapshots: true or false is expected; budget.money: a number from 0 on is expected."
    assert wrong.json()["message"].endswith(problems)


def test_without_a_key_nobody_is_left_waiting_for_secrets(house: World, scanned: Resource, world: DiskWorld) -> None:
    """What could not be sealed is said before anything is queued, not by every scan."""
    with house.store.write() as writer:
        writer.connection.execute(sealed.delete())
    house.sealer = NO_KEYS
    with TestClient(house.application()) as client:
        client.headers.update(basic(f"{USER}:{PASSWORD}"))
        wanted = {"resourceUuids": [str(scanned.uuid)]}
        settings = f"/api/disk-settings/{world.connector.uuid}"
        before = client.get("/api/disk-scans").json()["totalElements"]
        for answer in (client.post("/api/disk-scans", json=wanted), client.put(settings, json={"isEnabled": True})):
            assert answer.status_code == 409
            assert answer.json()["errorCode"] == "NOT_CONFIGURED"
            assert "set NEPHOSCOPE_KEY" in answer.json()["message"]
        assert client.get("/api/disk-scans").json()["totalElements"] == before
        assert client.put(settings, json={"isEnabled": True, "withSecrets": False}).status_code == 200
        assert client.post("/api/disk-scans", json={**wanted, "withSecrets": False}).status_code == 202


def test_secret_keys_can_be_hidden(house: World, scanned: Resource) -> None:
    house.use(Settings(data=house.settings.data, shows_secret_keys=False))
    with TestClient(house.application()) as client:
        client.headers.update(basic(f"{USER}:{PASSWORD}"))
        assert not {"hasSecrets", "secretStats"} & listed(client)[scanned.resource_id].keys()
