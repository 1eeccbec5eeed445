"""Machines, their disks, images and snapshots."""

from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud
from nephoscope.simulation.gcp.estate.network import MAIN, put
from nephoscope.simulation.gcp.estate.words import (
    BASE,
    DEFAULT_ACCOUNT,
    FULL_SCOPE,
    KEY,
    WEB_ACCOUNT,
    ZONE,
    Document,
    private,
    public,
)

_ZONE = f"{BASE}/zones/{ZONE}"
_SHIELD = {"enableSecureBoot": True, "enableVtpm": True, "enableIntegrityMonitoring": True}
HIDDEN = "correct-horse-battery"
"""In a start-up script, which nobody may find in the inventory."""


def metadata(**items: str) -> Document:
    return {"items": [{"key": name.replace("_", "-"), "value": value} for name, value in items.items()]}


def fill(cloud: GcpCloud) -> None:
    common = metadata(enable_oslogin="TRUE", serial_port_enable="1", sshKeys="ann:ssh-rsa AAAA")
    known = {"name": PROJECT, "defaultServiceAccount": DEFAULT_ACCOUNT, "commonInstanceMetadata": common}
    cloud.add("compute.googleapis.com/Project", f"projects/{PROJECT}", known)
    machine(cloud, "web", "1001", _good())
    machine(cloud, "old", "1002", _bad())
    machine(cloud, "gke-node", "1003", _node())
    cloud.put_listing(
        "osconfig",
        f"v1/projects/{PROJECT}/locations/{ZONE}/instances/-/vulnerabilityReports",
        "vulnerabilityReports",
        [_report("1001", 0), _report("1002", 2)],
        "osconfig.vulnerabilityReports.list",
    )
    _disks(cloud)


def machine(cloud: GcpCloud, name: str, number: str, data: Document) -> None:
    known: Document = {
        "id": number,
        "status": "RUNNING",
        "zone": _ZONE,
        "machineType": f"{_ZONE}/machineTypes/e2-medium",
        "lastStartTimestamp": "2026-11-01T00:00:00.000-07:00",
    }
    put(cloud, "Instance", f"zones/{ZONE}/instances/{name}", known | data, location=ZONE)


def _nic(address: str = "") -> list[Document]:
    row: Document = {"name": "nic0", "network": MAIN, "networkIP": "10.0.0.5"}
    return [row | ({"accessConfigs": [{"natIP": address}]} if address else {})]


def _disk(name: str, key: Document | None = None) -> Document:
    row = {"deviceName": name, "boot": name == "boot", "source": f"{_ZONE}/disks/{name}"}
    return row | ({"diskEncryptionKey": key} if key else {})


def _good() -> Document:
    return {
        "networkInterfaces": _nic(),
        "serviceAccounts": [{"email": WEB_ACCOUNT, "scopes": [FULL_SCOPE]}],
        "metadata": metadata(block_project_ssh_keys="TRUE", serial_port_enable="false"),
        "shieldedInstanceConfig": _SHIELD,
        "confidentialInstanceConfig": {"enableConfidentialCompute": True},
        "deletionProtection": True,
        "scheduling": {"automaticRestart": True},
        "disks": [_disk("boot", {"kmsKeyName": KEY})],
        "labels": {"team": "web"},
    }


def _bad() -> Document:
    return {
        "networkInterfaces": _nic("203.0.113.7"),
        "serviceAccounts": [{"email": DEFAULT_ACCOUNT, "scopes": [FULL_SCOPE]}],
        "metadata": metadata(enable_oslogin="FALSE", startup_script=f"mysql -p{HIDDEN}"),
        "canIpForward": True,
        "scheduling": {"automaticRestart": False},
        "disks": [_disk("boot", {"sha256": "c2hh"}), _disk("data")],
    }


def _node() -> Document:
    return _bad() | {"labels": {"goog-gke-node": ""}, "metadata": metadata(kube_env="x")}


def _report(number: str, count: int) -> Document:
    place = f"projects/481516234200/locations/{ZONE}/instances/{number}/vulnerabilityReport"
    rows = [{"details": {"cve": f"CVE-2026-{at}"}} for at in range(count)]
    return {"name": place, "vulnerabilities": rows, "updateTime": "2026-11-20T00:00:00.1Z"}


def _disks(cloud: GcpCloud) -> None:
    daily = f"{BASE}/regions/europe-west1/resourcePolicies/daily"
    used = {
        "sizeGb": "20",
        "type": f"{_ZONE}/diskTypes/pd-ssd",
        "status": "READY",
        "users": [f"{_ZONE}/instances/web"],
        "resourcePolicies": [daily],
        "diskEncryptionKey": {"kmsKeyName": KEY},
    }
    put(cloud, "Disk", f"zones/{ZONE}/disks/boot", used, location=ZONE)
    busy = {"sizeGb": "50", "status": "READY", "users": [f"{_ZONE}/instances/old"]}
    put(cloud, "Disk", f"zones/{ZONE}/disks/data", busy, location=ZONE)
    put(cloud, "Disk", f"zones/{ZONE}/disks/forgotten", {"sizeGb": "500", "status": "READY"}, location=ZONE)
    for name, bindings in (
        ("golden", private("roles/compute.imageUser")),
        ("shared", public("roles/compute.imageUser")),
    ):
        path = f"projects/{PROJECT}/global/images/{name}"
        cloud.add("compute.googleapis.com/Image", path, {"name": name, "status": "READY"}, bindings=bindings)
    for name, bindings in (("nightly", []), ("leaked", public("roles/compute.storageAdmin"))):
        path = f"projects/{PROJECT}/global/snapshots/{name}"
        data = {"name": name, "status": "READY", "sourceDisk": f"{_ZONE}/disks/boot"}
        cloud.add("compute.googleapis.com/Snapshot", path, data, bindings=bindings)
