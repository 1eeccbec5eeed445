"""S3's list of buckets names each one's region, as AWS does when it is asked for a page of a size."""

from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from nephoscope.simulation.aws.patches.types import Call, Operations

_OWNER = {"DisplayName": "webfile", "ID": "bcaf1ffd86f41161ca5fb16fd081034f"}
"""moto's own."""


def operations() -> Operations:
    return {("s3", "ListBuckets"): _list_buckets}


def _list_buckets(call: Call) -> Mapping[str, Any]:
    buckets = get_backend("s3")[call.account_id][call.partition].list_buckets(None, None, None)
    rows = [
        {"Name": row.name, "CreationDate": row.creation_date_ISO8601, "BucketRegion": row.region_name}
        for row in buckets
    ]
    return {"Owner": _OWNER, "Buckets": rows}
