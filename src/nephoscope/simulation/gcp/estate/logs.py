"""Sinks, log buckets, metrics, alert policies and channels. Changes of firewalls and of custom roles are heard of."""

from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud

CHANNEL = f"projects/{PROJECT}/notificationChannels/1"
FIREWALLS = (
    'resource.type="gce_firewall_rule" AND (protoPayload.methodName:"compute.firewalls.patch" OR '
    'protoPayload.methodName:"compute.firewalls.insert" OR protoPayload.methodName:"compute.firewalls.delete")'
)
ROLES = (
    'resource.type="iam_role" AND protoPayload.methodName=("google.iam.admin.v1.CreateRole" OR '
    '"google.iam.admin.v1.DeleteRole" OR "google.iam.admin.v1.UpdateRole")'
)


def fill(cloud: GcpCloud) -> None:
    _stores(cloud)
    cloud.put_listing(
        "logging",
        f"v2/projects/{PROJECT}/metrics",
        "metrics",
        [
            {"name": "firewalls", "filter": FIREWALLS},
            {"name": "routes", "filter": 'resource.type="gce_route"', "disabled": True},
        ],
        "logging.logMetrics.list",
    )
    watched = {"filter": 'metric.type="logging.googleapis.com/user/firewalls" AND resource.type="global"'}
    cloud.put_listing(
        "monitoring",
        f"v3/projects/{PROJECT}/alertPolicies",
        "alertPolicies",
        [
            {
                "name": f"projects/{PROJECT}/alertPolicies/10",
                "displayName": "Firewall changes",
                "combiner": "OR",
                "conditions": [{"displayName": "any", "conditionThreshold": watched}],
                "notificationChannels": [CHANNEL],
                "enabled": True,
            },
            {
                "name": f"projects/{PROJECT}/alertPolicies/11",
                "displayName": "Role changes",
                "combiner": "OR",
                "conditions": [{"displayName": "any", "conditionMatchedLog": {"filter": ROLES}}],
                "notificationChannels": [CHANNEL],
                "enabled": True,
            },
        ],
        "monitoring.alertPolicies.list",
    )
    cloud.put_listing(
        "monitoring",
        f"v3/projects/{PROJECT}/notificationChannels",
        "notificationChannels",
        [{"name": CHANNEL, "type": "email", "displayName": "Security", "enabled": True}],
        "monitoring.notificationChannels.list",
    )


def _stores(cloud: GcpCloud) -> None:
    base = f"projects/{PROJECT}/locations/global/buckets"
    cloud.put_listing(
        "logging",
        f"v2/projects/{PROJECT}/sinks",
        "sinks",
        [
            {"name": "everything", "destination": "storage.googleapis.com/meridian-audit"},
            {"name": "errors", "destination": "storage.googleapis.com/meridian-errors", "filter": "severity>=ERROR"},
            {
                "name": "_Default",
                "destination": f"logging.googleapis.com/{base}/_Default",
                "filter": 'NOT LOG_ID("cloudaudit.googleapis.com/activity")',
            },
        ],
        "logging.sinks.list",
    )
    cloud.put_listing(
        "logging",
        f"v2/projects/{PROJECT}/locations/-/buckets",
        "buckets",
        [
            {"name": f"{base}/_Required", "retentionDays": 400, "locked": True, "lifecycleState": "ACTIVE"},
            {"name": f"{base}/_Default", "retentionDays": 30, "lifecycleState": "ACTIVE"},
            {
                "name": f"projects/{PROJECT}/locations/europe-west1/buckets/security",
                "retentionDays": 365,
                "lifecycleState": "ACTIVE",
                "cmekSettings": {"kmsKeyName": "projects/p/locations/l/keyRings/r/cryptoKeys/k"},
            },
        ],
        "logging.buckets.list",
    )
