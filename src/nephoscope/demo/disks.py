"""Disks with something on them: two instances of the simulated account get one each, and are looked into by the same
jobs as everybody's."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from nephoscope.audit.trail import LOCAL
from nephoscope.cli.printing import note
from nephoscope.errors import ConflictError
from nephoscope.jobs.disks import judge_again
from nephoscope.model.connectors import Connector
from nephoscope.model.findings import SNAPSHOT_TAG, DiskScan, DiskSettings
from nephoscope.simulation.aws import HOME, Simulation, VolumeImage
from nephoscope.simulation.disks.ext4 import Tree, write_disk
from nephoscope.simulation.disks.machines import notebook, web_server
from nephoscope.snapshots.knowledge import Knowledge
from nephoscope.store import disk_scans
from nephoscope.usecases.usecases import UseCases

ADVISORIES = Path(__file__).with_name("advisories")
"""Samples, written by hand."""
_CARELESS = "jonas"
"""The user of the estate whose access key lies on a disk."""
_TREES: Mapping[str, Callable[[str], Tree]] = {"data-notebook": notebook, "web-frontend-old": lambda _key: web_server()}
"""By the name of the instance."""
_SIZE = 16 << 20
_WRITTEN = 1_735_689_600
"""The start of 2025, in seconds since 1970."""
_LOOK_EVERY = 0.2
"""Seconds."""


@contextmanager
def disks_in(aws: Simulation) -> Iterator[None]:
    """The instances have their disks, and wear the tag by which connectors choose whom to look into. The files go when
    the block ends."""
    with TemporaryDirectory(prefix="nephoscope-disks-", ignore_cleanup_errors=True) as folder:
        with closing(aws.client("iam")) as iam:
            (key_id, *_) = (row["AccessKeyId"] for row in iam.list_access_keys(UserName=_CARELESS)["AccessKeyMetadata"])
        with closing(aws.client("ec2", HOME)) as ec2:
            for name, tree in _TREES.items():
                instance = _instance(ec2, name)
                image = Path(folder) / f"{name}.img"
                write_disk(image, tree(key_id), size=_SIZE, label="root", written=_WRITTEN)
                volume = instance["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
                aws.tell(VolumeImage(volume, str(image)))
                tags = [{"Key": SNAPSHOT_TAG, "Value": "true"}]
                ec2.create_tags(Resources=[instance["InstanceId"]], Tags=tags)
        yield


def _instance(ec2: Any, name: str) -> Any:
    found = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": [name]}])
    return found["Reservations"][0]["Instances"][0]


def learn(knowledge: Knowledge) -> None:
    """The samples, where nothing is known; what somebody has built or imported stays."""
    if not knowledge.path.is_file():
        knowledge.build([ADVISORIES])


def look_inside(usecases: UseCases, connector: Connector) -> tuple[DiskScan, ...]:
    """The scans of all instances that wear the tag, once they have ended and the controls about findings have judged.
    From now on the connector looks into them every day."""
    learn(usecases.disks.context.knowledge)
    chosen = usecases.disks.chosen(connector.uuid)
    note(f"Looking into the disks of {len(chosen)} instances, through snapshots of them …")
    with suppress(ConflictError):  # a store that was kept may have asked for it already
        usecases.disks.start(chosen, LOCAL)
    scans = _ended(usecases, chosen)
    usecases.disks.put_settings(connector.uuid, DiskSettings(is_enabled=True), LOCAL)
    judge_again(usecases.disks.context, usecases.catalogue)
    return scans


def _ended(usecases: UseCases, resources: tuple[UUID, ...]) -> tuple[DiskScan, ...]:
    """The newest scan of each resource, when none of them is being scanned any more."""
    while True:
        with usecases.store.read() as reader:
            busy = disk_scans.busy(reader)
            if busy.isdisjoint(resources):
                return tuple(disk_scans.of_resource(reader, resources).values())
        time.sleep(_LOOK_EVERY)
