"""Kubernetes clusters and the registries that their images come from; the shop's are kept well, the lab's are not."""

from typing import Any

from nephoscope.simulation.azure.cloud import AzureCloud, Document
from nephoscope.simulation.azure.estate.words import MADE, ROOT, WORKSPACE, endpoint, network_id, put_logs

_GROUP = "rg-containers"
_DONE: Document = {"provisioningState": "Succeeded"}
_PLANS = ["KubernetesOfficial", "AKSLongTermSupport"]


def fill(cloud: AzureCloud) -> None:
    _put_versions(cloud)
    _add_good_cluster(cloud)
    _add_bad_cluster(cloud)
    _add_old_cluster(cloud)
    _add_registries(cloud)


def _put_versions(cloud: AzureCloud) -> None:
    """What the region offers: one version that paying customers alone still have, and one to try."""
    offered = [("1.30", _PLANS[1:], None), ("1.33", _PLANS, None), ("1.34", _PLANS, None), ("1.36", _PLANS, True)]
    values: list[Document] = [
        {
            "version": version,
            "capabilities": {"supportPlan": plans},
            "isPreview": is_preview,
            "patchVersions": {f"{version}.4": {"upgrades": []}},
        }
        for version, plans, is_preview in offered
    ]
    path = f"{ROOT}/providers/Microsoft.ContainerService/locations/westeurope/kubernetesVersions"
    cloud.put(path, {"values": values})


def _add_good_cluster(cloud: AzureCloud) -> None:
    known = {
        **_version("1.34.2"),
        "supportPlan": "KubernetesOfficial",
        "enableRBAC": True,
        "disableLocalAccounts": True,
        "aadProfile": {
            "managed": True,
            "enableAzureRBAC": True,
            "adminGroupObjectIDs": ["5d0f5f4e-0f0b-4c3e-9d57-6a1f3b6d2c11"],
            "tenantID": "00000000-0000-4000-8000-000000000001",
        },
        "apiServerAccessProfile": {"enablePrivateCluster": True, "disableRunCommand": True},
        "publicNetworkAccess": "Disabled",
        "privateFQDN": "aks-shop-1a2b3c.privatelink.westeurope.azmk8s.io",
        "networkProfile": _network("cilium", "userDefinedRouting"),
        "autoUpgradeProfile": {"upgradeChannel": "stable", "nodeOSUpgradeChannel": "NodeImage"},
        "diskEncryptionSetID": f"{ROOT}/resourceGroups/{_GROUP}/providers/Microsoft.Compute/diskEncryptionSets/des-aks",
        "nodeResourceGroupProfile": {"restrictionLevel": "ReadOnly"},
        "oidcIssuerProfile": {"enabled": True, "issuerURL": "https://oidc.meridian.example/aks-shop/"},
        "securityProfile": {
            "defender": {"logAnalyticsWorkspaceResourceId": WORKSPACE, "securityMonitoring": {"enabled": True}},
            "workloadIdentity": {"enabled": True},
            "imageCleaner": {"enabled": True, "intervalHours": 48},
            "azureKeyVaultKms": {"enabled": True, "keyId": "https://kv-shop.vault.azure.net/keys/etcd/1"},
        },
        "addonProfiles": {
            "azurepolicy": {"enabled": True},
            "omsAgent": {"enabled": True, "config": {"logAnalyticsWorkspaceResourceID": WORKSPACE}},
            "azureKeyvaultSecretsProvider": {"enabled": True, "config": {"enableSecretRotation": "true"}},
        },
        "agentPoolProfiles": [_pool("system", is_good=True), _pool("shop", is_good=True)],
    }
    put_logs(cloud, _cluster(cloud, "aks-shop", known, tier="Standard"), "kube-audit-admin", "guard")


def _add_bad_cluster(cloud: AzureCloud) -> None:
    known = {
        **_version("1.27.9"),
        "supportPlan": "KubernetesOfficial",
        "enableRBAC": False,
        "disableLocalAccounts": False,
        "apiServerAccessProfile": None,
        "fqdn": "aks-lab-4d5e6f.hcp.westeurope.azmk8s.io",
        "networkProfile": _network("none", "loadBalancer"),
        "autoUpgradeProfile": {"upgradeChannel": "none", "nodeOSUpgradeChannel": "None"},
        "servicePrincipalProfile": {"clientId": "7c1d9a52-3c58-44c4-8b05-1b0e3a9f7d20"},
        "addonProfiles": {"httpApplicationRouting": {"enabled": True}, "kubeDashboard": {"enabled": True}},
        "agentPoolProfiles": [_pool("lab", is_good=False)],
    }
    _cluster(cloud, "aks-lab", known, tier="Free", identity=None)


def _add_old_cluster(cloud: AzureCloud) -> None:
    """With long-term support; open to some addresses only, and logged without the audit log."""
    known = {
        **_version("1.30.8"),
        "supportPlan": "AKSLongTermSupport",
        "enableRBAC": True,
        "disableLocalAccounts": False,
        "aadProfile": {"managed": True, "enableAzureRBAC": False, "adminGroupObjectIDs": []},
        "apiServerAccessProfile": {"authorizedIPRanges": ["203.0.113.0/29"]},
        "fqdn": "aks-erp-7a8b9c.hcp.westeurope.azmk8s.io",
        "networkProfile": _network("calico", "loadBalancer"),
        "autoUpgradeProfile": {"upgradeChannel": "patch", "nodeOSUpgradeChannel": "Unmanaged"},
        "addonProfiles": {
            "azureKeyvaultSecretsProvider": {"enabled": True, "config": {"enableSecretRotation": "false"}}
        },
        "agentPoolProfiles": [_pool("system", is_good=True), _pool("batch", is_good=False)],
    }
    put_logs(cloud, _cluster(cloud, "aks-erp", known, tier="Premium"), "kube-scheduler")


def _cluster(
    cloud: AzureCloud, name: str, known: Document, *, tier: str, identity: str | None = "SystemAssigned"
) -> str:
    more: dict[str, Any] = {"identity": {"type": identity}} if identity else {}
    known = {"powerState": {"code": "Running"}, "nodeResourceGroup": f"MC_{_GROUP}_{name}_westeurope", **known, **_DONE}
    sku = {"name": "Base", "tier": tier}
    return cloud.add("Microsoft.ContainerService/managedClusters", name, known, group=_GROUP, sku=sku, **more)


def _version(version: str) -> Document:
    return {"kubernetesVersion": version.rpartition(".")[0], "currentKubernetesVersion": version}


def _network(policy: str, outbound: str) -> Document:
    plane = "cilium" if policy == "cilium" else "azure"
    return {"networkPlugin": "azure", "networkPolicy": policy, "networkDataplane": plane, "outboundType": outbound}


def _pool(name: str, *, is_good: bool) -> Document:
    return {
        "name": name,
        "mode": "System" if name == "system" else "User",
        "osType": "Linux",
        "osSKU": "AzureLinux" if is_good else "Ubuntu",
        "vmSize": "Standard_D4ds_v5",
        "count": 3,
        "enableAutoScaling": is_good,
        "currentOrchestratorVersion": "1.34.2" if is_good else "1.27.9",
        "nodeImageVersion": "AKSAzureLinux-V3gen2-202610.12.0" if is_good else "AKSUbuntu-2204gen2-202401.09.0",
        "availabilityZones": ["1", "2", "3"] if is_good else None,
        "vnetSubnetID": network_id("virtualNetworks", "vnet-shop/subnets/aks", "rg-shop"),
        "enableNodePublicIP": not is_good,
        "enableEncryptionAtHost": is_good,
        "enableFIPS": False,
        "securityProfile": {
            "enableSecureBoot": is_good,
            "enableVTPM": is_good,
            "sshAccess": "Disabled" if is_good else "LocalUser",
        },
        **_DONE,
    }


def _add_registries(cloud: AzureCloud) -> None:
    good: Document = {
        "adminUserEnabled": False,
        "anonymousPullEnabled": False,
        "dataEndpointEnabled": True,
        "publicNetworkAccess": "Disabled",
        "networkRuleSet": {"defaultAction": "Deny", "ipRules": []},
        "networkRuleBypassOptions": "AzureServices",
        "privateEndpointConnections": [endpoint("pe-acr", "Approved")],
        "zoneRedundancy": "Enabled",
        "encryption": {
            "status": "enabled",
            "keyVaultProperties": {"keyIdentifier": "https://kv-shop.vault.azure.net/keys/acr"},
        },
        "policies": {
            "quarantinePolicy": {"status": "enabled"},
            "trustPolicy": {"type": "Notary", "status": "enabled"},
            "retentionPolicy": {"days": 30, "status": "enabled"},
            "exportPolicy": {"status": "disabled"},
            "azureADAuthenticationAsArmPolicy": {"status": "disabled"},
            "softDeletePolicy": {"retentionDays": 14, "status": "enabled"},
        },
    }
    bad: Document = {
        "adminUserEnabled": True,
        "anonymousPullEnabled": True,
        "publicNetworkAccess": "Enabled",
        "networkRuleSet": None,
        "privateEndpointConnections": [],
        "zoneRedundancy": "Disabled",
        "encryption": {"status": "disabled"},
        "policies": {
            "quarantinePolicy": {"status": "disabled"},
            "trustPolicy": {"type": "Notary", "status": "disabled"},
            "exportPolicy": {"status": "enabled"},
            "azureADAuthenticationAsArmPolicy": {"status": "enabled"},
            "softDeletePolicy": {"retentionDays": 7, "status": "disabled"},
        },
    }
    put_logs(cloud, _registry(cloud, "meridian", good, "Premium"), "allLogs")
    _registry(cloud, "meridianlab", bad, "Standard")
    _registry(cloud, "meridianold", {**good, "policies": {**good["policies"], "exportPolicy": {}}}, "Premium")


def _registry(cloud: AzureCloud, name: str, known: Document, tier: str) -> str:
    known = {"loginServer": f"{name}.azurecr.io", "creationDate": MADE, **known, **_DONE}
    sku = {"name": tier, "tier": tier}
    return cloud.add("Microsoft.ContainerRegistry/registries", name, known, group=_GROUP, sku=sku)
