"""AWS resource types: relational databases, their clusters and snapshots."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import booleans, integers, lists, parts, rows, strings, times
from nephoscope.resource_types.types import ResourceType

RDS = ResourceType(
    name="RDS",
    provider=Provider.AWS,
    service_type="RDS",
    title="RDS Instance",
    permissions=("rds:DescribeDBInstances",),
    aliases=("RDS_INSTANCE", "DB_INSTANCE"),
    fields=(
        *lists("subnetId", "securityGroupId", "dbSecurityGroupList"),
        *parts(
            "subnetGroup",
            *("dbSubnetGroupStatus", "dbSubnetGroupName", "dbSubnetVpcId", "subnetList", "dbsubnetGroupArn"),
        ),
        *strings("dbName", "availabilityZone", "dbClusterIdentifier", "caCertificateIdentifier", "engineVersion"),
        *strings("masterUsername", "dbInstanceIdentifier", "kmsKeyId", "status", "dbiResourceId", "engine", "arn"),
        *strings("preferredBackupWindow", "preferredMaintenanceWindow", "instanceClass", "licenseModel", "storageType"),
        *integers("backupRetentionPeriod", "dbInstancePort", "allocatedStorage", "monitoringInterval"),
        *times("latestRestorableTime", "instanceCreatedTime"),
        *booleans("enhancedMonitoringEnabled", "publiclyAccessible", "multiAZ", "encrypted"),
        *booleans("iamDatabaseAuthenticationEnabled", "autoMinorVersionUpgrade", "deletionProtection"),
        *booleans("copyTagsToSnapshot", "performanceInsightsEnabled"),
        *parts("endpoint", "hostedZoneId", "address", "port"),
        *parts("certificateDetails", "caIdentifier", "validTill"),
        *parts("masterUserSecret", "secretArn", "secretStatus"),
        *lists("enabledCloudwatchLogsExports", "parameterGroups"),
        *parts("tlsParameters"),
    ),
    wire=(
        *("subnetId", "subnetGroup", "dbName", "availabilityZone", "securityGroupId", "dbClusterIdentifier"),
        *("caCertificateIdentifier", "engineVersion", "masterUsername", "dbInstanceIdentifier", "dbSecurityGroupList"),
        *("backupRetentionPeriod", "kmsKeyId", "status", "latestRestorableTime", "dbInstancePort"),
        *("enhancedMonitoringEnabled", "dbiResourceId", "preferredBackupWindow", "endpoint", "engine"),
        *("publiclyAccessible", "arn", "instanceCreatedTime", "multiAZ", "instanceClass", "encrypted"),
        *("iamDatabaseAuthenticationEnabled", "licenseModel", "preferredMaintenanceWindow", "storageType"),
    ),
)

RDS_CLUSTER = ResourceType(
    name="RDS_CLUSTER",
    provider=Provider.AWS,
    service_type="RDS",
    title="RDS Cluster",
    permissions=("rds:DescribeDBClusters",),
    aliases=("DB_CLUSTER",),
    fields=(
        *strings("dbClusterIdentifier", "engine", "engineVersion", "engineMode", "status", "kmsKeyId"),
        *strings("databaseName", "masterUsername", "endpoint", "dbSubnetGroup"),
        *integers("backupRetentionPeriod", "port", "backtrackWindow"),
        *booleans("storageEncrypted", "deletionProtection", "multiAZ", "iamDatabaseAuthenticationEnabled"),
        *booleans("copyTagsToSnapshot", "autoMinorVersionUpgrade", "publiclyAccessible", "httpEndpointEnabled"),
        *times("clusterCreateTime"),
        *lists("enabledCloudwatchLogsExports", "availabilityZones"),
        *rows("dbClusterMembers", "dbInstanceIdentifier", "isClusterWriter"),
        *rows("vpcSecurityGroups", "vpcSecurityGroupId", "status"),
    ),
)

RDS_SNAPSHOT = ResourceType(
    name="RDS_SNAPSHOT",
    provider=Provider.AWS,
    service_type="RDS",
    title="RDS Snapshot",
    permissions=("rds:DescribeDBSnapshots",),
    aliases=("DB_SNAPSHOT",),
    fields=(
        *strings("dbSnapshotIdentifier", "dbInstanceIdentifier", "snapshotType", "engine", "status", "kmsKeyId"),
        *booleans("encrypted"),
        *times("snapshotCreateTime"),
        *lists("restorableBy"),
    ),
)

RDS_CLUSTER_SNAPSHOT = ResourceType(
    name="RDS_CLUSTER_SNAPSHOT",
    provider=Provider.AWS,
    service_type="RDS",
    title="RDS Cluster Snapshot",
    permissions=("rds:DescribeDBClusterSnapshots",),
    aliases=("DB_CLUSTER_SNAPSHOT",),
    fields=(
        *strings("dbClusterSnapshotIdentifier", "dbClusterIdentifier", "snapshotType", "engine", "status", "kmsKeyId"),
        *booleans("storageEncrypted"),
        *times("snapshotCreateTime"),
        *lists("restorableBy"),
    ),
)

TYPES: tuple[ResourceType, ...] = (RDS, RDS_CLUSTER, RDS_SNAPSHOT, RDS_CLUSTER_SNAPSHOT)
