"""What lies on disks is exported, followed and kept to those who may see the disk."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from apiworld import ACCOUNT, World
from exports.export_world import content, told
from nephoscope.errors import BadRequestError
from nephoscope.kit.pages import PageRequest
from nephoscope.model.findings import DiskState, ScanState
from nephoscope.model.identities import Reach
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Resource
from nephoscope.model.secrets import FoundSecret, SecretSeverity
from nephoscope.model.vulnerabilities import AffectedPackage, Exploited, TypeDetected, Vulnerability
from nephoscope.store import changes, connectors, disks, found_secrets, resources, vulnerabilities
from nephoscope.store.changes import ChangeKind, Note
from nephoscope.store.disks import Kept
from nephoscope.store.found_secrets import Searched, SeenSecret
from nephoscope.store.vulnerabilities import SeenVulnerability

SECRET = "AKIA-planted-0001"
KEV = Exploited("CVE-2024-1", "2024-05-01")


def weak(qid: int, severity: int = 5, **more: Any) -> Vulnerability:
    package = AffectedPackage(name="openssl", version="3.0.1", fixed_version="3.0.2")
    return Vulnerability(
        qid=qid,
        name=f"Advisory {qid}",
        advisory=f"A-{qid}",
        source="amazon",
        type_detected=TypeDetected.CONFIRMED,
        severity=severity,
        category="Amazon Linux",
        **{"cves": ("CVE-2024-1",), "packages": (package,), "kev": KEV, **more},
    )


def key_on_disk(line: int = 3) -> FoundSecret:
    return FoundSecret(
        rule="aws-access-key",
        title="Access key of AWS",
        type="AWS",
        severity=SecretSeverity.CRITICAL,
        path="/root/.aws/credentials",
        line=line,
        digest="d" * 64,
        preview="AKIA…",
    )


def instances(world: World) -> tuple[Resource, ...]:
    with world.store.read() as reader:
        return resources.page(reader, Provider.AWS, "EC2_INSTANCE", (), PageRequest(0, 9)).rows


def scanned(world: World, resource: Resource, *found: Vulnerability, secrets: Sequence[FoundSecret] = ()) -> None:
    """As a reading of a whole disk leaves it."""
    now = world.clock()
    place = (resource.key, resource.connector_key, resource.uuid)
    everything = Searched(frozenset({"a"}), frozenset({"a"}), is_complete=True)
    with world.store.write() as writer:
        known = disks.get(writer, resource.key)
        before = known.scanned_on if known else None
        vulnerabilities.record(writer, place, [SeenVulnerability(one, ("a",)) for one in found], before=before, now=now)
        seen = [SeenSecret(one, "a") for one in secrets]
        found_secrets.record(writer, place, seen, everything, before=before, now=now)
        state = DiskState(resource_key=resource.key, scanned_on=now, attempted_on=now, state=ScanState.COMPLETE)
        disks.save(writer, resource.connector_key, state, Kept((), (), ""))
        changes.note(writer, [Note(ChangeKind.FINDINGS, resource.connector_key, resource.key)])


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
