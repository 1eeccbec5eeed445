"""What Terraform tells of databases and caches of Azure. A server's name is unique in all of Azure and is its id."""

from collections.abc import Callable, Mapping
from typing import Any

from nephoscope.clouds.exported.terraform.azure_known import WHERE, by_id, by_name
from nephoscope.clouds.exported.terraform.blocks import (
    Block,
    Read,
    State,
    beside,
    first,
    of,
    partly,
    said,
    switch,
    unless,
    within,
    worded,
)
from nephoscope.clouds.exported.terraform.rows import Row
from nephoscope.resource_types.azure.databases import PARAMETERS


def _enabled(*keys: str) -> Read:
    return worded("Enabled", "Disabled", *keys)


def _sku(block: Block, _: State) -> dict[str, Any]:
    return {"name": block["sku_name"]}


def _storage(block: Block, _: State) -> dict[str, Any]:
    return {
        "storageMB": block["storage_mb"],
        "backupRetentionDays": block["backup_retention_days"],
        "geoRedundantBackup": "Enabled" if block["geo_redundant_backup_enabled"] else "Disabled",
        "storageAutogrow": "Enabled" if block["auto_grow_enabled"] else "Disabled",
    }


def _tls(block: Block, _: State) -> str:
    """`TLSEnforcementDisabled` is how both spell that there is no lowest version."""
    return str(block["ssl_minimal_tls_version_enforced"])


def _parameters(kind: str, key: str, by: str) -> Read:
    """Those that are set by a resource of their own; the others keep defaults that no state tells, and are missing."""

    def read(block: Block, state: State) -> dict[str, Any]:
        rows = _same_group(block, state.of(kind, key, str(block[by])))
        found = {str(row["name"]).replace(".", "_"): str(row["value"]).lower() for row in rows}
        if not found:
            raise LookupError(kind)
        return {name: found[name] for name in PARAMETERS if name in found}

    return read


def _same_group(block: Block, rows: list[Block]) -> list[Block]:
    group = str(block.get("resource_group_name")).lower()
    return [row for row in rows if str(row.get("resource_group_name", group)).lower() == group]


def _firewall(kind: str, key: str = "server_id", by: str = "id") -> Read:
    """What lets everybody in counts; that nothing does is not known while rules may be made by other means."""
    return partly(kind, key, beside(kind, key, by, _allowed), lambda row: row["startIpAddress"] == "0.0.0.0")  # noqa: S104 - the first of all addresses


def _allowed(row: Block) -> dict[str, Any]:
    return {"name": row["name"], "startIpAddress": row["start_ip_address"], "endIpAddress": row["end_ip_address"]}


_SINGLE: Mapping[str, Read] = {
    **WHERE,
    "version": said("version"),
    "administratorLogin": said("administrator_login"),
    "fullyQualifiedDomainName": said("fqdn"),
    "sslEnforcement": _enabled("ssl_enforcement_enabled"),
    "minimalTlsVersion": _tls,
    "publicNetworkAccess": _enabled("public_network_access_enabled"),
    "sku": _sku,
    "storageProfile": _storage,
}


def _firm(block: Block, _: State) -> str:
    """Null is how older providers write that nobody asked for it."""
    return "Enabled" if block["infrastructure_encryption_enabled"] else "Disabled"


def _single(database: str) -> Mapping[str, Read]:
    return {
        **_SINGLE,
        "infrastructureEncryption": _firm,
        "firewallRules": _firewall(f"azurerm_{database}_firewall_rule", "server_name", "name"),
    }


def _data_key(block: Block, _: State) -> str:
    return "AzureKeyVault" if block["customer_managed_key"] else "SystemManaged"


def _flexible(database: str, key: str, by: str) -> Mapping[str, Read]:
    child = f"azurerm_{database}_flexible_server"
    return {
        **WHERE,
        "version": said("version"),
        "administratorLogin": said("administrator_login"),
        "fullyQualifiedDomainName": said("fqdn"),
        "publicNetworkAccess": _enabled("public_network_access_enabled"),
        "geoRedundantBackup": _enabled("geo_redundant_backup_enabled"),
        "highAvailabilityMode": within("high_availability", lambda found: found["mode"]),
        "dataEncryptionType": _data_key,
        "backupRetentionDays": said("backup_retention_days"),
        "parameters": _parameters(f"{child}_configuration", key, by),
        "firewallRules": _firewall(f"{child}_firewall_rule", key, by),
    }


def _sign_in(block: Block, _: State) -> dict[str, Any]:
    found = block["authentication"][0]
    words = {True: "Enabled", False: "Disabled"}
    return {
        "activeDirectoryAuth": words[found["active_directory_auth_enabled"]],
        "passwordAuth": words[found["password_auth_enabled"]],
    }


def _auditing(block: Block, state: State) -> dict[str, Any]:
    row = state.one("azurerm_mssql_server_extended_auditing_policy", "server_id", str(block["id"]))
    return {
        "state": "Enabled" if row["enabled"] else "Disabled",
        "retentionDays": row["retention_in_days"],
        "storageEndpoint": row["storage_endpoint"] or None,
        "isAzureMonitorTargetEnabled": row["log_monitoring_enabled"],
    }


def _protector(block: Block, state: State) -> str:
    own = state.of("azurerm_mssql_server_transparent_data_encryption", "server_id", str(block["id"]))
    key = own[0]["key_vault_key_id"] if own else block["transparent_data_encryption_key_vault_key_id"]
    if not own and not key:
        raise LookupError("key_vault_key_id")
    return "AzureKeyVault" if key else "ServiceManaged"


def _administrators(block: Block, _: State) -> list[dict[str, Any]]:
    return [
        {"login": row["login_username"], "azureADOnlyAuthentication": row["azuread_authentication_only"]}
        for row in block["azuread_administrator"] or ()
    ]


_SQL: Mapping[str, Read] = {
    **WHERE,
    "version": said("version"),
    "administratorLogin": said("administrator_login"),
    "fullyQualifiedDomainName": said("fully_qualified_domain_name"),
    "minimalTlsVersion": said("minimum_tls_version"),
    "publicNetworkAccess": _enabled("public_network_access_enabled"),
    "restrictOutboundNetworkAccess": _enabled("outbound_network_restriction_enabled"),
    "protectorType": _protector,
    "auditing": _auditing,
    "entraAdministrators": _administrators,
    "firewallRules": _firewall("azurerm_mssql_firewall_rule"),
}


def _of_server(at: int) -> Callable[[Block, State], str]:
    return lambda block, _: str(block["server_id"]).split("/")[at]


_DATABASE: Mapping[str, Read] = {
    "resourceGroupName": _of_server(4),
    "serverName": _of_server(8),
    "databaseName": said("name"),
    "collation": said("collation"),
    "requestedBackupStorageRedundancy": said("storage_account_type"),
    "transparentDataEncryption": _enabled("transparent_data_encryption_enabled"),
    "zoneRedundant": switch("zone_redundant"),
    "isSystem": lambda block, _: block["name"] == "master",
}


def _addresses(block: Block, _: State) -> list[str]:
    """One text with commas, or a list."""
    found = block["ip_range_filter"]
    return sorted(one.strip() for one in (found.split(",") if isinstance(found, str) else found or ()) if one)


def _no_keys(block: Block, _: State) -> bool:
    if "local_authentication_enabled" in block:
        return not block["local_authentication_enabled"]
    return bool(block["local_authentication_disabled"])


_COSMOS: Mapping[str, Read] = {
    **WHERE,
    "kind": said("kind"),
    "publicNetworkAccess": _enabled("public_network_access_enabled"),
    "minimalTlsVersion": said("minimal_tls_version"),
    "backupType": within("backup", lambda found: found["type"]),
    "isVirtualNetworkFilterEnabled": switch("is_virtual_network_filter_enabled"),
    "disableLocalAuth": _no_keys,
    "disableKeyBasedMetadataWriteAccess": unless("access_key_metadata_writes_enabled"),
    "enableAutomaticFailover": switch("automatic_failover_enabled", "enable_automatic_failover"),
    "keyVaultKeyUri": said("key_vault_key_id"),
    "ipRules": _addresses,
}


def _entra(block: Block, _: State) -> bool:
    found = first(block, "redis_configuration")
    if found is None:
        raise LookupError("redis_configuration")
    return bool(of(found, "active_directory_authentication_enabled"))


_REDIS: Mapping[str, Read] = {
    **WHERE,
    "redisVersion": said("redis_version"),
    "minimumTlsVersion": said("minimum_tls_version"),
    "publicNetworkAccess": _enabled("public_network_access_enabled"),
    "skuName": said("sku_name"),
    "enableNonSslPort": switch("non_ssl_port_enabled", "enable_non_ssl_port"),
    "disableAccessKeyAuthentication": unless("access_keys_authentication_enabled"),
    "entraAuthentication": _entra,
}

ROWS: tuple[Row, ...] = (
    Row(("azurerm_mariadb_server",), "MARIADB_SERVER", by_name, _SINGLE),
    Row(
        ("azurerm_postgresql_server",),
        "POSTGRE_SINGLE_SERVER",
        by_name,
        {
            **_single("postgresql"),
            "parameters": _parameters("azurerm_postgresql_configuration", "server_name", "name"),
        },
    ),
    Row(
        ("azurerm_postgresql_flexible_server",),
        "POSTGRE_FLEXIBLE_SERVER",
        by_name,
        {**_flexible("postgresql", "server_id", "id"), "authConfig": _sign_in},
    ),
    Row(("azurerm_mysql_server",), "MYSQL", by_name, _single("mysql")),
    Row(
        ("azurerm_mysql_flexible_server",), "MYSQL_FLEXIBLE_SERVER", by_name, _flexible("mysql", "server_name", "name")
    ),
    Row(("azurerm_mssql_server",), "SQL_SERVER", by_name, _SQL),
    Row(("azurerm_mssql_database",), "SQL_SERVER_DATABASE", by_id(), _DATABASE),
    Row(("azurerm_cosmosdb_account",), "COSMODB", by_name, _COSMOS),
    Row(("azurerm_redis_cache",), "REDIS", by_name, _REDIS),
)
