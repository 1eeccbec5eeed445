"""How file systems, tables, caches, warehouses and search domains are read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nephoscope.clouds.aws.collecting import Calls, Collector, Detail, Place, Raw, listing
from nephoscope.clouds.aws.collectors.tagging import tagged
from nephoscope.clouds.aws.shaping import camel, parsed, resource, tags_of
from nephoscope.errors import GoneError
from nephoscope.model.resources import Observed
from nephoscope.resource_types.aws import datastores as types


def _shape_file_system(raw: Raw, place: Place) -> Observed:
    identity = raw["FileSystemId"]
    arn = raw.get("FileSystemArn") or (
        f"arn:{place.partition}:elasticfilesystem:{place.region}:{place.account_id}:file-system/{identity}"
    )
    return resource(types.EFS, identity, arn, camel(raw), name=raw.get("Name", ""), tags=tags_of(raw.get("Tags")))


def _read_file_system_policy(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    try:
        answer = calls.call("efs", "describe_file_system_policy", FileSystemId=raw["FileSystemId"])
    except GoneError:
        return {"policy": None}
    return {"policy": parsed(answer.get("Policy"))}


def _read_backup_policy(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    try:
        answer = calls.call("efs", "describe_backup_policy", FileSystemId=raw["FileSystemId"])
    except GoneError:
        return {"backupStatus": "DISABLED"}
    return {"backupStatus": answer["BackupPolicy"].get("Status")}


FILE_SYSTEMS = Collector(
    "EFS",
    listing("efs", "describe_file_systems", "FileSystems"),
    _shape_file_system,
    (
        Detail(("policy",), ("elasticfilesystem:DescribeFileSystemPolicy",), _read_file_system_policy),
        Detail(("backupStatus",), ("elasticfilesystem:DescribeBackupPolicy",), _read_backup_policy),
    ),
)


def _fetch_tables(calls: Calls) -> Iterator[Raw]:
    return ({"TableName": name} for name in calls.items("dynamodb", "list_tables", "TableNames"))


def _table_arn(raw: Raw, place: Place) -> str:
    return f"arn:{place.partition}:dynamodb:{place.region}:{place.account_id}:table/{raw['TableName']}"


def _shape_table(raw: Raw, place: Place) -> Observed:
    return resource(types.DYNAMODB_TABLE, raw["TableName"], _table_arn(raw, place), camel(raw))


_TABLE_FIELDS = ("tableId", "tableStatus", "billingMode", "tableClass", "deletionProtectionEnabled", "creationDateTime")
_TABLE_PARTS = ("sseDescription", "streamSpecification")


def _read_table(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """The settings; sizes and item counts change by themselves and are left out."""
    table = camel(calls.call("dynamodb", "describe_table", TableName=raw["TableName"])["Table"])
    known = table | {
        "billingMode": (table.get("billingModeSummary") or {}).get("billingMode", "PROVISIONED"),
        "tableClass": (table.get("tableClassSummary") or {}).get("tableClass", "STANDARD"),
        "deletionProtectionEnabled": table.get("deletionProtectionEnabled", False),
    }
    return {name: known.get(name) for name in (*_TABLE_FIELDS, *_TABLE_PARTS)}


def _read_continuous_backups(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    answer = calls.call("dynamodb", "describe_continuous_backups", TableName=raw["TableName"])
    recovery = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription") or {}
    return {
        "pointInTimeRecoveryStatus": recovery.get("PointInTimeRecoveryStatus", "DISABLED"),
        "recoveryPeriodInDays": recovery.get("RecoveryPeriodInDays"),
    }


def _read_table_policy(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    try:
        answer = calls.call("dynamodb", "get_resource_policy", ResourceArn=_table_arn(raw, calls.place))
    except GoneError:
        return {"resourcePolicy": None}
    return {"resourcePolicy": parsed(answer.get("Policy"))}


TABLES = Collector(
    "DYNAMODB_TABLE",
    _fetch_tables,
    _shape_table,
    (
        Detail((*_TABLE_FIELDS, *_TABLE_PARTS), ("dynamodb:DescribeTable",), _read_table),
        Detail(
            ("pointInTimeRecoveryStatus", "recoveryPeriodInDays"),
            ("dynamodb:DescribeContinuousBackups",),
            _read_continuous_backups,
        ),
        Detail(("resourcePolicy",), ("dynamodb:GetResourcePolicy",), _read_table_policy),
    ),
)


def _shape_warehouse(raw: Raw, place: Place) -> Observed:
    identity = raw["ClusterIdentifier"]
    arn = f"arn:{place.partition}:redshift:{place.region}:{place.account_id}:cluster:{identity}"
    return resource(types.REDSHIFT_CLUSTER, identity, arn, camel(raw), tags=tags_of(raw.get("Tags")))


def _read_audit_logging(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    answer = calls.call("redshift", "describe_logging_status", ClusterIdentifier=raw["ClusterIdentifier"])
    return {"auditLogging": answer.get("LoggingEnabled", False)}


def _read_warehouse_parameters(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """`require_ssl` of the parameter groups; clusters that share a group share the call."""
    found = {
        row["ParameterName"]: row.get("ParameterValue")
        for group in raw.get("ClusterParameterGroups", ())
        for row in calls.shared(
            "redshift", "describe_cluster_parameters", "Parameters", ParameterGroupName=group["ParameterGroupName"]
        )
        if row.get("ParameterName") == "require_ssl"
    }
    return {"tlsParameters": found}


WAREHOUSES = Collector(
    "REDSHIFT_CLUSTER",
    listing("redshift", "describe_clusters", "Clusters"),
    _shape_warehouse,
    (
        Detail(("auditLogging",), ("redshift:DescribeLoggingStatus",), _read_audit_logging),
        Detail(("tlsParameters",), ("redshift:DescribeClusterParameters",), _read_warehouse_parameters),
    ),
)


def _shape_cache(raw: Raw, place: Place) -> Observed:
    identity = raw["ReplicationGroupId"]
    arn = raw.get("ARN") or (
        f"arn:{place.partition}:elasticache:{place.region}:{place.account_id}:replicationgroup:{identity}"
    )
    return resource(types.ELASTICACHE, identity, arn, camel(raw))


_DOMAINS_AT_A_TIME = 5
"""As many as the service describes in one call."""


def _fetch_domains(calls: Calls) -> Iterator[Raw]:
    names: Sequence[str] = [row["DomainName"] for row in calls.items("opensearch", "list_domain_names", "DomainNames")]
    for start in range(0, len(names), _DOMAINS_AT_A_TIME):
        some = list(names[start : start + _DOMAINS_AT_A_TIME])
        yield from calls.call("opensearch", "describe_domains", DomainNames=some)["DomainStatusList"]


def _shape_domain(raw: Raw, place: Place) -> Observed:
    del place
    known = camel(raw)
    options = known.get("vpcOptions") or {}
    known |= {
        "accessPolicies": parsed(raw.get("AccessPolicies")),
        "encryptionAtRest": (raw.get("EncryptionAtRestOptions") or {}).get("Enabled"),
        "nodeToNodeEncryption": (raw.get("NodeToNodeEncryptionOptions") or {}).get("Enabled"),
        "vpcOptions": options if options.get("vpcId") or options.get("subnetIds") else None,
        "logPublishingOptions": raw.get("LogPublishingOptions"),
        "serviceSoftwareOptions": known.get("serviceSoftwareOptions"),
    }
    return resource(types.OPENSEARCH_DOMAIN, raw["DomainName"], raw["ARN"], known)


COLLECTORS: tuple[Collector, ...] = (
    FILE_SYSTEMS,
    tagged(TABLES),
    WAREHOUSES,
    tagged(
        Collector(
            "ELASTICACHE", listing("elasticache", "describe_replication_groups", "ReplicationGroups"), _shape_cache
        )
    ),
    tagged(Collector("OPENSEARCH_DOMAIN", _fetch_domains, _shape_domain)),
)
