"""How virtual machines and scale sets are read. What belongs to many machines (interfaces, addresses, extensions,
just-in-time rules) is asked for once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from nephoscope.clouds.azure.collecting import Calls, Collector, Detail, Place, Raw, resources
from nephoscope.clouds.azure.collectors.network import id_in, placed
from nephoscope.clouds.azure.shaping import properties, resource
from nephoscope.errors import CloudError, GoneError, NotApplicableError
from nephoscope.model.resources import Document, Observed
from nephoscope.resource_types.azure import machines as types

_INTERFACES, _ADDRESSES = "Microsoft.Network/networkInterfaces", "Microsoft.Network/publicIPAddresses"
_EXTENSIONS = "Microsoft.Compute/virtualMachines/extensions"
_SECURITY = "2020-01-01"
_UPDATES = "e1145ab1-eb4f-43d8-911b-36ddf771d13f"
"""Defender's assessment of whether system updates are missing, as Update Manager sees it."""


def _shape_machine(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    view = (known.get("extended") or {}).get("instanceView") or {}
    power = view.get("powerState") or {}
    system = known.get("osProfile") or {}
    storage = known.get("storageProfile") or {}
    more = {
        **_system(raw, known),
        "size": (known.get("hardwareProfile") or {}).get("vmSize"),
        "computerName": view.get("computerName") or system.get("computerName"),
        "powerState": power.get("code"),
        "statuses": [_status(power)] if power else [],
        "availabilitySetId": id_in(known, "availabilitySet"),
        "scaleSetId": id_in(known, "virtualMachineScaleSet"),
        "diskEncryptionEnabled": bool(((storage.get("osDisk") or {}).get("encryptionSettings") or {}).get("enabled")),
        "diskIds": _managed(storage),
        "networkInterfaceIds": [str(row["id"]).lower() for row in _interfaces_of(known)],
    }
    return resource(types.VIRTUAL_MACHINE, raw, {**known, **more})


def _status(power: Mapping[str, Any]) -> Document:
    return {name: power.get(name) for name in ("code", "level", "displayStatus", "message", "time")}


def _system(raw: Raw, known: Mapping[str, Any]) -> Document:
    """What a machine and the model of a scale set have in common."""
    storage, system = known.get("storageProfile") or {}, known.get("osProfile") or {}
    linux, windows = system.get("linuxConfiguration"), system.get("windowsConfiguration")
    security = known.get("securityProfile") or {}
    firmware = security.get("uefiSettings") or {}
    boot = (known.get("diagnosticsProfile") or {}).get("bootDiagnostics") or {}
    return {
        "osType": _os_type(storage, system),
        "licenseType": known.get("licenseType"),
        "priority": known.get("priority"),
        "identityType": (raw.get("identity") or {}).get("type"),
        "securityType": security.get("securityType"),
        **_patching(linux, windows),
        "passwordLogin": None if linux is None else not linux.get("disablePasswordAuthentication"),
        "secureBootEnabled": bool(firmware.get("secureBootEnabled")),
        "vTpmEnabled": bool(firmware.get("vTpmEnabled")),
        "encryptionAtHost": bool(security.get("encryptionAtHost")),
        "metadataProtected": _is_protected(security.get("proxyAgentSettings") or {}),
        "bootDiagnosticsEnabled": bool(boot.get("enabled")),
        "zones": sorted(str(zone) for zone in raw.get("zones") or ()),
        "unmanagedDisks": _unmanaged(storage),
        "remoteManagementProtocols": _listeners(windows),
        "imageData": _images(storage),
    }


def _os_type(storage: Mapping[str, Any], system: Mapping[str, Any]) -> str | None:
    found = (storage.get("osDisk") or {}).get("osType")
    if found:
        return str(found)
    if "linuxConfiguration" in system or "windowsConfiguration" in system:
        return "Linux" if system.get("linuxConfiguration") is not None else "Windows"
    return None


def _patching(linux: Mapping[str, Any] | None, windows: Mapping[str, Any] | None) -> Document:
    """Who installs updates, and who looks for them. Windows that nobody asked differently updates itself; what is in
    neither list was made of a disk that Azure knows nothing about."""
    if linux is None and windows is None:
        return {"patchMode": None, "assessmentMode": None}
    given = ((windows or {}) if linux is None else linux).get("patchSettings") or {}
    usual = "AutomaticByOS" if (windows or {}).get("enableAutomaticUpdates") else "Manual"
    return {
        "patchMode": given.get("patchMode") or (usual if linux is None else "ImageDefault"),
        "assessmentMode": given.get("assessmentMode") or "ImageDefault",
    }


def _is_protected(agent: Mapping[str, Any]) -> bool:
    """Whether the metadata service answers only processes that may ask. The mode stood for both of its endpoints once,
    and stands with each of them today."""
    modes = [(agent.get(name) or {}).get("mode") or agent.get("mode") for name in ("imds", "wireServer")]
    return bool(agent.get("enabled")) and all(mode == "Enforce" for mode in modes)


def _disks(storage: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [disk for disk in (storage.get("osDisk"), *(storage.get("dataDisks") or ())) if disk]


def _managed(storage: Mapping[str, Any]) -> list[str]:
    return [found for disk in _disks(storage) if (found := id_in(disk, "managedDisk"))]


def _unmanaged(storage: Mapping[str, Any]) -> list[str]:
    """Names of disks that are blobs in somebody's storage account. Scale sets list containers, not blobs."""
    found = (disk for disk in _disks(storage) if disk.get("vhd") or disk.get("vhdContainers"))
    return sorted(str(disk.get("name") or "os") for disk in found)


def _listeners(windows: Mapping[str, Any] | None) -> list[str]:
    listeners = ((windows or {}).get("winRM") or {}).get("listeners") or ()
    return sorted({str(row.get("protocol")).lower() for row in listeners})


def _images(storage: Mapping[str, Any]) -> list[Document]:
    """A gallery's image has an id, one of the marketplace the rest."""
    image = storage.get("imageReference")
    if not image:
        return []
    kinds = ("id", "sharedGalleryImageId", "communityGalleryImageId")
    whole = next((image[name] for name in kinds if image.get(name)), None)
    version = image.get("exactVersion") or image.get("version")
    return [{"id": whole, "version": version, **{name: image.get(name) for name in ("offer", "publisher", "sku")}}]


def _extension(name: Any, known: Mapping[str, Any]) -> Document:
    return {
        "name": name,
        "publisher": known.get("publisher"),
        "type": known.get("type"),
        "version": known.get("typeHandlerVersion"),
        "provisioningState": known.get("provisioningState"),
        "autoUpgrade": bool(known.get("enableAutomaticUpgrade")),
    }


def _by_id(calls: Calls, kind: str) -> Mapping[str, Raw]:
    """Everything of a kind, by id in lower case."""
    found: Mapping[str, Raw] = calls.shared(
        f"{kind} by id", lambda: {str(row["id"]).lower(): row for row in calls.resources(kind)}
    )
    return found


def _interfaces_of(known: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """References to its interfaces, the primary one first."""
    rows = list((known.get("networkProfile") or {}).get("networkInterfaces") or ())
    return sorted(rows, key=lambda row: not (len(rows) == 1 or properties(row).get("primary")))


def _configurations(calls: Calls, raw: Raw) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each address configuration with its interface, the primary ones first. CloudError for an interface that Resource
    Graph does not show: nobody knows then what it lets in."""
    known = _by_id(calls, _INTERFACES)
    names = [str(row["id"]).lower() for row in _interfaces_of(properties(raw))]
    if unseen := [name for name in names if name not in known]:
        raise CloudError(f"Resource Graph does not show {unseen[0].rpartition('/')[2]}, an interface of the machine.")
    return [
        (properties(known[name]), properties(row))
        for name in names
        for row in sorted(
            properties(known[name]).get("ipConfigurations") or (), key=lambda row: not properties(row).get("primary")
        )
    ]


def _read_interfaces(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    pairs = _configurations(calls, raw)
    public = [found for _, row in pairs if (found := id_in(row, "publicIPAddress"))]
    return {
        "primaryPrivateIPAddress": pairs[0][1].get("privateIPAddress") if pairs else None,
        "primaryPublicIPAddressId": public[0] if public else None,
        "networkSecurityGroupId": id_in(pairs[0][0], "networkSecurityGroup") if pairs else None,
        "publicIpAddressIds": public,
        "subnetIds": sorted({found for _, row in pairs if (found := id_in(row, "subnet"))}),
    }


def _read_address(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    public = [found for _, row in _configurations(calls, raw) if (found := id_in(row, "publicIPAddress"))]
    known = _by_id(calls, _ADDRESSES)
    address = known.get(public[0]) if public else None
    return {"primaryPublicIPAddress": properties(address).get("ipAddress") if address else None}


def _extensions(calls: Calls) -> Mapping[str, list[Document]]:
    """By the id of the machine."""
    found: Mapping[str, list[Document]] = calls.shared(
        "machine extensions", lambda: _grouped(calls.resources(_EXTENSIONS))
    )
    return found


def _grouped(rows: Iterable[Raw]) -> Mapping[str, list[Document]]:
    found: dict[str, list[Document]] = defaultdict(list)
    for row in rows:
        machine = str(row["id"]).lower().rpartition("/extensions/")[0]
        found[machine].append(_extension(row["name"], properties(row)))
    return found


def _read_extensions(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    return {"extensions": _extensions(calls).get(str(raw["id"]).lower(), [])}


def _read_just_in_time(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """The ports that open on request, for a while."""
    place = str(raw["location"]).lower()
    ports: Mapping[str, list[int]] = calls.shared(f"just-in-time ports {place}", lambda: _ports(calls, place))
    return {"justInTimePorts": ports.get(str(raw["id"]).lower(), [])}


def _ports(calls: Calls, place: str) -> Mapping[str, list[int]]:
    """None where Defender is not: it has no policies in every region, nor in every subscription."""
    found: dict[str, set[int]] = defaultdict(set)
    path = f"providers/Microsoft.Security/locations/{place}/jitNetworkAccessPolicies"
    with suppress(GoneError, NotApplicableError):
        for policy in calls.items(path, _SECURITY):
            for machine in properties(policy).get("virtualMachines") or ():
                found[str(machine["id"]).lower()].update(int(row["number"]) for row in machine.get("ports") or ())
    return {machine: sorted(numbers) for machine, numbers in found.items()}


def _read_updates(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """`Healthy`, `Unhealthy` or `NotApplicable`; null while Defender has not looked."""
    status = None
    with suppress(GoneError, NotApplicableError):
        found = calls.get(f"{raw['id']}/providers/Microsoft.Security/assessments/{_UPDATES}", _SECURITY)
        status = (properties(found).get("status") or {}).get("code")
    return {"updatesAssessment": status}


def _shape_scale_set(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    model = known.get("virtualMachineProfile") or {}
    sku, upgrades = raw.get("sku") or {}, known.get("upgradePolicy") or {}
    interfaces = (model.get("networkProfile") or {}).get("networkInterfaceConfigurations") or ()
    addresses = [properties(row) for one in interfaces for row in properties(one).get("ipConfigurations") or ()]
    groups = {group for one in interfaces if (group := _group_of(one))}
    extensions = (model.get("extensionProfile") or {}).get("extensions") or ()
    more = {
        **_system(raw, model),
        "skuName": sku.get("name"),
        "capacity": sku.get("capacity"),
        "managedBy": raw.get("managedBy") or _maker(raw),
        "upgradeMode": upgrades.get("mode"),
        "automaticOsUpgrades": bool((upgrades.get("automaticOSUpgradePolicy") or {}).get("enableAutomaticOSUpgrade")),
        "automaticRepairs": bool((known.get("automaticRepairsPolicy") or {}).get("enabled")),
        "hasPublicAddresses": any(row.get("publicIPAddressConfiguration") for row in addresses),
        "networkSecurityGroupIds": sorted(groups),
        "unfilteredInterfaces": sorted(str(one["name"]) for one in interfaces if not _group_of(one)),
        "subnetIds": sorted({found for row in addresses if (found := id_in(row, "subnet"))}),
        "extensions": [_extension(row.get("name"), properties(row)) for row in extensions],
    }
    return resource(types.VIRTUAL_MACHINE_SCALE_SET, raw, {**known, **more})


def _group_of(interface: Raw) -> str | None:
    return id_in(properties(interface), "networkSecurityGroup")


def _maker(raw: Raw) -> str | None:
    """Kubernetes says in tags which pool a scale set is of."""
    tags = raw.get("tags") or {}
    return next((f"kubernetes:{tags[name]}" for name in ("aks-managed-poolName", "poolName") if tags.get(name)), None)


_INTERFACE_FIELDS = (
    *("primaryPrivateIPAddress", "primaryPublicIPAddressId", "networkSecurityGroupId", "publicIpAddressIds"),
    "subnetIds",
)

COLLECTORS = (
    Collector(
        "VIRTUAL_MACHINE",
        resources("microsoft.compute/virtualmachines"),
        _shape_machine,
        (
            Detail(_INTERFACE_FIELDS, (f"{_INTERFACES}/read",), _read_interfaces),
            Detail(("primaryPublicIPAddress",), (f"{_INTERFACES}/read", f"{_ADDRESSES}/read"), _read_address),
            Detail(("extensions",), (f"{_EXTENSIONS}/read",), _read_extensions),
            Detail(
                ("justInTimePorts",),
                ("Microsoft.Security/locations/jitNetworkAccessPolicies/read",),
                _read_just_in_time,
            ),
            Detail(("updatesAssessment",), ("Microsoft.Security/assessments/read",), _read_updates),
        ),
    ),
    Collector("VIRTUAL_MACHINE_SCALE_SET", resources("microsoft.compute/virtualmachinescalesets"), _shape_scale_set),
)
