"""Relational databases public and private, tables, file systems and secrets."""

from typing import Any

from nephoscope.simulation.aws.estate.world import World, label, stage, team

DATABASES = 4
TABLES = 4
FILE_SYSTEMS = 2
SECRETS = 4

_ENGINES = (
    ("postgres", "16.3", 5433),
    ("mysql", "8.0.36", 3306),
    ("postgres", "14.11", 5432),
    ("mariadb", "10.11.6", 3307),
)


def fill(world: World) -> None:
    _relational(world)
    for index in range(TABLES * world.scale):
        _table(world, index)
    for index in range(FILE_SYSTEMS * world.scale):
        _file_system(world, index)
    for index in range(SECRETS * world.scale):
        _secret(world, index)


def _relational(world: World) -> None:
    rds = world.client("rds")
    rds.create_db_subnet_group(
        DBSubnetGroupName="payments",
        DBSubnetGroupDescription="private subnets",
        SubnetIds=[world.ids["subnet/payments/b"], world.ids["subnet/payments/c"]],
    )
    for index in range(DATABASES * world.scale):
        _database(world, index)
    rds.create_db_cluster(
        DBClusterIdentifier="tickets",
        Engine="aurora-postgresql",
        MasterUsername="tickets",
        MasterUserPassword="simulated-password",
        StorageEncrypted=world.is_home,
        DeletionProtection=world.is_home,
        BackupRetentionPeriod=14 if world.is_home else 1,
    )
    rds.create_db_snapshot(DBInstanceIdentifier="payments-prod-0", DBSnapshotIdentifier="payments-before-upgrade")
    if not world.is_home:
        rds.modify_db_snapshot_attribute(
            DBSnapshotIdentifier="payments-before-upgrade", AttributeName="restore", ValuesToAdd=["all"]
        )


def _database(world: World, index: int) -> None:
    engine, version, port = _ENGINES[index % len(_ENGINES)]
    is_good = index % 2 == 0
    world.client("rds").create_db_instance(
        DBInstanceIdentifier=f"{team(index)}-{stage(index)}-{index}",
        DBInstanceClass="db.m6g.large",
        Engine=engine,
        EngineVersion=version,
        Port=port,
        AllocatedStorage=100,
        MasterUsername="admin" if not is_good else "owner",
        MasterUserPassword="simulated-password",
        DBSubnetGroupName="payments",
        VpcSecurityGroupIds=[world.ids["sg/db-0"]],
        StorageEncrypted=is_good,
        PubliclyAccessible=index % 4 == 1,
        MultiAZ=is_good,
        AutoMinorVersionUpgrade=index % 4 != 3,  # noqa: PLR2004 - one in four
        DeletionProtection=is_good,
        BackupRetentionPeriod=14 if is_good else 0,
        EnableIAMDatabaseAuthentication=is_good,
        CopyTagsToSnapshot=is_good,
        EnableCloudwatchLogsExports=["postgresql"] if is_good else [],
        Tags=label(index),
    )


def _table(world: World, index: int) -> None:
    dynamodb = world.client("dynamodb")
    name = f"{team(index)}-sessions-{index}"
    encrypted: dict[str, Any] = (
        {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": world.ids["key/0"]}}
        if index % 2
        else {}
    )
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=index % 4 == 0,
        Tags=label(index),
        **encrypted,
    )
    if index % 2 == 0:
        dynamodb.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )


def _file_system(world: World, index: int) -> None:
    efs = world.client("efs")
    is_good = index % 2 == 0
    made = efs.create_file_system(
        CreationToken=f"{team(index)}-{index}",
        Encrypted=is_good,
        Backup=is_good,
        Tags=[{"Key": "Name", "Value": f"{team(index)}-shared"}, *label(index)],
    )
    efs.create_mount_target(FileSystemId=made["FileSystemId"], SubnetId=world.ids["subnet/core/b"])


def _secret(world: World, index: int) -> None:
    secrets = world.client("secretsmanager")
    encrypted = {"KmsKeyId": world.ids["key/0"]} if index % 2 else {}
    name = f"{team(index)}/{stage(index)}/database-{index}"
    secrets.create_secret(Name=name, SecretString="simulated", Tags=label(index), **encrypted)
    if index % 4 == 1:
        secrets.rotate_secret(SecretId=name, RotationRules={"AutomaticallyAfterDays": 30}, RotateImmediately=False)
