"""EBS snapshots, listed by owner and by who may restore them: moto lists every snapshot to everyone.

Snapshots can be asked for by id, and by the filters that moto knows (volume, status, tags).
"""

from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend
from moto.ec2.exceptions import EC2ClientError

from nephoscope.simulation.aws.answering import RefusalError
from nephoscope.simulation.aws.patches.types import Call, Operations


def operations() -> Operations:
    return {("ec2", "DescribeSnapshots"): _describe}


def _describe(call: Call) -> Mapping[str, Any]:
    ids, owners, restorers = (_listed(call, name) for name in ("SnapshotId", "Owner", "RestorableBy"))
    mine = {call.account_id if owner == "self" else owner for owner in owners}
    backend = get_backend("ec2")[call.account_id][call.region]
    try:
        found = backend.describe_snapshots(snapshot_ids=ids, filters=_filters(call))
    except EC2ClientError as error:
        raise RefusalError(error.error_type, error.message) from error
    return {
        "snapshotSet": [
            _shown(row)
            for row in found
            if (not mine or row.owner_id in mine) and (not restorers or restorers & row.create_volume_permission_groups)
        ]
    }


def _listed(call: Call, name: str) -> set[str]:
    """`Owner.1`, `Owner.2`, … as they stand on the wire."""
    return {str(value) for key, value in call.arguments.items() if key.rpartition(".")[0] == name}


def _filters(call: Call) -> dict[str, list[str]]:
    """`Filter.1.Name` and `Filter.1.Value.1`, … as they stand on the wire."""
    filters: dict[str, list[str]] = {}
    for key, name in call.arguments.items():
        place = key.removesuffix(".Name")
        if key.startswith("Filter.") and place != key:
            values = [str(value) for name, value in call.arguments.items() if name.startswith(f"{place}.Value.")]
            filters[str(name)] = values
    return filters


def _shown(row: Any) -> dict[str, Any]:
    shown = {
        "snapshotId": row.id,
        "volumeId": row.volume.id,
        "volumeSize": row.volume.size,
        "status": row.status,
        "startTime": f"{row.start_time:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        "progress": "100%",
        "ownerId": row.owner_id,
        "description": row.description,
        "encrypted": row.encrypted,
        "storageTier": row.storage_tier,
        "tagSet": [{"key": tag["key"], "value": tag["value"]} for tag in row.get_tags()],
    }
    return shown | ({"kmsKeyId": row.kms_key_id} if row.kms_key_id else {})
