"""The whole way: from an instance to findings in the store, and nothing left in the account."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from jobs.job_world import wait_until
from nephoscope.errors import BadRequestError, ConflictError, NotFoundError
from nephoscope.model.findings import DiskSettings, FindingStatus, ListedSecret, ScanState
from nephoscope.model.resources import Resource
from nephoscope.model.secrets import SecretNote, SecretSeverity, SecretState
from nephoscope.simulation.aws import Disturbance, Fault
from nephoscope.store import disk_scans, found_secrets
from nephoscope.store.tables import findings as finding_tables
from snapshots.disk_world import (
    KEY,
    KEY_ID,
    NEW,
    REGION,
    TOKEN,
    DiskWorld,
    credentials,
    debian,
    debian_feed,
    image,
)

SOUND = debian(NEW)["var/lib/dpkg/status"].replace("1.0-1", "2.0-1")


def test_the_whole_way(world: DiskWorld, root: Path) -> None:
    ann = world.user("ann", KEY_ID)
    instance = world.launch(root)
    scan = world.scan(instance)
    assert (scan.state, scan.error) == (ScanState.COMPLETE, "")
    assert scan.result.packages == 3
    assert scan.result.os == "Debian GNU/Linux 12 (bookworm)"
    assert world.snapshots() == []
    assert 0 < scan.cost.money < scan.cost.quoted
    assert scan.cost.blocks > 0
    found = world.weak(instance)
    assert found["CVE-2024-0001"].status is FindingStatus.NEW
    assert found["CVE-2024-0001"].vulnerability.kev is not None
    assert found["CVE-2024-0001"].first_found == found["CVE-2024-0001"].last_found == world.clock()
    key = world.lying(instance)["aws-access-key-id"].secret
    assert key.state is SecretState.NEW
    assert key.found.owner is not None
    assert (key.found.owner.user, key.found.owner.user_uuid) == ("ann", ann.uuid)
    assert SecretNote.LIVE in key.found.notes
    assert key.found.severity is SecretSeverity.CRITICAL
    tallies = world.state(instance).tallies
    assert tallies.live_keys >= 1
    assert tallies.exploited == 1
    assert tallies.secrets == sum(tallies.secrets_by_severity.values()) >= 2


def test_the_secret_itself_is_nowhere(world: DiskWorld, root: Path, url: str) -> None:
    world.scan(world.launch(root))
    if url.startswith("sqlite"):
        content = Path(url.removeprefix("sqlite:///")).read_bytes()
        assert KEY.encode() not in content
        assert TOKEN.encode() not in content


def test_a_finding_has_a_life(world: DiskWorld, root: Path, tmp_path: Path) -> None:
    instance = world.launch(root)
    first = world.scan(instance).finished_on
    assert world.scan(instance).result.new == 0
    again = world.weak(instance)["CVE-2024-0001"]
    assert (again.status, again.first_found, again.last_found) == (FindingStatus.ACTIVE, first, world.clock())
    mended = image(tmp_path / "mended.img", {**debian(NEW), "var/lib/dpkg/status": SOUND})
    world.hold(instance, mended)
    seen = world.clock()
    scan = world.scan(instance)
    assert scan.result.fixed >= 2
    fixed = world.weak(instance)["CVE-2024-0001"]
    assert (fixed.status, fixed.last_found, fixed.fixed_on) == (FindingStatus.FIXED, seen, world.clock())
    assert {one.secret.state for one in world.lying(instance).values()} == {SecretState.FIXED}
    assert world.state(instance).tallies.secrets == 0
    world.hold(instance, root)
    assert world.scan(instance).result.reopened >= 2
    back = world.weak(instance)["CVE-2024-0001"]
    assert (back.uuid, back.status, back.fixed_on) == (fixed.uuid, FindingStatus.REOPENED, None)
    assert back.first_found == first
    assert {one.secret.state for one in world.lying(instance).values()} == {SecretState.REOPENED}


def test_what_is_unchanged_is_not_written_again(world: DiskWorld, root: Path) -> None:
    instance = world.launch(root)
    world.scan(instance)
    before = rows(world)
    world.scan(instance)
    assert rows(world) == before


def rows(world: DiskWorld) -> list[tuple[object, ...]]:
    with world.store.read() as reader:
        weak = reader.connection.execute(select(finding_tables.vulnerabilities)).all()
        lying = reader.connection.execute(select(finding_tables.found_secrets)).all()
    return sorted((tuple(row) for row in (*weak, *lying)), key=repr)


def test_a_volume_that_failed_fixes_nothing(world: DiskWorld, root: Path, tmp_path: Path) -> None:
    data = image(tmp_path / "data.img", {"srv/key.env": f"aws_access_key_id={KEY_ID}\naws_secret_access_key={KEY}\n"})
    instance = world.launch(root, data)
    assert world.scan(instance).state is ScanState.COMPLETE
    seen = world.clock()
    broken = tmp_path / "broken.img"
    broken.write_bytes(b"\x11" * 4_000_000)
    world.hold(instance, broken, 1)
    scan = world.scan(instance)
    assert scan.state is ScanState.PARTIAL
    assert scan.result.reasons
    assert scan.result.fixed == 0
    on_data = [one for one in every_secret(world, instance) if one.volume == "disk 1"]
    assert on_data
    assert all(one.fixed_on is None and one.secret.last_found == seen for one in on_data)
    world.hold(instance, broken, 0)
    assert world.scan(instance).state is ScanState.FAILED
    assert world.weak(instance)["CVE-2024-0001"].status is not FindingStatus.FIXED
    assert world.state(instance).tallies.vulnerabilities > 0


def every_secret(world: DiskWorld, instance: Resource) -> list[ListedSecret]:
    with world.store.read() as reader:
        return found_secrets.of_resources(reader, [instance.key])[instance.key]


def test_a_root_disk_without_packages_is_never_clean(world: DiskWorld, tmp_path: Path) -> None:
    bare = image(tmp_path / "bare.img", {"etc/os-release": "ID=debian\n"})
    scan = world.scan(world.launch(bare))
    assert scan.state is ScanState.PARTIAL
    assert "not the same as having none" in " ".join(scan.result.reasons)


def test_the_missing_key_permission_is_named(world: DiskWorld, root: Path) -> None:
    scan = world.scan(world.launch(root, is_key_denied=True))
    assert scan.state is ScanState.FAILED
    assert scan.permission == "kms:Decrypt"
    assert "kms:Decrypt" in scan.error
    assert world.snapshots() == []


@pytest.mark.parametrize(
    ("service", "operation", "permission"),
    [
        ("ec2", "CreateSnapshots", "ec2:CreateSnapshots"),
        ("ec2", "DescribeVolumes", "ec2:DescribeVolumes"),
        ("ebs", "ListSnapshotBlocks", "ebs:ListSnapshotBlocks"),
        ("ebs", "GetSnapshotBlock", "ebs:GetSnapshotBlock"),
    ],
)
def test_what_is_denied_is_named_and_nothing_stays(
    world: DiskWorld, root: Path, service: str, operation: str, permission: str
) -> None:
    instance = world.launch(root)
    world.simulation.disturb(Fault(Disturbance.DENIED, service, operation))
    scan = world.scan(instance)
    world.simulation.disturb()
    assert (scan.state, scan.permission) == (ScanState.FAILED, permission)
    assert permission in scan.error
    assert world.snapshots() == []
    assert world.state(instance).scanned_on is None


def test_a_budget_stops_a_scan_and_says_so(world: DiskWorld, root: Path) -> None:
    instance = world.launch(root)
    scan = world.scan(instance, blocks=2)
    assert scan.state in (ScanState.FAILED, ScanState.PARTIAL)
    assert "2 blocks" in " ".join(scan.result.reasons) + scan.error
    assert scan.cost.blocks <= 2
    assert world.snapshots() == []


def test_a_budget_that_ends_while_secrets_are_sought_keeps_the_packages(world: DiskWorld, tmp_path: Path) -> None:
    more = {f"srv/part-{number}.txt": "words " * 170_000 for number in range(8)}
    instance = world.launch(image(tmp_path / "large.img", {**debian(), **credentials(), **more}))
    world.scan(instance)
    spent = world.scan(instance, with_secrets=False).cost.blocks
    seen = {rule: one.secret.last_found for rule, one in world.lying(instance).items()}
    scan = world.scan(instance, blocks=spent + 2)
    assert (scan.state, scan.result.packages, scan.result.fixed) == (ScanState.PARTIAL, 3, 0)
    assert f"The budget of {spent + 2} blocks is used up. Secrets were looked for in a part of its files." in str(
        scan.result.reasons
    )
    assert world.weak(instance)["CVE-2024-0001"].last_found == world.clock()
    assert {rule for rule, one in world.lying(instance).items() if one.fixed_on is None} == seen.keys()


def test_a_second_scan_of_an_unchanged_disk_reads_no_block(world: DiskWorld, root: Path, tmp_path: Path) -> None:
    instance = world.launch(root)
    first = world.scan(instance, keep_snapshots=True)
    (kept,) = world.snapshots()
    world.simulation.forget_calls()
    scan = world.scan(instance, keep_snapshots=True)
    calls = world.simulation.calls()
    assert (scan.state, scan.result.is_unchanged, scan.cost.blocks) == (ScanState.COMPLETE, True, 0)
    assert (scan.result.packages, scan.result.os) == (first.result.packages, first.result.os) != (0, "")
    assert calls["ebs.ListChangedBlocks"] == 1
    assert "ebs.GetSnapshotBlock" not in calls
    assert world.weak(instance)["CVE-2024-0001"].last_found == world.clock()
    (moved,) = world.snapshots()
    assert moved != kept
    mended = {**debian(NEW), **credentials(), "var/lib/dpkg/status": SOUND}
    world.hold(instance, image(tmp_path / "mended.img", mended))
    third = world.scan(instance)
    assert not third.result.is_unchanged
    assert third.result.fixed >= 1
    assert world.snapshots() == []


def test_the_newest_existing_snapshot_on_request(world: DiskWorld, root: Path) -> None:
    instance = world.launch(root)
    missing = world.scan(instance, use_existing=True)
    assert (missing.state, "no snapshot" in missing.error) == (ScanState.FAILED, True)
    with closing(world.simulation.client("ec2", REGION)) as ec2:
        made = ec2.create_snapshot(VolumeId=world.volumes(instance.resource_id)[0])["SnapshotId"]
        assert world.scan(instance, use_existing=True).state is ScanState.COMPLETE
        again = world.scan(instance, use_existing=True)
        assert again.result.is_unchanged
        assert ec2.describe_snapshots(SnapshotIds=[made])["Snapshots"]


def test_other_advisories_need_no_disk(world: DiskWorld, root: Path) -> None:
    instance = world.launch(root)
    world.scan(instance)
    assert world.disks.rematch() == 0
    world.clock.forward(hours=1)
    found = {"CVE-2026-7777": {"releases": {"bookworm": {"status": "resolved", "fixed_version": "9.9-1"}}}}
    world.learn(**{"debian.json": debian_feed(openssl=found)})
    world.simulation.forget_calls()
    assert world.disks.rematch() == 1
    assert world.disks.rematch() == 0
    assert sum(world.simulation.calls().values()) == 0
    weak = world.weak(instance)
    assert weak["CVE-2026-7777"].status is FindingStatus.NEW
    assert weak["CVE-2024-0004"].status is FindingStatus.FIXED
    assert world.state(instance).knowledge == world.knowledge.version()


def test_without_advisories_nothing_is_called_clean(world: DiskWorld, root: Path) -> None:
    world.knowledge.path.unlink()
    instance = world.launch(root)
    scan = world.scan(instance)
    assert scan.result.packages == 3
    assert "no file of advisories" in " ".join(scan.result.reasons)
    assert world.state(instance).knowledge == ""
    world.learn()
    assert world.disks.rematch() == 1
    assert "CVE-2024-0001" in world.weak(instance)


def test_what_a_dead_scan_left_goes_first(world: DiskWorld, root: Path) -> None:
    instance, other = world.launch(root), world.launch(root)
    with closing(world.simulation.client("ec2", REGION)) as ec2:
        for resource in (instance, other):
            tags = [{"Key": "nephoscope:scan", "Value": resource.resource_id}]
            ec2.create_snapshots(
                InstanceSpecification={"InstanceId": resource.resource_id, "ExcludeBootVolume": False},
                TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}],
            )
    left = set(world.snapshots())
    assert len(left) == 2
    world.scan(instance)
    assert len(left & set(world.snapshots())) == 1
    world.clock.forward(hours=10)
    assert len(world.disks.sweep()) == 1
    assert world.snapshots() == []


def test_instances_choose_themselves_by_tag(world: DiskWorld, root: Path) -> None:
    tagged, plain = world.launch(root), world.launch(root, tagged=False)
    assert world.disks.choose() == 0
    world.disks.put_settings(world.connector.uuid, DiskSettings(is_enabled=True, hours=12), "alice")
    assert world.disks.choose() == 1
    assert world.disks.choose() == 0
    with world.store.read() as reader:
        (waiting,) = disk_scans.unfinished(reader)
    assert (waiting.resource_uuid, waiting.requested_by) == (tagged.uuid, "schedule")
    world.carry(waiting.uuid)
    world.clock.forward(hours=11)
    assert world.disks.choose() == 0
    world.clock.forward(hours=2)
    assert world.disks.choose() == 1
    with pytest.raises(BadRequestError, match="hours"):
        world.disks.put_settings(world.connector.uuid, DiskSettings(hours=0, tag_key="x" * 300), "alice")
    assert world.disks.chosen(world.connector.uuid) == (tagged.uuid,)
    assert plain.uuid not in world.disks.chosen(world.connector.uuid)


def test_a_scan_is_quoted_started_once_and_cancelled(world: DiskWorld, root: Path) -> None:
    instance = world.launch(root)
    (priced,) = world.disks.quote([instance.uuid])
    assert (priced.disks, priced.bytes, priced.error) == (1, 1024**3, "")
    assert priced.quote is not None
    assert priced.quote.whole > priced.quote.packages > 0
    assert world.snapshots() == []
    scan = world.disks.start([instance.uuid], "alice").scans[0]
    with pytest.raises(ConflictError, match="already"):
        world.disks.start([instance.uuid], "alice")
    assert world.disks.cancel(scan.uuid, "alice").state is ScanState.CANCELLED
    assert world.scanner.scan(scan.uuid) is None
    with pytest.raises(NotFoundError):
        world.disks.start([uuid4()], "alice")
    user = world.user("ann", KEY_ID)
    with pytest.raises(BadRequestError, match="EC2_INSTANCE"):
        world.disks.start([user.uuid], "alice")


def test_a_scan_that_is_cancelled_under_way_leaves_nothing(world: DiskWorld, root: Path) -> None:
    scan = world.disks.start([world.launch(root).uuid], "alice").scans[0].uuid
    world.simulation.disturb(latency=0.2)
    with ThreadPoolExecutor(1) as pool:
        carried = pool.submit(world.scanner.scan, scan)
        wait_until(lambda: bool(world.snapshots()))
        assert world.disks.cancel(scan, "bob").state is ScanState.CANCELLED
        world.simulation.disturb()
        carried.result(60)
    assert world.disks.get(scan).state is ScanState.CANCELLED
    assert world.disks.get(scan).error == "Cancelled by bob."
    assert world.snapshots() == []


def test_what_goes_takes_its_findings_along(world: DiskWorld, root: Path) -> None:
    world.scan(world.launch(root))
    world.inventory("EC2_INSTANCE", REGION, [])
    with world.store.read() as reader:
        for table in (finding_tables.disks, finding_tables.vulnerabilities, finding_tables.found_secrets):
            assert reader.connection.execute(select(table)).first() is None
