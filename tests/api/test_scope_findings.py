"""Whoever sees a part gets what was found on the disks in it, through every door, and nothing of the others'."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from advisories.samples import FEEDS
from apiworld import ACCOUNT, BASE, LAB, World
from exports.disk_findings import key_on_disk, scanned, weak
from nephoscope.model.findings import DiskScan, ScanCost, ScanRequest, ScanState, VolumeInventory
from nephoscope.model.packages import Inventory, Package, PackageKind
from nephoscope.model.resources import Resource
from nephoscope.model.secrets import KeyOwner
from nephoscope.snapshots.choosing import asked
from nephoscope.store import disk_scans, disks, resources
from scoped_world import ACCOUNTS, RESOURCES, TAGS, Asker, Facts, Part, ScopedWorld, Seen, askers
from worlds import FakeClock

Row = dict[str, Any]
INSTANCES = tuple((account, name) for account, name in RESOURCES if name.startswith("i-"))
NOTHING: frozenset[str] = frozenset()
FACTS = Facts(
    worn={**dict.fromkeys(RESOURCES, NOTHING), (ACCOUNT, "i-2"): frozenset({"red"}), (LAB, "i-3"): frozenset({"Blue"})},
    worn_by_accounts=dict.fromkeys(ACCOUNTS, NOTHING),
    groups={"East": frozenset({LAB}), "West": NOTHING},
)
PARTS = (
    Part(accounts=frozenset({LAB})),
    Part(tags=frozenset({"RED"})),
    Part(groups=frozenset({"East"}), tags=frozenset({"red"})),
    Part(tags=frozenset({TAGS[2]})),
)


class House(NamedTuple):
    estate: ScopedWorld
    everything: Asker
    scoped: Asker
    found: dict[tuple[str, str], Resource]
    """What was scanned: account and name → instance."""

    def see(self, part: Part) -> Callable[[Row], bool]:
        """From now on the scoped one sees this; whether a row with a resource of that uuid is in it."""
        self.estate.set(FACTS, part)
        seen = Seen(FACTS, part)
        uuids = {str(one.uuid) for place, one in self.found.items() if seen.resource(*place)}
        return lambda row: str(row.get("resourceUuid") or row["uuid"]) in uuids


@pytest.fixture
def house(url: str, tmp_path: Path) -> Iterator[House]:
    """Every instance of three accounts has two vulnerabilities, a scan, and a secret: a key of ann of Production."""
    world = World(tmp_path, FakeClock(datetime(2026, 1, 1, 12, tzinfo=UTC)), url=url)
    with closing(world.store):
        estate = ScopedWorld(world)
        found = {place: resource(world, estate.keys[place]) for place in INSTANCES}
        ann = resource(world, estate.keys[ACCOUNT, "ann"])
        key = msgspec.structs.replace(key_on_disk(), owner=KeyOwner(ACCOUNT, "ann", True, ann.uuid))  # noqa: FBT003 - a value
        for (account, _), one in found.items():
            scanned(world, one, weak(7), weak(8, 3), secrets=[key])
            keep(world, estate, account, one)
        with askers(world) as (everything, scoped):
            yield House(estate, everything, scoped, found)


def resource(world: World, key: int) -> Resource:
    with world.store.read() as reader:
        return resources.by_keys(reader, [key])[key]


def keep(world: World, estate: ScopedWorld, account: str, one: Resource) -> None:
    """A scan that has ended, and the packages that it found."""
    package = Package(name="openssl", version="3.0.1", kind=PackageKind.DEB, ecosystem="Debian:12")
    with world.store.write() as writer:
        scan: DiskScan = asked(one, estate.connectors[account], ScanRequest(), "alice", world.clock())
        disk_scans.create(writer, scan)
        ended = msgspec.structs.replace(
            scan, state=ScanState.COMPLETE, finished_on=world.clock(), cost=ScanCost(money=0.25, blocks=4)
        )
        disk_scans.finish(writer, ended)
        state = disks.get(writer, one.key)
        assert state is not None
        volume = VolumeInventory("a", Inventory(packages=(package,)), is_root=True)
        disks.save(writer, one.connector_key, state, disks.Kept((volume,), (), ""))


def rows(asker: Asker, path: str) -> list[Row]:
    answer = asker.get(path)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["totalElements"] == len(page["content"])
    found: list[Row] = page["content"]
    return found


LISTINGS = (
    "/api/findings/vulnerabilities",
    "/api/findings/vulnerabilities?filter=severity:5 and exploited:true&sort=severity:asc",
    "/api/findings/secrets?filter=not state:FIXED",
    "/api/disk-scans?filter=state:COMPLETE",
    f"{BASE}/resource/EC2_INSTANCE/AWS?filter=vulnerability.severity:5",
    f"{BASE}/resource/EC2_INSTANCE/AWS?filter=not secret.type:AWS",
)


@pytest.mark.parametrize("part", PARTS)
def test_every_listing_shows_the_part_alone(house: House, part: Part) -> None:
    is_seen = house.see(part)
    for path in LISTINGS:
        expected = [row for row in rows(house.everything, path) if is_seen(row)]
        assert without_owners(rows(house.scoped, path)) == without_owners(expected), path
    seen = sum(map(is_seen, rows(house.everything, "/api/disk-scans")))
    costs = house.scoped.get("/api/disk-scans/costs").json()
    assert (costs["scans"], costs["money"]) == (seen, 0.25 * seen)
    assert sum(row["scans"] for row in costs["connectors"]) == seen
    exported = [json.loads(line) for line in house.scoped.get("/api/exports/findings?format=jsonl").text.splitlines()]
    assert len(exported) == 3 * seen
    assert all(map(is_seen, exported))


def without_owners(found: Sequence[Row]) -> list[Row]:
    return [{name: value for name, value in row.items() if name != "owner"} for row in found]


@pytest.mark.parametrize("part", PARTS)
def test_what_is_out_of_reach_is_not_there(house: House, part: Part) -> None:
    is_seen = house.see(part)
    scans = {row["resourceUuid"]: row for row in rows(house.everything, "/api/disk-scans")}
    secrets = {row["resourceUuid"]: row for row in rows(house.everything, "/api/findings/secrets")}
    for one in map(str, (found.uuid for found in house.found.values())):
        wanted = 200 if is_seen({"uuid": one}) else 404
        detail = f"{BASE}/resource/EC2_INSTANCE/uuid/{one}/AWS"
        scan = f"/api/disk-scans/{scans[one]['uuid']}"
        preview = f"/api/findings/secrets/{secrets[one]['uuid']}/preview"
        for path in (detail, scan, f"/api/resources/{one}/sbom"):
            assert house.scoped.get(path).status_code == wanted, path
        for path in (detail, f"{scan}/cancel", preview):
            assert house.scoped.post(path).status_code == wanted, path
        started = house.scoped.post("/api/disk-scans", json={"resourceUuids": [one]})
        assert started.status_code == (202 if wanted == 200 else 404)
        assert ("Production" in started.text, "i-1" in started.text) == (False, False) or wanted == 200


def test_whose_a_key_is_is_told_to_who_sees_the_user(house: House) -> None:
    def owners() -> set[str]:
        found = [row["owner"] for row in rows(house.scoped, "/api/findings/secrets")]
        return {owner["user"] if owner else "" for owner in found}

    house.see(Part(accounts=frozenset({LAB})))
    assert owners() == {""}
    house.see(Part(accounts=frozenset({LAB, ACCOUNT})))
    assert owners() == {"ann"}


def test_a_connector_that_is_seen_in_part_keeps_its_settings(house: House) -> None:
    path = f"/api/disk-settings/{house.estate.connectors[ACCOUNT].uuid}"
    house.see(Part(tags=frozenset({"red"})))
    assert house.scoped.get(path).status_code == 200
    refused = house.scoped.put(path, json={"isEnabled": True, "tagKey": "", "budget": {"money": 0}})
    assert refused.status_code == 403
    house.see(Part(accounts=frozenset({LAB})))
    assert house.scoped.get(path).status_code == house.scoped.put(path, json={"hours": 2}).status_code == 404
    house.see(Part(accounts=frozenset({ACCOUNT})))
    assert house.scoped.put(path, json={"hours": 2}).json()["hours"] == 2


def test_only_what_is_seen_is_compared_again(house: House, tmp_path: Path) -> None:
    feed = tmp_path / "debian.json"
    feed.write_text(FEEDS["debian.json"])
    house.estate.world.usecases.disks.context.knowledge.build([feed])
    house.see(Part(accounts=frozenset({LAB})))
    assert house.scoped.post("/api/findings/match").json() == {"disks": 3}
    fixed = [row["resourceUuid"] for row in rows(house.everything, "/api/findings/vulnerabilities?filter=status:FIXED")]
    assert set(fixed) == {str(one.uuid) for (account, _), one in house.found.items() if account == LAB}
