"""AWS resource types: what records what happens (trails, recorders, log groups), and the keys it is kept with."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import booleans, integers, lists, maps, parts, rows, strings, times
from nephoscope.resource_types.types import ResourceType

CLOUDTRAIL = ResourceType(
    name="CLOUDTRAIL",
    provider=Provider.AWS,
    service_type="CloudTrail",
    title="CloudTrail Trail",
    permissions=("cloudtrail:DescribeTrails", "tag:GetResources"),
    aliases=("CLOUDTRAIL_TRAIL", "TRAIL"),
    fields=(
        *strings("name trail.name", "trailARN", "homeRegion", "s3BucketName", "s3KeyPrefix", "snsTopicARN", "kmsKeyId"),
        *strings("cloudWatchLogsLogGroupArn", "cloudWatchLogsRoleArn"),
        *booleans(
            "includeGlobalServiceEvents", "isMultiRegionTrail", "isOrganizationTrail", "logFileValidationEnabled"
        ),
        *booleans("hasCustomEventSelectors", "hasInsightSelectors", "isLogging"),
        *strings("latestDeliveryError", "latestDigestDeliveryError", "latestCloudWatchLogsDeliveryError"),
        *lists("eventSelectors", "advancedEventSelectors"),
        *rows("insightSelectors", "insightType"),
    ),
)

CONFIG_RECORDER = ResourceType(
    name="CONFIG_RECORDER",
    provider=Provider.AWS,
    service_type="Config",
    title="Config Recorder",
    permissions=("config:DescribeConfigurationRecorders",),
    fields=(
        *strings("name", "roleARN", "lastStatus", "lastErrorCode", "lastErrorMessage"),
        *booleans("recording"),
        *parts(
            "recordingGroup",
            *("allSupported", "includeGlobalResourceTypes", "resourceTypes", "recordingStrategy.useOnly"),
            *("exclusionByResourceTypes", "exclusionByResourceTypes.resourceTypes"),
        ),
        *parts("recordingMode", "recordingFrequency"),
        *rows("deliveryChannels", "name", "s3BucketName", "s3KmsKeyArn", "snsTopicARN"),
    ),
)

LOG_GROUP = ResourceType(
    name="LOG_GROUP",
    provider=Provider.AWS,
    service_type="CloudWatch Logs",
    title="CloudWatch Log Group",
    permissions=("logs:DescribeLogGroups", "tag:GetResources"),
    aliases=("CLOUDWATCH_LOG_GROUP",),
    fields=(
        *strings("logGroupName", "logGroupClass", "kmsKeyId", "dataProtectionStatus"),
        *integers("retentionInDays"),
        *booleans("deletionProtectionEnabled"),
        *times("creationTime"),
    ),
)

KMS_KEY = ResourceType(
    name="KMS_KEY",
    provider=Provider.AWS,
    service_type="KMS",
    title="KMS Key",
    permissions=("kms:ListKeys", "kms:ListAliases", "tag:GetResources"),
    fields=(
        *strings(
            "keyId", "description", "keyState", "keyManager", "keyUsage", "keySpec", "origin", "multiRegionKeyType"
        ),
        *booleans("enabled", "multiRegion", "keyRotationEnabled"),
        *integers("rotationPeriodInDays"),
        *times("creationDate", "deletionDate"),
        *lists("aliases"),
        *maps("policy"),
    ),
)

TYPES: tuple[ResourceType, ...] = (CLOUDTRAIL, CONFIG_RECORDER, LOG_GROUP, KMS_KEY)
