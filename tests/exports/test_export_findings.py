"""What lies on disks is exported, followed and kept to those who may see the disk."""

from datetime import timedelta

import msgspec
import pytest

from apiworld import ACCOUNT, World
from exports.disk_findings import instances, key_on_disk, scanned, weak
from exports.export_world import content, told
from nephoscope.errors import BadRequestError
from nephoscope.model.identities import Reach
from nephoscope.store import connectors


def test_both_kinds_are_told_without_the_preview(world: World) -> None:
    first, *_ = instances(world)
    scanned(world, first, weak(7), secrets=[key_on_disk()])
    rows, _ = told(world, "findings")
    assert [(row["kind"], row["status"], row["severity"]) for row in rows] == [
        ("vulnerability", "NEW", "5"),
        ("secret", "NEW", "CRITICAL"),
    ]
    assert rows[0]["cves"] == ["CVE-2024-1"]
    assert rows[0]["knownExploited"] == "true"
    assert {row["accountId"] for row in rows} == {ACCOUNT}
    assert (rows[1]["path"], rows[1]["line"]) == ("/root/.aws/credentials", 3)
    assert b"AKIA" not in content(world, "findings")


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("vulnerability.severity:5", ["vulnerability"]),
        ("vulnerability.severity:[1 .. 4]", []),
        ("vulnerability.cve:CVE-2024-1 and vulnerability.package:openssl", ["vulnerability"]),
        ("vulnerability.exploited:true", ["vulnerability"]),
        ("secret.type:AWS", ["secret"]),
        ("finding.kind:secret or vulnerability.qid:7", ["vulnerability", "secret"]),
        ("not finding.kind:secret", ["vulnerability"]),
    ],
)
def test_a_filter_chooses(world: World, query: str, kinds: list[str]) -> None:
    first, *_ = instances(world)
    scanned(world, first, weak(7), secrets=[key_on_disk()])
    assert [row["kind"] for row in told(world, "findings", query=query)[0]] == kinds


def test_who_follows_hears_what_was_fixed_and_what_is_gone(world: World) -> None:
    first, *_ = instances(world)
    scanned(world, first, weak(7), weak(8))
    _, cursor = told(world, "findings")
    assert told(world, "findings", since=cursor)[0] == []
    world.clock.now += timedelta(hours=1)
    scanned(world, first, weak(7))
    rows, cursor = told(world, "findings", since=cursor)
    assert {row["qid"]: row["status"] for row in rows} == {7: "ACTIVE", 8: "FIXED"}
    assert all(row["change"] == "changed" for row in rows)
    with world.store.write() as writer:
        connectors.delete(writer, [first.connector_key])
    gone, _ = told(world, "findings", since=cursor)
    mine = [row for row in gone if row["resourceUuid"] == str(first.uuid)]
    assert [(row["change"], row["uuid"]) for row in mine] == [("removed", None)]


def test_who_sees_another_part_sees_none(world: World) -> None:
    first, *_ = instances(world)
    scanned(world, first, weak(7), secrets=[key_on_disk()])
    assert told(world, "findings", reach=Reach(accounts=frozenset({"999999999999"})))[0] == []
    assert len(told(world, "findings", reach=Reach(accounts=frozenset({ACCOUNT})))[0]) == 2


def test_every_flat_format_has_the_same_columns(world: World) -> None:
    first, *_ = instances(world)
    scanned(world, first, weak(7), secrets=[key_on_disk()])
    head = content(world, "findings", "csv").splitlines()[0].decode()
    names = [name.strip('"') for name in head.split(",")]
    (row, *_) = content(world, "findings").splitlines()
    assert names == list(msgspec.json.decode(row))
    assert content(world, "findings", "parquet")[:4] == b"PAR1"
    with pytest.raises(BadRequestError, match="findings cannot be ocsf; they can be csv, jsonl, parquet"):
        content(world, "findings", "ocsf")
