"""What the parts of the estate have in common: approved endpoints, logs, times."""

from datetime import timedelta

from nephoscope.kit.clock import system_clock
from nephoscope.simulation.azure.cloud import SUBSCRIPTION, AzureCloud, Document

ROOT = f"/subscriptions/{SUBSCRIPTION}"
WORKSPACE = f"{ROOT}/resourceGroups/rg-core/providers/Microsoft.OperationalInsights/workspaces/law-core"
MADE = "2025-02-03T08:14:51.1234567+00:00"


def network_id(kind: str, name: str, group: str = "rg-core") -> str:
    """The id of a resource of Microsoft.Network; below it with more slashes in `name`."""
    return f"{ROOT}/resourceGroups/{group}/providers/Microsoft.Network/{kind}/{name}"


def ref(identity: str) -> Document:
    return {"id": identity}


def days_ago(days: int) -> str:
    """As Azure writes times."""
    return (system_clock() - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.0000000Z")


def put_logs(cloud: AzureCloud, identity: str, *words: str) -> None:
    """A diagnostic setting that sends those categories to the workspace; a word with a capital inside is one category,
    `allLogs` and `audit` are groups of them."""
    logs = [_log(word) for word in words]
    setting = {
        "id": f"{identity}/providers/microsoft.insights/diagnosticSettings/to-workspace",
        "type": "Microsoft.Insights/diagnosticSettings",
        "name": "to-workspace",
        "location": None,
        "kind": None,
        "tags": None,
        "properties": {
            "storageAccountId": None,
            "serviceBusRuleId": None,
            "workspaceId": WORKSPACE,
            "eventHubAuthorizationRuleId": None,
            "eventHubName": None,
            "metrics": [{"category": "AllMetrics", "enabled": True, "retentionPolicy": {"enabled": False, "days": 0}}],
            "logs": logs,
            "logAnalyticsDestinationType": None,
        },
    }
    cloud.put_listing(f"{identity}/providers/Microsoft.Insights/diagnosticSettings", [setting])


def _log(word: str) -> Document:
    name = "categoryGroup" if word in {"allLogs", "audit"} else "category"
    other = "category" if name == "categoryGroup" else "categoryGroup"
    return {name: word, other: None, "enabled": True, "retentionPolicy": {"enabled": False, "days": 0}}


def endpoint(name: str, status: str) -> Document:
    """A private endpoint connection of a service."""
    return {
        "id": f"{network_id('privateEndpoints', name)}/connection",
        "name": name,
        "properties": {
            "provisioningState": "Succeeded",
            "privateEndpoint": ref(network_id("privateEndpoints", name)),
            "privateLinkServiceConnectionState": {"status": status, "description": "", "actionRequired": "None"},
        },
    }
