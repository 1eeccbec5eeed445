"""Tags and the audit trail on the command line."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from apiworld import World
from cli.cli_world import Answer, Invoke
from fresh_stores import kept_in
from worlds import FakeClock

Call = Callable[..., Answer]
Ask = Callable[..., Any]


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Path, World]:
    """The small estate of the API's tests, kept in a directory."""
    url = kept_in(tmp_path)
    world = World(tmp_path, FakeClock(datetime.now(UTC)), url=url)
    world.populate()
    world.store.close()
    return tmp_path, world


@pytest.fixture
def call(invoke: Invoke, kept: tuple[Path, World]) -> Call:
    return lambda *arguments: invoke(*arguments, "--data", str(kept[0]))


@pytest.fixture
def ask(call: Call) -> Ask:
    def asked(*arguments: str) -> Any:
        answer = call(*arguments, "--format", "json")
        assert (answer.code, answer.err) == (0, "")
        return json.loads(answer.out)

    return asked


def test_a_rule_is_applied_listed_and_removed(call: Call, ask: Ask) -> None:
    made = ask("tag", "apply", "--tag", "web", "--regex", "i-0.*", "--by", "alice")
    assert (made["matched"], made["kind"], made["is_new"], made["created_by"]) == (2, "regex", True, "alice")
    assert ask("tag", "apply", "--tag", "web", "--regex", "i-0.*")["is_new"] is False
    (rule,) = ask("tag", "rules")
    assert [row["resource_id"] for row in ask("tag", "matched", rule["uuid"])] == ["i-0aaa", "i-0bbb"]
    assert ask("tag", "list") == [{"name": "web", "resources": 2, "connectors": 0}]
    gone = call("tag", "remove-rule", rule["uuid"], "--by", "alice")
    assert (gone.code, gone.err) == (0, "Removed: regex i-0.*\n")
    assert ask("tag", "list") == [{"name": "web", "resources": 0, "connectors": 0}]


def test_tags_by_hand(call: Call, ask: Ask, kept: tuple[Path, World]) -> None:
    world = kept[1]
    things = ("--resource", str(world.uuids["i-0bbb"]), "--connector", str(world.production.uuid), "--by", "alice")
    assert call("tag", "assign", "--tag", "crown", *things).err == "Tagged: 1 resources, 1 connectors.\n"
    assert ask("tag", "list") == [{"name": "crown", "resources": 1, "connectors": 1}]
    assert call("tag", "remove", "--tag", "crown", *things).err == "Untagged: 1 resources, 1 connectors.\n"
    moved = {"resources": 1, "connectors": 1, "kept": 0}
    assert ask("tag", "assign", "--tag", "crown", *things) == ask("tag", "remove", "--tag", "crown", *things) == moved


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("apply", "--tag", "x"), "--regex, --cloud-tag and --qql"),
        (("apply", "--tag", "x", "--regex", "a", "--qql", "b"), "one of"),
        (("apply", "--tag", "x", "--regex", "(?=y)"), "look-around"),
        (("apply", "--tag", "x", "--qql", "nothing.known:1"), "nothing.known"),
        (("remove-rule", "0d5f7c1e-7c0b-4a53-9d3e-000000000000"), "no tag rule"),
        (("assign", "--tag", "x"), "at least one id"),
        (("matched", "nonsense"), "nonsense"),
    ],
)
def test_wrong_input_is_one_line(call: Call, arguments: tuple[str, ...], words: str) -> None:
    answer = call("tag", *arguments)
    assert (answer.code, answer.out, answer.is_one_line) == (2, "", True)
    assert words in answer.err


def test_decisions_are_listed_exported_and_proven(call: Call, ask: Ask) -> None:
    call("tag", "apply", "--tag", "web", "--regex", "i-0.*", "--by", "alice")
    (entry,) = ask("audit", "list", "--who", "alice", "--since", "now-1h")
    assert (entry["action"], entry["detail"]["tags"]) == ("tag_rule.create", ["web"])
    assert ask("audit", "list", "--until", "now-1d") == []
    proven = ask("audit", "verify")
    assert ask("audit", "verify", "--head", proven["hash"]) == proven
    assert ask("audit", "verify", "--head", f"{proven['entries']}:{proven['hash']}") == proven
    assert call("audit", "verify", "--head", "f" * 64).code == 1
    assert call("audit", "verify", "--head", "yesterday's").code == 2
    lines = [json.loads(line) for line in call("audit", "export").out.splitlines()]
    assert proven == {"is_whole": True, "entries": len(lines), "hash": lines[-1]["hash"]}


def test_a_changed_past_is_found(call: Call, kept: tuple[Path, World]) -> None:
    call("tag", "apply", "--tag", "web", "--regex", "i-0.*", "--by", "alice")
    with closing(sqlite3.connect(kept[0] / "nephoscope.sqlite")) as database, database:
        database.execute("UPDATE audit SET who = 'bob' WHERE who = 'alice'")
    answer = call("audit", "verify")
    assert (answer.code, answer.out, answer.is_one_line) == (1, "", True)
    assert "broken at entry" in answer.err


def test_a_date_that_is_none_is_named(call: Call) -> None:
    answer = call("audit", "list", "--since", "yesterday")
    assert (answer.code, answer.is_one_line) == (2, True)
    assert "yesterday" in answer.err
