"""The least-privilege role for Azure, from the declarations; and the permissions of Microsoft Graph beside it."""

from typing import Any

from nephoscope.clouds.azure.collectors import AZURE_COLLECTORS
from nephoscope.clouds.declared import permissions
from nephoscope.clouds.doors import Needs
from nephoscope.model.providers import Provider
from nephoscope.resource_types.table import types_of

ENTRY_ACTIONS = (
    "Microsoft.Authorization/permissions/read",
    "Microsoft.Management/managementGroups/descendants/read",
    "Microsoft.Resources/subscriptions/read",
)
"""What entering, and finding subscriptions, takes, whatever is read there."""

DISCLOSING = frozenset({"Microsoft.Web/sites/config/list/action"})
"""Actions that change nothing and yet open secrets: with this one, besides the names of app settings, their values and
the credentials for publishing. The role does without; who wants to know what they tell adds them by hand."""

UNNAMED = {
    "Microsoft.Authorization/accessReviewScheduleDefinitions/read": "Microsoft.Authorization/*/read",
    "Microsoft.Security/serverVulnerabilityAssessmentsSettings/read": "Microsoft.Security/*/read",
}
"""Actions that Azure asks for and yet does not list among its operations, with what a role can have in their place: one
that names them is refused as a whole."""


def role_definition(needs: Needs | None = None, subscription: str = "") -> dict[str, Any]:
    """As `az role definition create --role-definition` takes it. It only reads."""
    actions = (name for name in _declared(needs) - DISCLOSING if "/" in name)
    return {
        "Name": "Nephoscope Reader",
        "IsCustom": True,
        "Description": "What nephoscope reads to judge a subscription, and nothing else.",
        "Actions": sorted({*ENTRY_ACTIONS, *(UNNAMED.get(name, name) for name in actions)}),
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": [f"/subscriptions/{subscription or '00000000-0000-0000-0000-000000000000'}"],
    }


def graph_permissions(needs: Needs | None = None) -> tuple[str, ...]:
    """Application permissions of Microsoft Graph: what is asked of the directory."""
    return tuple(sorted({name for name in _declared(needs) if "/" not in name}))


def disclosing(needs: Needs | None = None) -> tuple[str, ...]:
    """What the role leaves out."""
    return tuple(sorted(_declared(needs) & DISCLOSING))


def _declared(needs: Needs | None) -> set[str]:
    rows = {row.name: row for row in types_of(Provider.AZURE)}
    return set(permissions(rows, AZURE_COLLECTORS, needs))
