"""Defender for Cloud as the subscription has it: plans, contacts, settings, alerts."""

from collections.abc import Iterable

from nephoscope.simulation.azure.cloud import AzureCloud, Document
from nephoscope.simulation.azure.estate.monitoring import HUBS
from nephoscope.simulation.azure.estate.words import ROOT, days_ago

SECURITY = f"{ROOT}/providers/Microsoft.Security"
PLANS = f"{SECURITY}/pricings"
_BOUGHT = {
    "VirtualMachines": ("P2", ("AgentlessVmScanning", "MdeDesignatedSubscription")),
    "SqlServers": (None, ()),
    "OpenSourceRelationalDatabases": (None, ()),
    "StorageAccounts": ("DefenderForStorageV2", ("OnUploadMalwareScanning",)),
    "Containers": (None, ("ContainerRegistriesVulnerabilityAssessments",)),
    "KeyVaults": ("PerKeyVault", ()),
}
_FREE = ("AppServices", "SqlServerVirtualMachines", "CosmosDbs", "Arm", "CloudPosture", "Api")
_GONE = ("Dns", "KubernetesService", "ContainerRegistry")
_OFF = {
    "VirtualMachines": ("FileIntegrityMonitoring",),
    "StorageAccounts": ("SensitiveDataDiscovery",),
    "Containers": ("AgentlessDiscoveryForKubernetes",),
}


def fill(cloud: AzureCloud) -> None:
    plans = [plan(name, size, on, _OFF.get(name, ())) for name, (size, on) in _BOUGHT.items()]
    cloud.put_listing(PLANS, [*plans, *map(free, _FREE), *(free(name, is_gone=True) for name in _GONE)])
    cloud.put_listing(f"{SECURITY}/securityContacts", [contact()])
    _settings(cloud)
    _alerts(cloud)


def plan(name: str, size: str | None = None, on: Iterable[str] = (), off: Iterable[str] = ()) -> Document:
    """A plan that is paid for, with parts of it that are on and off."""
    parts = [{"name": one, "isEnabled": "True"} for one in on] + [{"name": one, "isEnabled": "False"} for one in off]
    known: Document = {"pricingTier": "Standard", "freeTrialRemainingTime": "PT0S", "extensions": parts or None}
    return _plan(name, {**known, "subPlan": size} if size else known)


def free(name: str, *, is_gone: bool = False) -> Document:
    known: Document = {"pricingTier": "Free", "freeTrialRemainingTime": "P30D"}
    return _plan(name, {**known, "deprecated": True, "replacedBy": ["Containers"]} if is_gone else known)


def _plan(name: str, known: Document) -> Document:
    return {"id": f"{PLANS}/{name}", "name": name, "type": "Microsoft.Security/pricings", "properties": known}


def contact(emails: str = "security@meridian.example", **more: object) -> Document:
    """Mail goes to the desk when alerts are severe; owners, and attack paths, are left out."""
    known: Document = {
        "emails": emails,
        "phone": "",
        "isEnabled": True,
        "notificationsByRole": {"state": "Off", "roles": ["Owner"]},
        "notificationsSources": [{"sourceType": "Alert", "minimalSeverity": "High"}],
        **more,
    }
    kind = "Microsoft.Security/securityContacts"
    return {"id": f"{SECURITY}/securityContacts/default", "name": "default", "type": kind, "properties": known}


def _settings(cloud: AzureCloud) -> None:
    """Defender for Endpoint is joined, Defender for Cloud Apps is not."""
    for name in ("settings", "autoProvisioningSettings", "serverVulnerabilityAssessmentsSettings"):
        cloud.put_listing(f"{SECURITY}/{name}", _SETTINGS[name])
    known: Document = {"displayName": "Harbour", "status": "Enabled", "iotHubs": [f"{HUBS}/iot-harbour"]}
    solutions = f"{ROOT}/resourceGroups/rg-lab/providers/Microsoft.Security/iotSecuritySolutions"
    row: Document = {"id": f"{solutions}/harbour", "name": "harbour", "location": "westeurope", "properties": known}
    cloud.put_listing(f"{SECURITY}/iotSecuritySolutions", [row])


_SETTINGS: dict[str, list[Document]] = {
    "settings": [
        {"name": "WDATP", "kind": "DataExportSettings", "properties": {"enabled": True}},
        {"name": "MCAS", "kind": "DataExportSettings", "properties": {"enabled": False}},
        {"name": "Sentinel", "kind": "AlertSyncSettings", "properties": {"enabled": False}},
    ],
    "autoProvisioningSettings": [{"name": "default", "properties": {"autoProvision": "Off"}}],
    "serverVulnerabilityAssessmentsSettings": [
        {"name": "AzureServersSetting", "kind": "AzureServersSetting", "properties": {"selectedProvider": "MdeTvm"}}
    ],
}


def alert(name: str, about: str, days: int, status: str = "Active") -> Document:
    """An alert about a resource, raised so many days ago."""
    known: Document = {
        "alertType": "Storage.Blob_AnonymousAccessAnomaly",
        "alertDisplayName": "Access from an unusual location",
        "severity": "Medium",
        "status": status,
        "timeGeneratedUtc": days_ago(days),
        "startTimeUtc": days_ago(days),
        "resourceIdentifiers": [
            {"type": "LogAnalytics", "workspaceId": "9a0d3c1b-52f1-4a1c-8a52-61a0e6f3c2d4"},
            {"type": "AzureResource", "azureResourceId": about},
        ],
    }
    base = f"{SECURITY}/locations/westeurope/alerts"
    return {"id": f"{base}/{name}", "name": name, "type": "Microsoft.Security/Locations/alerts", "properties": known}


def _alerts(cloud: AzureCloud) -> None:
    """One about an account that nobody looked at for a month, one of yesterday, one that was settled."""
    account = f"{ROOT}/resourceGroups/rg-lab/providers/Microsoft.Storage/storageAccounts/stmeridianlab"
    machine = f"{ROOT}/resourceGroups/rg-lab/providers/Microsoft.Compute/virtualMachines/vm-lab"
    rows = [
        alert("2518-a", account, 1),
        alert("2518-b", account, 31),
        alert("2518-c", account, 90, "Resolved"),
        alert("2518-d", machine, 60),
    ]
    cloud.put_listing(f"{SECURITY}/alerts", rows)
