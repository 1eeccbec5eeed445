"""Google Cloud resource types: Cloud SQL."""

from nephoscope.resource_types.fields import booleans, integers, lists, parts, rows, strings, times
from nephoscope.resource_types.gcp.declaring import declared

SQL_INSTANCE = declared(
    "SQL_INSTANCE",
    "Cloud SQL",
    "Cloud SQL Instance",
    *strings("engine", "databaseVersion", "state", "instanceType", "tier", "edition", "activationPolicy"),
    *strings("availabilityType", "sslMode", "privateNetwork", "kmsKeyName"),
    *booleans("requireSsl", "ipv4Enabled", "deletionProtectionEnabled", "storageAutoResize", "queryInsightsEnabled"),
    *booleans("passwordPolicyEnabled", "hasMaintenanceWindow"),
    *rows("authorizedNetworks", "name", "value"),
    *rows("ipAddresses", "type", "ipAddress"),
    *rows("databaseFlags", "name", "value"),
    *parts("backupConfiguration", "enabled", "pointInTimeRecoveryEnabled", "binaryLogEnabled", "retainedBackups"),
    *integers("transactionLogRetentionDays"),
    *times("createTime", "serverCertificateExpires"),
    *lists("replicaNames"),
    aliases=("CLOUD_SQL_INSTANCE",),
)

TYPES = (SQL_INSTANCE,)
