"""A directory or a database without a store: who makes one, and that everybody else says so and leaves nothing."""

import io
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import click
import pytest
import typer

from cli.cli_world import Answer, Invoke, leaves
from databases import Postgres
from nephoscope.app.doors import DOORS
from nephoscope.cli.main import build
from nephoscope.cli.store_guard import BEGINNING

NOBODY = "00000000-0000-0000-0000-000000000000"
ADVISORIES = {"advisories build", "advisories import"}
"""They make the file of advisories."""
WITHOUT = {
    "advisories match",
    "advisories status",
    "controls list",
    "controls show",
    "disk sbom",
    "disk scan",
    "doctor",
}
"""They need no store: what is shipped, images, the file of advisories; and the doctor, who says what is missing."""
WORDS = {"end": "2099-01-01", "noun": "resources", "cron": "0 6 * * *", "type_name": "BUCKET"}
MORE = {
    "exception create": ("--cid", "322", "--account", "1" * 12, "--end", "2099-01-01", "--name", "x"),
    "exception preview": ("--cid", "322", "--account", "1" * 12),
    "tag apply": ("--regex", ".*"),
    "user password": ("--password-stdin",),
}
"""What a command wants to hear before it looks into the store."""


KEPT = {
    name: command
    for name, command in leaves(typer.main.get_command(build(DOORS)))
    if {"data", "database"} & {parameter.name for parameter in command.params}
}
FINDING = sorted(KEPT.keys() - BEGINNING - ADVISORIES - WITHOUT)


def _said(name: str, command: click.Command, file: Path) -> list[str]:
    """The words that a command cannot do without."""
    said = [*name.split(), *MORE.get(name, ())]
    for parameter in command.params:
        if parameter.name == "yes":
            said.append("--yes")
        if not parameter.required:
            continue
        word = _word(parameter, file)
        said += [word] if isinstance(parameter, click.Argument) else [parameter.opts[0], word]
    return said


def _word(parameter: click.Parameter, file: Path) -> str:
    known = WORDS.get(parameter.name or "")
    if known:
        return known
    kinds = {"uuid": NOBODY, "integer": "322", "integer range": "322", "path": str(file)}
    return kinds.get(parameter.type.name, NOBODY)


@pytest.fixture(autouse=True)
def _empty_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("a good password\n"))


def _is_told(answer: Answer, place: str) -> bool:
    return (answer.code, answer.out) == (2, "") and answer.is_one_line and f"no store in {place}:" in answer.err


@pytest.mark.parametrize("name", FINDING)
def test_no_store_is_told_and_none_is_made(invoke: Invoke, tmp_path: Path, name: str) -> None:
    wrong = tmp_path / "wrong"
    answer = invoke(*_said(name, KEPT[name], tmp_path / "file"), "--data", str(wrong))
    assert _is_told(answer, str(wrong)), answer.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", sorted(WITHOUT))
def test_what_needs_no_store_makes_none(invoke: Invoke, tmp_path: Path, name: str) -> None:
    wrong = tmp_path / "wrong"
    invoke(*_said(name, KEPT[name], tmp_path / "file"), "--data", str(wrong))
    assert not wrong.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("client", "create", "siem", "--role", "Reader"),
        ("connector", "add", "--name", "x", "--account", "1" * 12),
        ("group", "create", "Shops"),
        ("role", "create", "Tagger", "--permission", "tags:read"),
        ("settings", "set", "--time-zone", "Europe/Berlin"),
        ("user", "add", "alice", "--password-stdin"),
    ],
    ids=" ".join,
)
def test_who_begins_makes_one(invoke: Invoke, data: str, arguments: tuple[str, ...]) -> None:
    answer = invoke(*arguments, "--data", data)
    assert answer.code == 0, answer.err
    assert invoke("audit", "list", "--data", data).code == 0


def test_a_file_without_tables_is_no_store(invoke: Invoke, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "nephoscope.sqlite")) as connection:
        connection.execute("PRAGMA user_version = 7")
    assert _is_told(invoke("connector", "list", "--data", str(tmp_path)), str(tmp_path))


def test_a_file_that_is_none_of_ours_is_told(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "nephoscope.sqlite").write_text("a shopping list, longer than the header of a database\n" * 40)
    answer = invoke("connector", "list", "--data", str(tmp_path))
    assert (answer.code, answer.is_one_line) == (2, True)


def test_the_directory_by_default_is_told_like_any_other(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert _is_told(invoke("connector", "list"), str(tmp_path / "nephoscope"))


def test_a_database_without_tables_is_told(invoke: Invoke, postgres: Postgres) -> None:
    url = postgres.empty()
    told = invoke("connector", "list", "--database", url)
    assert _is_told(told, "that database"), told.err
    assert _is_told(invoke("connector", "list", "--database", url), "that database")


def test_a_database_that_does_not_answer_is_one_line(invoke: Invoke) -> None:
    answer = invoke("audit", "verify", "--database", "postgresql://127.0.0.1:9/x")
    assert (answer.code, answer.out, answer.is_one_line) == (2, "", True)


def test_every_name_in_the_tables_is_a_command() -> None:
    assert KEPT.keys() >= BEGINNING | ADVISORIES | WITHOUT | MORE.keys()
