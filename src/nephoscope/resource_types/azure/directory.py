"""Azure resource types: the directory (Microsoft Entra ID) that a subscription trusts."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.azure.monitoring import DIAGNOSTIC
from nephoscope.resource_types.fields import booleans, integers, lists, parts, rows, strings
from nephoscope.resource_types.types import ResourceType

_USERS_MAY = (
    "allowedToCreateApps",
    "allowedToCreateSecurityGroups",
    "allowedToCreateTenants",
    "allowedToReadOtherUsers",
    "permissionGrantPoliciesAssigned",
)
_POLICY = (
    *("displayName", "state", "includeUsers", "excludeUsers", "includeGroups", "includeRoles", "includeApplications"),
    *("includeLocations", "excludeLocations", "signInRiskLevels", "userRiskLevels", "transferMethods", "grants"),
    *("grantOperator", "hasTokenProtection"),
)

ENTRA_TENANT = ResourceType(
    name="ENTRA_TENANT",
    provider=Provider.AZURE,
    service_type="Microsoft Entra ID",
    title="Microsoft Entra Tenant",
    permissions=("Microsoft.Resources/subscriptions/read",),
    aliases=("TENANT",),
    is_regional=False,
    fields=(
        *strings("region", "resourceGroupName", "tenantId", "guestUserRoleId", "allowInvitesFrom"),
        *strings("deviceRegistrationMfa", "bannedPasswordMode"),
        *booleans("securityDefaultsEnabled", "groupCreationByUsers", "bannedPasswordListEnforced"),
        *booleans("hasPasswordlessMethod"),
        *integers("lockoutThreshold", "lockoutDurationInSeconds", "reconfirmationInDays", "bannedPasswordCount"),
        *integers("globalAdministratorCount", "usersWithoutMfaCount", "adminsWithoutMfaCount"),
        *integers("tenantCreatorCount", "guestCount"),
        *lists("passwordlessMethods", "usersWithoutMfa", "adminsWithoutMfa"),
        *parts("defaultUserRolePermissions", *_USERS_MAY),
        *rows("conditionalAccessPolicies", *_POLICY),
        *rows("namedLocations", "displayName", "isTrusted", "kind"),
        *rows("accessReviews", "displayName", "status", "isRecurring", "isOfGuests", "roleIds"),
        *rows("directoryDiagnosticSettings", *DIAGNOSTIC),
        *rows("intuneDiagnosticSettings", *DIAGNOSTIC),
    ),
)

TYPES = (ENTRA_TENANT,)
