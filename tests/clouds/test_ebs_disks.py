"""From an instance to its files and back to nothing: snapshots made, read through the EBS direct API, and deleted."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import virtual_disks
from fake_aws import FakePace
from nephoscope.clouds.aws.disks import TAG, AwsDisks, open_disks
from nephoscope.clouds.aws.ebs import TARIFF
from nephoscope.errors import BudgetError, DeniedError, DiskError, GoneError, UnavailableError
from nephoscope.images.budget import Budget, Meter
from nephoscope.images.machines import Completeness, Consistency, Machine, open_sources
from nephoscope.model.connectors import AwsAccess
from nephoscope.simulation.aws import IMAGE, BlockConditions, Disturbance, Fault, Simulation, VolumeImage, start

REGION = "us-east-1"
Ec2 = Any
Start = Callable[..., str]
ReadRoot = Callable[[Meter, str], bytes]
NO_ROOM = Budget(blocks=3), "3 blocks"
NO_MONEY = Budget(money=0.00001), "1e-05 USD"
NO_TIME = Budget(seconds=1e-9), "seconds"


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    with start(in_process=True) as running:
        yield running


@pytest.fixture(autouse=True)
def calm(simulation: Simulation) -> Iterator[None]:
    yield
    simulation.disturb()
    simulation.tell(BlockConditions())


@pytest.fixture
def ec2(simulation: Simulation) -> Iterator[Ec2]:
    with closing(simulation.client("ec2", REGION)) as client:
        yield client


@pytest.fixture
def pace() -> FakePace:
    return FakePace()


@pytest.fixture
def door(simulation: Simulation, pace: FakePace) -> Iterator[AwsDisks]:
    with open_disks(AwsAccess(endpoint_url=simulation.endpoint_url), pace=pace.pace) as opened:
        yield opened


@pytest.fixture
def start_instance(ec2: Ec2) -> Start:
    """`start_instance("/dev/sda1", "/dev/sdf")`: the instance's id."""

    def run(*devices: str) -> str:
        disks = [{"DeviceName": name, "Ebs": {"VolumeSize": 1, "VolumeType": "gp3"}} for name in devices]
        ran = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, BlockDeviceMappings=disks)
        return str(ran["Instances"][0]["InstanceId"])

    return run


@pytest.fixture(scope="module")
def root_image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A partitioned disk whose second partition is a small Debian."""
    folder = tmp_path_factory.mktemp("root")
    (folder / "tree" / "etc").mkdir(parents=True)
    (folder / "tree" / "etc" / "os-release").write_text("ID=debian\n")
    (folder / "tree" / "srv").mkdir()
    (folder / "tree" / "srv" / "large").write_bytes(bytes(range(256)) * 40_000)
    inner = virtual_disks.ext(folder / "root.ext4", folder / "tree")
    return virtual_disks.gpt(
        folder / "root.img", [(virtual_disks.blank(folder / "bios", 1024**2), "ef02"), (inner, "8300")]
    )


def volume_of(door: AwsDisks, instance: str) -> str:
    return door.disks_of(REGION, instance)[0].volume_id


def read(machine: Machine, path: str) -> bytes:
    return next(view.read(path, 100_000_000) for _, view in machine.views())


@pytest.fixture
def read_root(simulation: Simulation, door: AwsDisks, start_instance: Start, root_image: Path) -> ReadRoot:
    """`read_root(meter, path)`: a file of the root disk of a new instance."""

    def run(meter: Meter, path: str) -> bytes:
        instance = start_instance("/dev/sda1")
        simulation.tell(VolumeImage(volume_of(door, instance), str(root_image)))
        with (
            door.copy(REGION, instance) as copies,
            open_sources(copies.sources(meter), meter, copies.consistency) as machine,
        ):
            return read(machine, path)

    return run


def ours(ec2: Ec2) -> list[str]:
    rows = ec2.describe_snapshots(Filters=[{"Name": "tag-key", "Values": [TAG]}])["Snapshots"]
    return [row["SnapshotId"] for row in rows]


@pytest.fixture
def data_image(tmp_path: Path) -> Path:
    """A disk without partitions."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "notes").write_text("on the second disk")
    return virtual_disks.ext(tmp_path / "data.img", tmp_path / "data", kind="ext3")


@pytest.fixture
def two_disks(simulation: Simulation, door: AwsDisks, start_instance: Start, root_image: Path, data_image: Path) -> str:
    """An instance."""
    instance = start_instance("/dev/sda1", "/dev/sdf")
    for disk, image in zip(door.disks_of(REGION, instance), (root_image, data_image), strict=True):
        simulation.tell(VolumeImage(disk.volume_id, str(image)))
    return instance


def test_the_whole_way(ec2: Ec2, door: AwsDisks, two_disks: str) -> None:
    instance = two_disks
    attached = door.disks_of(REGION, instance)
    assert [disk.device for disk in attached] == ["/dev/sda1", "/dev/sdf"]
    meter = Meter()
    with (
        door.copy(REGION, instance) as copies,
        open_sources(copies.sources(meter), meter, copies.consistency) as machine,
    ):
        assert len(ours(ec2)) == 2
        assert [copied.volume_id for copied in copies.disks] == [disk.volume_id for disk in attached]
        contents = {
            volume.name: dict(view.read_many(("/etc/os-release", "/srv/large", "/notes"), 20_000_000))
            for volume, view in machine.views()
        }
        coverage = machine.coverage()
    assert contents == {
        "disk 0 partition 2": {"/etc/os-release": b"ID=debian\n", "/srv/large": bytes(range(256)) * 40_000},
        "disk 1": {"/notes": b"on the second disk"},
    }
    assert (coverage.state, coverage.consistency) == (Completeness.COMPLETE, Consistency.CRASH)
    spent = machine.spent()
    assert 0 < spent.blocks < 120
    assert spent.money == pytest.approx(spent.blocks * TARIFF.block + spent.listings * TARIFF.listing)
    assert ours(ec2) == []


def test_a_stopped_instance_is_whole(ec2: Ec2, door: AwsDisks, start_instance: Start) -> None:
    instance = start_instance("/dev/sda1")
    ec2.stop_instances(InstanceIds=[instance])
    with door.copy(REGION, instance) as copies:
        assert copies.consistency is Consistency.STOPPED


def test_what_was_made_goes_when_reading_fails(ec2: Ec2, door: AwsDisks, start_instance: Start) -> None:
    instance = start_instance("/dev/sda1")
    with pytest.raises(DiskError, match="broken off"), door.copy(REGION, instance):
        raise DiskError("broken off")
    assert ours(ec2) == []


def test_what_was_made_goes_when_waiting_for_it_fails(
    simulation: Simulation, ec2: Ec2, door: AwsDisks, start_instance: Start
) -> None:
    instance = start_instance("/dev/sda1")
    simulation.disturb(Fault(Disturbance.DENIED, "ec2", "DescribeSnapshots"))
    with pytest.raises(DeniedError, match="ec2:DescribeSnapshots"):
        door.copy(REGION, instance)
    simulation.disturb()
    assert ours(ec2) == []


def test_what_cannot_be_deleted_is_told_and_swept_later(
    simulation: Simulation, ec2: Ec2, door: AwsDisks, start_instance: Start
) -> None:
    instance = start_instance("/dev/sda1")
    with door.copy(REGION, instance) as copies:
        simulation.disturb(Fault(Disturbance.DENIED, "ec2", "DeleteSnapshot"))
    assert "ec2:DeleteSnapshot" in copies.left_behind[0]
    simulation.disturb()
    kept = copies.disks[0].snapshot_id
    foreign = ec2.create_snapshot(VolumeId=volume_of(door, instance), Description="somebody's own")["SnapshotId"]
    now = datetime.now(UTC)
    assert door.sweep(REGION, now - timedelta(hours=6)) == ()
    assert door.sweep(REGION, now + timedelta(minutes=1), keep=[kept]) == ()
    assert door.sweep(REGION, now + timedelta(minutes=1)) == (kept,)
    assert door.sweep(REGION, now + timedelta(minutes=1)) == ()
    assert ec2.describe_snapshots(SnapshotIds=[foreign])["Snapshots"]


def test_the_newest_existing_snapshot_is_used_and_left_alone(
    simulation: Simulation, ec2: Ec2, door: AwsDisks, start_instance: Start, root_image: Path
) -> None:
    instance = start_instance("/dev/sda1")
    volume = volume_of(door, instance)
    with pytest.raises(GoneError, match="no snapshot"):
        door.copy(REGION, instance, existing=True)
    simulation.tell(VolumeImage(volume, str(root_image)))
    ec2.create_snapshot(VolumeId=volume)
    newest = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    with door.copy(REGION, instance) as own:
        own.keep()
    meter = Meter()
    with (
        door.copy(REGION, instance, existing=True) as copies,
        open_sources(copies.sources(meter), meter, copies.consistency) as machine,
    ):
        assert [row.snapshot_id for row in copies.disks] == [newest]
        assert read(machine, "/etc/os-release") == b"ID=debian\n"
        assert machine.coverage().consistency is Consistency.CRASH_PER_DISK
    assert ec2.describe_snapshots(SnapshotIds=[newest])["Snapshots"]
    door.delete(REGION, own.disks[0].snapshot_id)


def test_an_unchanged_disk_costs_one_list(
    simulation: Simulation, door: AwsDisks, start_instance: Start, root_image: Path, tmp_path: Path
) -> None:
    instance = start_instance("/dev/sda1")
    volume = volume_of(door, instance)
    simulation.tell(VolumeImage(volume, str(root_image)))
    meter = Meter()
    with (
        door.copy(REGION, instance) as first,
        open_sources(first.sources(meter), meter, first.consistency) as machine,
    ):
        read(machine, "/etc/os-release")
        (looked_at,) = machine.blocks_read()
        first.keep()
    changed = tmp_path / "changed.img"
    changed.write_bytes(root_image.read_bytes())
    elsewhere = max(set(range(changed.stat().st_size // 2**19)) - set(looked_at))
    virtual_disks.write(changed, elsewhere * 2**19 + 77, b"something else")
    simulation.tell(VolumeImage(volume, str(changed)))
    simulation.forget_calls()
    with door.copy(REGION, instance) as second:
        differing = door.changed(REGION, first.disks[0].snapshot_id, second.disks[0].snapshot_id)
    assert differing is not None
    assert list(differing) == [elsewhere]
    assert not differing.meets(looked_at)
    assert simulation.calls()["ebs.ListChangedBlocks"] == 1
    assert "ebs.GetSnapshotBlock" not in simulation.calls()
    other = start_instance("/dev/sda1")
    with door.copy(REGION, other) as unrelated:
        assert door.changed(REGION, first.disks[0].snapshot_id, unrelated.disks[0].snapshot_id) is None
    door.delete(REGION, first.disks[0].snapshot_id)
    door.delete(REGION, first.disks[0].snapshot_id)
    assert door.changed(REGION, first.disks[0].snapshot_id, second.disks[0].snapshot_id) is None


def test_throttling_and_broken_blocks_are_got_over(
    simulation: Simulation, door: AwsDisks, start_instance: Start, root_image: Path, pace: FakePace
) -> None:
    instance = start_instance("/dev/sda1")
    simulation.tell(VolumeImage(volume_of(door, instance), str(root_image)))
    simulation.tell(BlockConditions(throttled_every=5, corrupted_every=7))
    meter = Meter()
    with (
        door.copy(REGION, instance) as copies,
        open_sources(copies.sources(meter), meter, copies.consistency) as machine,
    ):
        assert read(machine, "/srv/large") == bytes(range(256)) * 40_000
    assert pace.naps


def test_a_block_that_stays_broken_fails_its_volume_alone(
    simulation: Simulation, door: AwsDisks, start_instance: Start, root_image: Path
) -> None:
    instance = start_instance("/dev/sda1")
    simulation.tell(VolumeImage(volume_of(door, instance), str(root_image)))
    simulation.tell(BlockConditions(corrupted_every=1))
    meter = Meter()
    with (
        door.copy(REGION, instance) as copies,
        open_sources(copies.sources(meter), meter, copies.consistency) as machine,
    ):
        assert list(machine.views()) == []
        coverage = machine.coverage()
    assert coverage.state is Completeness.FAILED
    assert "checksum differs" in coverage.reasons[0]


def test_a_key_that_does_not_open_is_named(
    simulation: Simulation, door: AwsDisks, start_instance: Start, root_image: Path
) -> None:
    instance = start_instance("/dev/sda1")
    simulation.tell(VolumeImage(volume_of(door, instance), str(root_image), is_key_denied=True))
    meter = Meter()
    with (
        door.copy(REGION, instance) as copies,
        open_sources(copies.sources(meter), meter, copies.consistency) as machine,
    ):
        coverage = machine.coverage()
    assert coverage.state is Completeness.FAILED
    assert "the permission kms:Decrypt is missing" in coverage.reasons[0]


@pytest.mark.parametrize(("budget", "said"), [NO_ROOM, NO_MONEY, NO_TIME])
def test_a_budget_ends_the_reading(read_root: ReadRoot, budget: Budget, said: str) -> None:
    meter = Meter(budget)
    with pytest.raises(BudgetError, match=said):
        read_root(meter, "/srv/large")
    assert meter.spent().blocks <= 3


def test_the_quote_is_an_upper_bound(door: AwsDisks, start_instance: Start) -> None:
    quote = door.quote(door.disks_of(REGION, start_instance("/dev/sda1", "/dev/sdf")))
    assert quote.blocks == 2 * 2048
    assert quote.whole == pytest.approx(4096 * TARIFF.block + 2 * TARIFF.listing)
    assert quote.packages < quote.whole / 50
    assert quote.as_of == TARIFF.as_of


def test_what_cannot_be_copied_is_said(ec2: Ec2, door: AwsDisks, simulation: Simulation, start_instance: Start) -> None:
    with pytest.raises((GoneError, UnavailableError), match="i-0123456789abcdef0"):
        door.copy(REGION, "i-0123456789abcdef0")
    instance = start_instance("/dev/sda1")
    simulation.disturb(Fault(Disturbance.DENIED, "ec2", "CreateSnapshots"))
    with pytest.raises(DeniedError, match="ec2:CreateSnapshots"):
        door.copy(REGION, instance)
    simulation.disturb()
    assert ours(ec2) == []


def test_the_door_can_change_nothing_but_snapshots(door: AwsDisks) -> None:
    client = door._clients.client("ec2", REGION)
    changes = {
        name for name in client.meta.method_to_api_mapping if not name.startswith(("describe_", "get_", "list_"))
    }
    assert changes == {"create_snapshots", "delete_snapshot"}
