"""Diagnostic settings: where a resource sends its logs."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.azure.collecting import Calls, Detail, Raw
from nephoscope.clouds.azure.shaping import picked, properties

PERMISSIONS = ("Microsoft.Insights/diagnosticSettings/read",)
VERSION = "2021-05-01-preview"
_TARGETS = ("workspaceId", "eventHubAuthorizationRuleId", "marketplacePartnerId", "storageAccountId")


def diagnostics(field: str = "diagnosticSettings", below: str = "") -> Detail:
    """The settings of the resource, or of its part `below` (`/blobServices/default`)."""

    def read(calls: Calls, raw: Raw) -> Mapping[str, Any]:
        path = f"{raw['id']}{below}/providers/Microsoft.Insights/diagnosticSettings"
        return {field: [setting(row) for row in calls.items(path, VERSION)]}

    return Detail((field,), PERMISSIONS, read)


def setting(raw: Raw) -> dict[str, Any]:
    """`categories` are the logs that are sent; `allLogs` and `audit` stand for many."""
    known = properties(raw)
    logs = known.get("logs") or ()
    sent = sorted(str(log.get("category") or log.get("categoryGroup")) for log in logs if log.get("enabled"))
    return {"name": raw["name"], **picked(known, _TARGETS), "categories": sent}
