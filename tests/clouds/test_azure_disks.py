"""From a machine in Azure to its files and back to nothing, against the simulated subscription."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import virtual_disks
from azure_world import access_to
from fake_aws import FakePace
from nephoscope.clouds.azure.addresses import addresses_of
from nephoscope.clouds.azure.disk_permissions import DISK_PERMISSIONS
from nephoscope.clouds.azure.disks import TAG, AzureDisks, open_disks
from nephoscope.clouds.azure.signing import tokens_of
from nephoscope.errors import DeniedError, DiskError, GoneError, UnavailableError
from nephoscope.images.budget import Meter
from nephoscope.images.machines import Completeness, Consistency, open_sources
from nephoscope.simulation.azure.cloud import SECRET, SUBSCRIPTION, AzureCloud
from nephoscope.simulation.rest.serving import Answered

CONFLICT = Answered({"error": {"code": "OperationNotAllowed", "message": "busy"}}, 409)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "os-release").write_text("ID=azurelinux\n")
    return virtual_disks.ext(tmp_path / "disk.img", tmp_path / "tree", 4 * virtual_disks.MIB)


@pytest.fixture
def azure(image: Path) -> Iterator[AzureCloud]:
    with AzureCloud() as cloud:
        for group in ("rg-core", "rg-other"):
            add_machine(cloud, "web", image, group=group)
        yield cloud


def add_machine(cloud: AzureCloud, name: str, image: Path, *, group: str = "rg-core", power: str = "running") -> str:
    """With one disk that holds this; answers its id."""
    size = {"diskSizeBytes": image.stat().st_size}
    disk = cloud.add("Microsoft.Compute/disks", f"{name}-os", size, group=group)
    cloud.disks.hold(disk, image)
    properties = {
        "instanceView": {"statuses": [{"code": f"PowerState/{power}"}]},
        "storageProfile": {"osDisk": {"managedDisk": {"id": disk}}, "dataDisks": []},
    }
    return cloud.add("Microsoft.Compute/virtualMachines", name, properties, group=group)


def machine(group: str = "rg-core") -> str:
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/web"


MACHINE = machine()


@pytest.fixture
def door(azure: AzureCloud) -> Iterator[AzureDisks]:
    access = access_to(azure)
    tokens = tokens_of(access, SECRET, addresses_of(access))
    with open_disks(access, SUBSCRIPTION, tokens, pace=FakePace().pace) as opened:
        yield opened


def read(door: AzureDisks, *, existing: bool = False) -> bytes:
    meter = Meter()
    with (
        door.copy("", MACHINE, existing=existing) as copies,
        open_sources(copies.sources(meter), meter, copies.consistency) as opened,
    ):
        return next(view.read("/os-release", 100) for _, view in opened.views())


def test_the_whole_way(azure: AzureCloud, door: AzureDisks) -> None:
    (attached,) = door.disks_of("", MACHINE)
    assert attached.is_root
    assert door.quote([attached]).blocks == 8
    assert read(door) == b"ID=azurelinux\n"
    assert azure.disks.snapshots == {}
    assert {"PUT", "DELETE"} <= {line.split()[0] for line in azure.asked}
    assert door.desk.permissions_used() <= set(DISK_PERMISSIONS)


def test_an_address_that_does_not_open_any_more_is_renewed(azure: AzureCloud, door: AzureDisks) -> None:
    meter = Meter()
    with door.copy("", MACHINE) as copies:
        (source,) = copies.sources(meter)
        whole = source.fetch(0)
        azure.disks.expire()
        assert source.fetch(0) == whole


def read_and_sweep(door: AzureDisks) -> None:
    with door.copy("", MACHINE) as copies:
        copies.sources(Meter())[0].fetch(0)
    door.sweep("", datetime.now(UTC) + timedelta(hours=1))


@pytest.mark.parametrize("permission", [name for name in DISK_PERMISSIONS if "Compute/snapshots/" in name])
def test_a_missing_permission_is_named(azure: AzureCloud, door: AzureDisks, permission: str) -> None:
    with azure.refusing(permission), pytest.raises(DeniedError, match=permission):
        read_and_sweep(door)
    read_and_sweep(door)
    assert azure.disks.snapshots == {}


def test_what_was_made_goes_and_orphans_are_swept(azure: AzureCloud, door: AzureDisks) -> None:
    with (
        azure.refusing("Microsoft.Compute/snapshots/beginGetAccess/action"),
        door.copy("", MACHINE) as copies,
        pytest.raises(DeniedError, match="beginGetAccess/action is missing"),
    ):
        copies.sources(Meter())[0].holds(0)
    assert azure.disks.snapshots == {}
    with door.copy("", MACHINE) as copies:
        name = copies.disks[0].snapshot_id.rpartition("/")[2]
        azure.disturb(name, CONFLICT, times=2)
    assert name in copies.left_behind[0]
    (left,) = azure.disks.snapshots.values()
    assert TAG in left["tags"]
    now = datetime.now(UTC)
    assert door.sweep("", now - timedelta(hours=1)) == ()
    assert door.sweep("", now + timedelta(hours=1), keep=[copies.disks[0].snapshot_id]) == ()
    assert door.sweep("", now + timedelta(hours=1), instance_id=machine("rg-other")) == ()
    (gone,) = door.sweep("", now + timedelta(hours=1), instance_id=MACHINE.upper())
    assert gone.casefold() == copies.disks[0].snapshot_id.casefold()
    assert azure.disks.snapshots == {}


def test_a_copy_whose_answer_was_lost_is_deleted_all_the_same(azure: AzureCloud, door: AzureDisks) -> None:
    azure.disturb("/snapshots/", Answered({}, 504), times=3, is_late=True)
    with pytest.raises(UnavailableError):
        door.copy("", MACHINE)
    assert azure.disks.snapshots == {}


def test_what_changed_between_two_copies(door: AzureDisks, image: Path) -> None:
    with door.copy("", MACHINE) as first, door.copy("", MACHINE) as same:
        unchanged = door.changed("", first.disks[0].snapshot_id, same.disks[0].snapshot_id)
        assert unchanged is not None
        assert len(unchanged) == 0
        virtual_disks.write(image, 3 * 512 * 1024 + 99, b"changed")
        with door.copy("", MACHINE) as second:
            changed = door.changed("", first.disks[0].snapshot_id, second.disks[0].snapshot_id)
    assert changed is not None
    assert list(changed) == [3]


def test_an_existing_snapshot_is_used_and_left(azure: AzureCloud, door: AzureDisks) -> None:
    with pytest.raises(GoneError, match="no snapshot"):
        door.copy("", MACHINE, existing=True)
    with door.copy("", MACHINE) as kept:
        kept.keep()
    with pytest.raises(GoneError, match="no snapshot"):
        door.copy("", MACHINE, existing=True)
    (one,) = azure.disks.snapshots.values()
    one["tags"] = {"backup": "daily"}
    assert read(door, existing=True) == b"ID=azurelinux\n"
    assert len(azure.disks.snapshots) == 1


def test_how_consistent_it_is(azure: AzureCloud, door: AzureDisks, image: Path) -> None:
    with door.copy("", MACHINE) as running:
        assert running.consistency is Consistency.CRASH_PER_DISK
    add_machine(azure, "web", image, power="deallocated")
    with door.copy("", MACHINE) as stopped:
        assert stopped.consistency is Consistency.STOPPED


def test_broken_blocks_are_noticed(azure: AzureCloud, door: AzureDisks) -> None:
    azure.disks.is_corrupt = True
    meter = Meter()
    with (
        door.copy("", MACHINE) as copies,
        open_sources(copies.sources(meter), meter, copies.consistency) as opened,
    ):
        coverage = opened.coverage()
        with pytest.raises(DiskError, match="checksum"):
            copies.sources(meter)[0].fetch(0)
    assert coverage.state is Completeness.FAILED
