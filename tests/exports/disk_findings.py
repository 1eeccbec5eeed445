"""Findings as a reading of a disk leaves them."""

from collections.abc import Sequence
from typing import Any

from apiworld import World
from nephoscope.kit.pages import PageRequest
from nephoscope.model.findings import DiskState, ScanState
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Resource
from nephoscope.model.secrets import FoundSecret, SecretSeverity
from nephoscope.model.vulnerabilities import AffectedPackage, Exploited, TypeDetected, Vulnerability
from nephoscope.store import disks, found_secrets, resources, vulnerabilities
from nephoscope.store.changelog import changes
from nephoscope.store.changelog.changes import ChangeKind, Note
from nephoscope.store.disks import Kept
from nephoscope.store.found_secrets import Searched, SeenSecret
from nephoscope.store.vulnerabilities import SeenVulnerability

KEV = Exploited("CVE-2024-1", "2024-05-01")


def weak(qid: int, severity: int = 5, **more: Any) -> Vulnerability:
    package = AffectedPackage(name="openssl", version="3.0.1", fixed_version="3.0.2")
    usual: dict[str, Any] = {
        "type_detected": TypeDetected.CONFIRMED,
        "category": "Amazon Linux",
        "cves": ("CVE-2024-1",),
        "packages": (package,),
        "kev": KEV,
    }
    name = f"Advisory {qid}"
    return Vulnerability(
        qid=qid, severity=severity, name=name, advisory=f"A-{qid}", source="amazon", **{**usual, **more}
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
        state = DiskState(
            resource_key=resource.key, scanned_on=now, attempted_on=now, state=ScanState.COMPLETE, knowledge="of today"
        )
        disks.save(writer, resource.connector_key, state, Kept((), (), ""))
        changes.note(writer, [Note(ChangeKind.FINDINGS, resource.connector_key, resource.key)])
