"""Alerts of the activity log and whom they tell, workspaces, Application Insights, IoT hubs."""

from nephoscope.simulation.azure.cloud import AzureCloud, Document
from nephoscope.simulation.azure.estate.words import ROOT, WORKSPACE, endpoint

_INSIGHTS, _LOGS = "Microsoft.Insights", "Microsoft.OperationalInsights/workspaces"
_GROUP = f"{ROOT}/resourceGroups/rg-core/providers/microsoft.insights/actionGroups"
HUBS = f"{ROOT}/resourceGroups/rg-lab/providers/Microsoft.Devices/IotHubs"


def fill(cloud: AzureCloud) -> None:
    _alerts(cloud)
    _groups(cloud)
    _components(cloud)
    _workspaces(cloud)
    _hubs(cloud)
    cloud.add("Microsoft.Easm/workspaces", "easm-meridian", {"provisioningState": "Succeeded"})


def add_alert(
    cloud: AzureCloud,
    name: str,
    *conditions: Document,
    category: str = "Administrative",
    scope: str = ROOT,
    enabled: bool = True,
    groups: tuple[str, ...] = ("ag-security",),
) -> str:
    """An alert of the activity log; Azure writes ids of action groups in whatever case it was given."""
    rows: list[Document] = [{"field": "category", "equals": category}, *conditions]
    known: Document = {
        "scopes": [scope],
        "condition": {"allOf": rows},
        "actions": {
            "actionGroups": [{"actionGroupId": f"{_GROUP}/{group}", "webhookProperties": {}} for group in groups]
        },
        "enabled": enabled,
        "description": f"Tells of {name}.",
    }
    return cloud.add(f"{_INSIGHTS}/activityLogAlerts", name, known, location="global")


def doing(operation: str) -> Document:
    return {"field": "operationName", "equals": operation}


def _alerts(cloud: AzureCloud) -> None:
    """Good ones; then one that is off, one of a single group, one that is narrowed, one that tells nobody."""
    add_alert(cloud, "policy-assigned", doing("Microsoft.Authorization/policyAssignments/write"))
    add_alert(cloud, "policy-removed", doing("microsoft.authorization/policyassignments/delete"), scope=f"{ROOT}/")
    add_alert(cloud, "nsg-changed", doing("Microsoft.Network/networkSecurityGroups/write"))
    add_alert(cloud, "solution-changed", doing("Microsoft.Security/securitySolutions/write"))
    add_alert(cloud, "sql-rule-changed", doing("Microsoft.Sql/servers/firewallRules/write"))
    add_alert(cloud, "address-changed", doing("Microsoft.Network/publicIPAddresses/write"))
    add_alert(cloud, "azure-is-down", category="ServiceHealth")
    add_alert(cloud, "nsg-removed", doing("Microsoft.Network/networkSecurityGroups/delete"), enabled=False)
    lab = f"{ROOT}/resourceGroups/rg-lab"
    add_alert(cloud, "solution-removed", doing("Microsoft.Security/securitySolutions/delete"), scope=lab)
    failures: Document = {"field": "status", "containsAny": ["failed"]}
    add_alert(cloud, "sql-rule-removed", doing("Microsoft.Sql/servers/firewallRules/delete"), failures)
    add_alert(cloud, "machine-removed", doing("Microsoft.Compute/virtualMachines/delete"), groups=())


def _groups(cloud: AzureCloud) -> None:
    kinds = ("smsReceivers", "webhookReceivers", "azureAppPushReceivers", "logicAppReceivers", "armRoleReceivers")
    nobody: Document = {"emailReceivers": [], **{kind: [] for kind in kinds}}
    mail = {"name": "desk", "emailAddress": "security@meridian.example", "status": "Enabled"}
    for name, enabled, mails in (
        ("ag-security", True, [mail]),
        ("ag-asleep", False, [mail]),
        ("ag-nobody", True, []),
    ):
        known: Document = {**nobody, "groupShortName": name[3:15], "enabled": enabled, "emailReceivers": mails}
        cloud.add(f"{_INSIGHTS}/actionGroups", name, known, location="global")


def _components(cloud: AzureCloud) -> None:
    known: Document = {
        "Application_Type": "web",
        "AppId": "6c0e0d2a-5f0e-4b62-9c0f-0f6f8d0f3a11",
        "IngestionMode": "LogAnalytics",
        "WorkspaceResourceId": WORKSPACE,
        "RetentionInDays": 90,
        "publicNetworkAccessForIngestion": "Enabled",
        "publicNetworkAccessForQuery": "Enabled",
        "DisableLocalAuth": True,
    }
    cloud.add(f"{_INSIGHTS}/components", "appi-shop", known, group="rg-shop", kind="web")


def _workspaces(cloud: AzureCloud) -> None:
    for name, days, closed in (("law-core", 365, True), ("law-lab", 30, False)):
        known: Document = {
            "customerId": "9a0d3c1b-52f1-4a1c-8a52-61a0e6f3c2d4",
            "provisioningState": "Succeeded",
            "sku": {"name": "PerGB2018"},
            "retentionInDays": days,
            "features": {"legacy": 0, "enableLogAccessUsingOnlyResourcePermissions": True, "disableLocalAuth": closed},
            "workspaceCapping": {"dailyQuotaGb": -1.0},
            "publicNetworkAccessForIngestion": "Disabled" if closed else "Enabled",
            "publicNetworkAccessForQuery": "Enabled",
        }
        cloud.add(_LOGS, name, known)


def _hubs(cloud: AzureCloud) -> None:
    """Defender watches the first one (`subscription.py`)."""
    for name, closed in (("iot-harbour", True), ("iot-trial", False)):
        known: Document = {
            "hostName": f"{name}.azure-devices.net",
            "state": "Active",
            "minTlsVersion": "1.2" if closed else None,
            "publicNetworkAccess": "Disabled" if closed else "Enabled",
            "disableLocalAuth": closed,
            "privateEndpointConnections": [endpoint(f"pe-{name}", "Approved" if closed else "Pending")],
        }
        cloud.add("Microsoft.Devices/IotHubs", name, known, group="rg-lab", sku={"name": "S1", "tier": "Standard"})
