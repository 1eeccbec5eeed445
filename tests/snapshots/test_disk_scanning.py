"""The whole way: from an instance to findings in the store, and nothing left in the account."""

from pathlib import Path

from nephoscope.model.findings import FindingStatus, ScanState
from nephoscope.model.secrets import SecretNote, SecretSeverity, SecretState
from snapshots.disk_world import KEY, KEY_ID, TOKEN, DiskWorld


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
