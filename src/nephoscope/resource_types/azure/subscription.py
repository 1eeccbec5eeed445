"""Azure resource types: the subscription itself, its resource groups, and who may do what in it."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import booleans, integers, lists, parts, rows, strings, times
from nephoscope.resource_types.types import ResourceType

LOCKS = rows("locks", "name", "level", "scope", "isInherited")
"""Locks that hold for a resource: its own, its group's and the subscription's."""

SUBSCRIPTION = ResourceType(
    name="SUBSCRIPTION",
    provider=Provider.AZURE,
    service_type="Subscription",
    title="Azure Subscription",
    permissions=("Microsoft.Resources/subscriptions/read",),
    is_regional=False,
    fields=(
        *strings("region", "resourceGroupName", "displayName subscription.name", "subscriptionId", "tenantId", "state"),
        *strings("quotaId", "spendingLimit", "vulnerabilityAssessmentProvider"),
        *rows("defenderPlans", "name", "pricingTier", "subPlan", "deprecated", "extensions"),
        *rows(
            "securityContacts",
            "name",
            "emails",
            "phone",
            "isEnabled",
            "roleState",
            "roles",
            "alertSeverity",
            "attackPathRisk",
        ),
        *rows("securitySettings", "name", "kind", "enabled"),
        *rows("autoProvisioning", "name", "autoProvision"),
        *rows("iotSecuritySolutions", "name", "status", "iotHubs"),
        *rows(
            "activityLogSettings",
            *("name", "storageAccountName", "workspaceId", "eventHubAuthorizationRuleId", "marketplacePartnerId"),
            "categories",
        ),
        *rows(
            "logProfiles", "name", "locations", "categories", "retentionEnabled", "retentionDays", "storageAccountId"
        ),
        *rows(
            "policyAssignments", "name", "displayName", "policyDefinitionId", "enforcementMode", "disabledParameters"
        ),
        *rows("accessReviews", "displayName", "status", "roleGuid", "principalType", "isRecurring"),
        *lists("reviewedRoles"),
        *rows("openStorageAlerts", "name", "alertDisplayName", "severity", "about", "since"),
        *integers("openStorageAlertCount"),
        *parts("tenantPolicy", "blockSubscriptionsLeavingTenant", "blockSubscriptionsIntoTenant", "exemptedPrincipals"),
    ),
)

RESOURCE_GROUP = ResourceType(
    name="RESOURCE_GROUP",
    provider=Provider.AZURE,
    service_type="RESOURCE_GROUP",
    title="Azure Resource Group",
    permissions=("Microsoft.Resources/subscriptions/resourceGroups/read",),
    is_regional=False,
    fields=(*strings("region", "resourceGroupName", "provisioningState", "managedBy"), *LOCKS),
)

ROLE_ASSIGNMENT = ResourceType(
    name="ROLE_ASSIGNMENT",
    provider=Provider.AZURE,
    service_type="Access Control",
    title="Azure Role Assignment",
    permissions=("Microsoft.Authorization/roleAssignments/read",),
    is_regional=False,
    fields=(
        *strings("region", "resourceGroupName", "scope role.scope", "scopeKind", "roleDefinitionId", "roleGuid"),
        *strings("principalId role.principal", "principalType", "condition", "createdBy"),
        *booleans("principalIsDisabled"),
        *integers("peopleWithoutMfa"),
        *times("createdOn", "updatedOn"),
    ),
)

ROLE_DEFINITION = ResourceType(
    name="ROLE_DEFINITION",
    provider=Provider.AZURE,
    service_type="Access Control",
    title="Azure Custom Role",
    permissions=("Microsoft.Authorization/roleDefinitions/read",),
    aliases=("CUSTOM_ROLE",),
    is_regional=False,
    fields=(
        *strings("region", "resourceGroupName", "roleName", "description", "roleType", "roleGuid"),
        *lists("assignableScopes", "actions", "notActions", "dataActions"),
        *integers("actionCount"),
        *times("createdOn", "updatedOn"),
    ),
)

TYPES = (SUBSCRIPTION, RESOURCE_GROUP, ROLE_ASSIGNMENT, ROLE_DEFINITION)
