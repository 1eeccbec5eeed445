"""Databricks workspaces: one in a network of its owner with everything on, one as it comes, one in between."""

from nephoscope.simulation.azure.cloud import AzureCloud, Document
from nephoscope.simulation.azure.estate.words import MADE, ROOT, endpoint, network_id, put_logs

_GROUP = "rg-data"
_VAULT: Document = {
    "keySource": "Microsoft.Keyvault",
    "keyVaultProperties": {"keyVaultUri": "https://kv-data.vault.azure.net", "keyName": "lake", "keyVersion": "1"},
}


def fill(cloud: AzureCloud) -> None:
    for network, guard in (("vnet-data", "nsg-data"), ("vnet-trial", "")):
        _add_network(cloud, network, guard)
    _add_good(cloud)
    _add_bad(cloud)
    _add_mixed(cloud)


def _add_network(cloud: AzureCloud, name: str, guard: str) -> None:
    """With the two subnets that a workspace takes; without `guard`, the second one is not filtered."""
    group = {"id": network_id("networkSecurityGroups", guard or "nsg-trial", _GROUP)}
    subnets = [
        {
            "name": part,
            "properties": {
                "addressPrefix": f"10.9.{number}.0/24",
                "delegations": [{"name": "dbx", "properties": {"serviceName": "Microsoft.Databricks/workspaces"}}],
                **({"networkSecurityGroup": group} if guard or part == "dbx-public" else {}),
            },
        }
        for number, part in enumerate(("dbx-public", "dbx-private"))
    ]
    known = {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}, "subnets": subnets, "enableDdosProtection": False}
    cloud.add("Microsoft.Network/virtualNetworks", name, known, group=_GROUP)


def _add_good(cloud: AzureCloud) -> None:
    known = {
        "publicNetworkAccess": "Disabled",
        "isUcEnabled": True,
        "requiredNsgRules": "NoAzureDatabricksRules",
        "defaultStorageFirewall": "Enabled",
        "privateEndpointConnections": [endpoint("pe-dbx", "Approved")],
        "encryption": {
            "entities": {
                "managedServices": _VAULT,
                "managedDisk": {**_VAULT, "rotationToLatestKeyVersionEnabled": True},
            }
        },
        "enhancedSecurityCompliance": {
            "automaticClusterUpdate": {"value": "Enabled"},
            "complianceSecurityProfile": {"value": "Enabled", "complianceStandards": ["NONE"]},
            "enhancedSecurityMonitoring": {"value": "Enabled"},
        },
        "parameters": _placed("vnet-data")
        | {
            "enableNoPublicIp": {"type": "Bool", "value": True},
            "prepareEncryption": {"type": "Bool", "value": True},
            "encryption": {"type": "Object", "value": {"keySource": "Microsoft.Keyvault", "KeyName": "root"}},
            "requireInfrastructureEncryption": {"type": "Bool", "value": True},
        },
    }
    put_logs(cloud, _workspace(cloud, "dbx-lake", known, "premium"), "allLogs")


def _add_bad(cloud: AzureCloud) -> None:
    known = {
        "publicNetworkAccess": "Enabled",
        "isUcEnabled": False,
        "requiredNsgRules": "AllRules",
        "parameters": {"enableNoPublicIp": {"type": "Bool", "value": False}},
    }
    _workspace(cloud, "dbx-lab", known, "standard")


def _add_mixed(cloud: AzureCloud) -> None:
    known = {
        "publicNetworkAccess": "Enabled",
        "defaultStorageFirewall": "Disabled",
        "privateEndpointConnections": [endpoint("pe-trial", "Pending")],
        "encryption": {"entities": {"managedServices": _VAULT}},
        "parameters": _placed("vnet-trial") | {"enableNoPublicIp": {"type": "Bool", "value": True}},
    }
    put_logs(cloud, _workspace(cloud, "dbx-trial", known, "trial"), "accounts", "jobs")


def _placed(network: str) -> Document:
    return {
        "customVirtualNetworkId": {"type": "String", "value": network_id("virtualNetworks", network, _GROUP)},
        "customPublicSubnetName": {"type": "String", "value": "dbx-public"},
        "customPrivateSubnetName": {"type": "String", "value": "dbx-private"},
    }


def _workspace(cloud: AzureCloud, name: str, known: Document, tier: str) -> str:
    common = {
        "provisioningState": "Succeeded",
        "workspaceUrl": f"adb-{sum(name.encode())}.7.azuredatabricks.net",
        "managedResourceGroupId": f"{ROOT}/resourceGroups/mrg-{name}",
        "createdDateTime": MADE,
    }
    sku = {"name": tier}
    return cloud.add("Microsoft.Databricks/workspaces", name, common | known, group=_GROUP, sku=sku)
