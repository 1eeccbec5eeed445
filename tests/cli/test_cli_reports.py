"""Reports on the command line: asked for, made here, listed, written, made once more, removed."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from apiworld import ACCOUNT, World
from cli.cli_world import Answer, Invoke
from fresh_stores import kept_in
from worlds import FakeClock

Call = Callable[..., Answer]
Ask = Callable[..., Any]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """The small estate of the API's tests, kept in a directory."""
    url = kept_in(tmp_path)
    world = World(tmp_path, FakeClock(datetime.now(UTC)), url=url)
    world.populate()
    world.usecases.tags.assign(["loud"], [world.uuids["bob"]], [])
    world.usecases.groups.create("Shops", [world.production.uuid])
    world.store.close()
    return tmp_path


@pytest.fixture
def call(invoke: Invoke, kept: Path) -> Call:
    return lambda *arguments: invoke(*arguments, "--data", str(kept))


@pytest.fixture
def ask(call: Call) -> Ask:
    def asked(*arguments: str) -> Any:
        answer = call(*arguments, "--format", "json")
        assert (answer.code, answer.err) == (0, "")
        return json.loads(answer.out)

    return asked


def create(call: Call, *arguments: str) -> Answer:
    return call("report", "create", "--name", "Weekly", "--provider", "aws", "--by", "alice", *arguments)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_report_is_made_here_and_written(call: Call, ask: Ask, kept: Path) -> None:
    target = kept / "fails.csv"
    done = create(call, "--policy", "cis aws 5.0", "--result", "FAIL", "--arns", "--output", str(target))
    assert (done.code, done.out) == (0, "")
    found = rows(target.read_bytes().decode())
    assert {row["result"] for row in found} == {"FAIL"}
    assert done.err == f"Written: {target} ({target.stat().st_size:,} bytes, {len(found)} rows)\n"
    (listed,) = ask("report", "list")
    assert (listed["name"], listed["status"], listed["created_by"]) == ("Weekly", "Completed", "alice")
    assert call("report", "download", listed["uuid"], "--output", "-").out == target.read_bytes().decode()


def test_connectors_groups_and_tags_are_named_as_people_do(call: Call) -> None:
    named = ("--connector", ACCOUNT, "--connector", "lab", "--group", "shops", "--tag", "LOUD")
    found = rows(create(call, *named, "--output", "-").out)
    assert {row["resourceId"] for row in found} == {"bob"}
    assert "There is no group 'nowhere'" in create(call, "--group", "nowhere").err
    assert "There is no policy 'CIS'" in create(call, "--policy", "CIS").err


def test_everything_that_is_wrong_is_one_line_in_words_of_options(call: Call) -> None:
    done = create(
        call, "--as", "pptx", "--since", "soon", "--filter", "bogus:1", "--tag", "nobody wears", "--result", "NO"
    )
    assert (done.code, done.is_one_line) == (2, True)
    for option in ("--as: ", "--since: ", "--filter: ", "--tag: there is no tag 'nobody wears'", "--result: "):
        assert option in done.err


def test_a_report_waits_for_a_server_is_cancelled_made_once_more_and_deleted(call: Call, ask: Ask) -> None:
    made = ask("report", "create", "--name", "Later", "--provider", "AWS", "--as", "json", "--no-wait")
    assert made["status"] == "Accepted"
    uuid = made["uuid"]
    assert "has no file" in call("report", "download", uuid).err
    assert call("report", "cancel", uuid, "--by", "bob").err == "Cancelled: Later\n"
    assert ask("report", "get", uuid)["reason"] == "It was cancelled by bob."
    assert ask("report", "rerun", uuid)["status"] == "Completed"
    assert [row["uuid"] for row in ask("report", "list", "--filter", "status:Completed and format:json")] == [uuid]
    assert call("report", "delete", uuid).err == "Deleted: 1\n"
    gone = call("report", "get", uuid)
    assert (gone.code, gone.is_one_line) == (2, True)


def test_a_request_comes_from_a_file_and_options_win(call: Call, ask: Ask, kept: Path) -> None:
    body = {"reportName": "From a file", "cloudType": "AWS", "format": "json", "resourceResults": ["PASS"]}
    (kept / "request.json").write_text(json.dumps(body))
    made = ask("report", "create", "--from", str(kept / "request.json"), "--result", "FAIL", "--no-wait")
    assert (made["name"], made["format"], made["results"]) == ("From a file", "json", ["FAIL"])
    (kept / "request.json").write_text("[]")
    assert "must hold a JSON object" in call("report", "create", "--from", str(kept / "request.json")).err
    assert call("report", "create", "--from", str(kept / "nowhere.json")).is_one_line
