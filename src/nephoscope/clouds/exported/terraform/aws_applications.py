"""What Terraform tells of interfaces, certificates, distributions, secrets, notebooks, alarms and buses of AWS."""

from collections.abc import Callable, Mapping
from typing import Any

from nephoscope.clouds.exported.terraform.aws_known import known, within_of
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
    switch,
    within,
)
from nephoscope.clouds.exported.terraform.rows import Known, Row
from nephoscope.clouds.gcp.shaping import iso


def _moment(key: str) -> Read:
    return lambda block, _: iso(block[key] or None)


# ---- interfaces


def _endpoints(found: Block) -> dict[str, Any]:
    return {"types": list(found["types"])}


def _destination(found: Block) -> Any:
    return found["destination_arn"]


def _methods(block: Block, state: State) -> list[dict[str, Any]]:
    rows = state.of("aws_api_gateway_method_settings", "rest_api_id", str(block["rest_api_id"]))
    mine = [row for row in rows if row["stage_name"] == block["stage_name"]]
    if not mine and not state.is_known("aws_api_gateway_method_settings", "rest_api_id"):
        raise LookupError("method_settings")
    return [{"path": row["method_path"], **_method(one)} for row in mine for one in row["settings"]]


def _method(row: Block) -> dict[str, Any]:
    return {
        "loggingLevel": row["logging_level"] or "OFF",
        "cachingEnabled": row["caching_enabled"],
        "cacheDataEncrypted": row["cache_data_encrypted"],
    }


def _stage(api: str, name: str, folder: str) -> Callable[[Block], Known]:
    """The ARN of a stage is one to call it by, the service's own has other parts."""

    def told(block: Block) -> Known:
        place = within_of(api, name)(block)
        arn = f"arn:aws:apigateway:{place.region}::/{folder}/{block[api]}/stages/{block[name]}"
        return Known(place.account, place.region, f"{block[api]}/{block[name]}", str(block[name]), arn)

    return told


def _protocol(block: Block, state: State) -> str:
    return str(state.one("aws_apigatewayv2_api", "id", str(block["api_id"]))["protocol_type"])


def _routes(block: Block, _: State) -> list[dict[str, Any]]:
    rows = each(block, "default_route_settings")
    return [{"path": "*/*", "loggingLevel": row["logging_level"]} for row in rows if row["logging_level"]]


_STAGE: Mapping[str, Read] = {
    "apiId": said("rest_api_id"),
    "stageName": said("stage_name"),
    "protocolType": fixed("REST"),
    "accessLogDestination": within("access_log_settings", _destination),
    "webAclArn": said("web_acl_arn"),
    "clientCertificateId": said("client_certificate_id"),
    "tracingEnabled": lambda block, _: bool(block["xray_tracing_enabled"]),
    "cacheClusterEnabled": lambda block, _: bool(block["cache_cluster_enabled"]),
    "methodSettings": _methods,
    "variableNames": lambda block, _: sorted(block["variables"] or {}),
}
_OTHER_STAGE: Mapping[str, Read] = {
    "apiId": said("api_id"),
    "stageName": said("name"),
    "protocolType": _protocol,
    "accessLogDestination": within("access_log_settings", _destination),
    "webAclArn": fixed(None),
    "clientCertificateId": said("client_certificate_id"),
    "tracingEnabled": fixed(None),
    "cacheClusterEnabled": fixed(None),
    "methodSettings": _routes,
    "variableNames": lambda block, _: sorted(block["stage_variables"] or {}),
}

# ---- distributions


def _behavior(row: Block) -> dict[str, Any]:
    return {
        "ViewerProtocolPolicy": row["viewer_protocol_policy"],
        "TargetOriginId": row["target_origin_id"],
        "Compress": row["compress"],
    }


def _origin(row: Block) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Id": row["origin_id"],
        "DomainName": row["domain_name"],
        "OriginAccessControlId": row.get("origin_access_control_id") or "",
    }
    for one in row["s3_origin_config"] or ():
        made["S3OriginConfig"] = {"OriginAccessIdentity": one["origin_access_identity"] or ""}
    for one in row["custom_origin_config"] or ():
        made["CustomOriginConfig"] = {
            "OriginProtocolPolicy": one["origin_protocol_policy"],
            "OriginSslProtocols": {"Items": list(one["origin_ssl_protocols"] or ())},
        }
    return made


def _logs(key: str) -> Read:
    return within("logging_config", lambda found: found[key] or None)


def _lowest(block: Block, _: State) -> Any:
    return block["viewer_certificate"][0]["minimum_protocol_version"]


_DISTRIBUTION: Mapping[str, Read] = {
    "displayName": said("id"),
    "id": said("id"),
    "arn": said("arn"),
    "status": said("status"),
    "comment": said("comment"),
    "domainName": said("domain_name"),
    "enabled": said("enabled"),
    "isIpv6Enabled": said("is_ipv6_enabled"),
    "priceClass": said("price_class"),
    "httpVersion": said("http_version"),
    "webAclId": said("web_acl_id"),
    "defaultRootObject": said("default_root_object"),
    "minimumProtocolVersion": _lowest,
    "defaultCacheBehavior": lambda block, _: _behavior(block["default_cache_behavior"][0]),
    "cacheBehaviors": lambda block, _: [_behavior(row) for row in each(block, "ordered_cache_behavior")],
    "origins": lambda block, _: [_origin(row) for row in each(block, "origin")],
    "loggingEnabled": lambda block, _: first(block, "logging_config") is not None,
    "loggingBucket": _logs("bucket"),
    "loggingBucketPrefix": _logs("prefix"),
    "aliases": listed("aliases"),
}

# ---- secrets


def _rotates(block: Block, state: State) -> bool:
    if block.get("rotation_enabled") is True:
        return True
    return bool(state.some("aws_secretsmanager_secret_rotation", "secret_id", str(block["id"])))


def _secret_policy(block: Block, state: State) -> Any:
    own = state.of("aws_secretsmanager_secret_policy", "secret_arn", str(block.get("arn") or "-"))
    return policy("policy")(own[0] if own else block, state)


_SECRET: Mapping[str, Read] = {
    "name": said("name"),
    "description": said("description"),
    "kmsKeyId": said("kms_key_id"),
    "owningService": fixed(None),  # what a service owns, it makes itself
    "deletedDate": fixed(None),  # what is to be deleted has left the state
    "rotationEnabled": _rotates,
    "policy": _secret_policy,
}

# ---- the rest


def _certificate(block: Block) -> Known:
    """Called by the last part of its ARN."""
    place = known("arn", "domain_name")(block)
    return Known(place.account, place.region, place.arn.rpartition("/")[2], place.name, place.arn)


def _bus_policy(block: Block, state: State) -> Any:
    return policy("policy")(state.one("aws_cloudwatch_event_bus_policy", "event_bus_name", str(block["name"])), state)


def _root(block: Block, _: State) -> bool:
    return bool(block["root_access"] == "Enabled")


def _metadata(found: Block) -> Any:
    return found["minimum_instance_metadata_service_version"]


ROWS: tuple[Row, ...] = (
    Row(
        ("aws_api_gateway_rest_api",),
        "API_GATEWAY",
        known("id", "name"),
        {
            "id": said("id"),
            "name": said("name"),
            "description": said("description"),
            "apiKeySource": said("api_key_source"),
            "disableExecuteApiEndpoint": said("disable_execute_api_endpoint"),
            "endpointConfiguration": within("endpoint_configuration", _endpoints),
            "policy": policy("policy"),
        },
    ),
    Row(("aws_api_gateway_stage",), "API_GATEWAY_STAGE", _stage("rest_api_id", "stage_name", "restapis"), _STAGE),
    Row(("aws_apigatewayv2_stage",), "API_GATEWAY_STAGE", _stage("api_id", "name", "apis"), _OTHER_STAGE),
    Row(
        ("aws_acm_certificate",),
        "ACM_CERTIFICATE",
        _certificate,
        {
            "domainName": said("domain_name"),
            "status": said("status"),
            "type": said("type"),
            "keyAlgorithm": said("key_algorithm"),
            "renewalEligibility": said("renewal_eligibility"),
            "notBefore": _moment("not_before"),
            "notAfter": _moment("not_after"),
        },
    ),
    Row(("aws_cloudfront_distribution",), "CLOUDFRONT_DISTRIBUTION", known("id"), _DISTRIBUTION),
    Row(("aws_secretsmanager_secret",), "SECRETS_MANAGER_SECRET", known("name", "name"), _SECRET),
    Row(
        ("aws_sagemaker_notebook_instance",),
        "SAGEMAKER_NOTEBOOK",
        known("name", "name"),
        {
            "displayName": said("name"),
            "subnetId": said("subnet_id"),
            "networkInterfaceId": said("network_interface_id"),
            "instanceType": said("instance_type"),
            "platformId": said("platform_identifier"),
            "url": said("url"),
            "roleArn": said("role_arn"),
            "directInternetAccess": said("direct_internet_access"),
            "defaultCodeRepository": said("default_code_repository"),
            "kmsKeyId": said("kms_key_id"),
            "volumeSizeInGB": said("volume_size"),
            "rootAccess": _root,
            "securityGroups": listed("security_groups"),
            "minimumMetadataVersion": within("instance_metadata_service_configuration", _metadata),
        },
    ),
    Row(
        ("aws_cloudwatch_metric_alarm",),
        "CLOUDWATCH_ALARM",
        known("alarm_name", "alarm_name"),
        {
            "alarmName": said("alarm_name"),
            "alarmDescription": said("alarm_description"),
            "namespace": said("namespace"),
            "metricName": said("metric_name"),
            "statistic": said("statistic"),
            "comparisonOperator": said("comparison_operator"),
            "treatMissingData": said("treat_missing_data"),
            "actionsEnabled": switch("actions_enabled"),
            "evaluationPeriods": said("evaluation_periods"),
            "period": said("period"),
            "alarmActions": listed("alarm_actions"),
            "okActions": listed("ok_actions"),
            "insufficientDataActions": listed("insufficient_data_actions"),
        },
    ),
    Row(
        ("aws_cloudwatch_event_bus",),
        "EVENT_BUS",
        known("name", "name"),
        {"name": said("name"), "description": said("description"), "policy": _bus_policy},
    ),
)
