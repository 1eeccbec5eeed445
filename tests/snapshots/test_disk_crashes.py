"""A real worker, killed for real in the middle of a scan: another one carries it through, and no snapshot stays."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from jobs.job_world import Place, Worker, wait_until
from nephoscope.model.findings import OPEN_SCANS, ScanState, ScanWish
from nephoscope.settings import Settings
from nephoscope.simulation.aws import Simulation
from nephoscope.store.session import open_store, upgrade
from snapshots.disk_world import DiskWorld
from worlds import FakeClock

pytestmark = pytest.mark.slow


def test_a_killed_scan_leaves_no_snapshot(tmp_path: Path, clock: FakeClock, simulation: Simulation, root: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    settings = Settings(data=data, key_file=None)
    url = f"sqlite:///{data / 'nephoscope.sqlite'}"
    upgrade(url)
    place = Place(settings, url)
    with ExitStack() as stack:
        store = open_store(url)
        stack.callback(store.close)
        world = DiskWorld(store, data, clock, simulation)
        world.learn()
        instance = world.launch(root)
        scan = world.disks.start([instance.uuid], "alice", ScanWish(with_secrets=False)).scans[0].uuid
        simulation.disturb(latency=0.5)
        first = Worker(place)
        stack.callback(first.kill)
        first.wait_ready()
        wait_until(lambda: bool(world.snapshots()))
        assert world.disks.get(scan).state is ScanState.RUNNING
        first.kill()
        assert world.snapshots()
        simulation.disturb()
        second = Worker(place)
        stack.callback(second.kill)
        second.wait_ready()
        wait_until(lambda: world.disks.get(scan).state not in OPEN_SCANS)
        assert world.disks.get(scan).state is ScanState.COMPLETE
        assert "CVE-2024-0001" in world.weak(instance)
        assert world.snapshots() == []
