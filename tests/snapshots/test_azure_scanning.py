"""The whole way in Azure: from a virtual machine to findings in the store, and nothing left in the subscription."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nephoscope.clouds.azure.disk_permissions import DISK_PERMISSIONS
from nephoscope.model.findings import DiskSettings, FindingStatus, ScanState
from nephoscope.model.resources import Tag
from nephoscope.simulation.azure.cloud import AzureCloud
from nephoscope.store import found_secrets
from nephoscope.store.session import Store
from snapshots.azure_disk_world import AzureWorld
from snapshots.disk_world import NEW, credentials, debian, image
from worlds import FakeClock


@pytest.fixture
def cloud() -> Iterator[AzureCloud]:
    with AzureCloud() as opened:
        yield opened


@pytest.fixture
def azure(store: Store, tmp_path: Path, clock: FakeClock, cloud: AzureCloud) -> AzureWorld:
    return AzureWorld(store, tmp_path, clock, cloud)


def test_from_a_machine_to_findings(azure: AzureWorld, root: Path, tmp_path: Path) -> None:
    machine = azure.launch(root)
    assert azure.verdicts(machine) == {}
    scan = azure.scan(machine)
    assert (scan.state, scan.error, scan.result.left_behind) == (ScanState.COMPLETE, "", ())
    assert (scan.result.packages, scan.result.os) == (3, "Debian GNU/Linux 12 (bookworm)")
    assert scan.result.consistency == "CRASH_PER_DISK"
    assert scan.cost.blocks > 0
    assert azure.cloud.disks.snapshots == {}
    assert azure.statuses(machine)["CVE-2024-0001"] is FindingStatus.NEW
    with azure.store.read() as reader:
        lying = found_secrets.of_resources(reader, [machine.key])[machine.key]
    assert {one.secret.found.type for one in lying} >= {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert azure.verdicts(machine) == {57000: "FAIL", 57001: "PASS", 57002: "FAIL", 57003: "FAIL"}
    mended = debian(NEW)["var/lib/dpkg/status"].replace("1.0-1", "2.0-1")
    azure.hold(machine, image(tmp_path / "mended.img", {**debian(NEW), "var/lib/dpkg/status": mended}))
    assert azure.scan(machine).result.fixed >= 2
    assert azure.statuses(machine)["CVE-2024-0001"] is FindingStatus.FIXED
    assert set(azure.verdicts(machine).values()) == {"PASS"}


def test_a_second_scan_of_an_unchanged_disk_reads_no_page(azure: AzureWorld, root: Path, tmp_path: Path) -> None:
    machine = azure.launch(root)
    azure.scan(machine, keep_snapshots=True)
    (kept,) = azure.cloud.disks.snapshots
    second = azure.scan(machine, keep_snapshots=True)
    assert (second.state, second.result.is_unchanged, second.cost.blocks) == (ScanState.COMPLETE, True, 0)
    (moved,) = azure.cloud.disks.snapshots
    assert moved != kept
    azure.hold(machine, image(tmp_path / "other.img", {**debian(NEW), **credentials()}))
    third = azure.scan(machine)
    assert not third.result.is_unchanged
    assert azure.cloud.disks.snapshots == {}


@pytest.mark.parametrize(
    "permission",
    [
        "Microsoft.Compute/disks/read",
        "Microsoft.Compute/locations/diskOperations/read",
        "Microsoft.Compute/snapshots/beginGetAccess/action",
        "Microsoft.Compute/snapshots/read",
        "Microsoft.Compute/snapshots/write",
        "Microsoft.Compute/virtualMachines/read",
    ],
)
def test_what_is_denied_is_named_and_nothing_stays(azure: AzureWorld, root: Path, permission: str) -> None:
    assert permission in DISK_PERMISSIONS
    machine = azure.launch(root)
    with azure.cloud.refusing(permission):
        scan = azure.scan(machine)
    assert scan.state is ScanState.FAILED
    assert scan.permission.casefold() == permission.casefold()
    assert scan.permission in scan.error
    assert azure.cloud.disks.snapshots == {}


def test_what_could_not_be_deleted_is_told_and_swept(azure: AzureWorld, root: Path) -> None:
    machine, namesake = azure.launch(root), azure.launch(root, group="rg-other")
    with azure.cloud.refusing("Microsoft.Compute/snapshots/delete"):
        for one in (machine, namesake):
            scan = azure.scan(one)
            assert scan.state is ScanState.COMPLETE
            assert "Microsoft.Compute/snapshots/delete is missing" in scan.result.left_behind[0]
    assert len(azure.cloud.disks.snapshots) == 2
    azure.scan(machine)
    (left,) = azure.cloud.disks.snapshots
    assert "/rg-other/" in left
    assert azure.disks.sweep() == ()
    azure.clock.now = datetime.now(UTC) + timedelta(hours=12)
    assert len(azure.disks.sweep()) == 1
    assert azure.cloud.disks.snapshots == {}


def test_machines_choose_themselves_by_tag(azure: AzureWorld, root: Path) -> None:
    tagged = azure.launch(root, tags=(Tag("QUALYS_SNAPSHOT_ENABLED", "true"),))
    azure.launch(root, group="rg-other")
    azure.disks.put_settings(azure.connector.uuid, DiskSettings(is_enabled=True), "alice")
    assert azure.disks.choose() == 1
    assert azure.disks.chosen(azure.connector.uuid) == (tagged.uuid,)


def test_a_quote_names_the_price_of_keeping_a_snapshot(azure: AzureWorld, root: Path) -> None:
    (priced,) = azure.disks.quote([azure.launch(root).uuid])
    assert (priced.disks, priced.bytes, priced.error) == (1, root.stat().st_size, "")
    assert priced.quote is not None
    assert priced.quote.whole == 0
    assert priced.quote.snapshot_hour > 0
