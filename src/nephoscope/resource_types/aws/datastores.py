"""AWS resource types: data outside relational databases (file systems, tables, caches, warehouses, search)."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import booleans, integers, lists, maps, parts, rows, strings, times
from nephoscope.resource_types.types import ResourceType

EFS = ResourceType(
    name="EFS",
    provider=Provider.AWS,
    service_type="EFS",
    title="EFS File System",
    permissions=("elasticfilesystem:DescribeFileSystems",),
    aliases=("EFS_FILE_SYSTEM",),
    fields=(
        *strings("fileSystemId", "name", "ownerId", "lifeCycleState", "kmsKeyId", "performanceMode", "throughputMode"),
        *strings("availabilityZoneName", "backupStatus"),
        *booleans("encrypted"),
        *times("creationTime"),
        *integers("numberOfMountTargets"),
        *maps("policy"),
    ),
)

DYNAMODB_TABLE = ResourceType(
    name="DYNAMODB_TABLE",
    provider=Provider.AWS,
    service_type="DynamoDB",
    title="DynamoDB Table",
    permissions=("dynamodb:ListTables", "tag:GetResources"),
    aliases=("DYNAMODB",),
    fields=(
        *strings("tableName", "tableId", "tableStatus", "billingMode", "tableClass"),
        *booleans("deletionProtectionEnabled"),
        *times("creationDateTime"),
        *parts("sseDescription", "status", "sseType", "kmsMasterKeyArn"),
        *parts("streamSpecification", "streamEnabled", "streamViewType"),
        *strings("pointInTimeRecoveryStatus"),
        *integers("recoveryPeriodInDays"),
        *maps("resourcePolicy"),
    ),
)

REDSHIFT_CLUSTER = ResourceType(
    name="REDSHIFT_CLUSTER",
    provider=Provider.AWS,
    service_type="Redshift",
    title="Redshift Cluster",
    permissions=("redshift:DescribeClusters",),
    aliases=("REDSHIFT",),
    fields=(
        *strings("clusterIdentifier", "nodeType", "clusterStatus", "masterUsername", "dbName", "vpcId", "kmsKeyId"),
        *strings("clusterVersion", "multiAZ"),
        *booleans("publiclyAccessible", "encrypted", "enhancedVpcRouting", "allowVersionUpgrade", "auditLogging"),
        *integers("automatedSnapshotRetentionPeriod", "numberOfNodes"),
        *times("clusterCreateTime"),
        *parts("endpoint", "address", "port"),
        *rows("clusterParameterGroups", "parameterGroupName"),
        *maps("tlsParameters"),
    ),
)

ELASTICACHE = ResourceType(
    name="ELASTICACHE",
    provider=Provider.AWS,
    service_type="ElastiCache",
    title="ElastiCache Replication Group",
    permissions=("elasticache:DescribeReplicationGroups", "tag:GetResources"),
    aliases=("ELASTICACHE_REPLICATION_GROUP",),
    fields=(
        *strings("replicationGroupId", "description", "status", "engine", "automaticFailover", "multiAZ", "kmsKeyId"),
        *strings("transitEncryptionMode", "cacheNodeType"),
        *booleans("transitEncryptionEnabled", "atRestEncryptionEnabled", "authTokenEnabled", "autoMinorVersionUpgrade"),
        *booleans("clusterEnabled"),
        *integers("snapshotRetentionLimit"),
        *lists("userGroupIds"),
    ),
)

OPENSEARCH_DOMAIN = ResourceType(
    name="OPENSEARCH_DOMAIN",
    provider=Provider.AWS,
    service_type="OpenSearch",
    title="OpenSearch Domain",
    permissions=("es:ListDomainNames", "es:DescribeDomains", "tag:GetResources"),
    aliases=("OPENSEARCH", "ELASTICSEARCH_DOMAIN"),
    fields=(
        *strings("domainName", "domainId", "engineVersion", "endpoint"),
        *booleans("deleted", "encryptionAtRest", "nodeToNodeEncryption"),
        *maps("accessPolicies"),
        *parts("vpcOptions", "vpcId", "subnetIds", "securityGroupIds"),
        *parts("domainEndpointOptions", "enforceHTTPS", "tlsSecurityPolicy"),
        *parts("advancedSecurityOptions", "enabled", "internalUserDatabaseEnabled", "anonymousAuthEnabled"),
        *maps("logPublishingOptions"),
        *parts("serviceSoftwareOptions", "updateAvailable", "currentVersion", "newVersion"),
    ),
)

TYPES: tuple[ResourceType, ...] = (EFS, DYNAMODB_TABLE, REDSHIFT_CLUSTER, ELASTICACHE, OPENSEARCH_DOMAIN)
