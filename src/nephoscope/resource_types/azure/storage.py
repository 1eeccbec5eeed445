"""Azure resource types: storage accounts."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.azure.monitoring import DIAGNOSTIC
from nephoscope.resource_types.azure.network import PLACE
from nephoscope.resource_types.azure.subscription import LOCKS
from nephoscope.resource_types.fields import booleans, integers, parts, rows, strings, times
from nephoscope.resource_types.types import ResourceType

_SERVICE = ("lastEnabledTime", "keyType", "enabled")

STORAGE_ACCOUNT = ResourceType(
    name="STORAGE_ACCOUNT",
    provider=Provider.AZURE,
    service_type="Storage Account",
    title="Azure Storage Account",
    permissions=("Microsoft.Storage/storageAccounts/read",),
    aliases=("STORAGE",),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("displayName storage.name", "connectorId", "scanId", "skuTier", "skuName storage.sku", "kind"),
        *strings("minimumTlsVersion", "primaryLocation", "secondaryLocation", "resourceGroupId", "location"),
        *strings("statusOfPrimary", "statusOfSecondary", "publicNetworkAccess", "keySource", "sasExpirationPeriod"),
        *strings("allowedCopyScope"),
        *times("firstDiscoveredOn", "lastDiscoveredOn", "creationTime", "key1CreatedOn", "key2CreatedOn"),
        *booleans("hnsEnabled", "supportsHttpsTrafficOnly", "allowBlobPublicAccess", "allowSharedKeyAccess"),
        *booleans("allowCrossTenantReplication", "defaultToOAuthAuthentication", "requireInfrastructureEncryption"),
        *booleans("isSftpEnabled", "isLocalUserEnabled"),
        *integers("keyExpirationPeriodInDays"),
        *parts("resourceIdentity", "type"),
        *parts("file", *_SERVICE),
        *parts("blob", *_SERVICE),
        *parts("networkAcls", "bypass", "defaultAction", "ipRules", "virtualNetworkRules"),
        *rows("privateEndpointConnections", "id", "status"),
        *parts("blobSoftDelete", "enabled", "days"),
        *parts("containerSoftDelete", "enabled", "days"),
        *booleans("blobVersioning", "blobChangeFeed"),
        *parts("shareSoftDelete", "enabled", "days"),
        *parts("smb", "versions", "channelEncryption", "authenticationMethods"),
        *rows("blobDiagnosticSettings", *DIAGNOSTIC),
        *rows("queueDiagnosticSettings", *DIAGNOSTIC),
        *rows("tableDiagnosticSettings", *DIAGNOSTIC),
        *LOCKS,
    ),
    wire=(
        *("displayName", "connectorId", "scanId", "skuTier", "resourceIdentity", "minimumTlsVersion", "kind"),
        *("firstDiscoveredOn", "lastDiscoveredOn", "skuName", "file", "blob", "primaryLocation", "secondaryLocation"),
        *("hnsEnabled", "resourceGroupId", "supportsHttpsTrafficOnly", "statusOfPrimary", "statusOfSecondary"),
        *("location", "networkAcls"),
    ),
)

TYPES = (STORAGE_ACCOUNT,)
