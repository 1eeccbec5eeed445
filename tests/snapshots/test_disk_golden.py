"""What lies on disks against the shapes of the third sample document, by endpoint and method, key by key."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from apiworld import BASE, PASSWORD, USER, World, basic
from golden_shapes import check, golden
from nephoscope.settings import Settings
from nephoscope.simulation.aws import Simulation
from snapshots.disk_world import DiskWorld
from worlds import FakeClock

INSTANCES = f"{BASE}/resource/EC2_INSTANCE/AWS"
SECRET_KEYS = {"hasSecrets", "secretStats", "secrets"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00")
Rows = dict[str, dict[str, Any]]
Client = TestClient[Any]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, simulation: Simulation, root: Path) -> Iterator[World]:
    """An instance with secrets, one whose disk was read for packages alone, and one whose disk nobody read."""
    folder = tmp_path_factory.mktemp("golden")
    clock = FakeClock(datetime.now(UTC).replace(microsecond=0))
    made = World(folder, clock)
    world = DiskWorld(made.store, folder, clock, simulation)
    world.learn()
    first, second, third = world.launch(root), world.launch(root), world.launch(root)
    assert world.scan(first).state == "COMPLETE"
    assert world.scan(second, with_secrets=False).state == "COMPLETE"
    made.uuids = {"searched": first.uuid, "read": second.uuid, "unread": third.uuid}
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def client(house: World) -> Iterator[Client]:
    with TestClient(house.application()) as opened:
        opened.headers.update(basic(f"{USER}:{PASSWORD}"))
        yield opened


def listed(client: Client, house: World, method: str, path: str = INSTANCES) -> Rows:
    answer = client.request(method, path)
    assert answer.status_code == 200, answer.text
    rows = {row["uuid"]: row for row in answer.json()["content"]}
    return {name: rows[str(uuid)] for name, uuid in house.uuids.items()}


def detail(client: Client, house: World, method: str, name: str) -> dict[str, Any]:
    answer = client.request(method, f"{BASE}/resource/EC2_INSTANCE/uuid/{house.uuids[name]}/AWS")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_list_has_the_shape_of_its_sample(client: Client, house: World, method: str) -> None:
    rows = listed(client, house, method)
    shape = golden("secret_list_row.json")
    check(shape, {key: rows["searched"][key] for key in shape})
    usual = golden("ec2_detail.json")
    assert set(rows["searched"]) == {*usual, "hasSecrets", "secretStats"}
    assert set(rows["read"]) == set(rows["unread"]) == set(usual)
    assert rows["searched"]["secretStats"]["totalSecrets"] == sum(rows["searched"]["secretStats"]["severity"].values())
    for name in ("searched", "read"):
        check_stats(rows[name]["vulnerabilityStats"])
    assert rows["unread"]["vulnerabilityStats"] is None


def check_stats(stats: dict[str, Any]) -> None:
    """As both samples have it: severities and types without any are left out."""
    assert list(stats) == ["severity", "typeDetected", "totalVulnerability"]
    assert set(stats["severity"]) <= set("12345")
    assert set(stats["typeDetected"]) <= {"Confirmed", "Potential", "Information"}
    assert stats["totalVulnerability"] == sum(stats["severity"].values()) == sum(stats["typeDetected"].values()) > 0


def test_a_detail_has_the_shape_of_its_sample(client: Client, house: World) -> None:
    usual = golden("ec2_detail.json")
    found = detail(client, house, "GET", "searched")
    assert set(found) == set(usual) | SECRET_KEYS
    assert found["hasSecrets"] is True
    assert len(found["secrets"]) == found["secretStats"]["totalSecrets"]
    for row in found["secrets"]:
        check(golden("secret.json"), row)
        assert row["severity"] in golden("secret_list_row.json")["secretStats"]["severity"]
        assert MOMENT.fullmatch(row["firstFound"])
    for name in ("read", "unread"):
        assert set(detail(client, house, "GET", name)) == set(usual)
    assert detail(client, house, "GET", "unread")["vulnerabilities"] is None


def test_a_posted_detail_has_the_shape_of_its_sample(client: Client, house: World) -> None:
    usual = golden("ec2_detail.json")
    del usual["vulnerabilities"]
    found = detail(client, house, "POST", "searched")
    assert set(found) == set(usual) | SECRET_KEYS | {"vulnerability"}
    assert len(found["vulnerability"]) == found["vulnerabilityStats"]["totalVulnerability"]
    for row in found["vulnerability"]:
        check(golden("vulnerability.json"), row)
        assert row["resourceId"] == found["resourceId"]
        assert row["qid"] > 0
        assert 1 <= row["severity"] <= 5
        assert row["hostOS"] == "Debian GNU/Linux 12 (bookworm)"
        assert MOMENT.fullmatch(row["lastFound"])
    assert set(detail(client, house, "POST", "read")) == set(usual) | {"vulnerability"}


def test_the_address_as_the_sample_prints_it(client: Client, house: World) -> None:
    printed = INSTANCES.replace("cloudview-api", "cloudview-ap")
    assert listed(client, house, "POST", printed) == listed(client, house, "POST")


def test_the_detail_in_the_envelope_of_its_sample(house: World) -> None:
    house.use(Settings(data=house.settings.data, wrapped_resource_detail=True))
    with TestClient(house.application()) as client:
        client.headers.update(basic(f"{USER}:{PASSWORD}"))
        ((row,),) = detail(client, house, "GET", "searched").values()
    assert set(row) >= SECRET_KEYS
