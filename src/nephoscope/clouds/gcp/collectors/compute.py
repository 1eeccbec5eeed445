"""How machines and disks are read: the inventory, and the reports of VM Manager, one call for each zone."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.gcp.collecting import BINDINGS, Calls, Collector, Detail, Place, Raw, assets
from nephoscope.clouds.gcp.shaping import data_of, iso, last, link, picked, placed, resource
from nephoscope.errors import GoneError, NotApplicableError
from nephoscope.model.resources import Document, Observed
from nephoscope.resource_types.gcp import compute as types

_COMPUTE = "compute.googleapis.com"
_INSTANCE, _PROJECT, _DISK = f"{_COMPUTE}/Instance", f"{_COMPUTE}/Project", f"{_COMPUTE}/Disk"
_IMAGE, _SNAPSHOT = f"{_COMPUTE}/Image", f"{_COMPUTE}/Snapshot"
_SWITCHES = {
    "block-project-ssh-keys": "blockProjectSshKeys",
    "serial-port-enable": "serialPortEnable",
    "enable-oslogin": "enableOslogin",
    "enable-osconfig": "enableOsconfig",
    "enable-oslogin-2fa": "enableOslogin2fa",
}
_YES, _NO = frozenset({"true", "1", "yes", "y"}), frozenset({"false", "0", "no", "n"})
_SHIELD = ("enableSecureBoot", "enableVtpm", "enableIntegrityMonitoring")


def _metadata(raw: Mapping[str, Any] | None) -> Mapping[str, str]:
    return {str(row["key"]): str(row.get("value") or "") for row in (raw or {}).get("items") or ()}


def switches(metadata: Mapping[str, str]) -> Document:
    return {name: _switch(metadata.get(key, "")) for key, name in _SWITCHES.items()}


def _switch(text: str) -> bool | None:
    word = text.strip().lower()
    return True if word in _YES else False if word in _NO else None


def _shape_instance(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    metadata = _metadata(data.get("metadata"))
    interfaces = [_interface(row) for row in data.get("networkInterfaces") or ()]
    scheduling: Mapping[str, Any] = data.get("scheduling") or {}
    shield: Mapping[str, Any] = data.get("shieldedInstanceConfig") or {}
    confidential: Mapping[str, Any] = data.get("confidentialInstanceConfig") or {}
    known = {
        **picked(data, ("name", "status", "cpuPlatform", "hostname")),
        "instanceNumber": str(data["id"]) if "id" in data else None,
        "zone": last(str(data.get("zone") or "")),
        "machineType": last(str(data.get("machineType") or "")),
        "externalIpAddress": next((row["natIP"] for row in interfaces if row["natIP"]), None),
        "internalIpAddress": next((row["networkIP"] for row in interfaces if row["networkIP"]), None),
        "canIpForward": bool(data.get("canIpForward")),
        "deletionProtection": bool(data.get("deletionProtection")),
        "isConfidential": bool(
            confidential.get("enableConfidentialCompute") or confidential.get("confidentialInstanceType")
        ),
        "isOfKubernetes": "goog-gke-node" in (data.get("labels") or {}) or "kube-env" in metadata,
        "automaticRestart": bool(scheduling.get("automaticRestart")),
        "preemptible": bool(scheduling.get("preemptible")) or scheduling.get("provisioningModel") == "SPOT",
        "switches": switches(metadata),
        "metadataKeys": sorted(metadata),
        "networkTags": list((data.get("tags") or {}).get("items") or ()),
        "shieldedInstanceConfig": {name: bool(shield.get(name)) for name in _SHIELD},
        "serviceAccounts": [
            {"email": row.get("email"), "scopes": list(row.get("scopes") or ())}
            for row in data.get("serviceAccounts") or ()
        ],
        "networkInterfaces": interfaces,
        "disks": [_attached(row) for row in data.get("disks") or ()],
        "creationTimestamp": iso(data.get("creationTimestamp")),
        "lastStartTimestamp": iso(data.get("lastStartTimestamp")),
    }
    return resource(types.VM_INSTANCE, raw, known, resource_id=placed(raw["name"]))


def _interface(row: Raw) -> Document:
    outside = [*(row.get("accessConfigs") or ()), *(row.get("ipv6AccessConfigs") or ())]
    return {
        **picked(row, ("name", "networkIP")),
        "network": link(row.get("network")),
        "subnetwork": link(row.get("subnetwork")),
        "natIP": next((one.get("natIP") or one.get("externalIpv6") for one in outside), None),
    }


def _attached(row: Raw) -> Document:
    return {
        **picked(row, ("deviceName",)),
        "boot": bool(row.get("boot")),
        "source": link(row.get("source")),
        **_encryption(row.get("diskEncryptionKey")),
    }


def _encryption(key: Mapping[str, Any] | None) -> Document:
    """A key of KMS, or the digest of one that is given with each request; both null when Google keeps the key."""
    return picked(key or {}, ("kmsKeyName", "sha256"))


def _read_vulnerabilities(calls: Calls, raw: Raw) -> Document:
    """Null where VM Manager reports nothing: it is off, or it never heard of the machine."""
    data = data_of(raw)
    zone = last(str(data["zone"]))
    found = calls.shared(f"vulnerabilities {zone}", lambda: _reports(calls, zone)).get(str(data.get("id")))
    known = found and {
        "updateTime": iso(found.get("updateTime")),
        "vulnerabilityCount": len(found.get("vulnerabilities") or ()),
    }
    return {"vulnerabilityReport": known}


def _reports(calls: Calls, zone: str) -> Mapping[str, Raw]:
    """Number of the machine → its report."""
    path = f"v1/projects/{calls.place.account_id}/locations/{zone}/instances/-/vulnerabilityReports"
    try:
        rows = calls.items("osconfig", path, "vulnerabilityReports", permission="osconfig.vulnerabilityReports.list")
        return {str(row["name"]).split("/")[5]: row for row in rows}
    except (GoneError, NotApplicableError):
        return {}


def _shape_project(raw: Raw, place: Place) -> Observed:
    data = data_of(raw)
    metadata = _metadata(data.get("commonInstanceMetadata"))
    known = {
        **picked(data, ("defaultServiceAccount", "defaultNetworkTier")),
        "sharedNetworkStatus": data.get("xpnProjectStatus"),
        "switches": switches(metadata),
        "metadataKeys": sorted(metadata),
    }
    name = str(data.get("name") or place.account_id)
    return resource(types.COMPUTE_PROJECT, raw, known, resource_id=name, name=name)


def _shape_disk(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    known = {
        **picked(data, ("name", "status")),
        "diskType": last(str(data.get("type") or "")),
        "sourceImage": link(data.get("sourceImage")),
        "sizeGb": int(data["sizeGb"]) if "sizeGb" in data else None,
        "users": [link(one) for one in data.get("users") or ()],
        "resourcePolicies": [link(one) for one in data.get("resourcePolicies") or ()],
        "diskEncryptionKey": _encryption(data.get("diskEncryptionKey")),
        "creationTimestamp": iso(data.get("creationTimestamp")),
        "lastAttachTimestamp": iso(data.get("lastAttachTimestamp")),
    }
    return resource(types.COMPUTE_DISK, raw, known, resource_id=placed(raw["name"]))


def _shape_image(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    known = {
        **picked(data, ("name", "status", "family")),
        "diskEncryptionKey": _encryption(data.get("imageEncryptionKey")),
        "creationTimestamp": iso(data.get("creationTimestamp")),
    }
    return resource(types.COMPUTE_IMAGE, raw, known)


def _shape_snapshot(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    known = {
        **picked(data, ("name", "status")),
        "sourceDisk": link(data.get("sourceDisk")),
        "snapshotEncryptionKey": _encryption(data.get("snapshotEncryptionKey")),
        "creationTimestamp": iso(data.get("creationTimestamp")),
    }
    return resource(types.COMPUTE_SNAPSHOT, raw, known)


COLLECTORS = (
    Collector(
        "VM_INSTANCE",
        assets(_INSTANCE),
        _shape_instance,
        (Detail(("vulnerabilityReport",), ("osconfig.vulnerabilityReports.list",), _read_vulnerabilities),),
    ),
    Collector("COMPUTE_PROJECT", assets(_PROJECT), _shape_project),
    Collector("COMPUTE_DISK", assets(_DISK), _shape_disk),
    Collector("COMPUTE_IMAGE", assets(_IMAGE), _shape_image, (BINDINGS,)),
    Collector("COMPUTE_SNAPSHOT", assets(_SNAPSHOT), _shape_snapshot, (BINDINGS,)),
)
ASSET_KINDS = (_INSTANCE, _PROJECT, _DISK, _IMAGE, _SNAPSHOT)
