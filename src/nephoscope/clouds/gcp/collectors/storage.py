"""How Google Cloud resource types are read: Cloud Storage. A bucket's name is unique in all of Google Cloud."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.gcp.collecting import BINDINGS, Collector, Place, Raw, assets
from nephoscope.clouds.gcp.shaping import data_of, iso, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.gcp import storage as types

_BUCKET = "storage.googleapis.com/Bucket"


def _shape_bucket(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    iam: Mapping[str, Any] = data.get("iamConfiguration") or {}
    retention = data.get("retentionPolicy")
    known = {
        **data,
        "timeCreated": iso(data.get("timeCreated")),
        "publicAccessPrevention": iam.get("publicAccessPrevention"),
        "uniformBucketLevelAccess": bool((iam.get("uniformBucketLevelAccess") or {}).get("enabled")),
        "versioningEnabled": bool((data.get("versioning") or {}).get("enabled")),
        "defaultKmsKeyName": (data.get("encryption") or {}).get("defaultKmsKeyName"),
        "lifecycleRules": (data.get("lifecycle") or {}).get("rule") or [],
        "softDeleteSeconds": int((data.get("softDeletePolicy") or {}).get("retentionDurationSeconds") or 0),
        "retentionPolicy": retention and {"isLocked": False, **retention},
    }
    return resource(types.GCS_BUCKET, raw, known)


COLLECTORS = (Collector("GCS_BUCKET", assets(_BUCKET), _shape_bucket, (BINDINGS,)),)
ASSET_KINDS = (_BUCKET,)
