"""What the simulation cannot show of logging, databases and applications: answers as AWS gives them, and which calls
are made for them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from nephoscope.clouds.aws.collecting import Collector, Place, Raw
from nephoscope.clouds.aws.collectors import AWS_COLLECTORS
from nephoscope.errors import DeniedError, GoneError
from nephoscope.resource_types.table import RESOURCE_TYPES

PLACE = Place("aws", "123456789012", "us-east-1", ("eu-west-1", "us-east-1"))
COLLECTORS = {row.resource_type: row for row in AWS_COLLECTORS}
Answer = Mapping[str, Any] | Exception | Callable[[Mapping[str, Any]], Any]


class Cloud:
    """`collecting.Calls` over canned answers by operation; `asked` says which calls were made, in order."""

    def __init__(self, answers: Mapping[str, Answer], place: Place = PLACE) -> None:
        self._answers = answers
        self.place = place
        self.asked: list[str] = []
        self._shared: dict[str, Any] = {}

    def call(self, service: str, operation: str, /, *, region: str = "", **arguments: Any) -> Raw:
        self.asked.append(f"{service}.{operation}{f'@{region}' if region else ''}")
        answer = self._answers[operation]
        if isinstance(answer, Exception):
            raise answer
        return dict(answer(arguments) if callable(answer) else answer)

    def items(self, service: str, operation: str, path: str, /, *, region: str = "", **arguments: Any) -> Iterable[Raw]:
        found: Any = self.call(service, operation, region=region, **arguments)
        for name in path.split("."):
            found = found.get(name) or {}
        return list(found)

    def shared(self, service: str, operation: str, path: str = "", /, *, region: str = "", **arguments: Any) -> Any:
        key = f"{service}.{operation}.{path}.{region}.{arguments}"
        if key not in self._shared:
            ask = self.items(service, operation, path, region=region, **arguments) if path else None
            self._shared[key] = ask if path else self.call(service, operation, region=region, **arguments)
        return self._shared[key]


def read(name: str, answers: Mapping[str, Answer], place: Place = PLACE) -> tuple[list[dict[str, Any]], Cloud]:
    """The documents of a type with every detail, and the cloud that was asked."""
    collector, cloud = COLLECTORS[name], Cloud({"get_resources": {"ResourceTagMappingList": []}, **answers}, place)
    documents = [complete(collector, cloud, raw) for raw in collector.fetch(cloud)]
    return documents, cloud


def complete(collector: Collector, cloud: Cloud, raw: Raw) -> dict[str, Any]:
    document = dict(collector.shape(raw, cloud.place).document)
    for detail in collector.details:
        answer = detail.read(cloud, raw)
        assert set(answer) == set(detail.fields)
        document |= answer
    assert set(document) == {field.name for field in RESOURCE_TYPES[collector.resource_type].fields}
    return document


def trail(name: str, home: str, **more: Any) -> Raw:
    arn = f"arn:aws:cloudtrail:{home}:123456789012:trail/{name}"
    return {"Name": name, "TrailARN": arn, "HomeRegion": home, "S3BucketName": "logs", **more}


TRAIL_ANSWERS: dict[str, Answer] = {
    "describe_trails": {
        "trailList": [trail("home", "us-east-1", HasInsightSelectors=True), trail("copy", "eu-west-1")],
    },
    "get_trail_status": {"IsLogging": True, "LatestDeliveryTime": datetime(2026, 1, 1, tzinfo=UTC)},
    "get_event_selectors": {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]},
    "get_insight_selectors": {"InsightSelectors": [{"InsightType": "ApiCallRateInsight"}]},
}


def test_a_trail_is_read_in_its_home_region_alone() -> None:
    (document,), cloud = read("CLOUDTRAIL", TRAIL_ANSWERS)
    assert (document["name"], document["isLogging"]) == ("home", True)
    assert document["eventSelectors"] == [{"readWriteType": "All", "includeManagementEvents": True}]
    assert document["insightSelectors"] == [{"insightType": "ApiCallRateInsight"}]
    assert not any("Time" in name for name in document)
    assert cloud.asked[0] == "cloudtrail.describe_trails"


@pytest.mark.parametrize(
    ("regions", "region", "names"),
    [
        (("us-east-1",), "us-east-1", ["home", "copy"]),
        (("us-east-1", "us-west-2"), "us-west-2", []),
        (("eu-west-1", "us-east-1"), "us-east-1", ["home"]),
        ((), "us-east-1", ["home"]),
    ],
)
def test_a_trail_from_outside_the_run_is_told_by_its_first_region(
    regions: tuple[str, ...], region: str, names: list[str]
) -> None:
    documents, cloud = read("CLOUDTRAIL", TRAIL_ANSWERS, Place("aws", "123456789012", region, regions))
    assert [document["name"] for document in documents] == names
    assert ("cloudtrail.get_trail_status@eu-west-1" in cloud.asked) is ("copy" in names)


def key(**metadata: Any) -> dict[str, Answer]:
    usual = {"KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS", "KeyManager": "CUSTOMER", "KeyState": "Enabled"}
    return {
        "list_aliases": {
            "Aliases": [
                {"AliasName": "alias/aws/s3", "TargetKeyId": "theirs"},
                {"AliasName": "alias/mine", "TargetKeyId": "mine"},
                {"AliasName": "alias/nothing"},
            ]
        },
        "list_keys": {"Keys": [{"KeyId": name, "KeyArn": f"arn:{name}"} for name in ("theirs", "mine")]},
        "describe_key": {"KeyMetadata": usual | metadata},
        "get_key_rotation_status": {"KeyRotationEnabled": True, "RotationPeriodInDays": 90},
        "get_key_policy": {"Policy": '{"Statement": []}'},
    }


def test_a_key_of_the_customer_is_described_once_and_those_of_services_are_not() -> None:
    (document,), cloud = read("KMS_KEY", key())
    assert (document["aliases"], document["keyRotationEnabled"]) == (["alias/mine"], True)
    assert document["policy"] == {"Statement": []}
    assert cloud.asked.count("kms.describe_key") == 1


@pytest.mark.parametrize(
    "metadata",
    [{"KeySpec": "RSA_2048"}, {"Origin": "EXTERNAL"}, {"KeyState": "PendingDeletion"}, {"KeyManager": "AWS"}],
)
def test_keys_that_cannot_rotate_are_not_asked_about_it(metadata: dict[str, str]) -> None:
    (document,), cloud = read("KMS_KEY", key(**metadata))
    assert document["keyRotationEnabled"] is None
    assert "kms.get_key_rotation_status" not in cloud.asked


def test_a_topic_shows_where_messages_go_without_what_is_private() -> None:
    arn = "arn:aws:sns:us-east-1:123456789012:alarms"
    rows = [
        {
            "TopicArn": arn,
            "Protocol": "https",
            "Endpoint": "https://hooks.example.com/T0/secret",
            "SubscriptionArn": arn,
        },
        {"TopicArn": arn, "Protocol": "email", "Endpoint": "ops@example.com", "SubscriptionArn": "PendingConfirmation"},
        {"TopicArn": arn, "Protocol": "sms", "Endpoint": "+491701234567", "SubscriptionArn": arn},
        {"TopicArn": arn, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:1:q", "SubscriptionArn": arn},
        {"TopicArn": "other", "Protocol": "lambda", "Endpoint": "arn:x", "SubscriptionArn": arn},
    ]
    answers: dict[str, Answer] = {
        "list_topics": {"Topics": [{"TopicArn": arn}]},
        "get_topic_attributes": {"Attributes": {"Owner": "123456789012", "Policy": "{}"}},
        "list_subscriptions": {"Subscriptions": rows},
    }
    (document,), _ = read("SNS_TOPIC", answers)
    shown = [(row["protocol"], row["endpoint"], row["isConfirmed"]) for row in document["subscriptions"]]
    assert shown == [
        ("https", "https://hooks.example.com/…", True),
        ("email", "…@example.com", False),
        ("sms", "…", True),
        ("sqs", "arn:aws:sqs:us-east-1:1:q", True),
    ]


def test_security_hub_that_was_never_enabled_is_nothing_and_denied_is_denied() -> None:
    assert read("SECURITY_HUB", {"describe_hub": GoneError("not subscribed")})[0] == []
    with pytest.raises(DeniedError):
        read("SECURITY_HUB", {"describe_hub": DeniedError("no", "securityhub:DescribeHub")})


def test_a_database_in_a_subnet_group_has_the_keys_of_the_api() -> None:
    subnet = {
        "SubnetIdentifier": "subnet-1",
        "SubnetStatus": "Active",
        "SubnetAvailabilityZone": {"Name": "us-east-1a"},
    }
    raw = {
        "DBInstanceIdentifier": "db",
        "DBInstanceArn": "arn:db",
        "DBInstanceStatus": "available",
        "DBInstanceClass": "db.t3.micro",
        "Endpoint": {"Address": "db.example", "Port": 5432, "HostedZoneId": "Z1"},
        "DbInstancePort": 0,
        "DBSubnetGroup": {"DBSubnetGroupName": "g", "SubnetGroupStatus": "Complete", "VpcId": "v", "Subnets": [subnet]},
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}],
        "DBParameterGroups": [{"DBParameterGroupName": "own"}],
        "LatestRestorableTime": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "InstanceCreateTime": datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
        "CACertificateIdentifier": "rds-ca-rsa2048-g1",
        "StorageEncrypted": True,
        "MultiAZ": True,
        "MonitoringInterval": 60,
        "IAMDatabaseAuthenticationEnabled": True,
        "TagList": [{"Key": "team", "Value": "shop"}],
    }
    parameters = [
        {"ParameterName": "rds.force_ssl", "ParameterValue": "1"},
        {"ParameterName": "shared_buffers", "ParameterValue": "9"},
    ]
    answers: dict[str, Answer] = {
        "describe_db_instances": {"DBInstances": [raw, raw | {"DBInstanceIdentifier": "db2"}]},
        "describe_db_parameters": {"Parameters": parameters},
    }
    (document, _), cloud = read("RDS", answers)
    assert document["subnetId"] == ["subnet-1"]
    assert list(document["subnetGroup"]) == [
        *("dbSubnetGroupStatus", "dbSubnetGroupName", "dbSubnetVpcId", "subnetList", "dbsubnetGroupArn")
    ]
    assert document["subnetGroup"]["subnetList"] == [
        {"identifier": "subnet-1", "availabilityZone": "us-east-1a", "status": "Active"}
    ]
    assert document["endpoint"] == {"hostedZoneId": "Z1", "address": "db.example", "port": 5432}
    assert (document["dbInstancePort"], document["securityGroupId"]) == (5432, ["sg-1"])
    assert document["latestRestorableTime"] == "2026-01-02T00:00:00Z"
    assert document["tlsParameters"] == {"rds.force_ssl": "1"}
    assert cloud.asked.count("rds.describe_db_parameters") == 1


def test_a_function_keeps_names_of_variables_and_its_role_but_no_values() -> None:
    role = {
        "Arn": "arn:role/fn",
        "AssumeRolePolicyDocument": {"Statement": []},
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": {"Statement": []}}],
        "AttachedManagedPolicies": [{"PolicyName": "m", "PolicyArn": "arn:m"}],
    }
    raw = {
        "FunctionName": "fn",
        "FunctionArn": "arn:fn",
        "Role": "arn:role/fn",
        "Environment": {"Variables": {"B": "hunter2hunter2", "A": "1"}},
        "LastModified": "2026-01-31T08:00:00.123+0000",
        "VpcConfig": {"SubnetIds": ["s"], "SecurityGroupIds": ["g"], "VpcId": "v"},
        "Layers": [{"Arn": "arn:aws:lambda:us-east-1:1:layer:tools:7", "CodeSize": 3}],
        "DeadLetterConfig": {"TargetArn": "arn:q"},
    }
    mapping = {"EventSourceArn": "arn:s", "FunctionArn": "arn:fn", "State": "Enabled"}
    answers: dict[str, Answer] = {
        "list_functions": {"Functions": [raw]},
        "get_policy": GoneError("none"),
        "list_function_url_configs": {"FunctionUrlConfigs": [{"AuthType": "NONE", "Cors": {"AllowOrigins": ["*"]}}]},
        "list_event_source_mappings": {"EventSourceMappings": [mapping, mapping | {"FunctionArn": "arn:other"}]},
        "get_account_authorization_details": {"RoleDetailList": [role]},
    }
    (document,), cloud = read("LAMBDA", answers)
    assert document["environmentVariableNames"] == ["A", "B"]
    assert "hunter2" not in str(document)
    assert (document["rawFunctionPolicy"], document["vpcId"], document["deadLetterTargetArn"]) == (None, "v", "arn:q")
    assert document["lastModified"] == "2026-01-31T08:00:00Z"
    assert document["layers"] == [{"name": "tools", "version": "7", "codeSize": 3}]
    assert document["functionUrlConfigs"] == [{"authType": "NONE", "cors": {"allowOrigins": ["*"]}}]
    assert [row["eventSourceArn"] for row in document["eventSourceMappings"]] == ["arn:s"]
    assert document["assumeRolePolicyDocument"] == '{"Statement": []}'
    assert [row["policyName"] for row in document["inlinePolicies"]] == ["p"]
    assert [row["policyArn"] for row in document["managedPolicies"]] == ["arn:m"]
    assert "iam.get_account_authorization_details@global" in cloud.asked


def distribution() -> dict[str, Any]:
    behavior = {
        "TargetOriginId": "o",
        "ViewerProtocolPolicy": "allow-all",
        "AllowedMethods": {"Quantity": 1, "Items": ["GET"], "CachedMethods": {"Quantity": 1, "Items": ["GET"]}},
    }
    origin = {
        "Id": "o",
        "DomainName": "example.com",
        "CustomHeaders": {"Quantity": 1, "Items": [{"HeaderName": "X-From", "HeaderValue": "a shared secret"}]},
    }
    return {
        "Id": "E1",
        "ARN": "arn:E1",
        "DefaultCacheBehavior": behavior,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "WebACLId": "",
        "ViewerCertificate": {"CloudFrontDefaultCertificate": True, "MinimumProtocolVersion": "TLSv1"},
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
    }


def test_a_distribution_keeps_no_secret_of_its_origin_and_finds_both_kinds_of_logs() -> None:
    sources = [{"name": "edge", "resourceArns": ["arn:E1"]}, {"name": "other", "resourceArns": ["arn:E2"]}]
    answers: dict[str, Answer] = {
        "list_distributions": {"DistributionList": {"Items": [distribution()]}},
        "get_distribution_config": {"DistributionConfig": {"Logging": {"Enabled": False, "Bucket": "", "Prefix": ""}}},
        "describe_delivery_sources": {"deliverySources": sources},
    }
    (document,), cloud = read("CLOUDFRONT_DISTRIBUTION", answers, Place("aws", "123456789012", "global"))
    assert "a shared secret" not in str(document)
    assert document["origins"][0]["CustomHeaderNames"] == ["X-From"]
    assert document["defaultCacheBehavior"]["AllowedMethods"]["Items"] == {"Method": ["GET"]}
    assert document["defaultCacheBehavior"]["AllowedMethods"]["CachedMethods"]["Items"] == {"Method": ["GET"]}
    assert (document["loggingEnabled"], document["loggingBucket"], document["logDeliveries"]) == (False, None, ["edge"])
    assert document["webAclId"] is None
    assert "logs.describe_delivery_sources@us-east-1" in cloud.asked


def test_policies_of_interfaces_are_read_through_their_escapes() -> None:
    policy = '{\\"Statement\\":[{\\"Effect\\":\\"Allow\\",\\"Principal\\":\\"*\\"}]}'
    documents, _ = read("API_GATEWAY", {"get_rest_apis": {"items": [{"id": "a", "name": "n", "policy": policy}]}})
    assert documents[0]["policy"] == {"Statement": [{"Effect": "Allow", "Principal": "*"}]}


def test_domains_and_services_are_described_many_at_a_time() -> None:
    names = [f"d{n}" for n in range(7)]
    answers: dict[str, Answer] = {
        "list_domain_names": {"DomainNames": [{"DomainName": name} for name in names]},
        "describe_domains": lambda asked: {
            "DomainStatusList": [{"DomainName": name, "ARN": f"arn:{name}"} for name in asked["DomainNames"]]
        },
    }
    documents, cloud = read("OPENSEARCH_DOMAIN", answers)
    assert [document["domainName"] for document in documents] == names
    assert cloud.asked.count("opensearch.describe_domains") == 2
    services = [f"arn:aws:ecs:us-east-1:1:service/c/s{n}" for n in range(11)]
    answers = {
        "list_clusters": {"clusterArns": ["arn:aws:ecs:us-east-1:1:cluster/c"]},
        "list_services": {"serviceArns": services},
        "describe_services": lambda asked: {
            "services": [
                {"serviceName": arn[-2:], "serviceArn": arn, "clusterArn": "arn:cluster/c"} for arn in asked["services"]
            ]
        },
    }
    documents, cloud = read("ECS_SERVICE", answers)
    assert (len(documents), cloud.asked.count("ecs.describe_services")) == (11, 2)


def test_what_has_no_policy_and_no_backup_is_told_from_what_was_not_read() -> None:
    raw = {"FileSystemId": "fs-1", "FileSystemArn": "arn:fs-1", "Encrypted": True}
    answers: dict[str, Answer] = {
        "describe_file_systems": {"FileSystems": [raw]},
        "describe_file_system_policy": GoneError("none"),
        "describe_backup_policy": GoneError("none"),
    }
    (document,), _ = read("EFS", answers)
    assert (document["policy"], document["backupStatus"]) == (None, "DISABLED")
    with pytest.raises(DeniedError):
        read("EFS", answers | {"describe_backup_policy": DeniedError("no", "elasticfilesystem:DescribeBackupPolicy")})


def test_tags_come_from_one_listing_of_the_region_and_may_be_denied_alone() -> None:
    queues = ["https://sqs.us-east-1.amazonaws.com/123456789012/one", "https://x/123456789012/two"]
    arn = "arn:aws:sqs:us-east-1:123456789012:one"
    answers: dict[str, Answer] = {
        "list_queues": {"QueueUrls": queues},
        "get_resources": {"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": [{"Key": "team", "Value": "shop"}]}]},
    }
    collector, cloud = COLLECTORS["SQS_QUEUE"], Cloud(answers)
    one, two = [collector.shape(raw, PLACE) for raw in collector.fetch(cloud)]
    assert [(tag.key, tag.value) for tag in one.tags] == [("team", "shop")]
    assert (two.tags, two.unread) == ((), {})
    assert cloud.asked == ["sqs.list_queues", "resourcegroupstaggingapi.get_resources"]
    cloud = Cloud(answers | {"get_resources": DeniedError("no", "tag:GetResources")})
    one, _ = [collector.shape(raw, PLACE) for raw in collector.fetch(cloud)]
    assert one.unread == {"tags": "denied: tag:GetResources"}
