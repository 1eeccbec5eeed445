"""What Terraform tells of databases, keys, trails, queues, functions, images and clusters of AWS."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.exported.terraform.aws_known import known
from nephoscope.clouds.exported.terraform.blocks import (
    Block,
    Read,
    State,
    each,
    first,
    fixed,
    listed,
    policy,
    said,
    within,
)
from nephoscope.clouds.exported.terraform.rows import Row


def _master_secret(found: Block) -> dict[str, Any]:
    return {"secretArn": found["secret_arn"], "secretStatus": found["secret_status"], "kmsKeyId": found["kms_key_id"]}


def _monitored(block: Block, _: State) -> bool:
    return bool(block["monitoring_interval"])


_RELATIONAL: Mapping[str, Read] = {
    "engine": said("engine"),
    "engineVersion": said("engine_version"),
    "masterUsername": said("master_username"),
    "kmsKeyId": said("kms_key_id"),
    "backupRetentionPeriod": said("backup_retention_period"),
    "deletionProtection": said("deletion_protection"),
    "iamDatabaseAuthenticationEnabled": said("iam_database_authentication_enabled"),
    "enabledCloudwatchLogsExports": listed("enabled_cloudwatch_logs_exports"),
    "copyTagsToSnapshot": said("copy_tags_to_snapshot"),
}


def _key_state(block: Block, _: State) -> str:
    return "Enabled" if block["is_enabled"] else "Disabled"


def _tracing(found: Block) -> Any:
    return found["mode"]


def _variables(block: Block, _: State) -> list[str]:
    """Names alone: values are where people put secrets."""
    found = first(block, "environment")
    return sorted((found or {"variables": {}})["variables"] or {})


def _function_network(block: Block, _: State) -> dict[str, Any] | None:
    found = first(block, "vpc_config")
    if not found or not found["subnet_ids"]:
        return None
    return {
        "vpcId": found.get("vpc_id"),
        "subnetIds": sorted(found["subnet_ids"]),
        "securityGroupIds": sorted(found["security_group_ids"]),
    }


def _image_encryption(block: Block, _: State) -> dict[str, Any]:
    found = first(block, "encryption_configuration")
    if found is None:
        return {"encryptionType": "AES256", "kmsKey": None}
    return {"encryptionType": found["encryption_type"], "kmsKey": found["kms_key"] or None}


def _retention(block: Block, _: State) -> int | None:
    """Zero is how the provider writes that nothing expires."""
    return block["retention_in_days"] or None


def _cluster_network(found: Block) -> dict[str, Any]:
    return {
        "endpointPublicAccess": found["endpoint_public_access"],
        "endpointPrivateAccess": found["endpoint_private_access"],
        "publicAccessCidrs": sorted(found["public_access_cidrs"] or ()),
    }


_CLUSTER_LOGS = {"api", "audit", "authenticator", "controllerManager", "scheduler"}


def _cluster_logging(block: Block, _: State) -> dict[str, Any]:
    on = set(block["enabled_cluster_log_types"] or ())
    rows = [{"types": sorted(on), "enabled": True}, {"types": sorted(_CLUSTER_LOGS - on), "enabled": False}]
    return {"clusterLogging": [row for row in rows if row["types"]]}


def _cluster_encryption(block: Block, _: State) -> list[dict[str, Any]]:
    return [
        {"resources": sorted(row["resources"]), "provider": {"keyArn": row["provider"][0]["key_arn"]}}
        for row in each(block, "encryption_config")
    ]


ROWS: tuple[Row, ...] = (
    Row(
        ("aws_db_instance",),
        "RDS",
        known("identifier", "identifier"),
        {
            **_RELATIONAL,
            "masterUsername": said("username"),
            "dbInstanceIdentifier": said("identifier"),
            "dbName": said("db_name"),
            "dbClusterIdentifier": fixed(None),
            "arn": said("arn"),
            "status": said("status"),
            "instanceClass": said("instance_class"),
            "availabilityZone": said("availability_zone"),
            "caCertificateIdentifier": said("ca_cert_identifier"),
            "licenseModel": said("license_model"),
            "storageType": said("storage_type"),
            "allocatedStorage": said("allocated_storage"),
            "dbInstancePort": said("port"),
            "monitoringInterval": said("monitoring_interval"),
            "enhancedMonitoringEnabled": _monitored,
            "encrypted": said("storage_encrypted"),
            "publiclyAccessible": said("publicly_accessible"),
            "multiAZ": said("multi_az"),
            "autoMinorVersionUpgrade": said("auto_minor_version_upgrade"),
            "performanceInsightsEnabled": said("performance_insights_enabled"),
            "securityGroupId": listed("vpc_security_group_ids"),
            "masterUserSecret": within("master_user_secret", _master_secret),
        },
    ),
    Row(
        ("aws_rds_cluster",),
        "RDS_CLUSTER",
        known("cluster_identifier", "cluster_identifier"),
        {
            **_RELATIONAL,
            "dbClusterIdentifier": said("cluster_identifier"),
            "engineMode": said("engine_mode"),
            "databaseName": said("database_name"),
            "endpoint": said("endpoint"),
            "port": said("port"),
            "storageEncrypted": said("storage_encrypted"),
        },
    ),
    Row(
        ("aws_kms_key",),
        "KMS_KEY",
        known("key_id"),
        {
            "keyId": said("key_id"),
            "description": said("description"),
            "keyManager": fixed("CUSTOMER"),
            "origin": fixed("AWS_KMS"),
            "keyUsage": said("key_usage"),
            "keySpec": said("customer_master_key_spec"),
            "keyState": _key_state,
            "enabled": said("is_enabled"),
            "multiRegion": said("multi_region"),
            "keyRotationEnabled": said("enable_key_rotation"),
            "policy": policy("policy"),
        },
    ),
    Row(
        ("aws_cloudtrail",),
        "CLOUDTRAIL",
        known("name", "name"),
        {
            "name": said("name"),
            "trailARN": said("arn"),
            "homeRegion": said("home_region"),
            "s3BucketName": said("s3_bucket_name"),
            "s3KeyPrefix": said("s3_key_prefix"),
            "kmsKeyId": said("kms_key_id"),
            "cloudWatchLogsLogGroupArn": said("cloud_watch_logs_group_arn"),
            "cloudWatchLogsRoleArn": said("cloud_watch_logs_role_arn"),
            "includeGlobalServiceEvents": said("include_global_service_events"),
            "isMultiRegionTrail": said("is_multi_region_trail"),
            "isOrganizationTrail": said("is_organization_trail"),
            "logFileValidationEnabled": said("enable_log_file_validation"),
            "isLogging": said("enable_logging"),
        },
    ),
    Row(
        ("aws_sns_topic",),
        "SNS_TOPIC",
        known("name", "name"),
        {
            "topicName": said("name"),
            "displayName": said("display_name"),
            "owner": said("owner"),
            "kmsMasterKeyId": said("kms_master_key_id"),
            "policy": policy("policy"),
            "fifoTopic": said("fifo_topic"),
        },
    ),
    Row(
        ("aws_sqs_queue",),
        "SQS_QUEUE",
        known("name", "name"),
        {
            "queueName": said("name"),
            "queueUrl": said("url"),
            "kmsMasterKeyId": said("kms_master_key_id"),
            "sqsManagedSseEnabled": said("sqs_managed_sse_enabled"),
            "fifoQueue": said("fifo_queue"),
            "policy": policy("policy"),
            "redrivePolicy": policy("redrive_policy"),
        },
    ),
    Row(
        ("aws_lambda_function",),
        "LAMBDA",
        known("function_name", "function_name"),
        {
            "functionName": said("function_name"),
            "functionArn": said("arn"),
            "description": said("description"),
            "handler": said("handler"),
            "runtime": said("runtime"),
            "kmsKeyArn": said("kms_key_arn"),
            "packageType": said("package_type"),
            "timeout": said("timeout"),
            "memorySize": said("memory_size"),
            "roleArn": said("role"),
            "tracingConfig": within("tracing_config", _tracing),
            "environmentVariableNames": _variables,
            "vpcConfig": _function_network,
            "architectures": said("architectures"),
            "deadLetterTargetArn": within("dead_letter_config", lambda found: found["target_arn"]),
        },
    ),
    Row(
        ("aws_ecr_repository",),
        "ECR_REPOSITORY",
        known("name", "name"),
        {
            "repositoryName": said("name"),
            "repositoryUri": said("repository_url"),
            "registryId": said("registry_id"),
            "imageTagMutability": said("image_tag_mutability"),
            "encryptionConfiguration": _image_encryption,
            "imageScanningConfiguration": within(
                "image_scanning_configuration", lambda found: {"scanOnPush": found["scan_on_push"]}
            ),
        },
    ),
    Row(
        ("aws_cloudwatch_log_group",),
        "LOG_GROUP",
        known("name", "name"),
        {
            "logGroupName": said("name"),
            "logGroupClass": said("log_group_class"),
            "kmsKeyId": said("kms_key_id"),
            "retentionInDays": _retention,
        },
    ),
    Row(
        ("aws_eks_cluster",),
        "EKS_CLUSTER",
        known("name", "name"),
        {
            "name": said("name"),
            "arn": said("arn"),
            "version": said("version"),
            "status": said("status"),
            "endpoint": said("endpoint"),
            "roleArn": said("role_arn"),
            "platformVersion": said("platform_version"),
            "resourcesVpcConfig": within("vpc_config", _cluster_network),
            "logging": _cluster_logging,
            "encryptionConfig": _cluster_encryption,
            "accessConfig": within("access_config", lambda found: {"authenticationMode": found["authentication_mode"]}),
        },
    ),
)
