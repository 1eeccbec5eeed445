"""`doors.DiskDoor` for AWS: snapshots of an instance's disks, made, read and deleted.

Whatever happens, what was made is deleted: a copy is a context, and what a dead process left behind carries our tag, by
which `sweep` finds it.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from types import TracebackType
from typing import Any

from nephoscope.clouds.aws.calling import Desk, found_at
from nephoscope.clouds.aws.disk_permissions import DISK_READS, DISK_WRITES
from nephoscope.clouds.aws.ebs import BLOCK_SIZE, TARIFF, EbsSource, changed_blocks
from nephoscope.clouds.aws.session import Clients, open_clients
from nephoscope.clouds.doors import Attached, Copied
from nephoscope.clouds.pacing import Lanes, Limits, Pace
from nephoscope.errors import CloudError, GoneError, NotApplicableError, UnavailableError
from nephoscope.images.blocks import BlockSet
from nephoscope.images.budget import Meter, Quote, quote
from nephoscope.images.machines import Consistency
from nephoscope.model.connectors import AwsAccess

TAG = "nephoscope:scan"
"""On every snapshot that is made here; its value is the instance."""
_GIGABYTE = 1024**3
_LOOK_EVERY = 5.0
_READY_WITHIN = 3600.0
"""Seconds. The first snapshot of a large disk takes its time."""


class AwsDisks(AbstractContextManager["AwsDisks"]):
    """Close it, or use it as a context."""

    def __init__(self, clients: Clients, lanes: Lanes, partition: str) -> None:
        self._clients = clients
        self._lanes = lanes
        self._desk = Desk(clients, lanes, partition)

    def disks_of(self, region: str, instance_id: str) -> tuple[Attached, ...]:
        _, attached = self._looked_up(region, instance_id)
        return attached

    def quote(self, disks: Sequence[Attached]) -> Quote:
        parts = [quote(disk.size, BLOCK_SIZE, TARIFF) for disk in disks]
        return Quote(
            blocks=sum(part.blocks for part in parts),
            whole=sum(part.whole for part in parts),
            packages=sum(part.packages for part in parts),
            snapshot_hour=sum(part.snapshot_hour for part in parts),
            currency=TARIFF.currency,
            as_of=TARIFF.as_of,
        )

    def copy(self, region: str, instance_id: str, *, existing: bool = False) -> "AwsCopies":
        instance, attached = self._looked_up(region, instance_id)
        if not attached:
            raise NotApplicableError(f"{instance_id} has no EBS volume: there is nothing to read.")
        is_stopped = instance.get("State", {}).get("Name") == "stopped"
        if existing:
            found = [self._newest(region, disk) for disk in attached]
            return AwsCopies(self, region, found, attached, Consistency.CRASH_PER_DISK)
        copies = AwsCopies(self, region, [], attached, Consistency.STOPPED if is_stopped else Consistency.CRASH)
        is_ready = False
        try:
            copies.make(instance_id)
            is_ready = True
        finally:
            if not is_ready:
                copies.close()
        return copies

    def changed(self, region: str, first: str, second: str) -> BlockSet | None:
        if first == second:
            return BlockSet()
        try:
            return changed_blocks(self._desk, region, first, second)
        except (GoneError, UnavailableError):  # the first one was deleted, or they are of different disks
            return None

    def delete(self, region: str, snapshot_id: str) -> None:
        with suppress(GoneError):
            self._desk.call("ec2", "delete_snapshot", region, {"SnapshotId": snapshot_id})

    def sweep(
        self, region: str, made_before: datetime, keep: Collection[str] = (), instance_id: str = ""
    ) -> tuple[str, ...]:
        of_one, of_all = {"Name": f"tag:{TAG}", "Values": [instance_id]}, {"Name": "tag-key", "Values": [TAG]}
        ours = [of_one if instance_id else of_all]
        deleted = []
        for row in self.snapshots(region, Filters=ours):
            if row["StartTime"] < made_before and row["SnapshotId"] not in keep:
                self.delete(region, row["SnapshotId"])
                deleted.append(row["SnapshotId"])
        return tuple(deleted)

    def snapshots(self, region: str, **arguments: Any) -> list[Mapping[str, Any]]:
        """Of this account."""
        if "SnapshotIds" not in arguments:
            arguments["OwnerIds"] = ["self"]
        pages = self._desk.pages("ec2", "describe_snapshots", region, arguments, _uncounted)
        return [row for page in pages for row in page.get("Snapshots", ())]

    def create(self, region: str, instance_id: str) -> list[Mapping[str, Any]]:
        """Of all disks at the same moment."""
        tags = [{"Key": TAG, "Value": instance_id}, {"Key": "Name", "Value": f"nephoscope scan of {instance_id}"}]
        answer = self._desk.call(
            "ec2",
            "create_snapshots",
            region,
            {
                "InstanceSpecification": {"InstanceId": instance_id, "ExcludeBootVolume": False},
                "Description": "Made by nephoscope to look inside; deleted when the scan is over.",
                "TagSpecifications": [{"ResourceType": "snapshot", "Tags": tags}],
            },
        )
        return list(answer["Snapshots"])

    def wait(self, region: str, snapshot_ids: Sequence[str]) -> list[Mapping[str, Any]]:
        """Until they can be read. UnavailableError when one of them fails or takes too long."""
        pace = self._lanes.pace
        until = pace.now() + _READY_WITHIN
        while True:
            rows = self.snapshots(region, SnapshotIds=list(snapshot_ids))
            failed = next((row for row in rows if row["State"] == "error"), None)
            if failed is not None:
                why = failed.get("StateMessage") or "EBS does not say why"
                raise UnavailableError(f"The snapshot {failed['SnapshotId']} failed: {why}")
            if len(rows) == len(snapshot_ids) and all(row["State"] == "completed" for row in rows):
                return rows
            if pace.now() > until:
                raise UnavailableError(f"The snapshots of {region} are not ready after {_READY_WITHIN:.0f} seconds.")
            pace.sleep(_LOOK_EVERY)

    def source(self, region: str, copied: Copied, meter: Meter, *, is_encrypted: bool) -> EbsSource:
        return EbsSource(self._desk, region, copied.snapshot_id, copied.size, meter, is_encrypted=is_encrypted)

    def close(self) -> None:
        self._clients.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _looked_up(self, region: str, instance_id: str) -> tuple[Mapping[str, Any], tuple[Attached, ...]]:
        answer = self._desk.call("ec2", "describe_instances", region, {"InstanceIds": [instance_id]})
        instances = found_at(answer, "Reservations[].Instances")
        if not instances:
            raise GoneError(f"There is no instance {instance_id} in {region}.")
        instance = instances[0]
        mapped = {
            row["Ebs"]["VolumeId"]: row["DeviceName"] for row in instance.get("BlockDeviceMappings", ()) if "Ebs" in row
        }
        volumes = self._desk.call("ec2", "describe_volumes", region, {"VolumeIds": list(mapped)}) if mapped else {}
        root = instance.get("RootDeviceName", "")
        found = [
            Attached(
                row["VolumeId"],
                mapped[row["VolumeId"]],
                row["Size"] * _GIGABYTE,
                mapped[row["VolumeId"]] == root,
                row.get("Encrypted", False),
            )
            for row in volumes.get("Volumes", ())
        ]
        return instance, tuple(sorted(found, key=lambda disk: (not disk.is_root, disk.device)))

    def _newest(self, region: str, disk: Attached) -> Copied:
        wanted = [
            {"Name": "volume-id", "Values": [disk.volume_id]},
            {"Name": "status", "Values": ["completed"]},
        ]
        rows = [row for row in self.snapshots(region, Filters=wanted) if _is_of_others(row)]
        if not rows:
            raise GoneError(f"{disk.volume_id} has no snapshot that could be used.")
        newest = max(rows, key=lambda row: row["StartTime"])
        return _copied(newest, is_ours=False)


class AwsCopies(AbstractContextManager["AwsCopies"]):
    """`doors.Copies` for AWS."""

    def __init__(
        self,
        door: AwsDisks,
        region: str,
        disks: Sequence[Copied],
        attached: Sequence[Attached],
        consistency: Consistency,
    ) -> None:
        self._door = door
        self._region = region
        self._disks = tuple(disks)
        self._attached = {disk.volume_id: disk for disk in attached}
        self._made: tuple[str, ...] = ()
        self._is_kept = False
        self.consistency = consistency
        self._left_behind: tuple[str, ...] = ()

    @property
    def disks(self) -> tuple[Copied, ...]:
        return self._disks

    def make(self, instance_id: str) -> None:
        """Create the snapshots and wait for them. What was made is known from the first moment on."""
        self._made = tuple(row["SnapshotId"] for row in self._door.create(self._region, instance_id))
        ready = [_copied(row, is_ours=True) for row in self._door.wait(self._region, self._made)]
        places = {volume_id: place for place, volume_id in enumerate(self._attached)}
        self._disks = tuple(sorted(ready, key=lambda row: places.get(row.volume_id, len(places))))

    def sources(self, meter: Meter) -> tuple[EbsSource, ...]:
        return tuple(
            self._door.source(self._region, row, meter, is_encrypted=self._is_encrypted(row)) for row in self._disks
        )

    def _is_encrypted(self, disk: Copied) -> bool:
        """Of one that was attached a moment ago nobody knows; it only changes how a refusal is told."""
        known = self._attached.get(disk.volume_id)
        return known is not None and known.is_encrypted

    @property
    def left_behind(self) -> tuple[str, ...]:
        """The janitor tries again."""
        return self._left_behind

    def keep(self) -> None:
        self._is_kept = True

    def close(self) -> None:
        """Never raises for what the cloud answers: see `left_behind`."""
        made, self._made = (() if self._is_kept else self._made), ()
        for snapshot_id in made:
            try:
                self._door.delete(self._region, snapshot_id)
            except CloudError as error:
                self._left_behind = (*self._left_behind, f"{snapshot_id}: {error.message}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_disks(access: AwsAccess, *, limits: Limits | None = None, pace: Pace | None = None) -> AwsDisks:
    """CloudError when the credentials cannot be used. Nothing is asked of the cloud yet."""
    bounds = limits or Limits()
    clients, _ = open_clients(access, bounds, DISK_READS, DISK_WRITES)
    return AwsDisks(clients, Lanes(bounds, pace or Pace()), access.partition)


def _is_of_others(row: Mapping[str, Any]) -> bool:
    """Ours are as old as our last scan, and may be deleted at any moment; archived ones cannot be read."""
    is_ours = any(tag["Key"] == TAG for tag in row.get("Tags", ()))
    return not is_ours and row.get("StorageTier") != "archive"


def _copied(row: Mapping[str, Any], *, is_ours: bool) -> Copied:
    return Copied(row["VolumeId"], row["SnapshotId"], row["VolumeSize"] * _GIGABYTE, is_ours, row["StartTime"])


def _uncounted() -> None:
    """These calls belong to no scope."""
