"""Google Cloud resource types: Kubernetes Engine."""

from nephoscope.resource_types.fields import booleans, integers, lists, parts, rows, strings, times
from nephoscope.resource_types.gcp.declaring import declared

K8S_CLUSTER = declared(
    "K8S_CLUSTER",
    "Kubernetes Engine",
    "GKE Cluster",
    *strings("name", "location", "status", "currentMasterVersion", "releaseChannel", "network", "subnetwork"),
    *strings("datapathProvider", "workloadPool", "binaryAuthorizationMode", "databaseEncryptionState"),
    *strings("databaseEncryptionKey", "securityPostureMode", "vulnerabilityMode", "groupsDomain"),
    *booleans("isAutopilot", "usesIpAliases", "legacyAbac", "basicAuthentication", "clientCertificate"),
    *booleans("privateNodes", "privateEndpoint", "authorizedNetworksEnabled", "networkPolicyEnabled"),
    *booleans("shieldedNodes", "intraNodeVisibility", "dashboardEnabled", "alphaEnabled", "costAllocation"),
    *booleans("backupAgentEnabled", "dnsCacheEnabled"),
    *rows("authorizedNetworks", "displayName", "cidrBlock"),
    *lists("loggingComponents", "monitoringComponents"),
    *parts("maintenanceWindow", "isSet"),
    *times("createTime"),
    aliases=("GKE_CLUSTER",),
)
NODE_POOL = declared(
    "NODE_POOL",
    "Kubernetes Engine",
    "GKE Node Pool",
    *strings("name", "clusterName", "status", "version", "machineType", "imageType", "serviceAccount"),
    *strings("workloadMetadataMode", "bootDiskKmsKey", "sandboxType"),
    *booleans("autoRepair", "autoUpgrade", "secureBoot", "integrityMonitoring", "privateNodes", "isLegacyEndpointOff"),
    *booleans("isConfidential"),
    *lists("oauthScopes"),
    *integers("initialNodeCount"),
)

TYPES = (K8S_CLUSTER, NODE_POOL)
