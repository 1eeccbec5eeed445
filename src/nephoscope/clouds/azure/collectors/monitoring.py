"""How alerts, and the places where logs are kept, are read."""

from typing import Any

from nephoscope.clouds.azure.collecting import Collector, Place, Raw, resources
from nephoscope.clouds.azure.collectors.key_vault import connections
from nephoscope.clouds.azure.shaping import lower, picked, properties, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.azure import monitoring as types


def _shape_alert(raw: Raw, _: Place) -> Observed:
    known = properties(raw)
    rows = (known.get("condition") or {}).get("allOf") or ()
    conditions = [{"field": lower(row.get("field")), "equals": lower(row.get("equals"))} for row in rows]
    given = {row["field"]: row["equals"] for row in conditions}
    groups = (known.get("actions") or {}).get("actionGroups") or ()
    more = {
        "enabled": known.get("enabled") is not False,
        "category": given.get("category"),
        "operationName": given.get("operationname"),
        "conditions": conditions,
        "scopes": [str(scope).lower().rstrip("/") for scope in known.get("scopes") or ()],
        "actionGroupIds": [str(group["actionGroupId"]).lower() for group in groups],
    }
    return resource(types.ACTIVITY_LOG_ALERT, raw, {**known, **more})


def _shape_group(raw: Raw, _: Place) -> Observed:
    known = properties(raw)
    receivers = [len(rows) for name, rows in known.items() if name.endswith("Receivers") and isinstance(rows, list)]
    return resource(types.ACTION_GROUP, raw, {**known, "receiverCount": sum(receivers)})


def _shape_insights(raw: Raw, _: Place) -> Observed:
    known = properties(raw)
    flags = {name: bool(known.get(name)) for name in ("DisableLocalAuth", "DisableIpMasking")}
    return resource(types.APPLICATION_INSIGHTS, raw, {**known, **flags})


def _shape_workspace(raw: Raw, _: Place) -> Observed:
    known = properties(raw)
    more: dict[str, Any] = {
        "skuName": (known.get("sku") or {}).get("name"),
        "disableLocalAuth": bool((known.get("features") or {}).get("disableLocalAuth")),
    }
    return resource(types.LOG_ANALYTICS_WORKSPACE, raw, {**known, **more})


def _shape_surface(raw: Raw, _: Place) -> Observed:
    return resource(types.EASM_WORKSPACE, raw, picked(properties(raw), ("provisioningState",)))


def _shape_hub(raw: Raw, _: Place) -> Observed:
    known = properties(raw)
    more = {
        "lookupId": raw["id"].lower(),
        "disableLocalAuth": bool(known.get("disableLocalAuth")),
        "publicNetworkAccess": known.get("publicNetworkAccess") or "Enabled",
        "privateEndpointConnections": connections(known),
    }
    return resource(types.IOT_HUB, raw, {**known, **more})


COLLECTORS = (
    Collector("ACTIVITY_LOG_ALERT", resources("microsoft.insights/activitylogalerts"), _shape_alert),
    Collector("ACTION_GROUP", resources("microsoft.insights/actiongroups"), _shape_group),
    Collector("APPLICATION_INSIGHTS", resources("microsoft.insights/components"), _shape_insights),
    Collector("LOG_ANALYTICS_WORKSPACE", resources("microsoft.operationalinsights/workspaces"), _shape_workspace),
    Collector("EASM_WORKSPACE", resources("microsoft.easm/workspaces"), _shape_surface),
    Collector("IOT_HUB", resources("microsoft.devices/iothubs"), _shape_hub),
)
