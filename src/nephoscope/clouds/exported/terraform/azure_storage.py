"""What Terraform tells of storage accounts, key vaults and disks of Azure. Values of secrets are in states; they are
not read."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.azure.shaping import iso
from nephoscope.clouds.exported.terraform.azure_known import (
    PLACE,
    WHERE,
    by_id,
    by_name,
    diagnostics,
    location,
    locks,
    lowered,
)
from nephoscope.clouds.exported.terraform.blocks import (
    Block,
    Read,
    State,
    each,
    first,
    fixed,
    of,
    said,
    switch,
    within,
    worded,
)
from nephoscope.clouds.exported.terraform.rows import Row

_CERTIFICATES = ("application/x-pkcs12", "application/x-pem-file")


def _access(block: Block, state: State) -> dict[str, Any]:
    """Written in the account, or a resource of its own. LookupError when neither is told: somebody else may say it."""
    own = state.of("azurerm_storage_account_network_rules", "storage_account_id", _id(block))
    return _acl((own or block["network_rules"])[0])


def _acl(row: Block) -> dict[str, Any]:
    bypass = row["bypass"]
    return {
        "defaultAction": row["default_action"],
        "bypass": bypass if isinstance(bypass, str) else ", ".join(sorted(bypass or ())),
        "ipRules": [{"action": "Allow", "value": one} for one in sorted(row["ip_rules"] or ())],
        "virtualNetworkRules": sorted(str(one).lower() for one in row["virtual_network_subnet_ids"] or ()),
    }


def _id(block: Block) -> str:
    return str(block["id"])


def _sku(block: Block, _: State) -> str:
    return f"{block['account_tier']}_{block['account_replication_type']}"


def _identity(block: Block, _: State) -> dict[str, Any] | None:
    found = first(block, "identity")
    return {"type": found["type"]} if found else None


def _key_source(block: Block, state: State) -> str:
    own = state.of("azurerm_storage_account_customer_managed_key", "storage_account_id", _id(block))
    return "Microsoft.Keyvault" if own or block["customer_managed_key"] else "Microsoft.Storage"


def _blobs(key: str) -> Read:
    """A switch of the account's blobs."""
    return lambda block, _: bool(block["blob_properties"][0][key])


def _kept(block_name: str, key: str) -> Read:
    """How long what was deleted is kept."""

    def read(block: Block, _: State) -> dict[str, Any]:
        found = first(block[block_name][0], key)
        return {"enabled": found is not None, "days": found and found["days"]}

    return read


def _smb(block: Block, _: State) -> dict[str, Any]:
    """Nothing of what may be listed is listed where nobody chose."""
    found = first(block["share_properties"][0], "smb") or {}
    return {
        "versions": sorted(found.get("versions") or ()),
        "channelEncryption": sorted(found.get("channel_encryption_type") or ()),
        "authenticationMethods": sorted(found.get("authentication_types") or ()),
    }


def _group_id(block: Block, _: State) -> str:
    return _id(block).partition("/providers/")[0]


_ACCOUNT: Mapping[str, Read] = {
    **PLACE,
    "displayName": said("name"),
    "kind": said("account_kind"),
    "skuTier": said("account_tier"),
    "skuName": _sku,
    "minimumTlsVersion": said("min_tls_version"),
    "primaryLocation": said("primary_location"),
    "secondaryLocation": said("secondary_location"),
    "location": location,
    "resourceGroupId": _group_id,
    "resourceIdentity": _identity,
    "publicNetworkAccess": worded("Enabled", "Disabled", "public_network_access_enabled"),
    "keySource": _key_source,
    "sasExpirationPeriod": within("sas_policy", lambda found: found["expiration_period"]),
    "allowedCopyScope": said("allowed_copy_scope"),
    "hnsEnabled": switch("is_hns_enabled"),
    "supportsHttpsTrafficOnly": switch("https_traffic_only_enabled", "enable_https_traffic_only"),
    "allowBlobPublicAccess": switch("allow_nested_items_to_be_public", "allow_blob_public_access"),
    "allowSharedKeyAccess": switch("shared_access_key_enabled"),
    "allowCrossTenantReplication": switch("cross_tenant_replication_enabled"),
    "defaultToOAuthAuthentication": switch("default_to_oauth_authentication"),
    "requireInfrastructureEncryption": switch("infrastructure_encryption_enabled"),
    "isSftpEnabled": switch("sftp_enabled"),
    "isLocalUserEnabled": switch("local_user_enabled"),
    "networkAcls": _access,
    "blobSoftDelete": _kept("blob_properties", "delete_retention_policy"),
    "containerSoftDelete": _kept("blob_properties", "container_delete_retention_policy"),
    "blobVersioning": _blobs("versioning_enabled"),
    "blobChangeFeed": _blobs("change_feed_enabled"),
    "shareSoftDelete": _kept("share_properties", "retention_policy"),
    "smb": _smb,
    "blobDiagnosticSettings": diagnostics("/blobServices/default"),
    "queueDiagnosticSettings": diagnostics("/queueServices/default"),
    "tableDiagnosticSettings": diagnostics("/tableServices/default"),
    "locks": locks,
}
_VAULT: Mapping[str, Read] = {
    **PLACE,
    "vaultUri": said("vault_uri"),
    "tenantId": said("tenant_id"),
    "skuName": said("sku_name"),
    "publicNetworkAccess": worded("Enabled", "Disabled", "public_network_access_enabled"),
    "enableRbacAuthorization": switch("rbac_authorization_enabled", "enable_rbac_authorization"),
    "enableSoftDelete": lambda block, _: int(block["soft_delete_retention_days"]) > 0,
    "enablePurgeProtection": switch("purge_protection_enabled"),
    "enabledForDeployment": switch("enabled_for_deployment"),
    "enabledForDiskEncryption": switch("enabled_for_disk_encryption"),
    "enabledForTemplateDeployment": switch("enabled_for_template_deployment"),
    "softDeleteRetentionInDays": said("soft_delete_retention_days"),
    "accessPolicyCount": lambda block, _: len(block["access_policy"] or ()),
    "networkAcls": within("network_acls", _acl),
    "diagnosticSettings": diagnostics(),
}


def _vault(block: Block, state: State) -> Block:
    return state.one("azurerm_key_vault", "id", str(block["key_vault_id"]))


def _vault_name(block: Block, _: State) -> str:
    return str(block["key_vault_id"]).rpartition("/")[2]


def _vault_group(block: Block, _: State) -> str:
    return str(block["key_vault_id"]).split("/")[4]


def _uses_rbac(block: Block, state: State) -> bool:
    return bool(of(_vault(block, state), "rbac_authorization_enabled", "enable_rbac_authorization"))


def _moment(key: str) -> Read:
    return lambda block, _: iso(block[key] or None)


_ITEM: Mapping[str, Read] = {
    "resourceGroupName": _vault_group,
    "vaultName": _vault_name,
    "vaultUsesRbac": _uses_rbac,
    "notBefore": _moment("not_before_date"),
    "expiresOn": _moment("expiration_date"),
    "enabled": fixed(value=True),  # the provider only makes such ones, and has no word for the others
}


def _rotates(block: Block, _: State) -> bool:
    return any(row["automatic"] for row in each(block, "rotation_policy"))


def _rotates_after(block: Block, _: State) -> str | None:
    found = (one for row in each(block, "rotation_policy") for one in row["automatic"] or ())
    return next((one["time_after_creation"] or one["time_before_expiry"] for one in found), None)


_KEY: Mapping[str, Read] = {
    **_ITEM,
    "kty": said("key_type"),
    "keySize": said("key_size"),
    "curveName": said("curve"),
    "rotatesAutomatically": _rotates,
    "rotateAfter": _rotates_after,
}
_SECRET: Mapping[str, Read] = {
    **_ITEM,
    "contentType": said("content_type"),
    "isCertificate": lambda block, _: block["content_type"] in _CERTIFICATES,
}


def _encryption(block: Block, state: State) -> str:
    """A set of keys says itself in which way it encrypts."""
    chosen = block["disk_encryption_set_id"]
    if not chosen:
        return "EncryptionAtRestWithPlatformKey"
    return str(state.one("azurerm_disk_encryption_set", "id", str(chosen))["encryption_type"])


_DISK: Mapping[str, Read] = {
    **WHERE,
    "osType": said("os_type"),
    "encryptionType": _encryption,
    "diskEncryptionSetId": lowered("disk_encryption_set_id"),
    "networkAccessPolicy": lambda block, _: block["network_access_policy"] or "AllowAll",
    "publicNetworkAccess": worded("Enabled", "Disabled", "public_network_access_enabled"),
    "diskSizeGB": said("disk_size_gb"),
}

ROWS: tuple[Row, ...] = (
    Row(("azurerm_storage_account",), "STORAGE_ACCOUNT", by_name, _ACCOUNT),
    Row(("azurerm_key_vault",), "KEY_VAULT", by_name, _VAULT),
    Row(("azurerm_key_vault_key",), "VAULT_KEY", by_id("resource_versionless_id"), _KEY),
    Row(("azurerm_key_vault_secret",), "SECRETS", by_id("resource_versionless_id"), _SECRET),
    Row(("azurerm_managed_disk",), "AZURE_DISK", by_id(), _DISK),
)
