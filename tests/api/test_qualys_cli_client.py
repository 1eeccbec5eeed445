"""The vendor's own command line, unmodified: it logs in through POST /auth and runs what there is of its `tc` group."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from apiworld import ACCOUNT, PASSWORD, USER, World
from served import self_signed, serve
from worlds import FakeClock

pytestmark = pytest.mark.slow

Run = Callable[..., Any]
Environment = dict[str, str]


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """At the time of this machine: the client looks into the token whether it is still good."""
    world = World(tmp_path_factory.mktemp("qualys"), FakeClock(datetime.now(UTC)))
    world.populate()
    yield world
    world.store.close()


@pytest.fixture(scope="module")
def environment(estate: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """A home of its own, and a server that it trusts."""
    home = tmp_path_factory.mktemp("home")
    certificate = self_signed(home)
    with serve(estate.application(), certificate) as address:
        yield {
            "PATH": os.defpath,
            "HOME": str(home),
            "SSL_CERT_FILE": str(certificate),
            "QUALYS_URL": address,
            "QUALYS_GATEWAY_URL": address,
            "QUALYS_USERNAME": USER,
            "QUALYS_PASSWORD": PASSWORD,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }


def ran(environment: Environment, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the client under test
        [sys.executable, "-m", "qualys_cli", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def run(environment: Environment) -> Run:
    """What a command printed as JSON."""

    def printed(*arguments: str) -> Any:
        done = ran(environment, *arguments, "--format", "json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    return printed


def rows(printed: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = printed["content"] if isinstance(printed, dict) else printed
    return found


def test_it_logs_in_lists_connectors_and_keeps_its_token(run: Run, environment: Environment) -> None:
    assert [row["name"] for row in rows(run("tc", "connector", "list", "-p", "AWS"))] == ["Production", "Lab"]
    kept = tomllib.loads((Path(environment["HOME"]) / ".config/qualys-cli/config.toml").read_text())
    assert kept["profiles"]["default"]["token"].count(".") == 2


def test_it_is_refused_with_a_wrong_password(environment: Environment, tmp_path: Path) -> None:
    stranger = {**environment, "HOME": str(tmp_path), "QUALYS_PASSWORD": "wrong horse battery"}
    done = ran(stranger, "tc", "connector", "list", "-p", "AWS")
    assert done.returncode != 0
    assert "401" in done.stdout + done.stderr


def test_it_lists_evaluations(run: Run) -> None:
    found = rows(run("tc", "evaluation", "list", "-p", "AWS", "--account-id", ACCOUNT))
    assert {str(row["controlId"]) for row in found} >= {"1", "322"}


def test_it_lists_what_fails(run: Run) -> None:
    asked = ("tc", "evaluation", "resources", "-p", "AWS", "--account-id", ACCOUNT, "--control-id", "322")
    assert [row["resourceId"] for row in rows(run(*asked))] == ["i-0bbb"]


def test_it_lists_resources_and_gets_one(run: Run, estate: World) -> None:
    asked = ("tc", "resource", "list", "-p", "AWS", "--resource-type", "EC2_INSTANCE", "--account-id", ACCOUNT)
    assert {row["resourceId"] for row in rows(run(*asked))} == {"i-0aaa", "i-0bbb"}
    uuid = str(estate.uuids["i-0aaa"])
    found = run("tc", "resource", "get", uuid, "-p", "AWS", "--resource-type", "EC2_INSTANCE")
    assert found["resourceId"] == "i-0aaa"


def test_it_lists_exceptions_and_reports(run: Run) -> None:
    assert rows(run("tc", "exception", "list")) == []
    assert rows(run("tc", "report", "list")) == []
