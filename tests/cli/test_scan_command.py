"""`nephoscope scan aws` as it is called: exit codes, destinations, what could not be read, benchmarks, keeping."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from cli.cli_world import FORMULA, Answer, Invoke, command, entering, real
from nephoscope.simulation.aws import Disturbance, Fault, Simulation

FEW = ("--benchmark", "CIS AWS 3.0")


@pytest.mark.parametrize(("level", "code"), [((), 0), (("--fail-on", "high"), 1), (("--fail-on", "low"), 1)])
def test_failures_decide_the_exit_code_when_asked_to(
    invoke: Invoke, account: Simulation, level: tuple[str, ...], code: int
) -> None:
    answer = invoke("scan", "aws", *entering(account), *FEW, *level)
    assert (answer.code, answer.err) == (code, "")
    assert "Worst failures" in answer.out


def test_a_denied_call_is_named_with_its_permission_and_never_passes(invoke: Invoke, disturbed: Simulation) -> None:
    disturbed.disturb(Fault(Disturbance.DENIED, "ec2", "DescribeSecurityGroups"))
    answer = invoke("scan", "aws", *entering(disturbed), *FEW, "--fail-on-unknown")
    assert answer.code == 3
    assert "Could not be read" in answer.out
    assert "ec2:DescribeSecurityGroups" in answer.out


def test_a_denied_detail_is_named_with_its_permission(invoke: Invoke, disturbed: Simulation) -> None:
    disturbed.disturb(Fault(Disturbance.DENIED, "s3", "GetBucketAcl"))
    answer = invoke("scan", "aws", *entering(disturbed), "--format", "json")
    rows = [row for row in json.loads(answer.out)["evaluations"] if row["cid"] == 45]
    assert {row["status"] for row in rows} == {"UNKNOWN"}
    assert "s3:GetBucketAcl" in rows[0]["reason"]


def test_machine_formats_go_to_stdout_pure(invoke: Invoke, account: Simulation) -> None:
    answer = invoke("scan", "aws", *entering(account), *FEW, "--format", "tsv")
    assert answer.code == 0
    assert answer.err == ""
    benchmarks = {line.split("\t")[1].partition(":")[0] for line in answer.out.splitlines()[1:]}
    assert benchmarks == {"CIS AWS 3.0"}


def test_an_output_file_appears_whole_and_for_its_owner_alone(
    invoke: Invoke, account: Simulation, tmp_path: Path
) -> None:
    target = tmp_path / "posture.csv"
    answer = invoke("scan", "aws", *entering(account), *FEW, "--format", "csv", "-o", str(target))
    assert (answer.code, answer.out) == (0, "")
    assert target.read_text("utf-8").startswith("cid,")
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["posture.csv"]


def test_a_kept_scan_can_be_asked_about(invoke: Invoke, account: Simulation, data: str) -> None:
    kept = ("--data", data)
    for _ in range(2):
        assert invoke("scan", "aws", *entering(account), *kept).code == 0
    (connector,) = json.loads(invoke("connector", "list", *kept, "--format", "json").out)
    assert (connector["account"], connector["state"]) == ("123456789012", "SUCCESS")
    users = json.loads(invoke("resources", "list", "IAM_USER", *kept, "--format", "json").out)
    assert {row["resource_id"] for row in users} == {FORMULA, "careful"}
    detail = json.loads(invoke("resources", "show", users[0]["uuid"], *kept, "--format", "json").out)
    assert detail["document"]
    named = invoke("resources", "list", "bucket", "--filter", "name:public", *kept)
    assert "meridian-public" in named.out
    assert "meridian-private" not in named.out
    asked = ("evaluations", "list", "123456789012", "--cid", "45", "--status", "fail", "--format", "json")
    assert [row["resource_id"] for row in json.loads(invoke(*asked, *kept).out)] == ["meridian-public"]


def test_a_kept_scan_evaluates_everything_whatever_it_shows(invoke: Invoke, account: Simulation, data: str) -> None:
    answer = invoke("scan", "aws", *entering(account), *FEW, "--format", "json", "--data", data)
    assert all("CIS AWS 3.0" in row["benchmarks"] for row in json.loads(answer.out)["evaluations"])
    rows = json.loads(
        invoke("evaluations", "list", "123456789012", "--cid", "45", "--data", data, "--format", "json").out
    )
    assert len(rows) == 3


@pytest.mark.slow
def test_ctrl_c_ends_a_scan_with_130_and_one_line(disturbed: Simulation) -> None:
    disturbed.disturb(latency=0.5)
    disturbed.forget_calls()
    process = subprocess.Popen(  # noqa: S603 - ours
        command("scan", "aws", *entering(disturbed)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    while not disturbed.calls() and process.poll() is None:
        pass
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "nephoscope: interrupted\n")


@pytest.mark.slow
def test_the_real_command_prints_plain_text_where_no_terminal_is(account: Simulation) -> None:
    answer = real("scan", "aws", *entering(account), *FEW)
    assert (answer.code, answer.err) == (0, "")
    assert "\x1b" not in answer.out


@pytest.mark.slow
def test_without_credentials_there_is_one_line_and_exit_code_2() -> None:
    answer: Answer = real(
        "scan", "aws", "--region", "us-east-1", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="",
        AWS_EC2_METADATA_DISABLED="true", AWS_SHARED_CREDENTIALS_FILE="/nowhere", AWS_CONFIG_FILE="/nowhere",
    )  # fmt: skip
    assert answer.code == 2
    assert answer.is_one_line
    assert "credentials" in answer.err
