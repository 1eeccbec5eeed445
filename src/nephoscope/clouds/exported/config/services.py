"""What AWS Config records of functions, interfaces, load balancers, containers, messages and what is delivered."""

import json
from typing import Any

from nephoscope.clouds.aws.collecting import Raw
from nephoscope.clouds.exported.account import untold
from nephoscope.clouds.exported.config.rows import (
    UNTOLD,
    Answer,
    Everything,
    Item,
    Row,
    called,
    document_beside,
    text_of,
)
from nephoscope.clouds.exported.config.spelling import members_of, spelled

# ---- functions and interfaces


def _function(item: Item) -> Raw:
    """An environment that is null may have been left out."""
    return {key: value for key, value in item.configuration.items() if key != "environment" or value}


_FUNCTION = {
    "tracingConfig": "TracingConfig",
    "vpcConfig": "VpcConfig",
    "deadLetterTargetArn": "DeadLetterConfig",
    "logGroup": "LoggingConfig",
    "environmentVariableNames": "Environment",
    "roleArn": "Role",
    "roleName": "Role",
    "layers": "Layers",
}


def _stage_of(kind: str, key: str) -> Any:
    """Its interface stands in its ARN alone, and not the name of it."""

    def more(_raw: Raw, item: Item, _account: Everything) -> Raw:
        folder, _, rest = item.arn.partition("apis/")
        if not folder or "/" not in rest:
            raise untold("the interface of a stage")
        return {"kind": kind, "api": {key: rest.partition("/")[0]}}

    return more


# ---- load balancers


def _listeners(item: Item, account: Everything) -> list[Raw]:
    members = members_of("elbv2", "DescribeListeners", "Listeners")
    arn = item.configuration.get("loadBalancerArn") or item.arn
    every = account.items_of("AWS::ElasticLoadBalancingV2::Listener")
    return [spelled(one.configuration, members) for one in every if one.configuration.get("LoadBalancerArn") == arn]


def _attributes(operation: str, path: str) -> Answer:
    def answer(item: Item, _account: Everything) -> Any:
        found = item.beside.get("LoadBalancerAttributes")
        if not found:
            raise untold("LoadBalancerAttributes")
        if isinstance(found, list):
            return {path: [{"Key": row.get("key"), "Value": row.get("value")} for row in found]}
        return {path: spelled(found, members_of("elb", operation, path))}

    return answer


# ---- containers


def _cluster(item: Item) -> Raw:
    """Of logs, Config lists those that are on."""
    found = called(Arn="arn", Name="name")(item)
    kinds = ((found.get("Logging") or {}).get("ClusterLogging") or {}).get("EnabledTypes")
    found.pop("Logging", None)
    if kinds is not None:
        found["logging"] = {"clusterLogging": [{"types": [row["Type"] for row in kinds], "enabled": bool(kinds)}]}
    return found


def _repository(item: Item) -> Raw:
    return {"repositoryArn": item.configuration.get("Arn") or item.arn, **item.configuration}


def _lifecycle(item: Item, _account: Everything) -> Any:
    found = (item.configuration.get("LifecyclePolicy") or {}).get("LifecyclePolicyText")
    if not found:
        raise untold("LifecyclePolicy")
    return {"lifecyclePolicyText": found if isinstance(found, str) else json.dumps(found)}


def _service(item: Item) -> Raw:
    found = called(Name="serviceName", Role="roleArn")(item)
    cluster = found.pop("Cluster", None) or ""
    names = item.arn.rpartition(":")[2].split("/")  # service/cluster/name
    return {"serviceArn": item.arn, **found, "clusterArn": cluster or (names[1] if len(names) > 2 else "default")}  # noqa: PLR2004 - as in the comment


# ---- messages


def _topic(item: Item, _account: Everything) -> Any:
    return {"Attributes": _texts(item.configuration)}


def _texts(configuration: Raw) -> Raw:
    """Attributes are texts, whatever Config made of them."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in configuration.items()
        if value is not None
    }


def _queue(item: Item, _account: Everything) -> Any:
    return {"Attributes": _texts({**item.configuration, "CreatedTimestamp": None})}


def _bus(_raw: Raw, item: Item, account: Everything) -> Raw:
    return text_of("Policy", "Policy")(item, account) if "Policy" in item.configuration else {}


# ---- secrets, certificates, deliveries, notebooks


def _secret(item: Item) -> Raw:
    """Secrets that a service owns have an exclamation mark in their names, which people cannot give them."""
    found = dict(item.configuration)
    if found.get("Deleted") is False:
        found["DeletedDate"] = None
    if "!" not in str(found.get("Name", "!")):
        found["OwningService"] = None
    return found


def _certificate(item: Item) -> Raw:
    found = dict(item.configuration)
    for name in ("keyUsages", "extendedKeyUsages"):
        found[name] = [row.get("name") if isinstance(row, dict) else row for row in found.get(name) or ()]
    if "inUseBy" in found:
        found["InUse"] = bool(found["inUseBy"])
    if "subjectAlternativeNames" in found:
        found["SubjectAlternativeNameSummaries"] = found["subjectAlternativeNames"]
    return found


def _distribution(item: Item) -> Raw:
    found = item.configuration
    return {"ARN": item.arn, **(found.get("distributionConfig") or {}), **found}


def _distribution_more(raw: Raw, _item: Item, _account: Everything) -> Raw:
    """Older items do not know of the second way to close a bucket to everybody else."""
    origins = (raw.get("Origins") or {}).get("Items") or ()
    is_known = all("OriginAccessControlId" in row for row in origins if "S3OriginConfig" in row)
    return {} if is_known else {UNTOLD: ["origins"]}


def _distribution_config(item: Item, _account: Everything) -> Any:
    found = item.configuration.get("distributionConfig")
    if not found:
        raise untold("distributionConfig")
    members = members_of("cloudfront", "GetDistributionConfig", "DistributionConfig")
    return {"DistributionConfig": spelled(found, members)}


def _notebook(item: Item) -> Raw:
    found = called(SecurityGroupIds="SecurityGroups")(item)
    return {"NotebookInstanceArn": found.pop("Id", None) or item.arn, **found}


ROWS: tuple[Row, ...] = (
    Row(
        "LAMBDA",
        ("AWS::Lambda::Function",),
        ("lambda", "ListFunctions", "Functions"),
        renamed=_function,
        told_by=_FUNCTION,
        never=("vpcId",),
        unset=("DeadLetterConfig", "VpcConfig", "Layers", "KMSKeyArn", "Runtime", "Description", "Handler"),
        answers={("lambda", "get_policy"): document_beside("Policy", "Policy")},
    ),
    Row("API_GATEWAY", ("AWS::ApiGateway::RestApi",), ("apigateway", "GetRestApis", "items"), unset=("description",)),
    Row(
        "API_GATEWAY_STAGE",
        ("AWS::ApiGateway::Stage",),
        ("apigateway", "GetStages", "item"),
        more=_stage_of("REST", "id"),
        told_by={"methodSettings": "methodSettings", "variableNames": "variables"},
        unset=("accessLogSettings", "webAclArn", "clientCertificateId"),
        never=("apiName",),
    ),
    Row(
        "API_GATEWAY_STAGE",
        ("AWS::ApiGatewayV2::Stage",),
        ("apigatewayv2", "GetStages", "Items"),
        more=_stage_of("HTTP", "ApiId"),
        told_by={"variableNames": "StageVariables"},
        never=("apiName", "protocolType", "methodSettings"),
    ),
    Row(
        "LOAD_BALANCER",
        ("AWS::ElasticLoadBalancingV2::LoadBalancer",),
        ("elbv2", "DescribeLoadBalancers", "LoadBalancers"),
        told_by={"availabilityZones": "AvailabilityZones", "subnets": "AvailabilityZones", "vpcid": "VpcId"},
        answers={
            ("elbv2", "describe_listeners"): _listeners,
            ("elbv2", "describe_load_balancer_attributes"): _attributes("", "Attributes"),
        },
    ),
    Row(
        "LOAD_BALANCER",
        ("AWS::ElasticLoadBalancing::LoadBalancer",),
        ("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions"),
        told_by={"listeners": "ListenerDescriptions"},
        answers={
            ("elb", "describe_load_balancer_attributes"): _attributes(
                "DescribeLoadBalancerAttributes", "LoadBalancerAttributes"
            ),
        },
    ),
    Row(
        "EKS_CLUSTER",
        ("AWS::EKS::Cluster",),
        ("eks", "DescribeCluster", "cluster"),
        renamed=_cluster,
        told_by={"encryptionConfig": "EncryptionConfig"},
    ),
    Row(
        "EKS_FARGATE_PROFILE",
        ("AWS::EKS::FargateProfile",),
        ("eks", "DescribeFargateProfile", "fargateProfile"),
        renamed=lambda item: {"fargateProfileArn": item.arn, **item.configuration},
        told_by={"selectors": "Selectors"},
    ),
    Row(
        "ECR_REPOSITORY",
        ("AWS::ECR::Repository",),
        ("ecr", "DescribeRepositories", "repositories"),
        renamed=_repository,
        answers={
            ("ecr", "get_repository_policy"): text_of("RepositoryPolicyText", "policyText"),
            ("ecr", "get_lifecycle_policy"): _lifecycle,
        },
    ),
    Row(
        "ECS_CLUSTER",
        ("AWS::ECS::Cluster",),
        ("ecs", "DescribeClusters", "clusters"),
        renamed=called(Arn="clusterArn", ClusterSettings="settings"),
        told_by={"settings": "settings", "executeCommandConfiguration": "configuration"},
    ),
    Row(
        "ECS_SERVICE",
        ("AWS::ECS::Service",),
        ("ecs", "DescribeServices", "services"),
        renamed=_service,
        unset=("networkConfiguration",),
    ),
    Row(
        "SNS_TOPIC",
        ("AWS::SNS::Topic",),
        more=lambda _raw, item, _account: {"TopicArn": item.configuration.get("TopicArn") or item.arn},
        told_by={"policy": "Policy"},
        answers={("sns", "get_topic_attributes"): _topic},
    ),
    Row(
        "SQS_QUEUE",
        ("AWS::SQS::Queue",),
        more=lambda _raw, item, _account: {"QueueUrl": item.configuration.get("QueueUrl") or item.identity},
        told_by={
            "policy": "Policy",
            "redrivePolicy": "RedrivePolicy",
            "deadLetterTargetArn": "RedrivePolicy",
            "sqsManagedSseEnabled": "SqsManagedSseEnabled",
            "fifoQueue": "FifoQueue",
        },
        never=("createdTimestamp",),
        answers={("sqs", "get_queue_attributes"): _queue},
    ),
    Row("EVENT_BUS", ("AWS::Events::EventBus",), ("events", "ListEventBuses", "EventBuses"), more=_bus),
    Row("CLOUDWATCH_ALARM", ("AWS::CloudWatch::Alarm",), ("cloudwatch", "DescribeAlarms", "MetricAlarms")),
    Row(
        "ACCESS_ANALYZER",
        ("AWS::AccessAnalyzer::Analyzer",),
        ("accessanalyzer", "ListAnalyzers", "analyzers"),
        renamed=called(AnalyzerName="name"),
    ),
    Row(
        "SECRETS_MANAGER_SECRET",
        ("AWS::SecretsManager::Secret",),
        ("secretsmanager", "ListSecrets", "SecretList"),
        renamed=_secret,
        told_by={"rotationEnabled": "RotationEnabled"},
        unset=("KmsKeyId", "RotationLambdaARN", "RotationRules", "Description"),
    ),
    Row(
        "ACM_CERTIFICATE",
        ("AWS::ACM::Certificate",),
        ("acm", "ListCertificates", "CertificateSummaryList"),
        renamed=_certificate,
        unset=("ImportedAt", "IssuedAt", "NotBefore", "NotAfter"),
    ),
    Row(
        "CLOUDFRONT_DISTRIBUTION",
        ("AWS::CloudFront::Distribution",),
        ("cloudfront", "ListDistributions", "DistributionList.Items"),
        renamed=_distribution,
        more=_distribution_more,
        told_by={
            "defaultCacheBehavior": "DefaultCacheBehavior",
            "cacheBehaviors": "CacheBehaviors",
            "minimumProtocolVersion": "ViewerCertificate",
            "viewerCertificate": "ViewerCertificate",
            "origins": "Origins",
        },
        unset=("WebACLId",),
        answers={("cloudfront", "get_distribution_config"): _distribution_config},
    ),
    Row(
        "SAGEMAKER_NOTEBOOK",
        ("AWS::SageMaker::NotebookInstance",),
        ("sagemaker", "DescribeNotebookInstance", ""),
        renamed=_notebook,
        told_by={
            "rootAccess": "RootAccess",
            "minimumMetadataVersion": "InstanceMetadataServiceConfiguration",
            "securityGroups": "SecurityGroups",
        },
        unset=("KmsKeyId", "SubnetId", "SecurityGroups"),
    ),
)
