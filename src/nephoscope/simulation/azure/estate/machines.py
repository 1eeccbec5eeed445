"""Virtual machines and scale sets: of both systems one that is kept well and one that is not, and what is odd."""

from typing import Any

from nephoscope.simulation.azure.cloud import AzureCloud, Document
from nephoscope.simulation.azure.estate.words import MADE, ROOT, network_id, ref

_COMPUTE = "Microsoft.Compute"
_MACHINES, _SETS = f"{_COMPUTE}/virtualMachines", f"{_COMPUTE}/virtualMachineScaleSets"
_DONE = {"provisioningState": "Succeeded"}
_UBUNTU = {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server", "version": "latest"}
_BIONIC = {"publisher": "Canonical", "offer": "UbuntuServer", "sku": "18.04-LTS", "version": "18.04.202401161"}
_WINDOWS = {"publisher": "MicrosoftWindowsServer", "offer": "WindowsServer", "sku": "2022-datacenter-azure-edition"}
_OLD_WINDOWS = {"publisher": "MicrosoftWindowsServer", "offer": "WindowsServer", "sku": "2012-R2-Datacenter"}
_BY_PLATFORM = {"patchMode": "AutomaticByPlatform", "assessmentMode": "AutomaticByPlatform"}
_TRUSTED = {"securityType": "TrustedLaunch", "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True}}
_PROXY = {"enabled": True, "imds": {"mode": "Enforce"}, "wireServer": {"mode": "Enforce"}}
_GUARDED = {**_TRUSTED, "encryptionAtHost": True, "proxyAgentSettings": _PROXY}
_BOOT = {"bootDiagnostics": {"enabled": True}}
_LINUX = {"disablePasswordAuthentication": True, "provisionVMAgent": True, "patchSettings": _BY_PLATFORM}
_OPEN_LINUX = {"disablePasswordAuthentication": False, "patchSettings": {"patchMode": "ImageDefault"}}
_GOOD_EXTENSIONS = (
    ("Microsoft.Azure.Monitor", "AzureMonitorLinuxAgent", "Succeeded"),
    ("Microsoft.Azure.AzureDefenderForServers", "MDE.Linux", "Succeeded"),
    ("Microsoft.Azure.Security.LinuxAttestation", "GuestAttestation", "Succeeded"),
)
_BAD_EXTENSIONS = (
    ("Microsoft.Azure.Extensions", "CustomScript", "Failed"),
    ("Microsoft.EnterpriseCloud.Monitoring", "OmsAgentForLinux", "Succeeded"),
)
_UPDATES = "providers/Microsoft.Security/assessments/e1145ab1-eb4f-43d8-911b-36ddf771d13f"


def fill(cloud: AzureCloud) -> None:
    _linux(cloud)
    _windows(cloud)
    _legacy(cloud)
    _just_in_time(cloud)
    _scale_sets(cloud)


def _linux(cloud: AzureCloud) -> None:
    good = _machine("vm-shop", _managed(_UBUNTU), {"linuxConfiguration": _LINUX}, "nic-shop", "rg-shop")
    good |= {"securityProfile": _GUARDED, "diagnosticsProfile": _BOOT}
    identity = {"type": "SystemAssigned", "principalId": "0c5d", "tenantId": "7e4a"}
    whole = cloud.add(_MACHINES, "vm-shop", good, group="rg-shop", zones=["1"], identity=identity)
    _extend(cloud, whole, "rg-shop", _GOOD_EXTENSIONS)
    _assess(cloud, whole, "Healthy")
    bad = _machine("vm-lab", _managed(_BIONIC), {"linuxConfiguration": _OPEN_LINUX}, "nic-lab", "rg-lab")
    whole = cloud.add(_MACHINES, "vm-lab", bad, group="rg-lab")
    _extend(cloud, whole, "rg-lab", _BAD_EXTENSIONS)
    _assess(cloud, whole, "Unhealthy")


def _windows(cloud: AzureCloud) -> None:
    """The one is reached from the office, the other by everybody: nothing filters its traffic."""
    office = _rule("office", "203.0.113.0/24", "3389")
    subnet = network_id("virtualNetworks", "vnet-hub/subnets/jump")
    card = network_id("networkInterfaces", "nic-jump")
    known = {"securityRules": [office], "networkInterfaces": [ref(card)], **_DONE}
    guard = cloud.add("Microsoft.Network/networkSecurityGroups", "nsg-jump", known)
    _card(cloud, "nic-jump", "rg-core", subnet, address="20.50.7.7", guard=guard)
    system = {"windowsConfiguration": {"enableAutomaticUpdates": True, "winRM": {"listeners": [{"protocol": "Https"}]}}}
    good = _machine("vm-jump", _managed(_WINDOWS), system, "nic-jump", "rg-core", state="deallocated")
    good |= {"securityProfile": _TRUSTED, "diagnosticsProfile": _BOOT, "availabilitySet": ref(_in("availabilitySets"))}
    identity = {"type": "UserAssigned", "userAssignedIdentities": {}}
    whole = cloud.add(_MACHINES, "vm-jump", good, identity=identity)
    _extend(cloud, whole, "rg-core", (("Microsoft.Azure.Security", "IaaSAntimalware", "Succeeded"),))
    _assess(cloud, whole, "NotApplicable")

    bench = network_id("virtualNetworks", "vnet-bench/subnets/default", "rg-lab")
    _card(cloud, "nic-bench", "rg-lab", bench, address="20.50.7.8")
    system = {"windowsConfiguration": {"enableAutomaticUpdates": False, "winRM": {"listeners": [{"protocol": "Http"}]}}}
    bad = _machine("vm-bench", _managed(_OLD_WINDOWS), system, "nic-bench", "rg-lab")
    cloud.add(_MACHINES, "vm-bench", bad, group="rg-lab", location="eastus")


def _legacy(cloud: AzureCloud) -> None:
    """Two with disks in storage accounts, and one that was made of a disk, of which Azure knows little."""
    subnet = network_id("virtualNetworks", "vnet-hub/subnets/jump")
    for name in ("vm-ledger", "vm-archive", "vm-restored"):
        _card(cloud, f"nic-{name}", "rg-core", subnet)
    for name, is_encrypted in (("vm-ledger", True), ("vm-archive", False)):
        blob = f"https://stlegacy.blob.core.windows.net/vhds/{name}.vhd"
        disk: Document = {"osType": "Linux", "name": f"{name}-os", "createOption": "FromImage", "vhd": {"uri": blob}}
        if is_encrypted:
            disk["encryptionSettings"] = {"enabled": True}
        storage = {"osDisk": disk, "dataDisks": [], "imageReference": _UBUNTU}
        known = _machine(name, storage, {"linuxConfiguration": _LINUX}, f"nic-{name}", "rg-core")
        cloud.add(_MACHINES, name, known)
    restored = _managed(None) | {"osDisk": {"osType": "Linux", "name": "restored", "createOption": "Attach"}}
    known = _machine("vm-restored", restored, None, "nic-vm-restored", "rg-core")
    cloud.add(_MACHINES, "vm-restored", known)


def _in(kind: str) -> str:
    return f"{ROOT}/resourceGroups/rg-core/providers/{_COMPUTE}/{kind}/one"


def _managed(image: Document | None) -> Document:
    disk = {"id": f"{_in('disks')}-os", "storageAccountType": "Premium_LRS"}
    system = {"osType": "Windows" if image and "Windows" in image["offer"] else "Linux", "createOption": "FromImage"}
    data = {"lun": 0, "name": "data", "createOption": "Empty", "managedDisk": {"id": f"{_in('disks')}-data"}}
    return {
        "osDisk": system | {"name": "os", "managedDisk": disk, "diskSizeGB": 30},
        "dataDisks": [data],
        **({"imageReference": image | {"exactVersion": "1.2.3"}} if image else {}),
    }


def _machine(
    name: str, storage: Document, system: Document | None, card: str, group: str, *, state: str = "running"
) -> Document:
    power = {"code": f"PowerState/{state}", "displayStatus": f"VM {state}", "level": "Info"}
    profile = {"computerName": name, "adminUsername": "ops", "allowExtensionOperations": True, **(system or {})}
    return {
        "vmId": f"6a1f-{name}",
        "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
        "storageProfile": storage,
        **({"osProfile": profile} if system is not None else {}),
        "networkProfile": {"networkInterfaces": [ref(network_id("networkInterfaces", card, group))]},
        "extended": {"instanceView": {"powerState": power, "computerName": name, "hyperVGeneration": "V2"}},
        "timeCreated": MADE,
        **_DONE,
    }


def _card(cloud: AzureCloud, name: str, group: str, subnet: str, *, address: str = "", guard: str = "") -> None:
    """An interface; with an address, the internet reaches it there."""
    card = network_id("networkInterfaces", name, group)
    inner: Document = {"privateIPAddress": "10.0.9.4", "subnet": ref(subnet), "primary": True}
    if address:
        public: Document = {
            "ipAddress": address,
            "publicIPAllocationMethod": "Static",
            "publicIPAddressVersion": "IPv4",
        }
        public["ipConfiguration"] = ref(f"{card}/ipConfigurations/main")
        whole = cloud.add(
            "Microsoft.Network/publicIPAddresses", f"pip-{name}", public | _DONE, group=group, sku=_STANDARD
        )
        inner["publicIPAddress"] = ref(whole)
    known: Document = {"ipConfigurations": [{"name": "main", "properties": inner | _DONE}], **_DONE}
    if guard:
        known["networkSecurityGroup"] = ref(guard)
    cloud.add("Microsoft.Network/networkInterfaces", name, known, group=group)


_STANDARD = {"name": "Standard", "tier": "Regional"}


def _rule(name: str, source: str, port: str) -> Document:
    known = {"protocol": "Tcp", "sourceAddressPrefix": source, "destinationAddressPrefix": "*"}
    how = {"destinationPortRange": port, "access": "Allow", "priority": 100, "direction": "Inbound"}
    return {"name": name, "properties": known | how | {"sourcePortRange": "*"} | _DONE}


def _extend(cloud: AzureCloud, machine: str, group: str, rows: tuple[tuple[str, str, str], ...]) -> None:
    for publisher, kind, state in rows:
        known = {"publisher": publisher, "type": kind, "typeHandlerVersion": "1.0", "provisioningState": state}
        known["autoUpgradeMinorVersion"] = "true"
        name = f"{machine.rpartition('/')[2]}/{kind}"
        cloud.add(f"{_MACHINES}/extensions", name, known, group=group)


def _assess(cloud: AzureCloud, machine: str, code: str) -> None:
    found = {"displayName": "System updates should be installed on your machines", "status": {"code": code}}
    details = {"resourceDetails": {"source": "Azure", "id": machine}}
    cloud.put(f"{machine}/{_UPDATES}", {"id": f"{machine}/{_UPDATES}", "properties": found | details})


def _just_in_time(cloud: AzureCloud) -> None:
    """Defender has policies where the jump host is, and no answer for elsewhere."""
    machine = f"{ROOT}/resourceGroups/rg-core/providers/{_MACHINES}/vm-jump"
    port = {"number": 3389, "protocol": "*", "allowedSourceAddressPrefix": "*", "maxRequestAccessDuration": "PT3H"}
    known = {"virtualMachines": [{"id": machine, "ports": [port]}], "requests": [], **_DONE}
    policy = {"name": "default", "kind": "Basic", "location": "westeurope", "properties": known}
    cloud.put_listing(f"{ROOT}/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies", [policy])


def _scale_sets(cloud: AzureCloud) -> None:
    shop = network_id("virtualNetworks", "vnet-shop/subnets/app", "rg-shop")
    bench = network_id("virtualNetworks", "vnet-bench/subnets/default", "rg-lab")
    good = _model(_UBUNTU, _LINUX, shop) | {"securityProfile": _GUARDED, "diagnosticsProfile": _BOOT}
    agent = {"publisher": "Microsoft.Azure.Monitor", "type": "AzureMonitorLinuxAgent", "typeHandlerVersion": "1.33"}
    good["extensionProfile"] = {"extensions": [{"name": "logs", "properties": agent}]}
    bad = _model(_BIONIC, _OPEN_LINUX, bench, publicIPAddressConfiguration={"name": "public"})
    bad["storageProfile"]["osDisk"] = {"osType": "Linux", "vhdContainers": ["https://stlegacy.blob.core.windows.net/v"]}
    upgrades = {"mode": "Automatic", "automaticOSUpgradePolicy": {"enableAutomaticOSUpgrade": True}}
    kept = {"upgradePolicy": upgrades, "automaticRepairsPolicy": {"enabled": True, "gracePeriod": "PT30M"}}
    identity = {"type": "SystemAssigned", "principalId": "0c5e"}
    _set(cloud, "vmss-web", "rg-shop", good, kept, zones=["1", "2", "3"], identity=identity)
    _set(cloud, "vmss-batch", "rg-lab", bad, {"upgradePolicy": {"mode": "Manual"}})
    _set(cloud, "aks-nodes-vmss", "rg-aks-nodes", bad, {}, tags={"aks-managed-poolName": "nodes"})


def _model(image: Document, linux: Document, subnet: str, **inside: Any) -> Document:
    configuration = {"name": "main", "properties": {"subnet": ref(subnet), "primary": True, **inside}}
    card = {"name": "nic", "properties": {"primary": True, "ipConfigurations": [configuration]}}
    return {
        "osProfile": {"computerNamePrefix": "web", "adminUsername": "ops", "linuxConfiguration": linux},
        "storageProfile": {"osDisk": {"osType": "Linux", "createOption": "FromImage"}, "imageReference": image},
        "networkProfile": {"networkInterfaceConfigurations": [card]},
    }


def _set(cloud: AzureCloud, name: str, group: str, model: Document, kept: Document, **more: Any) -> None:
    known = {"virtualMachineProfile": model, "orchestrationMode": "Uniform", "singlePlacementGroup": True, **kept}
    sku = {"name": "Standard_D2s_v5", "tier": "Standard", "capacity": 3}
    cloud.add(_SETS, name, known | _DONE, group=group, sku=sku, **more)
