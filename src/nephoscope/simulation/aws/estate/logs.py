"""Keys, log groups, trails, metric filters, alarms and topics: one good trail and most of what watches it."""

from nephoscope.simulation.aws.estate.world import TRAIL_BUCKET, World, label, policy, role_arn, statement, team
from nephoscope.simulation.aws.facts import ACCOUNT_ID

KEYS = 5
TOPICS = 3
LOG_GROUPS = 6
TRAIL_GROUP = "/meridian/cloudtrail"

_WATCHED = {
    "unauthorized-calls": '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
    "console-without-mfa": '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }',
    "root-usage": '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS '
    '&& $.eventType != "AwsServiceEvent" }',
    "trail-changes": "{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || "
    "($.eventName = StartLogging) || ($.eventName = StopLogging) }",
    "console-failures": '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
    "bucket-policy-changes": "{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketAcl) || "
    "($.eventName = PutBucketPolicy) || ($.eventName = PutBucketCors) || ($.eventName = PutBucketLifecycle) || "
    "($.eventName = PutBucketReplication) || ($.eventName = DeleteBucketPolicy) || ($.eventName = DeleteBucketCors) || "
    "($.eventName = DeleteBucketLifecycle) || ($.eventName = DeleteBucketReplication)) }",
    "security-group-changes": "{ ($.eventName = AuthorizeSecurityGroupIngress) }",
    "route-table-changes": "{ ($.eventName = CreateRoute) || ($.eventName = CreateRouteTable) || "
    "($.eventName = ReplaceRoute) || ($.eventName = ReplaceRouteTableAssociation) || "
    "($.eventName = DeleteRouteTable) || ($.eventName = DeleteRoute) || ($.eventName = DisassociateRouteTable) }",
}
_UNALARMED = ("route-table-changes",)


def fill(world: World) -> None:
    _keys(world)
    _topics(world)
    _groups(world)
    if world.is_home:
        _watch(world)


def fill_trails(world: World) -> None:
    """After the buckets are there."""
    trails = world.client("cloudtrail")
    if world.is_home:
        trails.create_trail(
            Name="meridian-audit",
            S3BucketName=TRAIL_BUCKET,
            IsMultiRegionTrail=True,
            IncludeGlobalServiceEvents=True,
            EnableLogFileValidation=True,
            KmsKeyId=world.ids["key/0"],
            CloudWatchLogsLogGroupArn=world.arn("logs", f"log-group:{TRAIL_GROUP}:*"),
            CloudWatchLogsRoleArn=role_arn("cloudtrail-to-logs"),
            TagsList=label(0),
        )
        writes = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}
        trails.put_event_selectors(
            TrailName="meridian-audit",
            EventSelectors=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": [writes]}],
        )
        trails.start_logging(Name="meridian-audit")
    else:
        trails.create_trail(Name="legacy-eu", S3BucketName=TRAIL_BUCKET, IsMultiRegionTrail=False)


def _keys(world: World) -> None:
    kms = world.client("kms")
    root = statement("Allow", {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}, "kms:*")
    for index in range(KEYS * world.scale):
        is_open = index % KEYS == KEYS - 2
        key = kms.create_key(
            Description=f"{team(index)} data",
            Policy=policy(root, statement("Allow", "*", "kms:Decrypt")) if is_open else policy(root),
            Tags=[{"TagKey": "team", "TagValue": team(index)}],
        )["KeyMetadata"]
        world.ids[f"key/{index}"] = key["Arn"]
        if index % 2 == 0:
            kms.enable_key_rotation(KeyId=key["KeyId"])
        kms.create_alias(AliasName=f"alias/{team(index)}-{index}", TargetKeyId=key["KeyId"])
    doomed = kms.create_key(Description="replaced in 2024")["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=doomed, PendingWindowInDays=30)


def _topics(world: World) -> None:
    sns = world.client("sns")
    alerts = sns.create_topic(Name="security-alerts", Attributes={"KmsMasterKeyId": "alias/aws/sns"})["TopicArn"]
    world.ids["topic/alerts"] = alerts
    sns.subscribe(TopicArn=alerts, Protocol="email", Endpoint="security@meridian.example")
    for index in range(TOPICS * world.scale):
        arn = sns.create_topic(Name=f"{team(index)}-events-{index}", Tags=label(index))["TopicArn"]
        if index % TOPICS == 1:
            sns.set_topic_attributes(
                TopicArn=arn, AttributeName="Policy", AttributeValue=policy(statement("Allow", "*", "sns:Publish", arn))
            )


def _groups(world: World) -> None:
    logs = world.client("logs")
    for name in (TRAIL_GROUP, "/meridian/flow-logs/core"):
        logs.create_log_group(logGroupName=name)
        logs.put_retention_policy(logGroupName=name, retentionInDays=400)
    for index in range(LOG_GROUPS * world.scale):
        name = f"/meridian/{team(index)}/service-{index}"
        encrypted = {"kmsKeyId": world.ids["key/0"]} if index % 3 == 0 else {}
        logs.create_log_group(logGroupName=name, tags={"team": team(index)}, **encrypted)
        if index % 2:
            logs.put_retention_policy(logGroupName=name, retentionInDays=365 if index % 4 == 1 else 14)


def _watch(world: World) -> None:
    logs, alarms = world.client("logs"), world.client("cloudwatch")
    for name, pattern in _WATCHED.items():
        metric = {"metricName": name, "metricNamespace": "Meridian/Security", "metricValue": "1"}
        logs.put_metric_filter(
            logGroupName=TRAIL_GROUP, filterName=name, filterPattern=pattern, metricTransformations=[metric]
        )
        if name not in _UNALARMED:
            alarms.put_metric_alarm(
                AlarmName=name,
                MetricName=name,
                Namespace="Meridian/Security",
                Statistic="Sum",
                Period=300,
                EvaluationPeriods=1,
                Threshold=1,
                ComparisonOperator="GreaterThanOrEqualToThreshold",
                AlarmActions=[world.ids["topic/alerts"]],
            )
    alarms.put_metric_alarm(
        AlarmName="payments-latency",
        MetricName="Latency",
        Namespace="Meridian/Payments",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=3,
        Threshold=0.8,
        ComparisonOperator="GreaterThanThreshold",
    )
