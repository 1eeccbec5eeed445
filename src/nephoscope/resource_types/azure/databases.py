"""Azure resource types: managed databases."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import parts, strings
from nephoscope.resource_types.types import ResourceType

MARIADB_SERVER = ResourceType(
    name="MARIADB_SERVER",
    provider=Provider.AZURE,
    service_type="MARIADB_SERVER",
    title="Azure Database for MariaDB Server",
    permissions=("Microsoft.DBforMariaDB/servers/read",),
    aliases=("MARIADB",),
    is_regional=False,
    fields=(
        *strings("region", "resourceGroupName", "version", "administratorLogin", "fullyQualifiedDomainName"),
        *strings("sslEnforcement", "minimalTlsVersion", "publicNetworkAccess", "userVisibleState"),
        *parts("sku", "name", "tier"),
        *parts("storageProfile", "storageMB", "backupRetentionDays", "geoRedundantBackup"),
    ),
)

TYPES = (MARIADB_SERVER,)
