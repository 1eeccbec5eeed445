"""Google Cloud resource types: where logs go, what is counted in them, and who is told."""

from nephoscope.resource_types.fields import booleans, integers, lists, rows, strings, times
from nephoscope.resource_types.gcp.declaring import declared

LOG_SINK = declared(
    "LOG_SINK",
    "Cloud Logging",
    "Log Sink",
    *strings("destination", "bucketName", "filter", "writerIdentity"),
    *booleans("disabled", "includeChildren"),
    *rows("exclusions", "name", "filter", "disabled"),
    *times("createTime"),
    permissions=("logging.sinks.list",),
)
LOG_BUCKET = declared(
    "LOG_BUCKET",
    "Cloud Logging",
    "Log Bucket",
    *strings("lifecycleState", "kmsKeyName"),
    *integers("retentionDays"),
    *booleans("locked", "analyticsEnabled"),
    permissions=("logging.buckets.list",),
)
LOG_METRIC = declared(
    "LOG_METRIC",
    "Cloud Logging",
    "Log-based Metric",
    *strings("filter", "bucketName", "metricType"),
    *booleans("disabled"),
    permissions=("logging.logMetrics.list",),
)
ALERT_POLICY = declared(
    "ALERT_POLICY",
    "Cloud Monitoring",
    "Alert Policy",
    *strings("displayName", "combiner"),
    *booleans("enabled"),
    *rows("conditions", "displayName", "kind", "filter", "query"),
    *lists("notificationChannels"),
    permissions=("monitoring.alertPolicies.list",),
)
NOTIFICATION_CHANNEL = declared(
    "NOTIFICATION_CHANNEL",
    "Cloud Monitoring",
    "Notification Channel",
    *strings("displayName", "type", "channelName", "verificationStatus"),
    *booleans("enabled"),
    permissions=("monitoring.notificationChannels.list",),
)

TYPES = (LOG_SINK, LOG_BUCKET, LOG_METRIC, ALERT_POLICY, NOTIFICATION_CHANNEL)
