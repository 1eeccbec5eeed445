"""Databases and other stores of data of one region, good or bad; and what all workloads are made with."""

import json
from contextlib import ExitStack, closing
from typing import Any

from nephoscope.simulation.aws import Simulation

ACCOUNT = "123456789012"
GOOD, BAD = "eu-west-1", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service"


def policy(effect: str, principal: Any, action: str, resource: str = "*", **more: Any) -> str:
    statement = {"Effect": effect, "Principal": principal, "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def tls_only(action: str, resource: str) -> str:
    return policy("Deny", "*", action, resource, Condition={"Bool": {"aws:SecureTransport": "false"}})


class DataStores:
    """The part of `Workloads` that keeps data."""

    name: str
    is_good: bool
    ids: dict[str, str]
    subnets: list[str]
    _simulation: Simulation
    _stack: ExitStack

    def client(self, service: str) -> Any:
        return self._stack.enter_context(closing(self._simulation.client(service, self.name)))

    def _arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.name}:{ACCOUNT}:{rest}"

    def _databases(self) -> None:
        rds = self.client("rds")
        self.ids |= {"database": "database", "snapshot": "snapshot"}
        good: dict[str, Any] = {
            "MasterUsername": "harbour_ops",
            "Port": 15432,
            "StorageEncrypted": True,
            "PubliclyAccessible": False,
            "MultiAZ": True,
            "AutoMinorVersionUpgrade": True,
            "DeletionProtection": True,
            "BackupRetentionPeriod": 14,
            "EnableIAMDatabaseAuthentication": True,
            "EnableCloudwatchLogsExports": ["postgresql"],
            "CopyTagsToSnapshot": True,
            "MonitoringInterval": 60,
            "MonitoringRoleArn": ROLE,
            "ManageMasterUserPassword": True,
        }
        bad: dict[str, Any] = {
            "MasterUsername": "postgres",
            "MasterUserPassword": "something long",
            "PubliclyAccessible": True,
            "AutoMinorVersionUpgrade": False,
            "BackupRetentionPeriod": 1,
        }
        if self.is_good:
            rds.create_db_parameter_group(
                DBParameterGroupName="own", DBParameterGroupFamily="postgres16", Description="own"
            )
            forced = {"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "immediate"}
            rds.modify_db_parameter_group(DBParameterGroupName="own", Parameters=[forced])
            good["DBParameterGroupName"] = "own"
        rds.create_db_instance(
            DBInstanceIdentifier="database",
            DBInstanceClass="db.t3.micro",
            Engine="postgres",
            AllocatedStorage=20,
            **(good if self.is_good else bad),
        )
        rds.create_db_snapshot(DBInstanceIdentifier="database", DBSnapshotIdentifier="snapshot")
        if not self.is_good:
            rds.modify_db_snapshot_attribute(
                DBSnapshotIdentifier="snapshot", AttributeName="restore", ValuesToAdd=["all"]
            )

    def _clusters(self) -> None:
        rds = self.client("rds")
        self.ids |= {"cluster": "cluster", "cluster_snapshot": "cluster-snapshot"}
        good: dict[str, Any] = {
            "MasterUsername": "harbour_ops",
            "StorageEncrypted": True,
            "DeletionProtection": True,
            "BackupRetentionPeriod": 14,
            "EnableIAMDatabaseAuthentication": True,
            "EnableCloudwatchLogsExports": ["audit"],
        }
        rds.create_db_cluster(
            DBClusterIdentifier="cluster",
            Engine="aurora-mysql",
            MasterUserPassword="something long",
            **(good if self.is_good else {"MasterUsername": "root"}),
        )
        rds.create_db_cluster_snapshot(DBClusterIdentifier="cluster", DBClusterSnapshotIdentifier="cluster-snapshot")
        if not self.is_good:
            rds.modify_db_cluster_snapshot_attribute(
                DBClusterSnapshotIdentifier="cluster-snapshot", AttributeName="restore", ValuesToAdd=["all"]
            )

    def _files(self) -> None:
        efs = self.client("efs")
        made = efs.create_file_system(CreationToken="files", Encrypted=self.is_good, Backup=self.is_good)
        self.ids["files"] = made["FileSystemId"]
        arn = self._arn("elasticfilesystem", f"file-system/{made['FileSystemId']}")
        text = tls_only("*", arn) if self.is_good else policy("Allow", {"AWS": "*"}, "elasticfilesystem:ClientMount")
        efs.put_file_system_policy(FileSystemId=made["FileSystemId"], Policy=text)

    def _tables(self) -> None:
        dynamodb = self.client("dynamodb")
        self.ids["table"] = "orders"
        good = {"SSESpecification": {"Enabled": True, "SSEType": "KMS"}, "DeletionProtectionEnabled": True}
        dynamodb.create_table(
            TableName="orders",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            **(good if self.is_good else {}),
        )
        if self.is_good:
            dynamodb.update_continuous_backups(
                TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
            )
        else:
            dynamodb.put_resource_policy(
                ResourceArn=self._arn("dynamodb", "table/orders"), Policy=policy("Allow", "*", "dynamodb:GetItem")
            )

    def _warehouse(self) -> None:
        redshift = self.client("redshift")
        self.ids["warehouse"] = "warehouse"
        redshift.create_cluster(
            ClusterIdentifier="warehouse",
            NodeType="ra3.large",
            MasterUsername="ops",
            MasterUserPassword="Something1",
            PubliclyAccessible=not self.is_good,
            Encrypted=self.is_good,
            EnhancedVpcRouting=self.is_good,
            AllowVersionUpgrade=self.is_good,
        )
        if self.is_good:
            redshift.enable_logging(ClusterIdentifier="warehouse", BucketName=f"trail-{self.name}", S3KeyPrefix="a")

    def _cache(self) -> None:
        self.ids["cache"] = "sessions"
        good: dict[str, Any] = {
            "TransitEncryptionEnabled": True,
            "AtRestEncryptionEnabled": True,
            "AutomaticFailoverEnabled": True,
            "MultiAZEnabled": True,
            "AuthToken": "a token of many characters",
            "SnapshotRetentionLimit": 7,
        }
        self.client("elasticache").create_replication_group(
            ReplicationGroupId="sessions",
            ReplicationGroupDescription="sessions",
            Engine="redis",
            CacheNodeType="cache.t3.micro",
            NumCacheClusters=2,
            **(good if self.is_good else {}),
        )

    def _search(self) -> None:
        self.ids["search"] = "search"
        good: dict[str, Any] = {
            "EncryptionAtRestOptions": {"Enabled": True},
            "NodeToNodeEncryptionOptions": {"Enabled": True},
            "DomainEndpointOptions": {"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"},
            "AdvancedSecurityOptions": {"Enabled": True},
            "VPCOptions": {"SubnetIds": self.subnets[:1]},
            "LogPublishingOptions": {
                "AUDIT_LOGS": {"Enabled": True, "CloudWatchLogsLogGroupArn": self._arn("logs", "log-group:audit")}
            },
        }
        bad = {"AccessPolicies": policy("Allow", {"AWS": "*"}, "es:*")}
        self.client("opensearch").create_domain(
            DomainName="search", EngineVersion="OpenSearch_2.11", **(good if self.is_good else bad)
        )
