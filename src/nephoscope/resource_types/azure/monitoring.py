"""Azure resource types: alerts of the activity log, and where logs are kept and looked at."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import booleans, integers, lists, rows, strings
from nephoscope.resource_types.types import ResourceType

DIAGNOSTIC = (
    *("name", "workspaceId", "eventHubAuthorizationRuleId", "marketplacePartnerId", "storageAccountId", "categories"),
)
"""Inside a list of diagnostic settings."""

ACTIVITY_LOG_ALERT = ResourceType(
    name="ACTIVITY_LOG_ALERT",
    provider=Provider.AZURE,
    service_type="Azure Monitor",
    title="Azure Activity Log Alert",
    permissions=("Microsoft.Insights/activityLogAlerts/read",),
    is_regional=False,
    fields=(
        *strings("region", "resourceGroupName", "description", "category", "operationName"),
        *booleans("enabled"),
        *lists("scopes", "actionGroupIds"),
        *rows("conditions", "field", "equals"),
    ),
)

ACTION_GROUP = ResourceType(
    name="ACTION_GROUP",
    provider=Provider.AZURE,
    service_type="Azure Monitor",
    title="Azure Action Group",
    permissions=("Microsoft.Insights/actionGroups/read",),
    is_regional=False,
    fields=(
        *strings("region", "resourceGroupName", "groupShortName"),
        *booleans("enabled"),
        *integers("receiverCount"),
    ),
)

APPLICATION_INSIGHTS = ResourceType(
    name="APPLICATION_INSIGHTS",
    provider=Provider.AZURE,
    service_type="Azure Monitor",
    title="Azure Application Insights",
    permissions=("Microsoft.Insights/components/read",),
    is_regional=False,
    fields=(
        *strings("region", "resourceGroupName", "Application_Type", "WorkspaceResourceId", "IngestionMode"),
        *strings("publicNetworkAccessForIngestion", "publicNetworkAccessForQuery"),
        *booleans("DisableLocalAuth", "DisableIpMasking"),
        *integers("RetentionInDays"),
    ),
)

LOG_ANALYTICS_WORKSPACE = ResourceType(
    name="LOG_ANALYTICS_WORKSPACE",
    provider=Provider.AZURE,
    service_type="Azure Monitor",
    title="Azure Log Analytics Workspace",
    permissions=("Microsoft.OperationalInsights/workspaces/read",),
    is_regional=False,
    fields=(
        *strings("region", "resourceGroupName", "customerId", "skuName"),
        *strings("publicNetworkAccessForIngestion", "publicNetworkAccessForQuery"),
        *booleans("disableLocalAuth"),
        *integers("retentionInDays"),
    ),
)

EASM_WORKSPACE = ResourceType(
    name="EASM_WORKSPACE",
    provider=Provider.AZURE,
    service_type="Microsoft Defender for Cloud",
    title="External Attack Surface Workspace",
    permissions=("Microsoft.Easm/workspaces/read",),
    is_regional=False,
    fields=(*strings("region", "resourceGroupName", "provisioningState"),),
)

IOT_HUB = ResourceType(
    name="IOT_HUB",
    provider=Provider.AZURE,
    service_type="IoT Hub",
    title="Azure IoT Hub",
    permissions=("Microsoft.Devices/iotHubs/read",),
    is_regional=False,
    fields=(
        *strings("region", "resourceGroupName", "lookupId", "hostName", "minTlsVersion", "publicNetworkAccess"),
        *booleans("disableLocalAuth"),
        *rows("privateEndpointConnections", "id", "status"),
    ),
)

TYPES = (ACTIVITY_LOG_ALERT, ACTION_GROUP, APPLICATION_INSIGHTS, LOG_ANALYTICS_WORKSPACE, EASM_WORKSPACE, IOT_HUB)
