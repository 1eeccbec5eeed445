"""How Databricks workspaces are read."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.azure.collecting import Calls, Collector, Detail, Place, Raw, resources
from nephoscope.clouds.azure.collectors.diagnostics import diagnostics
from nephoscope.clouds.azure.collectors.key_vault import connections
from nephoscope.clouds.azure.collectors.network import placed
from nephoscope.clouds.azure.shaping import iso, lower, properties, resource
from nephoscope.model.resources import Document, Observed
from nephoscope.resource_types.azure.databricks import DATABRICKS_WORKSPACE

_MICROSOFTS = "Default"
_VERSION = "2024-05-01"


def _shape(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    given = {name: (row or {}).get("value") for name, row in (known.get("parameters") or {}).items()}
    more = {
        **_keys(known, given),
        **_compliance(known.get("enhancedSecurityCompliance") or {}),
        "skuName": (raw.get("sku") or {}).get("name"),
        "publicNetworkAccess": known.get("publicNetworkAccess") or "Enabled",
        "virtualNetworkId": lower(given.get("customVirtualNetworkId")) or None,
        "publicSubnetName": given.get("customPublicSubnetName"),
        "privateSubnetName": given.get("customPrivateSubnetName"),
        "noPublicIp": bool(given.get("enableNoPublicIp")),
        "infrastructureEncryption": bool(given.get("requireInfrastructureEncryption")),
        "storageFirewall": known.get("defaultStorageFirewall") or "Disabled",
        "createdDateTime": iso(known.get("createdDateTime")),
        "privateEndpointConnections": connections(known),
    }
    return resource(DATABRICKS_WORKSPACE, raw, {**known, **more})


def _keys(known: Mapping[str, Any], given: Mapping[str, Any]) -> Document:
    """Of what Databricks keeps, of what clusters keep, and of the workspace's own storage."""
    entities = (known.get("encryption") or {}).get("entities") or {}
    return {
        "servicesKeySource": _source(entities.get("managedServices")),
        "disksKeySource": _source(entities.get("managedDisk")),
        "rootKeySource": _source(given.get("encryption")),
    }


def _source(row: Mapping[str, Any] | None) -> str:
    return str((row or {}).get("keySource") or _MICROSOFTS)


def _compliance(given: Mapping[str, Any]) -> Document:
    """Switches say `Enabled` in `value`; what is not there is off."""
    names = {
        "automaticClusterUpdate": "automaticClusterUpdate",
        "complianceProfile": "complianceSecurityProfile",
        "enhancedMonitoring": "enhancedSecurityMonitoring",
    }
    return {name: (given.get(key) or {}).get("value") == "Enabled" for name, key in names.items()}


def _read_catalog(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """Resource Graph tells it where it knows the version of the interface that does."""
    known = properties(raw)
    found = known if "isUcEnabled" in known else properties(calls.get(raw["id"], _VERSION))
    return {"isUcEnabled": found.get("isUcEnabled")}


_CATALOG = Detail(("isUcEnabled",), ("Microsoft.Databricks/workspaces/read",), _read_catalog)

COLLECTORS = (
    Collector("DATABRICKS_WORKSPACE", resources("microsoft.databricks/workspaces"), _shape, (diagnostics(), _CATALOG)),
)
