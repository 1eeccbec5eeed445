"""How clusters and node pools are read, from the inventory."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.gcp.collecting import Collector, Place, Raw, assets
from nephoscope.clouds.gcp.shaping import data_of, iso, picked, placed, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.gcp import kubernetes as types

_CLUSTER, _POOL = "container.googleapis.com/Cluster", "container.googleapis.com/NodePool"


def _inside(data: Mapping[str, Any], path: str) -> Any:
    """What lies at a dotted path; null when something on the way does not exist."""
    found: Any = data
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _shape_cluster(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    known = {
        **picked(data, ("name", "location", "status", "currentMasterVersion", "network", "subnetwork")),
        **{name: _inside(data, path) for name, path in _TEXTS.items()},
        **{name: _inside(data, path) is True for name, path in _SWITCHES.items()},
        **_access(data),
        "releaseChannel": _inside(data, "releaseChannel.channel"),
        "networkPolicyEnabled": _inside(data, "networkPolicy.enabled") is True,
        "dashboardEnabled": _inside(data, "addonsConfig.kubernetesDashboard.disabled") is False,
        "loggingComponents": list(_inside(data, "loggingConfig.componentConfig.enableComponents") or ()),
        "monitoringComponents": list(_inside(data, "monitoringConfig.componentConfig.enableComponents") or ()),
        "maintenanceWindow": {"isSet": bool(_inside(data, "maintenancePolicy.window"))},
        "createTime": iso(data.get("createTime")),
    }
    return resource(types.K8S_CLUSTER, raw, known, resource_id=placed(raw["name"]))


_TEXTS = {
    "datapathProvider": "networkConfig.datapathProvider",
    "workloadPool": "workloadIdentityConfig.workloadPool",
    "binaryAuthorizationMode": "binaryAuthorization.evaluationMode",
    "databaseEncryptionState": "databaseEncryption.state",
    "databaseEncryptionKey": "databaseEncryption.keyName",
    "securityPostureMode": "securityPostureConfig.mode",
    "vulnerabilityMode": "securityPostureConfig.vulnerabilityMode",
    "groupsDomain": "authenticatorGroupsConfig.securityGroup",
}
_SWITCHES = {
    "isAutopilot": "autopilot.enabled",
    "usesIpAliases": "ipAllocationPolicy.useIpAliases",
    "legacyAbac": "legacyAbac.enabled",
    "privateNodes": "privateClusterConfig.enablePrivateNodes",
    "privateEndpoint": "privateClusterConfig.enablePrivateEndpoint",
    "shieldedNodes": "shieldedNodes.enabled",
    "intraNodeVisibility": "networkConfig.enableIntraNodeVisibility",
    "alphaEnabled": "enableKubernetesAlpha",
    "costAllocation": "costManagementConfig.enabled",
    "backupAgentEnabled": "addonsConfig.gkeBackupAgentConfig.enabled",
    "dnsCacheEnabled": "addonsConfig.dnsCacheConfig.enabled",
}


def _access(data: Mapping[str, Any]) -> dict[str, Any]:
    """Who reaches the control plane, and how they say who they are."""
    networks = _inside(data, "masterAuthorizedNetworksConfig.cidrBlocks") or ()
    return {
        "basicAuthentication": bool(_inside(data, "masterAuth.username")),
        "clientCertificate": _inside(data, "masterAuth.clientCertificateConfig.issueClientCertificate") is True,
        "authorizedNetworksEnabled": _inside(data, "masterAuthorizedNetworksConfig.enabled") is True,
        "authorizedNetworks": [picked(row, ("displayName", "cidrBlock")) for row in networks],
    }


def _shape_pool(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    config: Mapping[str, Any] = data.get("config") or {}
    place = placed(raw["name"])
    known = {
        **picked(data, ("name", "status", "version", "initialNodeCount")),
        **picked(config, ("machineType", "imageType")),
        "clusterName": place.split("/clusters/")[-1].partition("/")[0],
        "serviceAccount": config.get("serviceAccount") or "default",
        "workloadMetadataMode": _inside(config, "workloadMetadataConfig.mode"),
        "bootDiskKmsKey": config.get("bootDiskKmsKey"),
        "sandboxType": _inside(config, "sandboxConfig.type"),
        "autoRepair": _inside(data, "management.autoRepair") is True,
        "autoUpgrade": _inside(data, "management.autoUpgrade") is True,
        "secureBoot": _inside(config, "shieldedInstanceConfig.enableSecureBoot") is True,
        "integrityMonitoring": _inside(config, "shieldedInstanceConfig.enableIntegrityMonitoring") is True,
        "privateNodes": _inside(data, "networkConfig.enablePrivateNodes") is True,
        "isLegacyEndpointOff": str(_inside(config, "metadata.disable-legacy-endpoints")).lower() == "true",
        "isConfidential": _inside(config, "confidentialNodes.enabled") is True,
        "oauthScopes": list(config.get("oauthScopes") or ()),
    }
    return resource(types.NODE_POOL, raw, known, resource_id=place)


COLLECTORS = (
    Collector("K8S_CLUSTER", assets(_CLUSTER), _shape_cluster),
    Collector("NODE_POOL", assets(_POOL), _shape_pool),
)
ASSET_KINDS = (_CLUSTER, _POOL)
