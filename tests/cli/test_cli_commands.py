"""Every other command, called in this process; what is wrong input, and what each says about itself."""

import io
import json
import re
import subprocess
import sys

import pytest
import typer

from cli.cli_world import Invoke, leaves, real
from nephoscope.app.doors import DOORS
from nephoscope.cli.main import build
from nephoscope.cli.panels import PANELS

WRONG = [
    ("frobnicate",),
    ("scan", "mars"),
    ("scan", "aws", "--format", "xml"),
    ("scan", "aws", "--fail-on", "dreadful"),
    ("scan", "aws", "--benchmark", "CIS AWS 99"),
    ("scan", "aws", "--region", "atlantis", "--endpoint-url", "http://127.0.0.1:9"),
    ("scan", "aws", "--workers", "0"),
    ("scan", "aws", "--output", "/nowhere/at/all", "--endpoint-url", "http://127.0.0.1:9"),
    ("scan", "aws", "--output", "/", "--endpoint-url", "http://127.0.0.1:9"),
    ("scan", "aws", "--role-arn", "nonsense", "--endpoint-url", "http://127.0.0.1:9"),
    ("scan", "aws", "--endpoint-url", "http://127.0.0.1:9", "--region", "us-east-1"),
    ("controls", "show", "999999"),
    ("controls", "show", "many"),
    ("controls", "list", "--criticality", "dreadful"),
    ("controls", "list", "--benchmark", "CIS AWS 99"),
    ("permissions", "aws", "--benchmark", "CIS AWS 99"),
    ("worker",),
    ("serve", "--port", "99999"),
]
STORED = [
    ("resources", "list", "SPACESHIP"),
    ("resources", "list", "BUCKET", "--filter", "colour:blue"),
    ("resources", "list", "BUCKET", "--filter", "((("),
    ("resources", "list", "BUCKET", "--limit", "0"),
    ("resources", "show", "no-uuid"),
    ("resources", "show", "00000000-0000-0000-0000-000000000000"),
    ("evaluations", "list", "nobody"),
    ("evaluations", "list", "nobody", "--status", "MAYBE"),
    ("connector", "show", "nobody"),
    ("connector", "run", "nobody", "--no-wait"),
    ("connector", "remove", "nobody", "--yes"),
    ("connector", "add", "--name", "x", "--role-arn", "nonsense"),
    ("connector", "add", "--name", "x", "--account", "12"),
    ("user", "add", "a:b", "--password-stdin"),
    ("user", "add", "alice"),
    ("db", "upgrade", "--database", "mysql://nowhere/x"),
]


@pytest.fixture(autouse=True)
def _empty_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("a good password\n"))


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_input_is_one_line_and_exit_code_2(invoke: Invoke, arguments: tuple[str, ...]) -> None:
    answer = invoke(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert answer.is_one_line, answer.err


@pytest.mark.parametrize("arguments", STORED, ids=" ".join)
def test_wrong_input_to_a_store_is_one_line_and_exit_code_2(
    invoke: Invoke, begun: str, arguments: tuple[str, ...]
) -> None:
    answer = invoke(*arguments, "--data", begun)
    assert (answer.code, answer.out) == (2, "")
    assert answer.is_one_line, answer.err
    assert "no store" not in answer.err


@pytest.mark.parametrize("group", [(), ("scan",), ("connector",), ("db",)])
def test_a_group_alone_shows_its_help(invoke: Invoke, group: tuple[str, ...]) -> None:
    answer = invoke(*group)
    assert (answer.code, answer.err) == (2, "")
    assert "Usage: nephoscope" in answer.out


def test_controls_are_listed_for_people_and_for_programs(invoke: Invoke) -> None:
    shown = invoke("controls", "list", "--service", "s3", "--criticality", "high")
    listed = json.loads(invoke("controls", "list", "--service", "s3", "--criticality", "high", "--format", "json").out)
    assert {row["service"] for row in listed} == {"S3"}
    assert {row["criticality"] for row in listed} == {"HIGH"}
    assert all(str(row["cid"]) in shown.out for row in listed)


def test_a_limit_says_that_there_is_more(invoke: Invoke) -> None:
    answer = invoke("controls", "list", "--limit", "3")
    assert len(answer.out.splitlines()) >= 4
    assert "3 of " in answer.err


def test_a_control_is_shown_with_everything(invoke: Invoke) -> None:
    row = json.loads(invoke("controls", "show", "322", "--format", "json").out)
    assert row["benchmarks"]["CIS AWS 3.0"] == "5.6"
    assert row["remediation"]
    assert "remediation" in invoke("controls", "show", "322").out


def test_the_policy_that_scans_need_is_printed(invoke: Invoke) -> None:
    everything = json.loads(invoke("permissions", "aws").out)["Statement"][0]["Action"]
    some = json.loads(invoke("permissions", "aws", "--benchmark", "CIS AWS 3.0").out)["Statement"][0]["Action"]
    assert set(some) < set(everything)
    assert "ec2:DescribeInstances" in some


def test_users_are_added_and_listed(invoke: Invoke, data: str) -> None:
    assert invoke("user", "add", "alice", "--password-stdin", "--data", data).code == 0
    (row,) = json.loads(invoke("user", "list", "--data", data, "--format", "json").out)
    assert (row["name"], row["role"]) == ("alice", "Reader"), "who is given no role may only look"
    assert "password" not in row


def test_connectors_are_added_shown_and_removed(invoke: Invoke, data: str) -> None:
    arn = "arn:aws:iam::111122223333:role/audit"
    kept = ("--data", data, "--format", "json")
    added = json.loads(
        invoke("connector", "add", "--name", "prod", "--role-arn", arn, "--every", "6", "--by", "anna", *kept).out
    )
    assert (added["account"], added["state"], added["role_arn"]) == ("111122223333", "PENDING", arn)
    for named in ("prod", "111122223333", added["uuid"]):
        assert json.loads(invoke("connector", "show", named, *kept).out)["name"] == "prod"
    assert invoke("connector", "add", "--name", "prod", "--role-arn", arn, *kept).code == 2
    queued = json.loads(invoke("connector", "run", "prod", "--no-wait", *kept).out)
    assert queued["state"] == "QUEUED"
    assert invoke("connector", "remove", "prod", "--yes", "--by", "bert", "--data", data).code == 0
    assert json.loads(invoke("connector", "list", *kept).out) == []
    decided = json.loads(invoke("audit", "list", "--action", "connector", *kept).out)
    assert [(entry["action"], entry["who"]) for entry in decided] == [
        ("connector.delete", "bert"),
        ("connector.run", "local"),
        ("connector.create", "anna"),
    ]


def test_the_schema_is_made_once(invoke: Invoke, data: str) -> None:
    (first,) = json.loads(invoke("db", "upgrade", "--data", data, "--format", "json").out)
    (second,) = json.loads(invoke("db", "upgrade", "--data", data, "--format", "json").out)
    assert first["before"] is None
    assert second["before"] == second["after"] == first["after"]


def _commands(group: typer.main.Typer) -> list[tuple[str, ...]]:
    def walk(command: object, path: tuple[str, ...]) -> list[tuple[str, ...]]:
        below = getattr(command, "commands", {})
        return [path, *(found for name, child in below.items() for found in walk(child, (*path, name)))]

    return walk(typer.main.get_command(group), ())


@pytest.mark.parametrize("path", _commands(build(DOORS)), ids=" ".join)
def test_every_command_teaches(invoke: Invoke, path: tuple[str, ...]) -> None:
    answer = invoke(*path, "--help")
    assert answer.code == 0
    assert "Usage: nephoscope" in answer.out


def test_help_says_what_an_argument_is(invoke: Invoke) -> None:
    assert "As resources list shows it." in invoke("resources", "show", "--help").out


def test_the_first_help_shows_every_command_once_and_in_a_group(invoke: Invoke) -> None:
    top = typer.main.get_command(build(DOORS))
    grouped = [name for names in PANELS.values() for name in names]
    assert sorted(grouped) == sorted(getattr(top, "commands", {}))
    shown = re.findall(r"(?m)^│ ([a-z][a-z-]*)  ", invoke("--help").out)
    assert shown == grouped


def test_every_command_has_examples_of_itself() -> None:
    told = {name: command.help or "" for name, command in leaves(typer.main.get_command(build(DOORS)))}
    assert len(told) > 100
    assert [name for name, text in told.items() if f"nephoscope {name}" not in text.partition("**Example")[2]] == []


@pytest.mark.parametrize("arguments", [("--help",), ("scan", "aws", "--help"), ("--version",)])
def test_help_needs_nothing_heavy(arguments: tuple[str, ...]) -> None:
    heavy = ("boto3", "botocore", "sqlalchemy", "dbos", "litestar", "pyarrow", "cel_expr_python", "moto", "yaml")
    program = (
        "import sys; from nephoscope.app.doors import DOORS; from nephoscope.cli.main import build, run\n"
        f"run(build(DOORS), {list(arguments)!r})\n"
        f"sys.exit(','.join(name for name in {heavy!r} if name in sys.modules) or None)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert (done.returncode, done.stderr) == (0, "")


def test_a_server_that_waits_holds_nothing_that_only_some_work_needs() -> None:
    heavy = (
        "pyarrow",
        "typst",
        "xlsxwriter",
        "alembic",
        "boto3",
        "botocore",
        "cel_expr_python",
        "moto",
        "azure",
        "google",
    )
    program = (
        f"import sys, nephoscope.app.serving; sys.exit(','.join(n for n in {heavy!r} if n in sys.modules) or None)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_error() -> None:
    program = [sys.executable, "-m", "nephoscope", "controls", "list", "--format", "json"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


@pytest.mark.slow
def test_shells_can_complete() -> None:
    answer = real("--show-completion", "bash")
    assert answer.code == 0
    assert "nephoscope" in answer.out


def test_a_connector_may_not_choose_where_credentials_are_sent(
    invoke: Invoke, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEPHOSCOPE_ENDPOINT_OVERRIDES")
    entered = ("--account", "123456789012", "--endpoint-url", "http://127.0.0.1:9")
    refused = invoke("connector", "add", "--name", "elsewhere", *entered, "--data", data)
    assert refused.code == 2
    assert "NEPHOSCOPE_ENDPOINT_OVERRIDES" in refused.err
