"""What Terraform tells of groups, roles and alerts of a subscription of Azure, and of where its logs go."""

from collections.abc import Mapping

from nephoscope.clouds.exported.terraform.azure_known import PLACE, WHERE, by_id, location, locks
from nephoscope.clouds.exported.terraform.blocks import Block, Read, State, each, fixed, of, said, switch, worded
from nephoscope.clouds.exported.terraform.rows import Row

_RECEIVERS = "_receiver"


def _scope_kind(block: Block, _: State) -> str:
    """Where a role holds, in one word."""
    parts = str(block["scope"]).lower().strip("/").split("/")
    if parts == [""]:
        return "tenant"
    if parts[0] == "providers":
        return "managementGroup"
    return {2: "subscription", 4: "resourceGroup"}.get(len(parts), "resource")


def _guid(block: Block, _: State) -> str:
    return str(block["role_definition_id"]).rpartition("/")[2].lower()


def _actions(key: str) -> Read:
    def read(block: Block, _: State) -> list[str]:
        return sorted({action for row in each(block, "permissions") for action in row[key] or ()})

    return read


def _criterion(key: str) -> Read:
    """In lower case: what is compared."""

    def read(block: Block, _: State) -> str | None:
        found = block["criteria"][0][key]
        return str(found).lower() if found else None

    return read


_CONDITIONS = {
    "category": "category",
    "operation_name": "operationname",
    "level": "level",
    "status": "status",
    "caller": "caller",
    "resource_type": "resourcetype",
    "resource_id": "resourceid",
    "resource_group": "resourcegroup",
    "resource_provider": "resourceprovider",
    "sub_status": "substatus",
}


def _conditions(block: Block, _: State) -> list[dict[str, str]]:
    row = block["criteria"][0]
    return [{"field": name, "equals": str(row[key]).lower()} for key, name in _CONDITIONS.items() if row.get(key)]


def _groups(block: Block, _: State) -> list[str]:
    return [str(row["action_group_id"]).lower() for row in each(block, "action")]


def _scopes(block: Block, _: State) -> list[str]:
    return [str(scope).lower().rstrip("/") for scope in block["scopes"]]


def _receivers(block: Block, _: State) -> int:
    return sum(len(rows) for key, rows in block.items() if key.endswith(_RECEIVERS) and isinstance(rows, list))


def _no_keys(block: Block, _: State) -> bool:
    if "local_authentication_enabled" in block:
        return not block["local_authentication_enabled"]
    return bool(block["local_authentication_disabled"])


_GROUP: Mapping[str, Read] = {
    "region": location,
    "resourceGroupName": said("name"),
    "managedBy": said("managed_by"),
    "locks": locks,
}
_ASSIGNMENT: Mapping[str, Read] = {
    "scope": said("scope"),
    "scopeKind": _scope_kind,
    "roleDefinitionId": said("role_definition_id"),
    "roleGuid": _guid,
    "principalId": said("principal_id"),
    "principalType": said("principal_type"),
    "condition": said("condition"),
}
_DEFINITION: Mapping[str, Read] = {
    "roleName": said("name"),
    "description": said("description"),
    "roleType": fixed("CustomRole"),
    "roleGuid": said("role_definition_id"),
    "assignableScopes": lambda block, _: list(block["assignable_scopes"]),
    "actions": _actions("actions"),
    "notActions": _actions("not_actions"),
    "dataActions": _actions("data_actions"),
    "actionCount": lambda block, state: len(_actions("actions")(block, state)),
}
_ALERT: Mapping[str, Read] = {
    **WHERE,
    "description": said("description"),
    "category": _criterion("category"),
    "operationName": _criterion("operation_name"),
    "enabled": switch("enabled"),
    "scopes": _scopes,
    "actionGroupIds": _groups,
    "conditions": _conditions,
}
_ACTION_GROUP: Mapping[str, Read] = {
    **WHERE,
    "groupShortName": said("short_name"),
    "enabled": switch("enabled"),
    "receiverCount": _receivers,
}
_WORKSPACE: Mapping[str, Read] = {
    **WHERE,
    "customerId": said("workspace_id"),
    "skuName": said("sku"),
    "publicNetworkAccessForIngestion": worded("Enabled", "Disabled", "internet_ingestion_enabled"),
    "publicNetworkAccessForQuery": worded("Enabled", "Disabled", "internet_query_enabled"),
    "disableLocalAuth": _no_keys,
    "retentionInDays": said("retention_in_days"),
}


def _public(block: Block, _: State) -> str:
    """Null is how the provider writes that nobody chose; Azure lets everybody in then."""
    return "Disabled" if of(block, "public_network_access_enabled") is False else "Enabled"


_HUB: Mapping[str, Read] = {
    **PLACE,
    "hostName": said("hostname"),
    "minTlsVersion": said("min_tls_version"),
    "publicNetworkAccess": _public,
    "disableLocalAuth": lambda block, _: of(block, "local_authentication_enabled") is False,
}


ROWS: tuple[Row, ...] = (
    Row(("azurerm_resource_group",), "RESOURCE_GROUP", by_id(), _GROUP),
    Row(("azurerm_role_assignment",), "ROLE_ASSIGNMENT", by_id(), _ASSIGNMENT),
    Row(("azurerm_role_definition",), "ROLE_DEFINITION", by_id("role_definition_resource_id"), _DEFINITION),
    Row(("azurerm_monitor_activity_log_alert",), "ACTIVITY_LOG_ALERT", by_id(), _ALERT),
    Row(("azurerm_monitor_action_group",), "ACTION_GROUP", by_id(), _ACTION_GROUP),
    Row(("azurerm_log_analytics_workspace",), "LOG_ANALYTICS_WORKSPACE", by_id(), _WORKSPACE),
    Row(("azurerm_iothub",), "IOT_HUB", by_id(), _HUB),
)
