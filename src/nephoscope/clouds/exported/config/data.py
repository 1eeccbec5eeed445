"""What AWS Config records of buckets, databases, tables and other places where data are kept."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.aws.collecting import Raw
from nephoscope.clouds.exported.account import untold
from nephoscope.clouds.exported.config.rows import Answer, Everything, Item, Row, called, text_of
from nephoscope.clouds.exported.config.spelling import members_of, moment, spelled
from nephoscope.errors import GoneError

# ---- buckets

_PERMISSIONS = {
    "FullControl": "FULL_CONTROL",
    "Read": "READ",
    "Write": "WRITE",
    "ReadAcp": "READ_ACP",
    "WriteAcp": "WRITE_ACP",
}
_GROUPS = {
    "AllUsers": "http://acs.amazonaws.com/groups/global/AllUsers",
    "AuthenticatedUsers": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
    "LogDelivery": "http://acs.amazonaws.com/groups/s3/LogDelivery",
}


def _bucket(_raw: Raw, item: Item, _account: Everything) -> Raw:
    created = moment(item.configuration.get("creationDate"))
    return {"Name": item.name, "BucketRegion": item.region} | ({"CreationDate": created} if created else {})


def _part(item: Item, name: str) -> Any:
    if name not in item.beside:
        raise untold(name)
    return item.beside[name] or {}


def _optional(item: Item, name: str, error: str) -> Raw:
    """Config leaves such parts out where a bucket has none; an item without any part tells nothing."""
    if not item.beside:
        raise untold(name)
    found: Raw | None = item.beside.get(name)
    if not found:
        raise GoneError(f"s3 answered {error}")
    return found


def _policy(item: Item, _account: Everything) -> Any:
    return _part(item, "BucketPolicy").get("policyText") or None


def _is_public(item: Item, account: Everything) -> Any:
    """Only of a bucket without a policy it is known."""
    if _policy(item, account) is None:
        return False
    raise untold("whether the policy is public")


def _acl(item: Item, _account: Everything) -> Any:
    found = _part(item, "AccessControlList")
    if not isinstance(found, dict) or "grantList" not in found:
        raise untold("AccessControlList")
    owner = found.get("owner") or {}
    return {
        "Owner": {"ID": owner.get("id"), "DisplayName": owner.get("displayName")},
        "Grants": [_grant(row) for row in found["grantList"] or ()],
    }


def _grant(row: Raw) -> Raw:
    """Groups are written as one word, people as their id."""
    whom = row["grantee"]
    grantee = {"URI": _GROUPS.get(whom, whom)} if isinstance(whom, str) else {"ID": whom.get("id")}
    return {"Grantee": grantee, "Permission": _PERMISSIONS.get(row["permission"], row["permission"])}


def _block(item: Item, _account: Everything) -> Any:
    found = _optional(item, "PublicAccessBlockConfiguration", "NoSuchPublicAccessBlockConfiguration")
    return {"PublicAccessBlockConfiguration": _as(found, "GetPublicAccessBlock", "PublicAccessBlockConfiguration")}


def _encryption(item: Item, _account: Everything) -> Any:
    name = "ServerSideEncryptionConfiguration"
    found = _optional(item, name, "ServerSideEncryptionConfigurationNotFoundError")
    return {name: _as(found, "GetBucketEncryption", name)}


def _as(found: Raw, operation: str, path: str) -> Raw:
    return spelled(found, members_of("s3", operation, path))


def _versioning(item: Item, _account: Everything) -> Any:
    found = _part(item, "BucketVersioningConfiguration")
    status = {} if found.get("status") in {None, "Off"} else {"Status": found["status"]}
    mfa = found.get("isMfaDeleteEnabled")
    return status | ({"MFADelete": "Enabled" if mfa else "Disabled"} if mfa is not None else {})


def _logging(item: Item, _account: Everything) -> Any:
    found = _part(item, "BucketLoggingConfiguration")
    target = found.get("destinationBucketName")
    prefix = found.get("logFilePrefix") or ""
    return {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": prefix}} if target else {}


def _object_lock(item: Item, _account: Everything) -> Any:
    found = _optional(item, "ObjectLockConfiguration", "ObjectLockConfigurationNotFoundError")
    return {"ObjectLockConfiguration": _as(found, "GetObjectLockConfiguration", "ObjectLockConfiguration")}


def _lifecycle(item: Item, _account: Everything) -> Any:
    found = _optional(item, "BucketLifecycleConfiguration", "NoSuchLifecycleConfiguration")
    return _as(found, "GetBucketLifecycleConfiguration", "")


_OF_BUCKETS: Mapping[tuple[str, str], Answer] = {
    ("s3", "get_bucket_acl"): _acl,
    ("s3", "get_public_access_block"): _block,
    ("s3", "get_bucket_encryption"): _encryption,
    ("s3", "get_bucket_versioning"): _versioning,
    ("s3", "get_bucket_logging"): _logging,
    ("s3", "get_object_lock_configuration"): _object_lock,
    ("s3", "get_bucket_lifecycle_configuration"): _lifecycle,
}

# ---- databases


def _sharing(name: str) -> Answer:
    """Who may restore a snapshot: `name` is that of the attributes."""

    def answer(item: Item, _account: Everything) -> Any:
        rows = _part(item, name)
        named = [{key[:1].upper() + key[1:]: value for key, value in row.items()} for row in rows]
        return {f"{name}Result": {name: named}}

    return answer


def _is_manual(item: Item) -> bool:
    return bool(item.configuration.get("snapshotType", "manual") == "manual")


_INSTANCE = {
    "status": "DBInstanceStatus",
    "instanceClass": "DBInstanceClass",
    "encrypted": "StorageEncrypted",
    "enhancedMonitoringEnabled": "MonitoringInterval",
    "enabledCloudwatchLogsExports": "EnabledCloudwatchLogsExports",
    "parameterGroups": "DBParameterGroups",
    "tlsParameters": "DBParameterGroups",
    "subnetId": "DBSubnetGroup",
    "securityGroupId": "VpcSecurityGroups",
}

# ---- tables, file systems, warehouses, search


def _table(item: Item, _account: Everything) -> Any:
    return {"Table": spelled(item.configuration, members_of("dynamodb", "DescribeTable", "Table"))}


def _backups(item: Item, _account: Everything) -> Any:
    name = "ContinuousBackupsDescription"
    members = members_of("dynamodb", "DescribeContinuousBackups", name)
    return {name: spelled(_part(item, name), members)}


def _file_system_backups(item: Item, _account: Everything) -> Any:
    found = item.configuration.get("BackupPolicy")
    if not found:
        raise untold("BackupPolicy")
    return {"BackupPolicy": found}


def _logging_status(item: Item, _account: Everything) -> Any:
    found = _part(item, "LoggingStatus")
    if "loggingEnabled" not in found:
        raise untold("LoggingStatus")
    return {"LoggingEnabled": found["loggingEnabled"]}


def _domain(item: Item) -> Raw:
    found = called(Arn="ARN", Id="DomainId", arn="ARN")(item)
    if "elasticsearchVersion" in found:
        found["EngineVersion"] = f"Elasticsearch_{found['elasticsearchVersion']}"
    return {"ARN": item.arn, **found}


def _domain_more(_raw: Raw, item: Item, account: Everything) -> Raw:
    keys = {key.lower(): key for key in item.configuration}
    policies = keys.get("accesspolicies")
    return text_of(policies, "AccessPolicies")(item, account) if policies else {}


_DOMAIN = {
    "encryptionAtRest": "EncryptionAtRestOptions",
    "nodeToNodeEncryption": "NodeToNodeEncryptionOptions",
}


def _search(kind: str) -> Row:
    return Row(
        "OPENSEARCH_DOMAIN",
        (kind,),
        ("opensearch", "DescribeDomains", "DomainStatusList"),
        renamed=_domain,
        more=_domain_more,
        told_by=_DOMAIN,
        unset=("VPCOptions", "LogPublishingOptions"),
    )


ROWS: tuple[Row, ...] = (
    Row(
        "BUCKET",
        ("AWS::S3::Bucket",),
        more=_bucket,
        answers=_OF_BUCKETS,
        fields={"bucketPolicy": _policy, "isPolicyPublic": _is_public},
    ),
    Row(
        "RDS",
        ("AWS::RDS::DBInstance",),
        ("rds", "DescribeDBInstances", "DBInstances"),
        told_by=_INSTANCE,
        unset=("DBClusterIdentifier", "DBName", "KmsKeyId", "MasterUsername", "EnabledCloudwatchLogsExports"),
    ),
    Row(
        "RDS_CLUSTER",
        ("AWS::RDS::DBCluster",),
        ("rds", "DescribeDBClusters", "DBClusters"),
        unset=("DatabaseName", "KmsKeyId", "EnabledCloudwatchLogsExports"),
    ),
    Row(
        "RDS_SNAPSHOT",
        ("AWS::RDS::DBSnapshot",),
        ("rds", "DescribeDBSnapshots", "DBSnapshots"),
        unset=("KmsKeyId",),
        answers={("rds", "describe_db_snapshot_attributes"): _sharing("DBSnapshotAttributes")},
        is_ours=_is_manual,
    ),
    Row(
        "RDS_CLUSTER_SNAPSHOT",
        ("AWS::RDS::DBClusterSnapshot",),
        ("rds", "DescribeDBClusterSnapshots", "DBClusterSnapshots"),
        unset=("KmsKeyId",),
        answers={("rds", "describe_db_cluster_snapshot_attributes"): _sharing("DBClusterSnapshotAttributes")},
        is_ours=_is_manual,
    ),
    Row(
        "DYNAMODB_TABLE",
        ("AWS::DynamoDB::Table",),
        more=lambda _raw, item, _account: {"TableName": item.configuration.get("tableName") or item.name},
        told_by={"deletionProtectionEnabled": "DeletionProtectionEnabled"},
        answers={("dynamodb", "describe_table"): _table, ("dynamodb", "describe_continuous_backups"): _backups},
    ),
    Row(
        "EFS",
        ("AWS::EFS::FileSystem",),
        ("efs", "DescribeFileSystems", "FileSystems"),
        renamed=called(Arn="FileSystemArn"),
        unset=("KmsKeyId",),
        answers={
            ("efs", "describe_backup_policy"): _file_system_backups,
            ("efs", "describe_file_system_policy"): text_of("FileSystemPolicy", "Policy"),
        },
    ),
    Row(
        "REDSHIFT_CLUSTER",
        ("AWS::Redshift::Cluster",),
        ("redshift", "DescribeClusters", "Clusters"),
        told_by={"tlsParameters": "ClusterParameterGroups"},
        unset=("KmsKeyId",),
        answers={("redshift", "describe_logging_status"): _logging_status},
    ),
    _search("AWS::OpenSearch::Domain"),
    _search("AWS::Elasticsearch::Domain"),
)
