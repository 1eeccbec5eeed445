"""Exports over HTTP and on the command line: streamed, with the cursor beside them."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import PASSWORD, USER, World, instance
from cli.cli_world import Answer
from exports.export_world import lines
from fresh_stores import kept_in
from nephoscope.api.routes.exports import CURSOR, MORE
from nephoscope.app.doors import DOORS
from nephoscope.cli.main import build, run
from worlds import FakeClock

Client = TestClient[Litestar]


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    with TestClient(world.application(), raise_server_exceptions=False) as opened:
        opened.auth = (USER, PASSWORD)
        yield opened


@pytest.mark.parametrize(
    ("noun", "style", "media_type", "name"),
    [
        ("evaluations", "", "application/x-ndjson", "evaluations.jsonl"),
        ("evaluations", "csv", "text/csv; charset=utf-8", "evaluations.csv"),
        ("evaluations", "SARIF", "application/sarif+json", "evaluations.sarif"),
        ("resources", "parquet", "application/vnd.apache.parquet", "resources.parquet"),
        ("exceptions", "csv", "text/csv; charset=utf-8", "exceptions.csv"),
    ],
)
def test_an_export_says_what_it_is(client: Client, noun: str, style: str, media_type: str, name: str) -> None:
    answer = client.get(f"/api/exports/{noun}?format={style}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert (answer.headers[CURSOR] != "", answer.headers[MORE]) == (True, "false")
    assert answer.content


def test_a_siem_polls_for_what_changed(client: Client, world: World) -> None:
    asked = {"filter": "control.result:FAIL", "since": ""}

    def poll() -> list[tuple[str, str]]:
        answer = client.get("/api/exports/evaluations", params=asked)
        assert answer.status_code == 200
        asked["since"] = answer.headers[CURSOR]
        return [(row["resourceId"], row["change"]) for row in lines(answer.content)]

    assert poll() == [("i-0bbb", "state"), ("bob", "state")]
    assert poll() == []
    world.record("EC2_INSTANCE", "us-east-1", [instance("i-0aaa"), instance("i-0bbb", tokens="required")])
    assert poll() == [("i-0aaa", "changed"), ("i-0bbb", "left")]


def test_parts_follow_each_other(client: Client) -> None:
    found, cursor, has_more = [], "", "true"
    while has_more == "true":
        answer = client.get("/api/exports/resources", params={"limit": "2", "since": cursor})
        found.append([row["resourceId"] for row in lines(answer.content)])
        cursor, has_more = answer.headers[CURSOR], answer.headers[MORE]
    assert found == [["i-0aaa", "i-0bbb"], ["ann", "bob"], ["cleo"]]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("resources?format=sarif", 400, "resources cannot be sarif; they can be csv, jsonl, parquet"),
        ("evaluations?format=pdf", 400, "format: 'pdf' is none of csv, jsonl"),
        ("evaluations?since=nonsense", 400, "since: 'nonsense' is not a cursor"),
        ("evaluations?filter=colour:red", 400, "colour"),
        ("evaluations?limit=0", 400, "limit: '0' is not a whole number from 1"),
        ("evaluations?limit=x", 400, "limit: 'x'"),
        ("users", 404, "'users' cannot be exported; these can: evaluations, resources, findings, exceptions"),
    ],
)
def test_what_is_wrong_is_named(client: Client, path: str, status: int, words: str) -> None:
    answer = client.get(f"/api/exports/{path}")
    assert answer.status_code == status
    assert words in answer.json()["message"]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    url = kept_in(tmp_path)
    made = World(tmp_path, FakeClock(datetime.now(UTC)), url=url)
    made.populate()
    made.store.close()
    return tmp_path


def call(capfd: pytest.CaptureFixture[str], data: Path, *arguments: str) -> Answer:
    code = run(build(DOORS), ["export", *arguments, "--data", str(data)])
    out, err = capfd.readouterr()
    return Answer(code, out, err)


def test_the_command_line_writes_what_the_api_sends(kept: Path, capfd: pytest.CaptureFixture[str]) -> None:
    answer = call(capfd, kept, "evaluations", "--format", "csv", "--filter", "control.result:FAIL")
    assert answer.code == 0
    rows = list(csv.DictReader(io.StringIO(answer.out, newline="")))
    assert {row["resourceId"] for row in rows} == {"i-0bbb", "bob"}
    cursor = answer.err.split()[-1]
    again = call(capfd, kept, "evaluations", "--format", "csv", "--filter", "control.result:FAIL", "--since", cursor)
    assert (again.code, again.out.count("\n")) == (0, 1)


def test_a_cursor_is_kept_between_two_calls(kept: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cursor, file = tmp_path / "cursor", tmp_path / "out.sarif"
    told = ["evaluations", "--format", "sarif", "--cursor-file", str(cursor), "-o", str(file)]
    assert call(capfd, kept, *told).err == ""
    assert len(json.loads(file.read_text())["runs"][0]["results"]) == 8
    assert file.stat().st_mode & 0o077 == 0
    assert call(capfd, kept, *told).code == 0
    assert json.loads(file.read_text())["runs"][0]["results"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["users"], "noun: 'users' cannot be exported"),
        (["resources", "--format", "asff"], "resources cannot be asff; they can be csv, jsonl, parquet"),
        (["evaluations", "--since", "x", "--filter", "colour:red"], "since: 'x' is not a cursor"),
        (["evaluations", "--since", "x", "--cursor-file", "y"], "say one of the two"),
        (["evaluations", "-o", "/nowhere/at/all"], "cannot be written"),
    ],
)
def test_what_cannot_be_exported_is_one_line(
    kept: Path, capfd: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    answer = call(capfd, kept, *arguments)
    assert (answer.code, answer.is_one_line) == (2, True)
    assert words in answer.err
