"""How Google Cloud resource types are read: Cloud Storage. A bucket's name is unique in all of Google Cloud."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.gcp.collecting import Calls, Collector, Detail, Place, Raw, assets
from nephoscope.clouds.gcp.shaping import data_of, iso, resource
from nephoscope.model.resources import Document, Observed
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
        "retentionPolicy": retention and {"isLocked": False, **retention},
    }
    return resource(types.GCS_BUCKET, raw, known)


def _read_bindings(calls: Calls, raw: Raw) -> Document:
    return {"bindings": calls.bindings(raw["name"])}


COLLECTORS = (
    Collector(
        "GCS_BUCKET",
        assets(_BUCKET),
        _shape_bucket,
        (Detail(("bindings",), ("cloudasset.assets.listIamPolicy",), _read_bindings),),
    ),
)
ASSET_KINDS = (_BUCKET,)
