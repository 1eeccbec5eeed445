"""Azure resource types: Databricks workspaces, as far as Resource Manager knows them."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.azure.network import DIAGNOSTICS, PLACE
from nephoscope.resource_types.fields import booleans, rows, strings, times
from nephoscope.resource_types.types import ResourceType

DATABRICKS_WORKSPACE = ResourceType(
    name="DATABRICKS_WORKSPACE",
    provider=Provider.AZURE,
    service_type="Databricks",
    title="Azure Databricks Workspace",
    permissions=("Microsoft.Databricks/workspaces/read",),
    aliases=("DATABRICKS",),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("skuName", "workspaceUrl", "managedResourceGroupId", "provisioningState", "publicNetworkAccess"),
        *strings("virtualNetworkId", "publicSubnetName", "privateSubnetName", "requiredNsgRules"),
        *strings("servicesKeySource", "disksKeySource", "rootKeySource", "storageFirewall"),
        *booleans("noPublicIp", "infrastructureEncryption", "automaticClusterUpdate", "complianceProfile"),
        *booleans("enhancedMonitoring", "isUcEnabled"),
        *times("createdDateTime"),
        *rows("privateEndpointConnections", "id", "status"),
        *DIAGNOSTICS,
    ),
)
"""The key sources are `Default` (keys of Microsoft) or `Microsoft.Keyvault`: of notebooks and secrets, of the disks
of clusters, and of the workspace's own storage. `isUcEnabled` (Unity Catalog) is null where Azure does not tell it."""

TYPES = (DATABRICKS_WORKSPACE,)
