"""What Terraform tells of AWS. `terraform-provider-aws` spells attributes; documents are spelled as the API does."""

from collections.abc import Callable, Mapping
from typing import Any

from nephoscope.clouds.aws.collectors.permission_rows import ports_open_to_all, security_group_rows
from nephoscope.clouds.exported.terraform.blocks import Block, Read, State, each, first, fixed, policy, said, within
from nephoscope.clouds.exported.terraform.rows import Known, Row
from nephoscope.model.scopes import GLOBAL_REGION

_ARN_PARTS = 6


def _arn(block: Block) -> tuple[str, str]:
    """Account and region of a resource, empty where its ARN has none."""
    parts = str(block.get("arn") or "").split(":", _ARN_PARTS - 1)
    return (parts[4], parts[3]) if len(parts) == _ARN_PARTS else ("", "")


def _known(key: str, name: str = "") -> Callable[[Block], Known]:
    """In the region of its ARN, called as its tag Name says where `name` is not given."""

    def known(block: Block) -> Known:
        account, region = _arn(block)
        region = region or str(block.get("region") or "") or str(block.get("availability_zone") or "")[:-1]
        called = block.get(name) if name else (block.get("tags") or {}).get("Name")
        identity = str(block[key])
        return Known(account or _owner(block), region, identity, str(called or identity), str(block.get("arn") or ""))

    return known


def _owner(block: Block) -> str:
    return str(block.get("owner_id") or "")


def _bucket(block: Block) -> Known:
    """A bucket's ARN names no account."""
    name = str(block["bucket"])
    return Known("", GLOBAL_REGION, name, name, f"arn:aws:s3:::{name}")


# ---- buckets: settings stand in resources of their own, or, as of their last refresh, in the bucket itself


def _beside(kind: str, inline: str, read: Callable[[Block | None], Any]) -> Read:
    def told(block: Block, state: State) -> Any:
        own = state.of(f"aws_s3_bucket_{kind}", "bucket", block["bucket"])
        if own:
            return read(own[0])
        rows = block[inline]
        return read(rows[0] if rows else None)

    return told


def _policy_text(block: Block, state: State) -> str | None:
    own = state.of("aws_s3_bucket_policy", "bucket", block["bucket"])
    return (own[0]["policy"] if own else block["policy"]) or None


def _not_public(block: Block, state: State) -> bool:
    """Only AWS judges a policy; without one there is nothing to judge."""
    if _policy_text(block, state) is None:
        return False
    raise LookupError("a policy")


def _public_access(block: Block, state: State) -> dict[str, bool]:
    own = state.one("aws_s3_bucket_public_access_block", "bucket", block["bucket"])
    names = ("blockPublicAcls", "ignorePublicAcls", "blockPublicPolicy", "restrictPublicBuckets")
    snake = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")
    return {name: bool(own[key]) for name, key in zip(names, snake, strict=True)}


def _versioning(found: Block | None) -> dict[str, Any]:
    if found is None:
        return {"status": None, "mfaDelete": None}
    inner = first(found, "versioning_configuration") if "versioning_configuration" in found else None
    if inner is not None:
        status = inner["status"]
        return {"status": None if status == "Disabled" else status, "mfaDelete": inner["mfa_delete"] or "Disabled"}
    is_on, is_guarded = found["enabled"], found["mfa_delete"]
    return {"status": "Enabled" if is_on else None, "mfaDelete": "Enabled" if is_guarded else "Disabled"}


def _encryption(found: Block | None) -> list[dict[str, Any]]:
    defaults = [
        (rule, default)
        for rule in each(found or {"rule": []}, "rule")
        for default in each(rule, "apply_server_side_encryption_by_default")
    ]
    return [
        {
            "sseAlgorithm": default["sse_algorithm"],
            "kmsMasterKeyId": default["kms_master_key_id"] or None,
            "bucketKeyEnabled": bool(rule["bucket_key_enabled"]),
        }
        for rule, default in defaults
    ]


def _logging(found: Block | None) -> Block | None:
    return found and {"targetBucket": found["target_bucket"], "targetPrefix": found["target_prefix"] or ""}


def _ownership(block: Block, state: State) -> str:
    own = state.one("aws_s3_bucket_ownership_controls", "bucket", block["bucket"])
    return str(own["rule"][0]["object_ownership"])


# ---- security groups


def _rules(direction: str) -> Callable[[Block, State], list[dict[str, Any]]]:
    """Of the group itself, and of rules that are resources of their own. A group without an id is yet to be made: whose
    the other rules of the plan are is not known."""
    rule = f"aws_vpc_security_group_{direction}_rule"

    def read(block: Block, state: State) -> list[dict[str, Any]]:
        group = str(block.get("id") or "")
        if not group and state.kinds & {"aws_security_group_rule", rule}:
            raise LookupError(group)
        beside = state.of("aws_security_group_rule", "security_group_id", group)
        written = [*block[direction], *(row for row in beside if row["type"] == direction)]
        single = state.of(rule, "security_group_id", group)
        rows = security_group_rows([*(_permission(row, group) for row in written), *(_single(row) for row in single)])
        told = {tuple(sorted((key, str(value)) for key, value in row.items())): row for row in rows}
        return list(told.values())

    return read


def _permission(row: Block, group: str) -> dict[str, Any]:
    described = {"Description": row.get("description") or None}
    groups = [*(row.get("security_groups") or ()), *([group] if row.get("self") else ())]
    groups += [row["source_security_group_id"]] if row.get("source_security_group_id") else []
    return {
        "IpProtocol": str(row["protocol"]),
        "FromPort": row["from_port"],
        "ToPort": row["to_port"],
        "IpRanges": [{"CidrIp": cidr, **described} for cidr in row.get("cidr_blocks") or ()],
        "Ipv6Ranges": [{"CidrIpv6": cidr, **described} for cidr in row.get("ipv6_cidr_blocks") or ()],
        "PrefixListIds": [{"PrefixListId": one, **described} for one in row.get("prefix_list_ids") or ()],
        "UserIdGroupPairs": [{"GroupId": one, **described} for one in groups],
    }


def _single(row: Block) -> dict[str, Any]:
    """A rule with one source."""
    return _permission(
        {
            "protocol": row["ip_protocol"],
            "from_port": row.get("from_port"),
            "to_port": row.get("to_port"),
            "description": row.get("description"),
            "cidr_blocks": [row["cidr_ipv4"]] if row.get("cidr_ipv4") else [],
            "ipv6_cidr_blocks": [row["cidr_ipv6"]] if row.get("cidr_ipv6") else [],
            "prefix_list_ids": [row["prefix_list_id"]] if row.get("prefix_list_id") else [],
            "source_security_group_id": row.get("referenced_security_group_id"),
        },
        "",
    )


_inbound = _rules("ingress")


def _open_ports(block: Block, state: State) -> list[dict[str, Any]]:
    return ports_open_to_all(_inbound(block, state))


_GROUP: Mapping[str, Read] = {
    "groupId": said("id"),
    "groupName": said("name"),
    "description": said("description"),
    "vpcId": said("vpc_id"),
    "ownerId": said("owner_id"),
    "ipPermissionList": _inbound,
    "ipPermissionEgressList": _rules("egress"),
    "portsOpenToAll": _open_ports,
}


# ---- machines and disks


def _metadata(found: Block) -> dict[str, Any]:
    return {
        "httpTokens": found["http_tokens"],
        "httpEndpoint": found["http_endpoint"],
        "httpPutResponseHopLimit": found["http_put_response_hop_limit"],
        "instanceMetadataTags": found.get("instance_metadata_tags"),
    }


def _profile(block: Block, _: State) -> dict[str, Any] | None:
    name = block["iam_instance_profile"]
    return {"name": name, "id": None, "arn": None} if name else None


def _monitoring(block: Block, _: State) -> dict[str, str]:
    return {"state": "enabled" if block["monitoring"] else "disabled"}


def _size(block: Block, _: State) -> str:
    return str(block["size"])


# ---- databases


def _master_secret(found: Block) -> dict[str, Any]:
    return {"secretArn": found["secret_arn"], "secretStatus": found["secret_status"], "kmsKeyId": found["kms_key_id"]}


def _monitored(block: Block, _: State) -> bool:
    return bool(block["monitoring_interval"])


def _listed(key: str) -> Read:
    return lambda block, _: sorted(block[key] or ())


_RELATIONAL: Mapping[str, Read] = {
    "engine": said("engine"),
    "engineVersion": said("engine_version"),
    "masterUsername": said("master_username"),
    "kmsKeyId": said("kms_key_id"),
    "backupRetentionPeriod": said("backup_retention_period"),
    "deletionProtection": said("deletion_protection"),
    "iamDatabaseAuthenticationEnabled": said("iam_database_authentication_enabled"),
    "enabledCloudwatchLogsExports": _listed("enabled_cloudwatch_logs_exports"),
    "copyTagsToSnapshot": said("copy_tags_to_snapshot"),
}


# ---- keys, trails, what keeps and passes on


def _key_state(block: Block, _: State) -> str:
    return "Enabled" if block["is_enabled"] else "Disabled"


def _backup(block: Block, state: State) -> str:
    own = state.one("aws_efs_backup_policy", "file_system_id", block["id"])
    return str(own["backup_policy"][0]["status"])


def _table_encryption(block: Block, _: State) -> dict[str, Any] | None:
    found = first(block, "server_side_encryption")
    if found is None or not found["enabled"]:
        return None
    return {"status": "ENABLED", "sseType": "KMS", "kmsMasterKeyArn": found["kms_key_arn"] or None}


def _recovery(found: Block) -> str:
    return "ENABLED" if found["enabled"] else "DISABLED"


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
        ("aws_s3_bucket",),
        "BUCKET",
        _bucket,
        {
            "bucketName": said("bucket"),
            "region": said("region"),
            "bucketPolicy": _policy_text,
            "isPolicyPublic": _not_public,
            "publicAccessBlock": _public_access,
            "versioning": _beside("versioning", "versioning", _versioning),
            "encryptionRules": _beside(
                "server_side_encryption_configuration", "server_side_encryption_configuration", _encryption
            ),
            "logging": _beside("logging", "logging", _logging),
            "objectOwnership": _ownership,
        },
    ),
    Row(("aws_security_group", "aws_default_security_group"), "VPC_SECURITY_GROUP", _known("id", "name"), _GROUP),
    Row(
        ("aws_instance",),
        "EC2_INSTANCE",
        _known("id"),
        {
            "instanceId": said("id"),
            "instanceState": said("instance_state"),
            "instanceType": said("instance_type"),
            "imageId": said("ami"),
            "subnetId": said("subnet_id"),
            "availabilityZone": said("availability_zone"),
            "publicIpAddress": said("public_ip"),
            "privateIpAddress": said("private_ip"),
            "publicDnsName": said("public_dns"),
            "privateDnsName": said("private_dns"),
            "keyName": said("key_name"),
            "ebsOptimized": said("ebs_optimized"),
            "sourceDestCheck": said("source_dest_check"),
            "securityGroupIds": _listed("vpc_security_group_ids"),
            "monitoring": _monitoring,
            "metadataOptions": within("metadata_options", _metadata),
            "iamInstanceProfile": _profile,
        },
    ),
    Row(
        ("aws_ebs_volume",),
        "EBS",
        _known("id"),
        {
            "volumeId": said("id"),
            "volumeType": said("type"),
            "availabilityZone": said("availability_zone"),
            "snapshotId": said("snapshot_id"),
            "size": _size,
            "kmsKeyId": said("kms_key_id"),
            "iops": said("iops"),
            "throughput": said("throughput"),
            "encrypted": said("encrypted"),
            "multiAttachEnabled": said("multi_attach_enabled"),
        },
    ),
    Row(
        ("aws_db_instance",),
        "RDS",
        _known("identifier", "identifier"),
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
            "securityGroupId": _listed("vpc_security_group_ids"),
            "masterUserSecret": within("master_user_secret", _master_secret),
        },
    ),
    Row(
        ("aws_rds_cluster",),
        "RDS_CLUSTER",
        _known("cluster_identifier", "cluster_identifier"),
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
        ("aws_vpc",),
        "VPC",
        _known("id"),
        {
            "vpcId": said("id"),
            "cidrBlock": said("cidr_block"),
            "instanceTenancy": said("instance_tenancy"),
            "ownerId": said("owner_id"),
            "dhcpOptionsId": said("dhcp_options_id"),
            "isDefault": fixed(value=False),
        },
    ),
    Row(
        ("aws_default_vpc",),
        "VPC",
        _known("id"),
        {"vpcId": said("id"), "ownerId": said("owner_id"), "isDefault": fixed(value=True)},
    ),
    Row(
        ("aws_subnet", "aws_default_subnet"),
        "SUBNET",
        _known("id"),
        {
            "subnetId": said("id"),
            "vpcId": said("vpc_id"),
            "ownerId": said("owner_id"),
            "cidrBlock": said("cidr_block"),
            "availabilityZone": said("availability_zone"),
            "mapPublicIpOnLaunch": said("map_public_ip_on_launch"),
            "assignIpv6AddressOnCreation": said("assign_ipv6_address_on_creation"),
        },
    ),
    Row(
        ("aws_kms_key",),
        "KMS_KEY",
        _known("key_id"),
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
        _known("name", "name"),
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
        ("aws_efs_file_system",),
        "EFS",
        _known("id"),
        {
            "fileSystemId": said("id"),
            "name": said("name"),
            "ownerId": said("owner_id"),
            "kmsKeyId": said("kms_key_id"),
            "performanceMode": said("performance_mode"),
            "throughputMode": said("throughput_mode"),
            "availabilityZoneName": said("availability_zone_name"),
            "encrypted": said("encrypted"),
            "numberOfMountTargets": said("number_of_mount_targets"),
            "backupStatus": _backup,
        },
    ),
    Row(
        ("aws_sns_topic",),
        "SNS_TOPIC",
        _known("name", "name"),
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
        _known("name", "name"),
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
        ("aws_dynamodb_table",),
        "DYNAMODB_TABLE",
        _known("name", "name"),
        {
            "tableName": said("name"),
            "billingMode": said("billing_mode"),
            "tableClass": said("table_class"),
            "deletionProtectionEnabled": said("deletion_protection_enabled"),
            "sseDescription": _table_encryption,
            "pointInTimeRecoveryStatus": within("point_in_time_recovery", _recovery),
        },
    ),
    Row(
        ("aws_lambda_function",),
        "LAMBDA",
        _known("function_name", "function_name"),
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
        _known("name", "name"),
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
        _known("name", "name"),
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
        _known("name", "name"),
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
