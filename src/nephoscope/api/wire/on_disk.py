"""What lies on a disk, on the wire (contract §7.5): tallies in lists and details, findings in details.

The keys about secrets appear only on resources on which secrets were found: whoever reads with a fixed set of keys
reads all others as before.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from nephoscope.kit.dates import precise
from nephoscope.model.findings import DiskState, FindingStatus, FoundVulnerability, ListedSecret, Tallies
from nephoscope.model.providers import Provider
from nephoscope.model.secrets import SecretSeverity

_SEVERE = ("3", "4", "5")


class OnDisk(msgspec.Struct, frozen=True):
    """`is_wanted`: its disk is looked into, by itself or because somebody asked."""

    state: DiskState | None
    is_wanted: bool
    shows_secrets: bool = True


def show_disk(row: dict[str, Any], disk: OnDisk) -> None:
    """The tallies. Nothing when the disk was never read or its packages never judged: that is not zero."""
    state = disk.state
    if state is None or state.scanned_on is None:
        return
    if state.knowledge:
        stats = vulnerability_stats(state.tallies)
        if row["cloudType"] == Provider.AZURE:  # clients read these with a fixed set of keys, which has no total
            del stats["totalVulnerability"]
        row["vulnerabilityStats"] = stats
        if "sev3Sev4Sev5VulnCount" in row:
            row["sev3Sev4Sev5VulnCount"] = sum(state.tallies.by_severity.get(name, 0) for name in _SEVERE)
    if state.tallies.secrets_ever and disk.shows_secrets:
        row["hasSecrets"] = state.tallies.secrets > 0
        row["secretStats"] = secret_stats(state.tallies)


def vulnerability_stats(tallies: Tallies) -> dict[str, Any]:
    """As the sample has it: severities and types without any are left out."""
    return {
        "severity": tallies.by_severity,
        "typeDetected": tallies.by_type,
        "totalVulnerability": tallies.vulnerabilities,
    }


def secret_stats(tallies: Tallies) -> dict[str, Any]:
    return {
        "severity": {name.value: tallies.secrets_by_severity.get(name.value, 0) for name in SecretSeverity},
        "totalSecrets": tallies.secrets,
    }


def show_findings(
    row: dict[str, Any], weak: Sequence[FoundVulnerability], lying: Sequence[ListedSecret], *, is_posted: bool
) -> None:
    """Of one resource. Asked with POST, vulnerabilities are called `vulnerability`, in a shape without a status: those
    that are fixed are not there."""
    if is_posted:
        row.pop("vulnerabilities", None)
        row["vulnerability"] = [vulnerability(one) for one in weak if one.status is not FindingStatus.FIXED]
    elif "vulnerabilities" in row:
        row["vulnerabilities"] = [_with_status(one) for one in weak]
    if "secretStats" in row:
        row["secrets"] = [secret(one) for one in lying]


def vulnerability(one: FoundVulnerability) -> dict[str, Any]:
    """As the sample of 2.16 has it."""
    found = one.vulnerability
    return {
        "uuid": one.uuid,
        "resourceId": one.resource_id,
        "name": found.name,
        "qid": found.qid,
        "typeDetected": found.type_detected.value,
        "severity": found.severity,
        "protocol": found.protocol,
        "hostOS": found.host_os,
        "category": found.category,
        "lastFound": precise(one.last_found),
        "firstFound": precise(one.first_found),
        "port": found.port,
    }


def _with_status(one: FoundVulnerability) -> dict[str, Any]:
    """The keys that clients of the older shape accept, and no others."""
    found = one.vulnerability
    return {
        "qid": found.qid,
        "patchAvailable": found.patch_available,
        "exploitability": _exploitability(one),
        "severity": found.severity,
        "customerSeverity": found.severity,
        "lastFound": precise(one.last_found),
        "firstFound": precise(one.first_found),
        "port": found.port,
        "protocol": found.protocol,
        "category": found.category,
        "hostOS": found.host_os,
        "typeDetected": found.type_detected.value,
        "status": one.status.value,
        "disabled": False,
        "ignored": False,
    }


def _exploitability(one: FoundVulnerability) -> str:
    found = one.vulnerability
    if found.kev is not None:
        return f"Known to be exploited since {found.kev.added}."
    return f"EPSS {found.epss:.3f}" if found.epss is not None else "---"


def full_vulnerability(one: FoundVulnerability) -> dict[str, Any]:
    """Everything, for our own listing."""
    found = one.vulnerability
    packages = [
        {
            "name": package.name,
            "version": package.version,
            "fixedVersion": package.fixed_version or None,
            "path": package.path,
        }
        for package in found.packages
    ]
    return vulnerability(one) | {
        "resourceUuid": one.resource_uuid,
        "status": one.status.value,
        "fixedOn": precise(one.fixed_on) if one.fixed_on else None,
        "isFixed": one.status is FindingStatus.FIXED,
        "title": found.title,
        "advisory": found.advisory,
        "source": found.source,
        "published": found.published or None,
        "cves": found.cves,
        "packages": packages,
        "fixedVersion": found.fixed_version or None,
        "patchAvailable": found.patch_available,
        "knownExploited": None
        if found.kev is None
        else {"added": found.kev.added, "due": found.kev.due or None, "ransomware": found.kev.is_ransomware},
        "epss": found.epss,
        "epssPercentile": found.epss_percentile,
        "volumes": one.volumes,
    }


def secret(one: ListedSecret) -> dict[str, Any]:
    """Kind and place; the mask takes a permission of its own and is not here."""
    found = one.secret.found
    return {
        "uuid": one.secret.uuid,
        "type": found.type,
        "severity": found.severity.value,
        "path": found.path,
        "line": found.line,
        "firstFound": precise(one.secret.first_found),
        "lastFound": precise(one.secret.last_found),
        "state": one.secret.state.value,
    }


def full_secret(one: ListedSecret) -> dict[str, Any]:
    """Everything but the mask, for our own listing."""
    found = one.secret.found
    owner = found.owner
    return secret(one) | {
        "resourceUuid": one.secret.resource_uuid,
        "resourceId": one.resource_id,
        "volume": one.volume,
        "rule": found.rule,
        "title": found.title,
        "digest": found.digest,
        "notes": found.notes,
        "times": found.times,
        "account": found.account or None,
        "owner": None
        if owner is None
        else {
            "accountId": owner.account,
            "user": owner.user,
            "userUuid": owner.user_uuid,
            "isActive": owner.is_active,
        },
        "fixedOn": precise(one.fixed_on) if one.fixed_on else None,
    }
