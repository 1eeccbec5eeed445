"""AWS resource types: what watches and tells (metric filters, alarms, topics, event buses, Security Hub, GuardDuty)."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import booleans, integers, lists, maps, rows, strings, times
from nephoscope.resource_types.types import ResourceType

METRIC_FILTER = ResourceType(
    name="METRIC_FILTER",
    provider=Provider.AWS,
    service_type="CloudWatch Logs",
    title="CloudWatch Metric Filter",
    permissions=("logs:DescribeMetricFilters",),
    fields=(
        *strings("filterName", "logGroupName", "filterPattern"),
        *rows("metricTransformations", "metricName", "metricNamespace", "metricValue"),
        *times("creationTime"),
    ),
)

CLOUDWATCH_ALARM = ResourceType(
    name="CLOUDWATCH_ALARM",
    provider=Provider.AWS,
    service_type="CloudWatch",
    title="CloudWatch Alarm",
    permissions=("cloudwatch:DescribeAlarms", "tag:GetResources"),
    aliases=("ALARM",),
    fields=(
        *strings("alarmName", "alarmDescription", "namespace", "metricName", "statistic", "comparisonOperator"),
        *strings("treatMissingData"),
        *booleans("actionsEnabled"),
        *integers("evaluationPeriods", "period"),
        *lists("alarmActions", "okActions", "insufficientDataActions", "dimensions"),
        *rows("metrics", "id", "expression", "metricStat.metric.namespace", "metricStat.metric.metricName"),
    ),
)

SNS_TOPIC = ResourceType(
    name="SNS_TOPIC",
    provider=Provider.AWS,
    service_type="SNS",
    title="SNS Topic",
    permissions=("sns:ListTopics", "tag:GetResources"),
    fields=(
        *strings("topicName", "displayName", "owner", "kmsMasterKeyId", "signatureVersion", "tracingConfig"),
        *maps("policy"),
        *booleans("fifoTopic"),
        *rows("subscriptions", "protocol", "endpoint", "isConfirmed"),
    ),
)

EVENT_BUS = ResourceType(
    name="EVENT_BUS",
    provider=Provider.AWS,
    service_type="EventBridge",
    title="EventBridge Event Bus",
    permissions=("events:ListEventBuses", "tag:GetResources"),
    fields=(*strings("name", "description"), *maps("policy"), *times("creationTime")),
)

SECURITY_HUB = ResourceType(
    name="SECURITY_HUB",
    provider=Provider.AWS,
    service_type="Security Hub",
    title="Security Hub",
    permissions=("securityhub:DescribeHub",),
    fields=(
        *strings("hubArn", "controlFindingGenerator"),
        *booleans("autoEnableControls"),
        *times("subscribedAt"),
        *rows("enabledStandards", "standardsArn", "standardsStatus"),
    ),
)

GUARDDUTY_DETECTOR = ResourceType(
    name="GUARDDUTY_DETECTOR",
    provider=Provider.AWS,
    service_type="GuardDuty",
    title="GuardDuty Detector",
    permissions=("guardduty:ListDetectors", "guardduty:GetDetector"),
    fields=(
        *strings("detectorId", "status", "findingPublishingFrequency", "serviceRole"),
        *times("createdAt", "updatedAt"),
        *rows("features", "name", "status"),
    ),
)

TYPES: tuple[ResourceType, ...] = (
    METRIC_FILTER,
    CLOUDWATCH_ALARM,
    SNS_TOPIC,
    EVENT_BUS,
    SECURITY_HUB,
    GUARDDUTY_DETECTOR,
)
