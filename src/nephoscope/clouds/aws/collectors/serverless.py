"""How functions and the interfaces in front of them are read."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from nephoscope.clouds.aws.collecting import Calls, Collector, Detail, Place, Raw, listing
from nephoscope.clouds.aws.collectors.policy_texts import attached_policies, inline_policies
from nephoscope.clouds.aws.collectors.tagging import tagged
from nephoscope.clouds.aws.shaping import camel, parsed, resource, tags_of, to_the_second
from nephoscope.errors import GoneError
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import GLOBAL_REGION
from nephoscope.resource_types.aws import serverless as types


def _shape_function(raw: Raw, place: Place) -> Observed:
    """Of the environment only the names are kept: values are where people put secrets."""
    del place
    vpc = raw.get("VpcConfig") or {}
    known = camel(raw) | {
        "roleArn": raw.get("Role"),
        "roleName": raw.get("Role", "").rpartition("/")[2],
        "tracingConfig": (raw.get("TracingConfig") or {}).get("Mode"),
        "vpcId": vpc.get("VpcId") or None,
        "vpcConfig": camel(vpc) if vpc.get("VpcId") or vpc.get("SubnetIds") else None,
        "layers": [_layer(layer) for layer in raw.get("Layers", ())],
        "lastModified": to_the_second(raw.get("LastModified")),
        "deadLetterTargetArn": (raw.get("DeadLetterConfig") or {}).get("TargetArn"),
        "logGroup": (raw.get("LoggingConfig") or {}).get("LogGroup"),
        "environmentVariableNames": sorted((raw.get("Environment") or {}).get("Variables") or {}),
    }
    return resource(types.LAMBDA, raw["FunctionName"], raw["FunctionArn"], known)


def _layer(layer: Raw) -> Raw:
    name, _, version = layer["Arn"].rpartition(":")
    return {"name": name.rpartition(":")[2], "version": version, "codeSize": layer.get("CodeSize")}


def _read_function_policy(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """As text: so it stands in the compatible API."""
    try:
        return {"rawFunctionPolicy": calls.call("lambda", "get_policy", FunctionName=raw["FunctionName"])["Policy"]}
    except GoneError:
        return {"rawFunctionPolicy": None}


def _read_function_urls(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    rows = calls.items("lambda", "list_function_url_configs", "FunctionUrlConfigs", FunctionName=raw["FunctionName"])
    return {"functionUrlConfigs": [camel(row) for row in rows]}


def _read_event_sources(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """From one listing of the region."""
    rows = calls.shared("lambda", "list_event_source_mappings", "EventSourceMappings")
    return {
        "eventSourceMappings": [
            {
                "eventSourceArn": row.get("EventSourceArn"),
                "state": row.get("State"),
                "lastModified": camel(row.get("LastModified")),
            }
            for row in rows
            if row.get("FunctionArn") == raw["FunctionArn"]
        ]
    }


def _read_role(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """What the function's role may do, by the account's listing of roles; a role of another account is not in it."""
    roles = calls.shared(
        "iam", "get_account_authorization_details", "RoleDetailList", region=GLOBAL_REGION, Filter=["Role"]
    )
    role: Raw = next((role for role in roles if role["Arn"] == raw.get("Role")), {})
    trust = role.get("AssumeRolePolicyDocument")
    return {
        "assumeRolePolicyDocument": json.dumps(trust) if trust else None,
        "inlinePolicies": camel(inline_policies(role.get("RolePolicyList"))) if role else None,
        "managedPolicies": camel(attached_policies(role.get("AttachedManagedPolicies"))) if role else None,
    }


FUNCTIONS = Collector(
    "LAMBDA",
    listing("lambda", "list_functions", "Functions"),
    _shape_function,
    (
        Detail(("rawFunctionPolicy",), ("lambda:GetPolicy",), _read_function_policy),
        Detail(("functionUrlConfigs",), ("lambda:ListFunctionUrlConfigs",), _read_function_urls),
        Detail(("eventSourceMappings",), ("lambda:ListEventSourceMappings",), _read_event_sources),
        Detail(
            ("assumeRolePolicyDocument", "inlinePolicies", "managedPolicies"),
            ("iam:GetAccountAuthorizationDetails",),
            _read_role,
        ),
    ),
)


def _shape_rest_api(raw: Raw, place: Place) -> Observed:
    arn = f"arn:{place.partition}:apigateway:{place.region}::/restapis/{raw['id']}"
    known = camel(raw) | {"policy": parsed(_unescaped(raw.get("policy")))}
    return resource(types.API_GATEWAY, raw["id"], arn, known, name=raw["name"], tags=tags_of(raw.get("tags")))


def _unescaped(policy: str | None) -> str | None:
    """The service answers policies with every quotation mark escaped."""
    return policy.replace('\\"', '"') if policy and policy.startswith('{\\"') else policy


def _fetch_stages(calls: Calls) -> Iterator[Raw]:
    """The stages of REST interfaces, then those of HTTP and WebSocket ones: two services, one item each."""
    for api in calls.shared("apigateway", "get_rest_apis", "items"):
        for stage in calls.call("apigateway", "get_stages", restApiId=api["id"])["item"]:
            yield stage | {"kind": "REST", "api": api}
    for api in calls.items("apigatewayv2", "get_apis", "Items"):
        for stage in calls.items("apigatewayv2", "get_stages", "Items", ApiId=api["ApiId"]):
            yield stage | {"kind": api.get("ProtocolType", "HTTP"), "api": api}


def _shape_stage(raw: Raw, place: Place) -> Observed:
    known = _rest_stage(raw) if raw["kind"] == "REST" else _other_stage(raw)
    folder = "restapis" if raw["kind"] == "REST" else "apis"
    arn = f"arn:{place.partition}:apigateway:{place.region}::/{folder}/{known['apiId']}/stages/{known['stageName']}"
    identity = f"{known['apiId']}/{known['stageName']}"
    known["protocolType"] = raw["kind"]
    tags = tags_of(raw.get("tags") or raw.get("Tags"))
    return resource(types.API_GATEWAY_STAGE, identity, arn, known, name=known["stageName"], tags=tags)


def _rest_stage(raw: Raw) -> Raw:
    return {
        "apiId": raw["api"]["id"],
        "apiName": raw["api"].get("name"),
        "stageName": raw["stageName"],
        "accessLogDestination": (raw.get("accessLogSettings") or {}).get("destinationArn"),
        "webAclArn": raw.get("webAclArn"),
        "clientCertificateId": raw.get("clientCertificateId"),
        "tracingEnabled": raw.get("tracingEnabled", False),
        "cacheClusterEnabled": raw.get("cacheClusterEnabled", False),
        "methodSettings": [{"path": path} | camel(row) for path, row in (raw.get("methodSettings") or {}).items()],
        "variableNames": sorted(raw.get("variables") or {}),
    }


def _other_stage(raw: Raw) -> Raw:
    """HTTP and WebSocket stages have no web ACL, no cache and no tracing: null."""
    settings = raw.get("DefaultRouteSettings") or {}
    return {
        "apiId": raw["api"]["ApiId"],
        "apiName": raw["api"].get("Name"),
        "stageName": raw["StageName"],
        "accessLogDestination": (raw.get("AccessLogSettings") or {}).get("DestinationArn"),
        "clientCertificateId": raw.get("ClientCertificateId"),
        "methodSettings": [{"path": "*/*", "loggingLevel": settings["LoggingLevel"]}]
        if "LoggingLevel" in settings
        else [],
        "variableNames": sorted(raw.get("StageVariables") or {}),
    }


def _fetch_rest_apis(calls: Calls) -> list[Raw]:
    found: list[Raw] = calls.shared("apigateway", "get_rest_apis", "items")
    return found


COLLECTORS: tuple[Collector, ...] = (
    tagged(FUNCTIONS),
    Collector("API_GATEWAY", _fetch_rest_apis, _shape_rest_api),
    Collector("API_GATEWAY_STAGE", _fetch_stages, _shape_stage),
)
