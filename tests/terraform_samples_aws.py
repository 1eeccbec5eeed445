"""One resource of AWS for each kind that Terraform tells of: only what it takes to decide something about it."""

from typing import Any

ACCOUNT = "481516234200"
REGION = "eu-west-1"
_DAY = "2025-12-01T00:00:00Z"
_POLICY = '{"Version":"2012-10-17","Statement":[]}'
_TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"Service":"ec2.amazonaws.com"}}]}'
)


def arn(service: str, rest: str, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{rest}"


def _ec2(kind: str, identity: str, **more: Any) -> dict[str, Any]:
    return {"id": identity, "arn": arn("ec2", f"{kind}/{identity}"), "owner_id": ACCOUNT, **more}


def _global(service: str, rest: str, **more: Any) -> dict[str, Any]:
    return {"arn": arn(service, rest, ""), **more}


_METADATA = [{"http_tokens": "required", "http_endpoint": "enabled", "http_put_response_hop_limit": 1}]
_ENGINE = {
    "engine": "mysql",
    "backup_retention_period": 7,
    "deletion_protection": True,
    "iam_database_authentication_enabled": True,
}
_RULE = {
    "rule_no": 100,
    "protocol": "tcp",
    "action": "allow",
    "cidr_block": "0.0.0.0/0",
    "ipv6_cidr_block": "",
    "from_port": 22,
    "to_port": 22,
}
_ACL: dict[str, Any] = {"ingress": [_RULE], "egress": [], "subnet_ids": ["subnet-1"]}
_RANGES = {"cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": []}
_OPEN = {**_RANGES, "self": False, "from_port": 22, "to_port": 22, "protocol": "tcp", "description": ""}
_GROUP: dict[str, Any] = {"name": "web", "description": "", "vpc_id": "vpc-1", "egress": [], "ingress": [_OPEN]}
_SECURE = {
    "bucket": "meridian-logs",
    "arn": "arn:aws:s3:::meridian-logs",
    "region": REGION,
    "policy": "",
    "versioning": [],
    "logging": [],
    "server_side_encryption_configuration": [],
}
_ROUTE = {"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1", "vpc_peering_connection_id": ""}
_DOMAIN = {
    "arn": arn("es", "domain/search"),
    "domain_name": "search",
    "encrypt_at_rest": [{"enabled": True}],
    "node_to_node_encryption": [{"enabled": False}],
    "vpc_options": [],
    "access_policies": _POLICY,
}
_IMAGE = {"name": "base", "public": False, "imds_support": "v2.0", "ebs_block_device": []}
_SNAPSHOT: dict[str, Any] = {"encrypted": True, "storage_tier": "standard", "volume_id": "vol-1"}
_BALANCER: dict[str, Any] = {
    "internal": False,
    "load_balancer_type": "application",
    "subnets": ["subnet-1"],
    "access_logs": [{"bucket": "logs", "enabled": True}],
    "enable_deletion_protection": True,
    "enable_cross_zone_load_balancing": True,
    "drop_invalid_header_fields": True,
    "desync_mitigation_mode": "defensive",
    "enable_waf_fail_open": False,
    "idle_timeout": 60,
}
_ORIGIN = {
    "origin_id": "o",
    "domain_name": "x.s3.amazonaws.com",
    "origin_access_control_id": "E1",
    "s3_origin_config": [],
    "custom_origin_config": [],
}
_BEHAVIOR = {"viewer_protocol_policy": "https-only", "target_origin_id": "o", "compress": True}

SAMPLES: dict[str, dict[str, Any]] = {
    "aws_iam_account_password_policy": {
        "minimum_password_length": 14,
        "require_symbols": True,
        "require_numbers": True,
        "require_uppercase_characters": True,
        "require_lowercase_characters": True,
        "allow_users_to_change_password": True,
        "max_password_age": 90,
        "password_reuse_prevention": 24,
        "hard_expiry": False,
    },
    "aws_s3_account_public_access_block": {
        "block_public_acls": True,
        "ignore_public_acls": True,
        "block_public_policy": True,
        "restrict_public_buckets": False,
    },
    "aws_account_alternate_contact": {
        "alternate_contact_type": "SECURITY",
        "name": "A",
        "title": "T",
        "email_address": "a@example.org",
        "phone_number": "1",
    },
    "aws_account_primary_contact": {
        "full_name": "A",
        "company_name": "",
        "phone_number": "1",
        "country_code": "CH",
    },
    "aws_ebs_encryption_by_default": {"enabled": True},
    "aws_ebs_default_kms_key": {"key_arn": arn("kms", "key/1")},
    "aws_ebs_snapshot_block_public_access": {"state": "block-all-sharing"},
    "aws_ec2_image_block_public_access": {"state": "unblocked"},
    "aws_ec2_serial_console_access": {"enabled": False},
    "aws_ec2_instance_metadata_defaults": {"http_tokens": "required", "http_endpoint": "enabled"},
    "aws_guardduty_detector": {"id": "d1", "arn": arn("guardduty", "detector/d1"), "enable": True},
    "aws_securityhub_account": {"id": ACCOUNT, "arn": arn("securityhub", "hub/default")},
    "aws_securityhub_standards_subscription": {"standards_arn": "arn:aws:securityhub:::ruleset/cis/v/1.2.0"},
    "aws_iam_user": _global("iam", "user/eve", name="eve", path="/", unique_id="AIDA"),
    "aws_iam_user_policy_attachment": {"user": "eve", "policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
    "aws_iam_group": _global("iam", "group/ops", name="ops", path="/", unique_id="AGPA"),
    "aws_iam_group_membership": {"name": "m", "group": "ops", "users": ["eve"]},
    "aws_iam_role": _global(
        "iam",
        "role/app",
        name="app",
        path="/",
        assume_role_policy=_TRUST,
        inline_policy=[],
        managed_policy_arns=[],
        permissions_boundary="",
        create_date=_DAY,
    ),
    "aws_iam_policy": _global("iam", "policy/p", name="p", path="/", policy=_POLICY, attachment_count=1),
    "aws_iam_server_certificate": _global("iam", "server-certificate/c", name="c", path="/", id="A", expiration=_DAY),
    "aws_s3_bucket": _SECURE,
    "aws_efs_file_system": _ec2("file-system", "fs-1", encrypted=True),
    "aws_dynamodb_table": {
        "name": "orders",
        "arn": arn("dynamodb", "table/orders"),
        "deletion_protection_enabled": True,
        "server_side_encryption": [],
        "point_in_time_recovery": [{"enabled": True}],
    },
    "aws_security_group": _ec2("security-group", "sg-1", **_GROUP),
    "aws_default_security_group": _ec2("security-group", "sg-2", **{**_GROUP, "name": "default"}),
    "aws_instance": _ec2(
        "instance", "i-1", instance_state="running", monitoring=True, metadata_options=_METADATA, public_ip=""
    ),
    "aws_ebs_volume": _ec2("volume", "vol-1", encrypted=True, size=8),
    "aws_vpc": _ec2("vpc", "vpc-1", cidr_block="10.0.0.0/16"),
    "aws_default_vpc": _ec2("vpc", "vpc-2"),
    "aws_subnet": _ec2(
        "subnet", "subnet-1", vpc_id="vpc-1", map_public_ip_on_launch=False, availability_zone="eu-west-1a"
    ),
    "aws_default_subnet": _ec2("subnet", "subnet-2", vpc_id="vpc-2", map_public_ip_on_launch=True),
    "aws_network_acl": _ec2("network-acl", "acl-1", **_ACL),
    "aws_default_network_acl": _ec2("network-acl", "acl-2", **_ACL),
    "aws_route_table": _ec2("route-table", "rtb-1", vpc_id="vpc-1", route=[]),
    "aws_default_route_table": _ec2("route-table", "rtb-2", vpc_id="vpc-1", route=[_ROUTE]),
    "aws_internet_gateway": _ec2("internet-gateway", "igw-1", vpc_id="vpc-1"),
    "aws_flow_log": _ec2("vpc-flow-log", "fl-1", traffic_type="ALL", vpc_id="vpc-1"),
    "aws_network_interface": _ec2("network-interface", "eni-1", attachment=[{"instance": "i-1"}], security_groups=[]),
    "aws_eip": _ec2(
        "elastic-ip",
        "eipalloc-1",
        allocation_id="eipalloc-1",
        association_id="eipassoc-1",
        instance="i-1",
        public_ip="203.0.113.7",
    ),
    "aws_vpc_endpoint": _ec2(
        "vpc-endpoint", "vpce-1", vpc_endpoint_type="Interface", policy=_POLICY, subnet_ids=["subnet-1"]
    ),
    "aws_vpc_endpoint_service": _ec2(
        "vpc-endpoint-service", "vpce-svc-1", acceptance_required=True, allowed_principals=["*"]
    ),
    "aws_lb": {"name": "web", "arn": arn("elasticloadbalancing", "loadbalancer/app/web/1"), **_BALANCER},
    "aws_alb": {"name": "old", "arn": arn("elasticloadbalancing", "loadbalancer/app/old/2"), **_BALANCER},
    "aws_elb": {
        "name": "classic",
        "arn": arn("elasticloadbalancing", "loadbalancer/classic"),
        "internal": False,
        "availability_zones": ["eu-west-1a"],
        "cross_zone_load_balancing": True,
        "connection_draining": True,
        "desync_mitigation_mode": "defensive",
        "idle_timeout": 60,
        "access_logs": [],
        "listener": [],
    },
    "aws_launch_template": _ec2(
        "launch-template",
        "lt-1",
        name="t",
        default_version=2,
        latest_version=2,
        metadata_options=_METADATA,
        network_interfaces=[{"associate_public_ip_address": "false"}],
        block_device_mappings=[],
    ),
    "aws_launch_configuration": {
        "name": "lc",
        "arn": arn("autoscaling", "launchConfiguration:1:launchConfigurationName/lc"),
        "associate_public_ip_address": False,
        "metadata_options": _METADATA,
    },
    "aws_autoscaling_group": {
        "name": "asg",
        "arn": arn("autoscaling", "autoScalingGroup:1:autoScalingGroupName/asg"),
        "availability_zones": ["eu-west-1a", "eu-west-1b"],
        "launch_configuration": "",
    },
    "aws_ami": _ec2("image", "ami-1", **_IMAGE),
    "aws_ami_copy": _ec2("image", "ami-2", **_IMAGE),
    "aws_ami_from_instance": _ec2("image", "ami-3", **_IMAGE),
    "aws_ebs_snapshot": _ec2("snapshot", "snap-1", **_SNAPSHOT),
    "aws_ebs_snapshot_copy": _ec2("snapshot", "snap-2", **_SNAPSHOT),
    "aws_db_snapshot": {
        "db_snapshot_identifier": "s",
        "db_snapshot_arn": arn("rds", "snapshot:s"),
        "encrypted": True,
        "shared_accounts": ["all"],
    },
    "aws_db_cluster_snapshot": {
        "db_cluster_snapshot_identifier": "c",
        "db_cluster_snapshot_arn": arn("rds", "cluster-snapshot:c"),
        "storage_encrypted": False,
        "shared_accounts": [],
    },
    "aws_ecs_cluster": {
        "name": "box",
        "arn": arn("ecs", "cluster/box"),
        "setting": [{"name": "containerInsights", "value": "enabled"}],
    },
    "aws_ecs_service": {
        "id": arn("ecs", "service/box/api"),
        "name": "api",
        "cluster": arn("ecs", "cluster/box"),
        "launch_type": "FARGATE",
        "network_configuration": [{"subnets": [], "security_groups": [], "assign_public_ip": True}],
    },
    "aws_eks_node_group": {
        "arn": arn("eks", "nodegroup/k/n/1"),
        "cluster_name": "k",
        "node_group_name": "n",
        "remote_access": [],
    },
    "aws_eks_fargate_profile": {
        "arn": arn("eks", "fargateprofile/k/f/1"),
        "cluster_name": "k",
        "fargate_profile_name": "f",
        "selector": [{"namespace": "default", "labels": {}}],
    },
    "aws_elasticache_replication_group": {
        "replication_group_id": "cache",
        "arn": arn("elasticache", "replicationgroup:cache"),
        "transit_encryption_enabled": True,
        "at_rest_encryption_enabled": "true",
        "auth_token": "Never-kept-2",
        "automatic_failover_enabled": True,
        "snapshot_retention_limit": 7,
    },
    "aws_redshift_cluster": {
        "cluster_identifier": "dw",
        "arn": arn("redshift", "cluster:dw"),
        "publicly_accessible": False,
        "encrypted": True,
        "enhanced_vpc_routing": True,
        "allow_version_upgrade": True,
        "logging": [],
    },
    "aws_opensearch_domain": _DOMAIN,
    "aws_elasticsearch_domain": {**_DOMAIN, "domain_name": "older", "arn": arn("es", "domain/older")},
    "aws_db_instance": {
        **_ENGINE,
        "identifier": "db",
        "arn": arn("rds", "db:db"),
        "storage_encrypted": True,
        "publicly_accessible": False,
        "multi_az": True,
        "port": 3306,
    },
    "aws_rds_cluster": {
        **_ENGINE,
        "cluster_identifier": "cl",
        "arn": arn("rds", "cluster:cl"),
        "storage_encrypted": True,
    },
    "aws_kms_key": {
        "key_id": "k1",
        "arn": arn("kms", "key/k1"),
        "is_enabled": True,
        "enable_key_rotation": True,
        "customer_master_key_spec": "SYMMETRIC_DEFAULT",
        "policy": _POLICY,
    },
    "aws_cloudtrail": {
        "name": "trail",
        "arn": arn("cloudtrail", "trail/trail"),
        "is_multi_region_trail": True,
        "enable_log_file_validation": True,
        "enable_logging": True,
        "kms_key_id": "",
    },
    "aws_sns_topic": {"name": "t", "arn": arn("sns", "t"), "kms_master_key_id": "", "policy": _POLICY},
    "aws_sqs_queue": {
        "name": "q",
        "arn": arn("sqs", "q"),
        "kms_master_key_id": "",
        "sqs_managed_sse_enabled": True,
        "policy": "",
    },
    "aws_lambda_function": {
        "function_name": "f",
        "arn": arn("lambda", "function:f"),
        "runtime": "python3.12",
        "environment": [],
        "tracing_config": [{"mode": "Active"}],
    },
    "aws_ecr_repository": {
        "name": "r",
        "arn": arn("ecr", "repository/r"),
        "image_tag_mutability": "IMMUTABLE",
        "encryption_configuration": [],
    },
    "aws_cloudwatch_log_group": {
        "name": "/x",
        "arn": arn("logs", "log-group:/x"),
        "retention_in_days": 0,
        "kms_key_id": "",
    },
    "aws_eks_cluster": {
        "name": "k",
        "arn": arn("eks", "cluster/k"),
        "enabled_cluster_log_types": [],
        "encryption_config": [],
    },
    "aws_api_gateway_rest_api": {
        "id": "a1",
        "name": "api",
        "arn": "arn:aws:apigateway:eu-west-1::/restapis/a1",
        "policy": _POLICY,
        "endpoint_configuration": [{"types": ["PRIVATE"]}],
    },
    "aws_api_gateway_stage": {
        "rest_api_id": "a1",
        "stage_name": "prod",
        "arn": "arn:aws:apigateway:eu-west-1::/restapis/a1/stages/prod",
        "access_log_settings": [],
        "xray_tracing_enabled": True,
        "web_acl_arn": "",
    },
    "aws_apigatewayv2_stage": {
        "api_id": "b2",
        "name": "prod",
        "arn": "arn:aws:apigateway:eu-west-1::/apis/b2/stages/prod",
        "access_log_settings": [{"destination_arn": arn("logs", "log-group:/x")}],
        "default_route_settings": [],
    },
    "aws_acm_certificate": {
        "arn": arn("acm", "certificate/c1"),
        "domain_name": "example.org",
        "key_algorithm": "RSA_2048",
        "not_after": "2026-12-01T00:00:00Z",
    },
    "aws_cloudfront_distribution": _global(
        "cloudfront",
        "distribution/E1",
        id="E1",
        default_cache_behavior=[_BEHAVIOR],
        ordered_cache_behavior=[],
        viewer_certificate=[{"minimum_protocol_version": "TLSv1.2_2021"}],
        web_acl_id="",
        origin=[_ORIGIN],
        logging_config=[],
        default_root_object="index.html",
    ),
    "aws_secretsmanager_secret": {
        "id": arn("secretsmanager", "secret:s-1"),
        "arn": arn("secretsmanager", "secret:s-1"),
        "name": "s",
        "kms_key_id": "",
        "policy": _POLICY,
    },
    "aws_sagemaker_notebook_instance": {
        "name": "nb",
        "arn": arn("sagemaker", "notebook-instance/nb"),
        "direct_internet_access": "Disabled",
        "root_access": "Disabled",
        "subnet_id": "subnet-1",
        "kms_key_id": "",
    },
    "aws_cloudwatch_metric_alarm": {
        "alarm_name": "a",
        "arn": arn("cloudwatch", "alarm:a"),
        "actions_enabled": True,
        "alarm_actions": [arn("sns", "t")],
    },
    "aws_cloudwatch_event_bus": {"name": "bus", "arn": arn("events", "event-bus/bus")},
    "aws_cloudwatch_event_bus_policy": {"event_bus_name": "bus", "policy": _POLICY},
}
