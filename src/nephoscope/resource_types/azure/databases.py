"""Azure resource types: managed databases."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import booleans, integers, parts, rows, strings
from nephoscope.resource_types.types import Field, Kind, ResourceType

PARAMETERS = (
    *("require_secure_transport", "log_checkpoints", "log_connections", "log_disconnections"),
    *("connection_throttle_enable", "connection_throttling", "logfiles_retention_days", "log_retention_days"),
    *("tls_version", "audit_log_enabled", "audit_log_events", "ssl_min_protocol_version"),
)
"""Server parameters that are kept, with `_` where PostgreSQL has a dot."""

_WHERE = strings("region", "resourceGroupName")
_FIREWALL = rows("firewallRules", "name", "startIpAddress", "endIpAddress")
_ENDPOINTS = rows("privateEndpointConnections", "id", "status")


def _server(name: str, kind: str, title: str, fields: tuple[Field, ...], aliases: tuple[str, ...] = ()) -> ResourceType:
    return ResourceType(
        name=name,
        provider=Provider.AZURE,
        service_type=name,
        title=title,
        permissions=(f"{kind}/read",),
        aliases=aliases,
        is_regional=False,
        fields=(*_WHERE, *fields),
    )


_SINGLE = (
    *strings("version", "administratorLogin", "fullyQualifiedDomainName"),
    *strings("sslEnforcement", "minimalTlsVersion", "publicNetworkAccess", "userVisibleState"),
    *parts("sku", "name", "tier"),
    *parts("storageProfile", "storageMB", "backupRetentionDays", "geoRedundantBackup"),
)
_FLEXIBLE = (
    *strings("version", "administratorLogin", "fullyQualifiedDomainName", "state", "publicNetworkAccess"),
    *strings("geoRedundantBackup", "highAvailabilityMode", "dataEncryptionType"),
    *integers("backupRetentionDays"),
    *parts("authConfig", "activeDirectoryAuth", "passwordAuth"),
    *parts("parameters", *PARAMETERS),
    *_FIREWALL,
)

MARIADB_SERVER = _server(
    "MARIADB_SERVER", "Microsoft.DBforMariaDB/servers", "Azure Database for MariaDB Server", _SINGLE, ("MARIADB",)
)
POSTGRE_SINGLE_SERVER = _server(
    "POSTGRE_SINGLE_SERVER",
    "Microsoft.DBforPostgreSQL/servers",
    "Azure Database for PostgreSQL Single Server",
    (*_SINGLE, *strings("infrastructureEncryption"), *parts("parameters", *PARAMETERS), *_FIREWALL),
    ("POSTGRESQL_SINGLE_SERVER",),
)
POSTGRE_FLEXIBLE_SERVER = _server(
    "POSTGRE_FLEXIBLE_SERVER",
    "Microsoft.DBforPostgreSQL/flexibleServers",
    "Azure Database for PostgreSQL Flexible Server",
    _FLEXIBLE,
    ("POSTGRESQL_FLEXIBLE_SERVER",),
)
MYSQL = _server(
    "MYSQL",
    "Microsoft.DBforMySQL/servers",
    "Azure Database for MySQL Single Server",
    (*_SINGLE, *strings("infrastructureEncryption"), *_FIREWALL),
)
MYSQL_FLEXIBLE_SERVER = _server(
    "MYSQL_FLEXIBLE_SERVER",
    "Microsoft.DBforMySQL/flexibleServers",
    "Azure Database for MySQL Flexible Server",
    _FLEXIBLE,
)
SQL_SERVER = ResourceType(
    name="SQL_SERVER",
    provider=Provider.AZURE,
    service_type="Azure SQL",
    title="Azure SQL Server",
    permissions=("Microsoft.Sql/servers/read",),
    is_regional=False,
    fields=(
        *_WHERE,
        *strings("version", "state", "administratorLogin", "fullyQualifiedDomainName"),
        *strings("minimalTlsVersion", "publicNetworkAccess", "restrictOutboundNetworkAccess", "protectorType"),
        *parts("auditing", "state", "retentionDays", "storageEndpoint", "isAzureMonitorTargetEnabled"),
        *rows("entraAdministrators", "login", "azureADOnlyAuthentication"),
        *_ENDPOINTS,
        *_FIREWALL,
    ),
)
SQL_SERVER_DATABASE = ResourceType(
    name="SQL_SERVER_DATABASE",
    provider=Provider.AZURE,
    service_type="Azure SQL",
    title="Azure SQL Database",
    permissions=("Microsoft.Sql/servers/databases/read",),
    aliases=("SQL_DATABASE",),
    is_regional=False,
    fields=(
        *_WHERE,
        *strings("databaseName", "serverName", "status", "collation", "requestedBackupStorageRedundancy"),
        *strings("transparentDataEncryption"),
        *booleans("zoneRedundant", "isSystem"),
    ),
)
COSMODB = _server(
    "COSMODB",
    "Microsoft.DocumentDB/databaseAccounts",
    "Azure Cosmos DB Account",
    (
        *strings("kind", "publicNetworkAccess", "minimalTlsVersion", "backupType"),
        *booleans("isVirtualNetworkFilterEnabled", "disableLocalAuth", "disableKeyBasedMetadataWriteAccess"),
        *booleans("enableAutomaticFailover"),
        *strings("keyVaultKeyUri"),
        Field("ipRules", Kind.LIST),
        *_ENDPOINTS,
    ),
    ("COSMOSDB",),
)
REDIS = _server(
    "REDIS",
    "Microsoft.Cache/redis",
    "Azure Cache for Redis",
    (
        *strings("redisVersion", "minimumTlsVersion", "publicNetworkAccess", "skuName"),
        *booleans("enableNonSslPort", "disableAccessKeyAuthentication", "entraAuthentication"),
        *_ENDPOINTS,
    ),
)

TYPES = (
    MARIADB_SERVER,
    POSTGRE_SINGLE_SERVER,
    POSTGRE_FLEXIBLE_SERVER,
    MYSQL,
    MYSQL_FLEXIBLE_SERVER,
    SQL_SERVER,
    SQL_SERVER_DATABASE,
    COSMODB,
    REDIS,
)
