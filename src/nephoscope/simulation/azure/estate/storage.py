"""Storage accounts with their services: kept well, forgotten, and of every kind that has not all services."""

from nephoscope.simulation.azure.cloud import AzureCloud, Document
from nephoscope.simulation.azure.estate.words import MADE, ROOT, days_ago, endpoint, network_id, put_logs

_KIND = "Microsoft.Storage/storageAccounts"
_LOGS = ("StorageRead", "StorageWrite", "StorageDelete")
_LOCKS = f"{ROOT}/providers/Microsoft.Authorization/locks"
_SERVICES = ("blob", "file", "queue", "table")


def fill(cloud: AzureCloud) -> None:
    _kept_well(cloud)
    _forgotten(cloud)
    _special(cloud)


def _kept_well(cloud: AzureCloud) -> None:
    """What anybody wants is switched on, each in the words of Azure."""
    settings = {
        "supportsHttpsTrafficOnly": True,
        "minimumTlsVersion": "TLS1_2",
        "allowBlobPublicAccess": False,
        "allowSharedKeyAccess": False,
        "allowCrossTenantReplication": False,
        "defaultToOAuthAuthentication": True,
        "publicNetworkAccess": "Disabled",
        "allowedCopyScope": "AAD",
        "isLocalUserEnabled": False,
        "isSftpEnabled": False,
        "keyPolicy": {"keyExpirationPeriodInDays": 60},
        "sasPolicy": {"sasExpirationPeriod": "0.01:00:00", "expirationAction": "Log"},
        "secondaryLocation": "northeurope",
        "statusOfSecondary": "available",
        "encryption": _encryption("Microsoft.Keyvault") | {"requireInfrastructureEncryption": True},
        "networkAcls": _rules("Deny", "Logging, AzureServices", "203.0.113.0/24"),
        "privateEndpointConnections": [endpoint("pe-shop", "Approved")],
    }
    whole = _put(cloud, "stmeridianshop", settings, "rg-shop", sku="Standard_GRS")
    _services(cloud, whole, days=14, is_good=True)
    for service in ("blob", "table"):
        put_logs(cloud, f"{whole}/{service}Services/default", *_LOGS)
    put_logs(cloud, f"{whole}/queueServices/default", "audit")
    _lock(cloud, whole, "frozen", "ReadOnly")


def _encryption(source: str) -> Document:
    rows = {name: {"enabled": True, "keyType": "Account", "lastEnabledTime": MADE} for name in ("blob", "file")}
    return {"keySource": source, "services": rows}


def _rules(action: str, bypass: str, address: str = "") -> Document:
    networks = [{"id": network_id("virtualNetworks", "vnet-shop/subnets/App", "rg-shop"), "action": "Allow"}]
    return {
        "bypass": bypass,
        "defaultAction": action,
        "ipRules": [{"value": address, "action": "Allow"}] if address else [],
        "virtualNetworkRules": networks if action == "Deny" else [],
        "ipv6Rules": [],
        "resourceAccessRules": [],
    }


def _put(cloud: AzureCloud, name: str, settings: Document, group: str, *, sku: str, kind: str = "StorageV2") -> str:
    known: Document = {
        "provisioningState": "Succeeded",
        "creationTime": MADE,
        "keyCreationTime": {"key1": days_ago(20), "key2": days_ago(40)},
        "primaryLocation": "westeurope",
        "statusOfPrimary": "available",
        "accessTier": "Hot",
        "isHnsEnabled": False,
        "primaryEndpoints": {"blob": f"https://{name}.blob.core.windows.net/"},
        "encryption": _encryption("Microsoft.Storage"),
        "networkAcls": _rules("Allow", "AzureServices"),
        "privateEndpointConnections": [],
    }
    more = {"sku": {"name": sku, "tier": sku.partition("_")[0]}, "kind": kind, "tags": {"stage": "production"}}
    identity = (
        {"type": "SystemAssigned", "principalId": "8a5d", "tenantId": "7e4a"} if name == "stmeridianshop" else None
    )
    return cloud.add(_KIND, name, known | settings, group=group, identity=identity, **more)


def _services(cloud: AzureCloud, whole: str, *, days: int, is_good: bool) -> None:
    """The settings of each service, as Resource Manager answers them: what is off is left out."""
    kept: Document = {"enabled": True, "days": days} if days else {"enabled": False}
    blob: Document = {
        "cors": {"corsRules": []},
        "deleteRetentionPolicy": {"allowPermanentDelete": False, **kept},
        "containerDeleteRetentionPolicy": kept,
        **({"isVersioningEnabled": True, "changeFeed": {"enabled": True}} if is_good else {}),
    }
    smb: Document = {"multichannel": {"enabled": False}}
    if is_good:
        smb = {"versions": "SMB3.1.1;", "authenticationMethods": "Kerberos;", "channelEncryption": "AES-256-GCM;"}
    file: Document = {"shareDeleteRetentionPolicy": kept, "protocolSettings": {"smb": smb}}
    for service, settings in zip(_SERVICES, (blob, file, {}, {}), strict=True):
        _put_service(cloud, whole, service, settings)


def _put_service(cloud: AzureCloud, whole: str, service: str, settings: Document) -> None:
    path = f"{whole}/{service}Services/default"
    cloud.put(path, {"id": path, "name": "default", "type": f"{_KIND}/{service}Services", "properties": settings})


def _forgotten(cloud: AzureCloud) -> None:
    """Made long ago: what is not set is not answered."""
    keys = {"key1": days_ago(20), "key2": days_ago(500)}
    settings: Document = {
        "supportsHttpsTrafficOnly": False,
        "minimumTlsVersion": "TLS1_0",
        "allowBlobPublicAccess": True,
        "keyCreationTime": keys,
        "privateEndpointConnections": [endpoint("pe-asked", "Pending")],
    }
    whole = _put(cloud, "stmeridianlab", settings, "rg-lab", sku="Standard_LRS")
    _services(cloud, whole, days=0, is_good=False)
    put_logs(cloud, f"{whole}/blobServices/default", "StorageRead")
    denying = {"networkAcls": _rules("Deny", "None"), "supportsHttpsTrafficOnly": True}
    flows = _put(cloud, "stmeridianflows", denying, "rg-core", sku="Standard_ZRS")
    _services(cloud, flows, days=3, is_good=False)


def _special(cloud: AzureCloud) -> None:
    """Accounts that have not all services: Azure has no document of what is not there."""
    lake = {"isHnsEnabled": True, "isSftpEnabled": True}
    whole = _put(cloud, "stmeridianlake", lake, "rg-data", sku="Standard_ZRS")
    _services(cloud, whole, days=7, is_good=False)
    only = (
        ("stmeridianblocks", "Premium_LRS", "BlockBlobStorage", "blob"),
        ("stmeridianpages", "Premium_LRS", "StorageV2", "blob"),
        ("stmeridianfiles", "Premium_LRS", "FileStorage", "file"),
    )
    for name, sku, kind, service in only:
        _put_service(cloud, _put(cloud, name, {}, "rg-data", sku=sku, kind=kind), service, {})


def _lock(cloud: AzureCloud, scope: str, name: str, level: str) -> None:
    identity = f"{scope}/providers/Microsoft.Authorization/locks/{name}"
    row = {"id": identity, "name": name, "type": "Microsoft.Authorization/locks", "properties": {"level": level}}
    cloud.put_listing(_LOCKS, [*cloud.listings.get(_LOCKS.lower(), ()), row])
