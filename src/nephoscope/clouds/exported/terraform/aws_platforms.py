"""What Terraform tells of templates of machines, containers, caches, warehouses, search and snapshots of AWS."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.exported.terraform.aws_known import known, within_of
from nephoscope.clouds.exported.terraform.blocks import (
    Block,
    Read,
    State,
    each,
    first,
    listed,
    of,
    policy,
    said,
    switch,
    within,
)
from nephoscope.clouds.exported.terraform.rows import Row
from nephoscope.clouds.gcp.shaping import iso

# ---- templates of machines


def _metadata(found: Block) -> dict[str, Any]:
    told = {
        "httpTokens": found["http_tokens"],
        "httpEndpoint": found["http_endpoint"],
        "httpPutResponseHopLimit": found["http_put_response_hop_limit"],
    }
    return {name: value for name, value in told.items() if value not in {None, ""}}


def _default(read: Read) -> Read:
    """Of the version that is used by default. The state has the latest: LookupError where that is another."""

    def told(block: Block, state: State) -> Any:
        if block["default_version"] != block["latest_version"]:
            raise LookupError("default_version")
        return read(block, state)

    return told


def _truth(value: Any) -> bool | None:
    """Some providers write truth as text; null where nobody said."""
    return {"true": True, "false": False}.get(str(value).lower())


def _public(block: Block, _: State) -> bool | None:
    found = [_truth(row["associate_public_ip_address"]) for row in each(block, "network_interfaces")]
    said_so = [one for one in found if one is not None]
    return any(said_so) if said_so else None


def _mappings(block: Block, _: State) -> list[dict[str, Any]]:
    return [
        {
            "deviceName": row["device_name"],
            **({"ebs": _ebs(row["ebs"][0])} if row["ebs"] else {}),
        }
        for row in each(block, "block_device_mappings")
    ]


def _ebs(row: Block) -> dict[str, Any]:
    encrypted = _truth(row["encrypted"])
    return {} if encrypted is None else {"encrypted": encrypted}


def _image_disks(block: Block, _: State) -> list[dict[str, Any]]:
    rows = each(block, "ebs_block_device")
    return [{"deviceName": row["device_name"], "ebs": {"encrypted": bool(row["encrypted"])}} for row in rows]


_TEMPLATE: Mapping[str, Read] = {
    "launchTemplateId": said("id"),
    "launchTemplateName": said("name"),
    "defaultVersionNumber": said("default_version"),
    "latestVersionNumber": said("latest_version"),
    "imageId": _default(said("image_id")),
    "instanceType": _default(said("instance_type")),
    "keyName": _default(said("key_name")),
    "hasUserData": _default(lambda block, _: bool(block["user_data"])),
    "associatePublicIpAddress": _default(_public),
    "metadataOptions": _default(within("metadata_options", _metadata)),
    "blockDeviceMappings": _default(_mappings),
}
_CONFIGURATION: Mapping[str, Read] = {
    "launchConfigurationName": said("name"),
    "iamInstanceProfile": said("iam_instance_profile"),
    "imageId": said("image_id"),
    "instanceType": said("instance_type"),
    "keyName": said("key_name"),
    "associatePublicIpAddress": said("associate_public_ip_address"),
    "ebsOptimized": said("ebs_optimized"),
    "metadataOptions": within("metadata_options", _metadata),
    "securityGroupIds": listed("security_groups"),
}
_SCALING: Mapping[str, Read] = {
    "autoScalingGroupName": said("name"),
    "autoScalingGroupARN": said("arn"),
    "healthCheckType": said("health_check_type"),
    "launchConfigurationName": said("launch_configuration"),
    "availabilityZones": listed("availability_zones"),
    "loadBalancerNames": listed("load_balancers"),
    "targetGroupARNs": listed("target_group_arns"),
    "subnetIds": listed("vpc_zone_identifier"),
    "minSize": said("min_size"),
    "maxSize": said("max_size"),
    "desiredCapacity": said("desired_capacity"),
    "healthCheckGracePeriod": said("health_check_grace_period"),
}
_IMAGE: Mapping[str, Read] = {
    "imageId": said("id"),
    "imageName": said("name"),
    "description": said("description"),
    "ownerId": said("owner_id"),
    "architecture": said("architecture"),
    "rootDeviceName": said("root_device_name"),
    "imdsSupport": said("imds_support"),
    "public": switch("public"),
    "blockDeviceMappings": _image_disks,
}

# ---- snapshots


def _shared(block: Block, _: State) -> list[str]:
    """The provider tells of everybody who may restore it."""
    return sorted(block["shared_accounts"] or ())


_DISK_SNAPSHOT: Mapping[str, Read] = {
    "snapshotId": said("id"),
    "volumeId": said("volume_id"),
    "description": said("description"),
    "ownerId": said("owner_id"),
    "kmsKeyId": said("kms_key_id"),
    "storageTier": said("storage_tier"),
    "volumeSize": said("volume_size"),
    "encrypted": switch("encrypted"),
    "startTime": lambda block, _: iso(of(block, "start_time") or None),
}
_SNAPSHOT: Mapping[str, Read] = {
    "dbSnapshotIdentifier": said("db_snapshot_identifier"),
    "dbInstanceIdentifier": said("db_instance_identifier"),
    "snapshotType": said("snapshot_type"),
    "engine": said("engine"),
    "status": said("status"),
    "kmsKeyId": said("kms_key_id"),
    "encrypted": switch("encrypted"),
    "restorableBy": _shared,
}
_CLUSTER_SNAPSHOT: Mapping[str, Read] = {
    "dbClusterSnapshotIdentifier": said("db_cluster_snapshot_identifier"),
    "dbClusterIdentifier": said("db_cluster_identifier"),
    "snapshotType": said("snapshot_type"),
    "engine": said("engine"),
    "status": said("status"),
    "kmsKeyId": said("kms_key_id"),
    "storageEncrypted": switch("storage_encrypted"),
    "restorableBy": _shared,
}

# ---- containers


def _settings(block: Block, _: State) -> list[dict[str, Any]]:
    return [{"name": row["name"], "value": row["value"]} for row in each(block, "setting")]


def _network(found: Block) -> dict[str, Any]:
    return {
        "awsvpcConfiguration": {
            "subnets": sorted(found["subnets"] or ()),
            "securityGroups": sorted(found["security_groups"] or ()),
            "assignPublicIp": "ENABLED" if found["assign_public_ip"] else "DISABLED",
        }
    }


def _remote(found: Block) -> dict[str, Any]:
    return {
        "ec2SshKey": found["ec2_ssh_key"] or None,
        "sourceSecurityGroups": sorted(found["source_security_group_ids"] or ()),
    }


def _selectors(block: Block, _: State) -> list[dict[str, Any]]:
    return [{"namespace": row["namespace"], "labels": row["labels"] or {}} for row in each(block, "selector")]


_SERVICE: Mapping[str, Read] = {
    "serviceName": said("name"),
    "clusterArn": said("cluster"),
    "launchType": said("launch_type"),
    "platformVersion": said("platform_version"),
    "taskDefinition": said("task_definition"),
    "roleArn": said("iam_role"),
    "enableExecuteCommand": said("enable_execute_command"),
    "desiredCount": said("desired_count"),
    "networkConfiguration": within("network_configuration", _network),
}
_NODES: Mapping[str, Read] = {
    "displayName": said("node_group_name"),
    "nodegroupName": said("node_group_name"),
    "clusterName": said("cluster_name"),
    "nodeRole": said("node_role_arn"),
    "capacityType": said("capacity_type"),
    "releaseVersion": said("release_version"),
    "version": said("version"),
    "amiType": said("ami_type"),
    "status": said("status"),
    "instanceTypes": lambda block, _: list(block["instance_types"] or ()),
    "diskSize": said("disk_size"),
    "labels": lambda block, _: dict(block["labels"] or {}),
    "remoteAccess": within("remote_access", _remote),
}
_FARGATE: Mapping[str, Read] = {
    "displayName": said("fargate_profile_name"),
    "fargateProfileName": said("fargate_profile_name"),
    "clusterName": said("cluster_name"),
    "podExecutionRoleArn": said("pod_execution_role_arn"),
    "status": said("status"),
    "selectors": _selectors,
}

# ---- caches, warehouses, search


def _in_words(key: str) -> Read:
    return lambda block, _: "enabled" if block[key] else "disabled"


def _flag(key: str) -> Read:
    """LookupError where nobody said."""

    def read(block: Block, _: State) -> bool:
        found = _truth(block[key])
        if found is None:
            raise LookupError(key)
        return found

    return read


_CACHE: Mapping[str, Read] = {
    "replicationGroupId": said("replication_group_id"),
    "description": said("description", "replication_group_description"),
    "engine": said("engine"),
    "kmsKeyId": said("kms_key_id"),
    "cacheNodeType": said("node_type"),
    "automaticFailover": _in_words("automatic_failover_enabled"),
    "multiAZ": _in_words("multi_az_enabled"),
    "transitEncryptionEnabled": _flag("transit_encryption_enabled"),
    "atRestEncryptionEnabled": _flag("at_rest_encryption_enabled"),
    "authTokenEnabled": lambda block, _: bool(block["auth_token"]),
    "snapshotRetentionLimit": said("snapshot_retention_limit"),
    "userGroupIds": listed("user_group_ids"),
}


def _audited(block: Block, state: State) -> bool:
    own = state.of("aws_redshift_logging", "cluster_identifier", str(block["cluster_identifier"]))
    if own:
        return True
    return any(bool(row["enable"]) for row in block["logging"])


_WAREHOUSE: Mapping[str, Read] = {
    "clusterIdentifier": said("cluster_identifier"),
    "nodeType": said("node_type"),
    "masterUsername": said("master_username"),
    "dbName": said("database_name"),
    "kmsKeyId": said("kms_key_id"),
    "clusterVersion": said("cluster_version"),
    "publiclyAccessible": switch("publicly_accessible"),
    "encrypted": _flag("encrypted"),
    "enhancedVpcRouting": switch("enhanced_vpc_routing"),
    "allowVersionUpgrade": switch("allow_version_upgrade"),
    "auditLogging": _audited,
    "automatedSnapshotRetentionPeriod": said("automated_snapshot_retention_period"),
    "numberOfNodes": said("number_of_nodes"),
}


def _is_on(key: str) -> Read:
    return lambda block, _: bool((first(block, key) or {"enabled": False})["enabled"])


def _address(found: Block) -> dict[str, Any]:
    return {"enforceHTTPS": bool(found["enforce_https"]), "tlsSecurityPolicy": found["tls_security_policy"]}


def _advanced(found: Block) -> dict[str, Any]:
    return {"enabled": bool(found["enabled"]), "anonymousAuthEnabled": bool(found.get("anonymous_auth_enabled"))}


def _inside(found: Block) -> dict[str, Any]:
    return {"vpcId": found["vpc_id"], "subnetIds": sorted(found["subnet_ids"] or ())}


def _published(block: Block, _: State) -> dict[str, Any]:
    """By kind of log, in the service's own spelling."""
    return {
        str(row["log_type"]): {
            "CloudWatchLogsLogGroupArn": row["cloudwatch_log_group_arn"],
            "Enabled": row["enabled"] is not False,
        }
        for row in each(block, "log_publishing_options")
    }


_DOMAIN: Mapping[str, Read] = {
    "domainName": said("domain_name"),
    "domainId": said("domain_id"),
    "engineVersion": said("engine_version", "elasticsearch_version"),
    "endpoint": said("endpoint"),
    "encryptionAtRest": _is_on("encrypt_at_rest"),
    "nodeToNodeEncryption": _is_on("node_to_node_encryption"),
    "accessPolicies": policy("access_policies"),
    "vpcOptions": within("vpc_options", _inside),
    "domainEndpointOptions": within("domain_endpoint_options", _address),
    "advancedSecurityOptions": within("advanced_security_options", _advanced),
    "logPublishingOptions": _published,
}
_SHOT = "db_snapshot_identifier"
_CLUSTER_SHOT = "db_cluster_snapshot_identifier"

ROWS: tuple[Row, ...] = (
    Row(("aws_launch_template",), "LAUNCH_TEMPLATE", known("id", "name"), _TEMPLATE),
    Row(("aws_launch_configuration",), "LAUNCH_CONFIGURATION", known("name", "name"), _CONFIGURATION),
    Row(("aws_autoscaling_group",), "AUTO_SCALING_GROUP", known("name", "name"), _SCALING),
    Row(("aws_ami", "aws_ami_copy", "aws_ami_from_instance"), "AMI", known("id", "name"), _IMAGE),
    Row(("aws_ebs_snapshot", "aws_ebs_snapshot_copy"), "EBS_SNAPSHOT", known("id"), _DISK_SNAPSHOT),
    Row(("aws_db_snapshot",), "RDS_SNAPSHOT", known(_SHOT, _SHOT, arn="db_snapshot_arn"), _SNAPSHOT),
    Row(
        ("aws_db_cluster_snapshot",),
        "RDS_CLUSTER_SNAPSHOT",
        known(_CLUSTER_SHOT, _CLUSTER_SHOT, arn="db_cluster_snapshot_arn"),
        _CLUSTER_SNAPSHOT,
    ),
    Row(
        ("aws_ecs_cluster",),
        "ECS_CLUSTER",
        known("name", "name"),
        {"clusterName": said("name"), "settings": _settings},
    ),
    Row(("aws_ecs_service",), "ECS_SERVICE", within_of("cluster", "name", arn="id"), _SERVICE),
    Row(("aws_eks_node_group",), "EKS_NODEGROUP", within_of("cluster_name", "node_group_name"), _NODES),
    Row(
        ("aws_eks_fargate_profile",), "EKS_FARGATE_PROFILE", within_of("cluster_name", "fargate_profile_name"), _FARGATE
    ),
    Row(
        ("aws_elasticache_replication_group",),
        "ELASTICACHE",
        known("replication_group_id", "replication_group_id"),
        _CACHE,
    ),
    Row(("aws_redshift_cluster",), "REDSHIFT_CLUSTER", known("cluster_identifier", "cluster_identifier"), _WAREHOUSE),
    Row(
        ("aws_opensearch_domain", "aws_elasticsearch_domain"),
        "OPENSEARCH_DOMAIN",
        known("domain_name", "domain_name"),
        _DOMAIN,
    ),
)
