"""AWS resource types: functions and the interfaces in front of them."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import booleans, integers, lists, maps, parts, rows, strings, times
from nephoscope.resource_types.types import ResourceType

LAMBDA = ResourceType(
    name="LAMBDA",
    provider=Provider.AWS,
    service_type="Lambda",
    title="Lambda Function",
    permissions=("lambda:ListFunctions", "tag:GetResources"),
    aliases=("LAMBDA_FUNCTION",),
    fields=(
        *lists("associations", "aliases", "inlinePolicies", "functionVersions", "classifications", "managedPolicies"),
        *strings("handler", "rawFunctionPolicy", "masterArn", "assumeRolePolicyDocument", "kmsKeyArn", "tracingConfig"),
        *strings("description", "codeSha256", "roleArn", "vpcId", "functionArn", "functionName", "runtime", "roleName"),
        *strings("revisionId", "version", "packageType", "deadLetterTargetArn", "logGroup"),
        *integers("codeSize", "timeout", "memorySize"),
        *times("lastModified"),
        *rows("layers", "name", "version", "codeSize"),
        *rows("functionUrlConfigs", "functionUrl", "authType", "cors", "cors.allowOrigins", "functionArn"),
        *rows("eventSourceMappings", "eventSourceArn", "state", "lastModified"),
        *parts("vpcConfig", "vpcId", "subnetIds", "securityGroupIds"),
        *lists("architectures", "environmentVariableNames"),
    ),
    wire=(
        *("associations", "handler", "rawFunctionPolicy", "masterArn", "aliases", "assumeRolePolicyDocument"),
        *("kmsKeyArn", "tracingConfig", "description", "inlinePolicies", "codeSize", "timeout", "codeSha256"),
        *("roleArn", "vpcId", "layers", "functionArn", "functionVersions", "functionName", "runtime"),
        *("functionUrlConfigs", "revisionId", "classifications", "managedPolicies", "memorySize"),
        *("eventSourceMappings", "roleName", "lastModified", "version"),
    ),
)

API_GATEWAY = ResourceType(
    name="API_GATEWAY",
    provider=Provider.AWS,
    service_type="API Gateway",
    title="API Gateway REST API",
    permissions=("apigateway:GET",),
    aliases=("API_GATEWAY_REST_API",),
    fields=(
        *strings("id", "name", "description", "apiKeySource"),
        *booleans("disableExecuteApiEndpoint"),
        *times("createdDate"),
        *parts("endpointConfiguration", "types", "vpcEndpointIds"),
        *maps("policy"),
    ),
)

API_GATEWAY_STAGE = ResourceType(
    name="API_GATEWAY_STAGE",
    provider=Provider.AWS,
    service_type="API Gateway",
    title="API Gateway Stage",
    permissions=("apigateway:GET",),
    fields=(
        *strings("apiId", "apiName", "stageName", "protocolType", "accessLogDestination", "webAclArn"),
        *strings("clientCertificateId"),
        *booleans("tracingEnabled", "cacheClusterEnabled"),
        *rows("methodSettings", "path", "loggingLevel", "dataTraceEnabled", "cachingEnabled", "cacheDataEncrypted"),
        *lists("variableNames"),
    ),
)

TYPES: tuple[ResourceType, ...] = (LAMBDA, API_GATEWAY, API_GATEWAY_STAGE)
