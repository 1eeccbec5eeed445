"""Commands that stay, and runs that they or others carry: real processes on one data directory."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cli.cli_world import Invoke, command, entering, real
from nephoscope.simulation.aws import Simulation

pytestmark = pytest.mark.slow

ANSWERS = re.compile(r"nephoscope answers on (http://127\.0\.0\.1:\d+)\n")
FIRST_USER = re.compile(r"The first user is admin with the password (\S+)\n")


@contextmanager
def serving(data: str) -> Iterator[subprocess.Popen[str]]:
    arguments = command("serve", "--port", "0", "--data", data)
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603 - ours
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_connector_is_run_here_when_nobody_serves(invoke: Invoke, account: Simulation, data: str) -> None:
    added = invoke("connector", "add", "--name", "mine", *entering(account), "--data", data, "--format", "json")
    assert json.loads(added.out)["account"] == "123456789012"
    ran = real("connector", "run", "mine", "--data", data, "--format", "json")
    assert (ran.code, json.loads(ran.out)["state"]) == (0, "FINISHED"), ran.err
    shown = json.loads(invoke("connector", "show", "mine", "--data", data, "--format", "json").out)
    assert shown["state"] == "SUCCESS"
    assert shown["assets"] > 10


def test_a_server_carries_what_others_ask_for_and_ends_on_sigterm(
    invoke: Invoke, account: Simulation, data: str
) -> None:
    with serving(data) as server:
        assert server.stderr is not None
        assert ANSWERS.fullmatch(server.stderr.readline())
        assert FIRST_USER.fullmatch(server.stderr.readline())
        assert invoke("connector", "add", "--name", "mine", *entering(account), "--data", data).code == 0
        ran = invoke("connector", "run", "mine", "--data", data, "--format", "json")
        assert (ran.code, json.loads(ran.out)["state"]) == (0, "FINISHED"), ran.err
        second = invoke("serve", "--port", "0", "--data", data)
        assert (second.code, second.is_one_line) == (2, True)
        scan = invoke("scan", "aws", *entering(account), "--data", data)
        assert (scan.code, scan.is_one_line) == (2, True)
        server.send_signal(signal.SIGTERM)
        out, err = server.communicate(timeout=60)
    assert (server.returncode, out, err) == (0, "", "")
