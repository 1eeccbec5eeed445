"""(k) What `gcloud asset export` writes of a large project, imported and judged by the program itself.

Two files, one ten times the other: how fast bytes and assets come in, and the most memory that the process had; the
baseline of each figure is the same of the smaller file. `BENCH_MB` is the size of the larger one (100).
"""

import os
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from bench.measure import Row
from bench.scan import measured

COMMAND = "make bench ONLY=imports"
_PROJECT, _NUMBER = "meridian-prod", "481516234200"
_MB = 1_000_000
_TIMES = 10
_LONGEST = 3_600
"""Seconds."""
_OF_FOUR = 4
"""One asset in four is of a kind that nobody inventories, as in real exports."""


class _Done(NamedTuple):
    megabytes: float
    assets: int
    seconds: float
    peak: float
    """MB."""


def run() -> list[Row]:
    size = int(os.environ.get("BENCH_MB", "100"))
    with tempfile.TemporaryDirectory() as folder:
        small, large = (_import(Path(folder), megabytes) for megabytes in (max(size // _TIMES, 1), size))
    beside = f"{small.megabytes:,.0f} MB"
    title = f"imports: {large.megabytes:,.0f} MB, {large.assets:,} assets"
    return [
        Row(
            f"{title}, read", large.megabytes / large.seconds, "MB/s", small.megabytes / small.seconds, beside, COMMAND
        ),
        Row(
            f"{title}, per second",
            large.assets / large.seconds,
            "rows/s",
            small.assets / small.seconds,
            beside,
            COMMAND,
        ),
        Row(f"{title}, all of it", large.seconds, "s", None, "", COMMAND),
        Row(f"{title}, memory at its highest", large.peak, "MB", small.peak, beside, COMMAND),
    ]


def _import(folder: Path, megabytes: int) -> _Done:
    file = folder / f"{megabytes}.ndjson"
    assets = _write(file, megabytes * _MB)
    size = file.stat().st_size / _MB
    command = [
        sys.executable,
        "-m",
        "nephoscope",
        "import",
        "gcp-assets",
        str(file),
        "--data",
        str(folder / "data" / str(megabytes)),
    ]
    wall, _, peak = measured(command, _LONGEST)
    file.unlink()
    return _Done(size, assets, wall, peak)


def _write(file: Path, size: int) -> int:
    """How many assets it took to fill a file."""
    encoder = msgspec.json.Encoder()
    written = count = 0
    with file.open("wb") as out:
        for asset in _assets():
            line = encoder.encode(asset) + b"\n"
            out.write(line)
            written += len(line)
            count += 1
            if written >= size:
                return count
    return count


def _assets() -> Iterator[dict[str, Any]]:
    chance = random.Random(1)
    project = f"//cloudresourcemanager.googleapis.com/projects/{_NUMBER}"
    yield _asset(
        project, "cloudresourcemanager.googleapis.com/Project", {"projectId": _PROJECT, "projectNumber": _NUMBER}
    )
    number = 0
    while True:
        number += 1
        match number % _OF_FOUR:
            case 0:
                yield _instance(number, chance)
            case 1:
                yield _firewall(number, chance)
            case 2:
                yield from _bucket(number, chance)
            case _:
                yield _other(number)


def _asset(name: str, kind: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "asset_type": kind,
        "ancestors": [f"projects/{_NUMBER}", "organizations/7001"],
        "resource": {"version": "v1", "location": "europe-west1", "data": data},
        "update_time": "2025-12-01T00:00:00Z",
        **more,
    }


def _instance(number: int, chance: random.Random) -> dict[str, Any]:
    place = f"projects/{_PROJECT}/zones/europe-west1-b/instances/vm-{number}"
    link = "https://www.googleapis.com/compute/v1"
    network = {"network": f"{link}/projects/{_PROJECT}/global/networks/main", "networkIP": "10.0.0.2", "name": "nic0"}
    outside = {"accessConfigs": [{"natIP": f"203.0.113.{number % 250}"}]} if chance.random() < 0.3 else {}
    data = {
        "id": str(10**18 + number),
        "name": f"vm-{number}",
        "zone": f"{link}/projects/{_PROJECT}/zones/europe-west1-b",
        "machineType": f"{link}/projects/{_PROJECT}/zones/europe-west1-b/machineTypes/e2-small",
        "status": "RUNNING",
        "labels": {"team": f"team-{number % 40}", "stage": "prod"},
        "metadata": {
            "items": [{"key": "block-project-ssh-keys", "value": "true"}, {"key": "script", "value": "x" * 600}]
        },
        "networkInterfaces": [{**network, **outside}],
        "disks": [{"deviceName": f"disk-{number}", "boot": True, "source": f"{link}/{place}/disk"}],
        "shieldedInstanceConfig": {"enableVtpm": True, "enableIntegrityMonitoring": chance.random() > 0.5},
        "serviceAccounts": [{"email": f"{number % 9}-compute@developer.gserviceaccount.com", "scopes": ["scope"]}],
        "creationTimestamp": "2025-01-01T00:00:00Z",
    }
    return _asset(f"//compute.googleapis.com/{place}", "compute.googleapis.com/Instance", data)


def _firewall(number: int, chance: random.Random) -> dict[str, Any]:
    data = {
        "name": f"rule-{number}",
        "network": f"https://www.googleapis.com/compute/v1/projects/{_PROJECT}/global/networks/main",
        "direction": "INGRESS",
        "sourceRanges": [chance.choice(("0.0.0.0/0", "10.0.0.0/8"))],
        "allowed": [{"IPProtocol": "tcp", "ports": [str(chance.choice((22, 443, 3389)))]}],
        "priority": 1_000,
    }
    place = f"projects/{_PROJECT}/global/firewalls/rule-{number}"
    return _asset(f"//compute.googleapis.com/{place}", "compute.googleapis.com/Firewall", data)


def _bucket(number: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """With its policy, which is an item of its own."""
    name = f"//storage.googleapis.com/bucket-{number}"
    data = {
        "name": f"bucket-{number}",
        "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": chance.random() > 0.5}},
        "versioning": {"enabled": True},
        "labels": {"team": f"team-{number % 40}"},
    }
    yield _asset(name, "storage.googleapis.com/Bucket", data)
    members = [f"user:{chance.randrange(1000)}@example.org" for _ in range(4)]
    policy = {"bindings": [{"role": "roles/storage.objectViewer", "members": members}]}
    yield _asset(name, "storage.googleapis.com/Bucket", {}, resource=None, iam_policy=policy)


def _other(number: int) -> dict[str, Any]:
    name = f"//k8s.io/projects/{_PROJECT}/pods/pod-{number}"
    return _asset(name, "k8s.io/Pod", {"metadata": {"name": f"pod-{number}"}, "spec": {"text": "y" * 1_500}})
