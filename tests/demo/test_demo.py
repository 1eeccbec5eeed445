"""The demo as a person starts it: a process of its own, which leaves nothing behind."""

import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psutil
import pytest

from nephoscope.simulation.azure.cloud import SUBSCRIPTION
from nephoscope.simulation.gcp.cloud import PROJECT

pytestmark = pytest.mark.slow

READY = re.compile(r"ready (http://127\.0\.0\.1:\d+) user=admin password=(\S+)\n")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "nephoscope", "demo", *arguments]


@contextmanager
def demo(tmp_path: Path, *arguments: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """Its temporary files go below the test's own folder; no cloud credentials are around. `settings` are variables."""
    temporary = tmp_path / "temporary"
    temporary.mkdir(exist_ok=True)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "NEPHOSCOPE_"))}
    environment = {**kept, "TMPDIR": str(temporary), "HOME": str(tmp_path), **settings}
    process = subprocess.Popen(  # noqa: S603 - ours
        command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_once_scans_and_ends_with_0(tmp_path: Path) -> None:
    with demo(tmp_path, "--once") as process:
        out, err = process.communicate(timeout=280)
    assert (process.returncode, out) == (0, ""), err
    told = (
        r"\d{3} resources, \d{3} controls: [1-9]\d* evaluations failed, [1-9]\d* passed; 0 of \d+ scopes could not be"
    )
    for cloud in ("AWS account", "Azure subscription", "Google Cloud project"):
        assert re.search(rf"{cloud} \S+: {told}", err), err
    seen = re.findall(r"Disk of i-\w+ \(.+\): (\d+) packages, (\d+) vulnerabilities \(.+\), (\d+) secrets", err)
    assert [all(int(count) for count in row) for row in seen] == [True, True], err
    assert list((tmp_path / "temporary").glob("nephoscope*")) == []


def test_it_serves_what_it_scanned_and_puts_everything_away_when_told_to_stop(tmp_path: Path) -> None:
    with demo(tmp_path, "--port", "0") as process:
        assert process.stdout is not None
        ready = READY.fullmatch(process.stdout.readline())
        assert ready is not None
        children = psutil.Process(process.pid).children(recursive=True)
        token = base64.b64encode(f"admin:{ready[2]}".encode()).decode()
        rows = []
        for cloud in ("aws", "azure", "gcp"):
            rows += _asked(ready[1], token, f"{cloud}/connectors")
        instances = _asked(ready[1], token, "resource/EC2_INSTANCE/AWS?pageSize=100&filter=secret.state:NEW")
        account = _asked(ready[1], token, f"aws/evaluations/{rows[0]['awsAccountId']}?pageSize=1000")
        tried = [len(_content(address, token)) for address in _to_try(process, ready[2])]
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    accounts = [row.get("awsAccountId") or row.get("subscriptionId") or row.get("projectId") for row in rows]
    assert accounts == ["123456789012", SUBSCRIPTION, PROJECT]
    assert {row["state"] for row in rows} == {"SUCCESS"}
    assert all(row["totalAssets"] >= least for row, least in zip(rows, (250, 60, 60), strict=True))
    assert sorted(row["name"] for row in instances if row["hasSecrets"]) == ["data-notebook", "web-frontend-old"]
    assert all(row["secretStats"]["totalSecrets"] for row in instances)
    assert all(row["vulnerabilityStats"]["totalVulnerability"] for row in instances)
    judged = {int(row["controlId"]): row["failedResources"] for row in account}
    assert [judged[cid] for cid in (30800, 30801, 30802, 30803)] == [2, 1, 2, 2]
    assert len(tried) == 4
    assert all(tried), "what the demo proposes to try shows something"
    assert (process.returncode, out) == (0, ""), err
    assert children
    assert not any(child.is_running() for child in children)
    assert list((tmp_path / "temporary").glob("nephoscope*")) == []


def _to_try(process: subprocess.Popen[str], password: str) -> Iterator[str]:
    """The addresses of the commands that are printed at the end."""
    assert process.stderr is not None
    for line in iter(process.stderr.readline, ""):
        if line.startswith("All routes:"):
            return
        if line.startswith("  curl "):
            command = re.fullmatch(rf"  curl -su admin:{re.escape(password)} '(\S+)'\n", line)
            assert command is not None, line
            yield command[1]


def _asked(address: str, token: str, path: str) -> list[dict[str, Any]]:
    return _content(f"{address}/cloudview-api/rest/v1/{path}", token)


def _content(address: str, token: str) -> list[dict[str, Any]]:
    request = Request(address, headers={"Authorization": f"Basic {token}"})  # noqa: S310 - loopback
    with urlopen(request, timeout=20) as response:  # noqa: S310 - loopback
        found: list[dict[str, Any]] = json.load(response)["content"]
    return found


def test_ctrl_c_while_it_prepares_puts_everything_away(tmp_path: Path) -> None:
    with demo(tmp_path, "--port", "0") as process:
        assert process.stderr is not None
        assert "Simulating" in process.stderr.readline()
        assert "Filling" in process.stderr.readline()
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "nephoscope: interrupted\n")
    assert children
    assert not any(child.is_running() for child in children)
    assert list((tmp_path / "temporary").glob("nephoscope*")) == []


def test_a_taken_port_is_one_line_at_once(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        demo(tmp_path, "--port", str(taken.getsockname()[1])) as process,
    ):
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert err.startswith("nephoscope: Cannot listen on 127.0.0.1:")
    assert err.count("\n") == 1
