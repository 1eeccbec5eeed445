"""(a) `nephoscope scan aws` of the simulated estate at 1×, 5× and 20×, cold, as its users start it.

The scanner is a process of its own and the simulated cloud another, so CPU and memory are the scanner's alone. The
simulation answers from one Python process on the same machine and at most some 200 calls a second: wall times are
mostly its own. Concurrency (calls × latency ÷ seconds of the scan: the mean number of calls that were only waiting) is
therefore measured with more latency than that, or it would be the simulation's.
Baselines are what the issue measured on the same kind of estate: Cloud Custodian, and Prowler for concurrency.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench.measure import Row
from nephoscope.simulation import aws as simulation

SCALES = (1, 5, 20)
LATENCY = 0.05
LONG_LATENCY = 0.25
COMMAND = "make bench ONLY=scan"
_LIMIT = 1800.0
"""Seconds after which a scan counts as stuck."""

_CUSTODIAN = "Cloud Custodian"
_PROWLER = "Prowler"
_BASE_CPU, _RESOURCE_CPU, _BASE_MEMORY, _BASE_CALLS, _BASE_FLIGHT = 2.1, 0.0039, 153.0, 2.5, 1.2


class Scan(NamedTuple):
    """One run of the command. `wall` and `cpu` are seconds of the whole process, `seconds` those of the scan in it."""

    resources: int
    calls: int
    wall: float
    seconds: float
    cpu: float
    memory: float
    """MB at the peak."""


def run() -> list[Row]:
    return list(_rows(SCALES))


def _rows(scales: Iterable[int]) -> Iterator[Row]:
    first: Scan | None = None
    for scale in scales:
        with simulation.start() as cloud:
            simulation.fill_estate(cloud, scale)
            cold = _scan(cloud)
            yield from _cold(f"scan {scale}×", cold)
            yield from _late(f"scan {scale}×", cloud)
            yield from _again(f"scan {scale}×", cloud)
        if first is not None:
            each = (cold.cpu - first.cpu) / (cold.resources - first.resources)
            base = _RESOURCE_CPU * 1000
            yield Row(f"scan {scale}×: CPU for one more resource", each * 1000, "ms", base, _CUSTODIAN, COMMAND)
        first = first or cold


def _cold(name: str, scan: Scan) -> Iterator[Row]:
    cpu = _BASE_CPU + _RESOURCE_CPU * scan.resources
    yield Row(f"{name}: resources", scan.resources, "", None, "", COMMAND)
    yield Row(f"{name}: API calls", scan.calls, "", None, "", COMMAND)
    yield Row(f"{name}: API calls per resource", scan.calls / scan.resources, "", _BASE_CALLS, _CUSTODIAN, COMMAND)
    yield Row(f"{name}: client CPU", scan.cpu, "s", cpu, _CUSTODIAN, COMMAND)
    yield Row(f"{name}: peak memory", scan.memory, "MB", _BASE_MEMORY, _CUSTODIAN, COMMAND)
    yield Row(f"{name}: wall", scan.wall, "s", None, "", COMMAND)


def _late(name: str, cloud: simulation.Simulation) -> Iterator[Row]:
    cloud.disturb(latency=LATENCY)
    scan = _scan(cloud)
    yield Row(f"{name}: wall with 50 ms of latency", scan.wall, "s", scan.calls * LATENCY, "one by one", COMMAND)
    cloud.disturb(latency=LONG_LATENCY)
    scan = _scan(cloud)
    cloud.disturb()
    flight = scan.calls * LONG_LATENCY / scan.seconds
    yield Row(f"{name}: calls in flight with 250 ms of latency", flight, "", _BASE_FLIGHT, _PROWLER, COMMAND)


def _again(name: str, cloud: simulation.Simulation) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        kept = _scan(cloud, "--data", folder)
        again = _scan(cloud, "--data", folder)
    yield Row(f"{name}: unchanged second scan, CPU", again.cpu, "s", kept.cpu, "first scan, kept", COMMAND)
    yield Row(f"{name}: unchanged second scan, wall", again.wall, "s", kept.wall, "first scan, kept", COMMAND)


def _scan(cloud: simulation.Simulation, *more: str) -> Scan:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "posture.json"
        regions = [part for region in simulation.REGIONS for part in ("--region", region)]
        command = ("scan", "aws", "--endpoint-url", cloud.endpoint_url, *regions, "--format", "json", "-o", str(target))
        cloud.forget_calls()
        wall, cpu, memory = measured([sys.executable, "-m", "nephoscope", *command, *more])
        calls = sum(cloud.calls().values())
        told = json.loads(target.read_text("utf-8"))
    return Scan(told["resources"], calls, wall, told["seconds"], cpu, memory)


def measured(command: list[str], limit: float = _LIMIT) -> tuple[float, float, float]:
    """Seconds of wall and of CPU, and MB at the peak, of a child process; its own children, one at a time, on top."""
    began = time.perf_counter()
    with subprocess.Popen(command, env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
        peak = below = 0
        while True:
            peak = max(peak, _peak(child.pid))
            below = max([below, *map(_peak, _children(child.pid))])
            ended, status, usage = os.wait4(child.pid, os.WNOHANG)
            wall = time.perf_counter() - began
            if ended:
                break
            if wall > limit:
                child.kill()
            time.sleep(0.01)
        child.returncode = os.waitstatus_to_exitcode(status)
        assert child.stderr is not None
        said = child.stderr.read().decode()
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}: {said}")
    # What a fork leaves in ru_maxrss is its parent's: only where there is no /proc is it better than nothing.
    return wall, usage.ru_utime + usage.ru_stime, (peak + below or usage.ru_maxrss) / 1024


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(one) for task in tasks for one in (task / "children").read_text("ascii").split()]
    except OSError:
        return []


def _peak(pid: int) -> int:
    """KiB; 0 when the process is gone or the system has no /proc."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def _environment() -> dict[str, str]:
    """Made-up credentials, and nothing of this machine's own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return inherited | {"AWS_ACCESS_KEY_ID": "AKIABENCH", "AWS_SECRET_ACCESS_KEY": "bench"}
