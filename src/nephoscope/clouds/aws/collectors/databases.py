"""How relational databases, their clusters and snapshots are read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nephoscope.clouds.aws.collecting import Calls, Collector, Detail, Place, Raw, listing
from nephoscope.clouds.aws.shaping import camel, iso, resource, tags_of
from nephoscope.model.resources import Observed
from nephoscope.resource_types.aws import databases as types


def _shape_instance(raw: Raw, place: Place) -> Observed:
    del place
    known = camel(raw)
    endpoint = raw.get("Endpoint") or {}
    group = raw.get("DBSubnetGroup") or {}
    known |= {
        "arn": raw["DBInstanceArn"],
        "status": raw.get("DBInstanceStatus"),
        "subnetId": [row["SubnetIdentifier"] for row in group.get("Subnets", ())],
        "subnetGroup": _subnet_group(group),
        "securityGroupId": [row["VpcSecurityGroupId"] for row in raw.get("VpcSecurityGroups", ())],
        "dbSecurityGroupList": [row["DBSecurityGroupName"] for row in raw.get("DBSecurityGroups", ())],
        "dbInstancePort": endpoint.get("Port") or raw.get("DbInstancePort"),
        "endpoint": {
            "hostedZoneId": endpoint.get("HostedZoneId"),
            "address": endpoint.get("Address"),
            "port": endpoint.get("Port"),
        },
        "latestRestorableTime": _day(raw.get("LatestRestorableTime")),
        "instanceCreatedTime": camel(raw.get("InstanceCreateTime")),
        "instanceClass": raw.get("DBInstanceClass"),
        "encrypted": raw.get("StorageEncrypted"),
        "enhancedMonitoringEnabled": bool(raw.get("MonitoringInterval")),
        "enabledCloudwatchLogsExports": raw.get("EnabledCloudwatchLogsExports", []),
        "parameterGroups": [row["DBParameterGroupName"] for row in raw.get("DBParameterGroups", ())],
    }
    tags = tags_of(raw.get("TagList"))
    return resource(types.RDS, raw["DBInstanceIdentifier"], raw["DBInstanceArn"], known, tags=tags)


def _day(moment: datetime | None) -> str | None:
    """The beginning of the day: the moment itself moves every five minutes, as if the instance had been changed."""
    return iso(moment.replace(hour=0, minute=0, second=0)) if moment else None


def _subnet_group(group: Raw) -> Raw | None:
    if not group:
        return None
    return {
        "dbSubnetGroupStatus": group.get("SubnetGroupStatus"),
        "dbSubnetGroupName": group.get("DBSubnetGroupName"),
        "dbSubnetVpcId": group.get("VpcId"),
        "subnetList": [
            {
                "identifier": row.get("SubnetIdentifier"),
                "availabilityZone": (row.get("SubnetAvailabilityZone") or {}).get("Name"),
                "status": row.get("SubnetStatus"),
            }
            for row in group.get("Subnets", ())
        ],
        "dbsubnetGroupArn": group.get("DBSubnetGroupArn"),
    }


_TLS_PARAMETERS = ("rds.force_ssl", "require_secure_transport")


def _read_tls_parameters(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """The parameters that force TLS, by name; instances that share a parameter group share the call. The filter spares
    hundreds of other parameters; where it is not understood they come along and are dropped here."""
    found: dict[str, Any] = {}
    for group in raw.get("DBParameterGroups", ()):
        rows = calls.shared(
            "rds",
            "describe_db_parameters",
            "Parameters",
            DBParameterGroupName=group["DBParameterGroupName"],
            Filters=[{"Name": "parameter-name", "Values": list(_TLS_PARAMETERS)}],
        )
        for row in rows:
            if row.get("ParameterName") in _TLS_PARAMETERS:
                found[row["ParameterName"]] = row.get("ParameterValue")
    return {"tlsParameters": found}


INSTANCES = Collector(
    "RDS",
    listing("rds", "describe_db_instances", "DBInstances"),
    _shape_instance,
    (Detail(("tlsParameters",), ("rds:DescribeDBParameters",), _read_tls_parameters),),
)


def _shape_cluster(raw: Raw, place: Place) -> Observed:
    del place
    known = camel(raw) | {"enabledCloudwatchLogsExports": raw.get("EnabledCloudwatchLogsExports", [])}
    tags = tags_of(raw.get("TagList"))
    return resource(types.RDS_CLUSTER, raw["DBClusterIdentifier"], raw["DBClusterArn"], known, tags=tags)


def _shape_snapshot(raw: Raw, place: Place) -> Observed:
    del place
    identity, tags = raw["DBSnapshotIdentifier"], tags_of(raw.get("TagList"))
    return resource(types.RDS_SNAPSHOT, identity, raw["DBSnapshotArn"], camel(raw), tags=tags)


def _read_sharing(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    answer = calls.call("rds", "describe_db_snapshot_attributes", DBSnapshotIdentifier=raw["DBSnapshotIdentifier"])
    return _restorable_by(answer["DBSnapshotAttributesResult"].get("DBSnapshotAttributes", ()))


def _shape_cluster_snapshot(raw: Raw, place: Place) -> Observed:
    del place
    identity, tags = raw["DBClusterSnapshotIdentifier"], tags_of(raw.get("TagList"))
    return resource(types.RDS_CLUSTER_SNAPSHOT, identity, raw["DBClusterSnapshotArn"], camel(raw), tags=tags)


def _read_cluster_sharing(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    answer = calls.call(
        "rds",
        "describe_db_cluster_snapshot_attributes",
        DBClusterSnapshotIdentifier=raw["DBClusterSnapshotIdentifier"],
    )
    return _restorable_by(answer["DBClusterSnapshotAttributesResult"].get("DBClusterSnapshotAttributes", ()))


def _restorable_by(attributes: Any) -> Mapping[str, Any]:
    """The accounts that may restore a snapshot; `all` among them means everybody."""
    restore = (row.get("AttributeValues", []) for row in attributes if row.get("AttributeName") == "restore")
    return {"restorableBy": next(restore, [])}


COLLECTORS: tuple[Collector, ...] = (
    INSTANCES,
    Collector("RDS_CLUSTER", listing("rds", "describe_db_clusters", "DBClusters"), _shape_cluster),
    # automatic snapshots cannot be shared: the manual ones are those to look at
    Collector(
        "RDS_SNAPSHOT",
        listing("rds", "describe_db_snapshots", "DBSnapshots", SnapshotType="manual"),
        _shape_snapshot,
        (Detail(("restorableBy",), ("rds:DescribeDBSnapshotAttributes",), _read_sharing),),
    ),
    Collector(
        "RDS_CLUSTER_SNAPSHOT",
        listing("rds", "describe_db_cluster_snapshots", "DBClusterSnapshots", SnapshotType="manual"),
        _shape_cluster_snapshot,
        (Detail(("restorableBy",), ("rds:DescribeDBClusterSnapshotAttributes",), _read_cluster_sharing),),
    ),
)
