"""Azure resource types: Kubernetes clusters, and the registries that their images come from."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.azure.network import DIAGNOSTICS, PLACE
from nephoscope.resource_types.fields import booleans, integers, lists, rows, strings, times
from nephoscope.resource_types.types import ResourceType

_POOL = (
    *("name", "mode", "osType", "osSku", "vmSize", "count", "version", "nodeImageVersion", "zones", "subnetId"),
    *("publicAddresses", "encryptionAtHost", "fips", "secureBoot", "vTpm", "sshAccess", "autoScaling"),
)

KUBERNETES_CLUSTER = ResourceType(
    name="AZURE_KUBERNETES_CLUSTER",
    provider=Provider.AZURE,
    service_type="Kubernetes Service",
    title="Azure Kubernetes Service Cluster",
    permissions=("Microsoft.ContainerService/managedClusters/read",),
    aliases=("AKS_CLUSTER", "AKS", "KUBERNETES_CLUSTER"),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("kubernetesVersion", "currentKubernetesVersion cluster.version", "supportPlan", "provisioningState"),
        *strings("powerState", "skuName", "skuTier", "fqdn", "privateFQDN", "nodeResourceGroup", "identityType"),
        *strings("networkPlugin", "networkPolicy", "networkDataplane", "outboundType", "publicNetworkAccess"),
        *strings("upgradeChannel", "nodeOsUpgradeChannel", "diskEncryptionSetId", "nodeGroupRestriction"),
        *booleans("rbacEnabled", "entraIntegrated", "azureRbacEnabled", "localAccountsDisabled", "privateCluster"),
        *booleans("runCommandDisabled", "azurePolicyEnabled", "defenderEnabled", "monitoringEnabled"),
        *booleans("workloadIdentityEnabled", "oidcIssuerEnabled", "imageCleanerEnabled", "kmsEnabled"),
        *booleans("httpApplicationRouting", "dashboardEnabled", "secretsProviderEnabled", "secretRotationEnabled"),
        *lists("authorizedIpRanges", "supportedVersions", "adminGroupIds"),
        *rows("nodePools", *_POOL),
        *DIAGNOSTICS,
    ),
)
"""`supportedVersions` are the minor versions that Azure supports in the cluster's region, under its support plan."""

CONTAINER_REGISTRY = ResourceType(
    name="AZURE_CONTAINER_REGISTRY",
    provider=Provider.AZURE,
    service_type="Container Registry",
    title="Azure Container Registry",
    permissions=("Microsoft.ContainerRegistry/registries/read",),
    aliases=("CONTAINER_REGISTRY", "ACR"),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("skuName", "loginServer", "provisioningState", "publicNetworkAccess", "defaultAction"),
        *strings("networkRuleBypassOptions", "encryptionStatus", "encryptionKeyId", "zoneRedundancy", "identityType"),
        *booleans("adminUserEnabled", "anonymousPullEnabled", "dataEndpointEnabled"),
        *booleans("trustEnabled", "quarantineEnabled", "exportEnabled", "managerTokensEnabled", "softDeleteEnabled"),
        *booleans("retentionEnabled"),
        *integers("softDeleteDays", "retentionDays"),
        *times("creationDate"),
        *lists("ipRules"),
        *rows("privateEndpointConnections", "id", "status"),
        *DIAGNOSTICS,
    ),
)
"""`managerTokensEnabled`: tokens that were made for Resource Manager open the registry too."""

TYPES = (KUBERNETES_CLUSTER, CONTAINER_REGISTRY)
