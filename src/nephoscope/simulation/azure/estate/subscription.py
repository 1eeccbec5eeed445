"""The subscription itself: groups and locks, who may do what, policies, where its log goes, reviews of access."""

from nephoscope.simulation.azure.cloud import TENANT, AzureCloud, Document
from nephoscope.simulation.azure.estate import defender
from nephoscope.simulation.azure.estate.directory import ANN, BEN, CAM, PLATFORM, READERS
from nephoscope.simulation.azure.estate.words import ROOT, WORKSPACE

OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
ACCESS_ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
MACHINE_LOGIN = "1c0163c0-47e6-4577-8991-ea5c82e286e4"
LOCKSMITH = "77aa0000-1111-4222-8333-444455556666"
ASSIGNMENTS = f"{ROOT}/providers/Microsoft.Authorization/roleAssignments"
REVIEWS = f"{ROOT}/providers/Microsoft.Authorization/accessReviewScheduleDefinitions"
LOG_SETTINGS = f"{ROOT}/providers/Microsoft.Insights/diagnosticSettings"
PROFILES = f"{ROOT}/providers/Microsoft.Insights/logprofiles"
POLICIES = f"{ROOT}/providers/Microsoft.Authorization/policyAssignments"
TENANT_POLICY = "/providers/Microsoft.Subscription/policies/default"
BENCHMARK = "/providers/Microsoft.Authorization/policySetDefinitions/1f3afdf9-d0c9-4c3d-847f-89da613e70a8"
_DEPLOYER = "000000b1-1111-4222-8333-444455556666"
_GROUPS = {"rg-core": "westeurope", "rg-shop": "northeurope", "rg-data": "westeurope", "rg-lab": "eastus"}


def fill(cloud: AzureCloud) -> None:
    _groups(cloud)
    cloud.put_listing(f"{ROOT}/providers/Microsoft.Authorization/roleDefinitions", [_locksmith(), _everything()])
    _assignments(cloud)
    _reviews(cloud)
    _policies(cloud)
    _activity_log(cloud)
    defender.fill(cloud)


def _groups(cloud: AzureCloud) -> None:
    rows = [
        {
            "id": f"{ROOT}/resourceGroups/{name}",
            "name": name,
            "type": "Microsoft.Resources/resourceGroups",
            "location": location,
            "tags": {"stage": "lab" if name == "rg-lab" else "production"},
            "properties": {"provisioningState": "Succeeded"},
        }
        for name, location in _GROUPS.items()
    ]
    cloud.put_listing(f"{ROOT}/resourcegroups", rows)
    kept = _lock(f"{ROOT}/resourceGroups/rg-core", "keep", "CanNotDelete")
    cloud.put_listing(f"{ROOT}/providers/Microsoft.Authorization/locks", [kept])


def _lock(scope: str, name: str, level: str) -> Document:
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/locks/{name}",
        "name": name,
        "type": "Microsoft.Authorization/locks",
        "properties": {"level": level, "notes": "Ask the owners first."},
    }


def _definition(guid: str, name: str, actions: list[str], scope: str) -> Document:
    rights = {"actions": actions, "notActions": [], "dataActions": [], "notDataActions": []}
    return {
        "id": f"{ROOT}/providers/Microsoft.Authorization/roleDefinitions/{guid}",
        "name": guid,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": name,
            "type": "CustomRole",
            "description": "Made by the platform team.",
            "assignableScopes": [scope],
            "permissions": [rights],
            "createdOn": "2024-05-06T07:08:09.1234567Z",
            "updatedOn": "2024-06-06T07:08:09.1234567Z",
        },
    }


def _locksmith() -> Document:
    return _definition(LOCKSMITH, "Locksmith", ["Microsoft.Authorization/locks/*", "*/read"], ROOT)


def _everything() -> Document:
    return _definition("77aa0001-1111-4222-8333-444455556666", "Does everything", ["*"], ROOT)


def assigned(number: int, role: str, principal: str, kind: str, scope: str = ROOT) -> Document:
    """A role assignment; `number` tells it from the others."""
    name = f"a551000{number}-1111-4222-8333-444455556666"
    return {
        "id": f"{scope.rstrip('/')}/providers/Microsoft.Authorization/roleAssignments/{name}",
        "name": name,
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId": f"{ROOT}/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "principalId": principal,
            "principalType": kind,
            "scope": scope,
            "condition": None,
            "conditionVersion": None,
            "createdOn": "2025-01-02T03:04:05.1234567Z",
            "updatedOn": "2025-01-02T03:04:05.1234567Z",
            "createdBy": ANN,
            "updatedBy": ANN,
        },
    }


def _assignments(cloud: AzureCloud) -> None:
    """Two owners, one of whom has left; a deployer that gives rights to anybody; Cam, who still administers all of the
    tenant's access and logs in to a machine with a password alone."""
    lab = f"{ROOT}/resourceGroups/rg-lab"
    machine = f"{lab}/providers/Microsoft.Compute/virtualMachines/vm-lab"
    rows = [
        assigned(1, OWNER, ANN, "User"),
        assigned(2, OWNER, BEN, "User"),
        assigned(3, CONTRIBUTOR, PLATFORM, "Group"),
        assigned(4, ACCESS_ADMINISTRATOR, _DEPLOYER, "ServicePrincipal"),
        assigned(5, ACCESS_ADMINISTRATOR, CAM, "User", "/"),
        assigned(6, READER, READERS, "Group", f"{ROOT}/resourceGroups/rg-shop"),
        assigned(7, MACHINE_LOGIN, CAM, "User", machine),
        assigned(8, MACHINE_LOGIN, ANN, "User", lab),
        assigned(9, LOCKSMITH, PLATFORM, "Group"),
    ]
    cloud.put_listing(ASSIGNMENTS, rows)


def reviewed(
    role: str, *, status: str = "InProgress", repeats: str | None = "absoluteMonthly", whom: str = "user,group"
) -> Document:
    """A review of a role in the subscription."""
    pattern = {"type": repeats, "interval": 3} if repeats else None
    return {
        "id": f"{REVIEWS}/{role}",
        "name": role,
        "type": "Microsoft.Authorization/accessReviewScheduleDefinitions",
        "properties": {
            "displayName": f"Holders of {role[:8]}",
            "status": status,
            "scope": {
                "resourceId": ROOT,
                "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
                "principalType": whom,
                "assignmentState": "active",
            },
            "settings": {
                "mailNotificationsEnabled": True,
                "recurrence": {"pattern": pattern, "range": {"type": "noEnd", "startDate": "2025-03-01T00:00:00Z"}},
            },
        },
    }


def _reviews(cloud: AzureCloud) -> None:
    """Owners and contributors are looked at again and again, who gives rights only once."""
    rows = [reviewed(OWNER), reviewed(CONTRIBUTOR), reviewed(ACCESS_ADMINISTRATOR, status="Applied", repeats=None)]
    cloud.put_listing(REVIEWS, rows)


def _policies(cloud: AzureCloud) -> None:
    """The benchmark's initiative with one policy switched off, beside one that is gone anyway."""
    parameters = {"gone": {"value": "Disabled"}, "diskEncryption": {"value": "Disabled"}, "jit": {"value": "Audit"}}
    cloud.put_listing(POLICIES, [policy_assignment("SecurityCenterBuiltIn", BENCHMARK, parameters), _tagging()])
    effect: Document = {"type": "String", "defaultValue": "AuditIfNotExists", "metadata": {}}
    rows = {"diskEncryption": effect, "jit": effect, "gone": {**effect, "metadata": {"deprecated": True}}}
    cloud.put(BENCHMARK, {"id": BENCHMARK, "name": BENCHMARK[-36:], "properties": {"parameters": rows}})
    said = {"policyId": TENANT, "blockSubscriptionsLeavingTenant": True, "blockSubscriptionsIntoTenant": False}
    cloud.put(TENANT_POLICY, {"name": "default", "properties": {**said, "exemptedPrincipals": []}})


def policy_assignment(name: str, definition: str, parameters: Document) -> Document:
    return {
        "id": f"{POLICIES}/{name}",
        "name": name,
        "type": "Microsoft.Authorization/policyAssignments",
        "properties": {
            "displayName": name,
            "policyDefinitionId": definition,
            "scope": ROOT,
            "enforcementMode": "Default",
            "parameters": parameters,
        },
    }


def _tagging() -> Document:
    return policy_assignment("tags", "/providers/Microsoft.Authorization/policyDefinitions/tags", {})


def log_setting(name: str, *categories: str, account: str | None = None) -> Document:
    """A diagnostic setting of the subscription that sends those categories."""
    every = ("Administrative", "Security", "ServiceHealth", "Alert", "Recommendation", "Policy", "Autoscale")
    return {
        "id": f"{LOG_SETTINGS}/{name}",
        "name": name,
        "type": "Microsoft.Insights/diagnosticSettings",
        "properties": {
            "workspaceId": None if account else WORKSPACE,
            "storageAccountId": account,
            "eventHubAuthorizationRuleId": None,
            "logs": [{"category": one, "categoryGroup": None, "enabled": one in categories} for one in every],
        },
    }


def profile(days: int, *categories: str) -> Document:
    """A log profile, as there were before diagnostic settings."""
    return {
        "id": f"{PROFILES}/default",
        "name": "default",
        "location": None,
        "properties": {
            "storageAccountId": f"{ROOT}/resourceGroups/rg-core/providers/Microsoft.Storage/storageAccounts/old",
            "serviceBusRuleId": None,
            "locations": ["Global", *_GROUPS.values()],
            "categories": list(categories),
            "retentionPolicy": {"enabled": True, "days": days},
        },
    }


def _activity_log(cloud: AzureCloud) -> None:
    """To a workspace and to an account, alerts to neither; and a profile that keeps too little."""
    account = f"{ROOT}/resourceGroups/rg-shop/providers/Microsoft.Storage/storageAccounts/stmeridianshop"
    rows = [
        log_setting("to-workspace", "Administrative", "Security"),
        log_setting("to-account", "Administrative", "Policy", account=account),
    ]
    cloud.put_listing(LOG_SETTINGS, rows)
    cloud.put_listing(PROFILES, [profile(90, "Write", "Delete", "Action")])
