"""Google Cloud resource types: the project itself, and its API keys."""

from nephoscope.resource_types.fields import lists, parts, rows, strings, times
from nephoscope.resource_types.gcp.declaring import BINDINGS, declared

_AUDIT = ("service", "auditLogConfigs", "auditLogConfigs.logType", "auditLogConfigs.exemptedMembers")

PROJECT = declared(
    "PROJECT",
    "IAM & Admin",
    "Project",
    *strings("displayName", "projectId", "projectNumber", "state"),
    *times("createTime"),
    *lists("ancestors"),
    *BINDINGS,
    *rows("auditConfigs", *_AUDIT),
    *rows("inheritedAuditConfigs", *_AUDIT),
    *rows("essentialContacts", "email", "notificationCategories", "validationState"),
    *rows("orgPolicies", "constraint", "isEnforced"),
    *lists("enabledServices"),
    *parts("accessApproval", "isEnrolled", "enrolledAncestor", "enrolledServices", "notificationEmails"),
    *rows("servicePerimeters", "name", "restrictedServices"),
)
API_KEY = declared(
    "API_KEY",
    "APIs & Services",
    "API Key",
    *strings("displayName", "serviceAccountEmail"),
    *times("createTime", "updateTime"),
    *lists("applicationRestrictions", "allowedReferrers", "allowedIps", "apiTargets"),
    permissions=("apikeys.keys.list",),
)

TYPES = (PROJECT, API_KEY)
