"""`nephoscope role`, `group` and `settings`."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from nephoscope.app.doors import DOORS
from nephoscope.cli.main import build, run


class Answer(NamedTuple):
    code: int
    out: str
    err: str


class Shell:
    """Commands over one data directory."""

    def __init__(self, data: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self._data = data
        self._capfd = capfd

    def __call__(self, *arguments: str) -> Answer:
        self._capfd.readouterr()
        code = run(build(DOORS), [*arguments, "--data", str(self._data)])
        out, err = self._capfd.readouterr()
        return Answer(code, out, err)

    def told(self, *arguments: str) -> Any:
        answer = self(*arguments, "--format", "json")
        assert answer.code == 0, answer.err
        return json.loads(answer.out)


@pytest.fixture
def shell(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path, capfd)


def test_roles(shell: Shell) -> None:
    made = shell.told("role", "create", "Tagger", "--permission", "tags:read", "--permission", "tags:write")
    assert made["permissions"] == ["portal", "tags:read", "tags:write"]
    assert shell.told("role", "change", "tagger", "--name", "Labels", "--description", "x")["name"] == "Labels"
    assert shell.told("role", "show", "LABELS")["permissions"] == made["permissions"]
    assert [row["name"] for row in shell.told("role", "list")][-2:] == ["Reader", "Labels"]
    assert shell("role", "delete", "Labels").code == 0
    gone = shell("role", "show", "Labels")
    assert (gone.code, gone.err.strip()) == (2, "nephoscope: There is no role 'Labels'.")
    assert shell("role", "delete", "Reader").code == 2
    assert "tags:fly" in shell("role", "create", "A", "--permission", "tags:fly").err


def test_groups(shell: Shell) -> None:
    shell(
        "connector",
        "add",
        "--name",
        "Shop",
        "--role-arn",
        "arn:aws:iam::111122223333:role/a",
        "--external-id",
        "123456789",
        "--account",
        "111122223333",
    )
    connector = shell.told("connector", "list")[0]["uuid"]
    made = shell.told("group", "create", "Shops", "--connector", connector)
    assert made["connectors"] == [connector]
    assert shell.told("group", "remove", "shops", "--connector", connector)["connectors"] == []
    assert shell.told("group", "add", made["uuid"], "--connector", connector)["connectors"] == [connector]
    assert shell("group", "rename", "Shops", "Stores").code == 0
    assert [(row["name"], row["connectors"]) for row in shell.told("group", "list")] == [("Stores", 1)]
    assert shell("group", "delete", "Stores").code == 0
    assert "There is no group 'Stores'" in shell("group", "show", "Stores").err


def test_settings(shell: Shell) -> None:
    changed = shell.told("settings", "set", "--time-zone", "Europe/Berlin", "--approval", "on", "--keep-runs", "30")
    assert (changed["time_zone"], changed["needs_approval"], changed["run_days"]) == ("Europe/Berlin", True, 30)
    assert shell.told("settings", "show") == changed
    assert shell.told("settings", "reset")["time_zone"] == "UTC"
    wrong = shell("settings", "set", "--time-zone", "Mars/Base", "--keep-reports", "0")
    assert wrong.code == 2
    assert "Mars/Base" in wrong.err
    assert "keepReportsDays" in wrong.err
    assert shell("settings", "set").code == 2
    assert "no user" in shell("settings", "show", "--user", "alice").err
