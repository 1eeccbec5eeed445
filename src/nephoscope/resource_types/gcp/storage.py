"""Google Cloud resource types: Cloud Storage."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import booleans, integers, lists, parts, rows, strings, times
from nephoscope.resource_types.types import ResourceType

GCS_BUCKET = ResourceType(
    name="GCS_BUCKET",
    provider=Provider.GCP,
    service_type="Cloud Storage",
    title="Cloud Storage Bucket",
    permissions=("cloudasset.assets.listResource",),
    aliases=("BUCKET", "STORAGE_BUCKET"),
    is_regional=False,
    fields=(
        *strings("region", "location", "locationType", "storageClass", "publicAccessPrevention"),
        *times("timeCreated"),
        *booleans("uniformBucketLevelAccess"),
        *parts("retentionPolicy", "retentionPeriod", "isLocked"),
        *parts("logging", "logBucket"),
        *booleans("versioningEnabled"),
        *strings("defaultKmsKeyName"),
        *lists("lifecycleRules"),
        *integers("softDeleteSeconds"),
        *rows("bindings", "role", "members"),
    ),
)

TYPES = (GCS_BUCKET,)
