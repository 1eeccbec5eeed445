"""Azure resource types: key vaults, their keys and their secrets (never the values)."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.azure.network import DIAGNOSTICS, PLACE
from nephoscope.resource_types.fields import booleans, integers, parts, rows, strings, times
from nephoscope.resource_types.types import ResourceType

_ITEM = (
    *strings("region", "resourceGroupName", "vaultName vault.name"),
    *booleans("vaultUsesRbac", "enabled"),
    *times("createdOn", "updatedOn", "notBefore", "expiresOn"),
)

KEY_VAULT = ResourceType(
    name="KEY_VAULT",
    provider=Provider.AZURE,
    service_type="Key Vault",
    title="Azure Key Vault",
    permissions=("Microsoft.KeyVault/vaults/read",),
    aliases=("VAULT",),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("vaultUri", "tenantId", "skuName", "publicNetworkAccess"),
        *booleans("enableRbacAuthorization", "enableSoftDelete", "enablePurgeProtection"),
        *booleans("enabledForDeployment", "enabledForDiskEncryption", "enabledForTemplateDeployment"),
        *integers("softDeleteRetentionInDays", "accessPolicyCount"),
        *parts("networkAcls", "defaultAction", "bypass", "ipRules", "virtualNetworkRules"),
        *rows("privateEndpointConnections", "id", "status"),
        *DIAGNOSTICS,
    ),
)

VAULT_KEY = ResourceType(
    name="VAULT_KEY",
    provider=Provider.AZURE,
    service_type="Key Vault",
    title="Azure Key Vault Key",
    permissions=("Microsoft.KeyVault/vaults/read", "Microsoft.KeyVault/vaults/keys/read"),
    aliases=("KEYS", "KEY_VAULT_KEY"),
    is_regional=False,
    fields=(
        *_ITEM,
        *strings("kty", "curveName", "rotateAfter"),
        *integers("keySize"),
        *booleans("rotatesAutomatically"),
    ),
)

SECRETS = ResourceType(
    name="SECRETS",
    provider=Provider.AZURE,
    service_type="Key Vault",
    title="Azure Key Vault Secret",
    permissions=("Microsoft.KeyVault/vaults/read", "Microsoft.KeyVault/vaults/secrets/read"),
    aliases=("KEY_VAULT_SECRET",),
    is_regional=False,
    fields=(*_ITEM, *strings("contentType"), *booleans("isCertificate")),
)

TYPES = (KEY_VAULT, VAULT_KEY, SECRETS)
