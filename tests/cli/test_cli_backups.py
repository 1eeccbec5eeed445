"""Backup and restore as an operator calls them."""

import json
from pathlib import Path

import pytest

from cli.cli_world import Invoke
from nephoscope.app.keys import key_path, key_ring, write_keys
from nephoscope.kit.sealing import new_key
from nephoscope.settings import Settings


@pytest.fixture
def first(invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A data directory with a sealed signing key in it."""
    for name in ("NEPHOSCOPE_KEY", "NEPHOSCOPE_KEY_FILE", "NEPHOSCOPE_KEY_COMMAND"):
        monkeypatch.delenv(name, raising=False)
    data = str(tmp_path / "first")
    for begins in (("db", "upgrade"), ("signing-key", "rotate")):
        assert invoke(*begins, "--data", data).code == 0
    return data


def back_up(invoke: Invoke, data: str, file: Path, *more: str) -> dict[str, object]:
    answer = invoke("backup", str(file), "--data", data, "--format", "json", *more)
    assert answer.code == 0, answer.err
    told: dict[str, object] = json.loads(answer.out)
    return told


def test_there_and_back(invoke: Invoke, first: str, tmp_path: Path) -> None:
    told = back_up(invoke, first, tmp_path / "one.zip", "--with-key")
    assert (told["has_key"], told["source"]) == (True, "sqlite")
    second = str(tmp_path / "second")
    answer = invoke("restore", str(tmp_path / "one.zip"), "--data", second, "--format", "json", "--by", "anna")
    assert answer.code == 0, answer.err
    came = json.loads(answer.out)
    assert (came["credentials"], came["unopened"], came["rows"]) == (1, 0, told["rows"])
    assert invoke("audit", "verify", "--data", second).code == 0
    listed = invoke("audit", "list", "--data", second, "--format", "json").out
    assert [entry["action"] for entry in json.loads(listed)][:2] == ["store.restore", "store.backup"]


def test_the_key_stays_where_it_is_unless_asked_for(invoke: Invoke, first: str, tmp_path: Path) -> None:
    answer = invoke("backup", str(tmp_path / "one.zip"), "--data", first)
    assert "the key" in answer.err.lower()
    assert "is not in it" in answer.err
    path = key_path(Settings(data=Path(first)))
    assert path is not None
    assert path.read_bytes().strip() not in (tmp_path / "one.zip").read_bytes()
    answer = invoke("restore", str(tmp_path / "one.zip"), "--data", str(tmp_path / "second"), "--format", "json")
    assert json.loads(answer.out)["unopened"] == 1
    assert "1 of 1 encrypted credentials do not open" in answer.err


def test_keys_that_come_back_stand_behind_those_that_are_there(invoke: Invoke, first: str, tmp_path: Path) -> None:
    back_up(invoke, first, tmp_path / "one.zip", "--with-key")
    second = Settings(data=tmp_path / "second")
    key_ring(second)
    path = key_path(second)
    assert path is not None
    own = path.read_text("ascii").split()
    assert invoke("restore", str(tmp_path / "one.zip"), "--data", str(second.data)).code == 0
    keys = path.read_text("ascii").split()
    assert (keys[0], len(keys)) == (own[0], 2)
    again = invoke("restore", str(tmp_path / "one.zip"), "--data", str(second.data), "--replace", "--yes")
    assert again.code == 0, again.err
    assert path.read_text("ascii").split() == keys


def test_what_is_refused_is_said_in_one_line(
    invoke: Invoke, first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = tmp_path / "one.zip"
    back_up(invoke, first, one)
    again = invoke("backup", str(one), "--data", first)
    assert (again.code, again.is_one_line) == (2, True)
    filled = invoke("restore", str(one), "--data", first)
    assert (filled.code, filled.is_one_line, "--replace" in filled.err) == (2, True, True)
    missing = invoke("restore", str(tmp_path / "none.zip"), "--data", first)
    assert (missing.code, missing.is_one_line) == (2, True)
    nowhere = invoke("backup", str(tmp_path / "x.zip"), "--data", str(tmp_path / "empty"))
    assert (nowhere.code, nowhere.is_one_line) == (2, True)
    monkeypatch.setenv("NEPHOSCOPE_KEY", new_key())
    elsewhere = invoke("backup", str(tmp_path / "two.zip"), "--data", first, "--with-key")
    assert (elsewhere.code, elsewhere.is_one_line, "no key file" in elsewhere.err) == (2, True, True)
    (tmp_path / "bad.zip").write_bytes(one.read_bytes()[:-30])
    bad = invoke("restore", str(tmp_path / "bad.zip"), "--data", str(tmp_path / "third"))
    assert (bad.code, bad.is_one_line, "damaged" in bad.err) == (2, True, True)
    assert not (tmp_path / "third" / "nephoscope.sqlite").exists()


def test_a_backup_with_keys_needs_a_place_for_them(
    invoke: Invoke, first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(invoke, first, tmp_path / "one.zip", "--with-key")
    monkeypatch.setenv("NEPHOSCOPE_KEY", new_key())
    answer = invoke("restore", str(tmp_path / "one.zip"), "--data", str(tmp_path / "second"))
    assert (answer.code, "NEPHOSCOPE_KEY_FILE" in answer.err) == (2, True)
    monkeypatch.delenv("NEPHOSCOPE_KEY")
    write_keys(tmp_path / "keys", new_key() + "\n")
    monkeypatch.setenv("NEPHOSCOPE_KEY_FILE", str(tmp_path / "keys"))
    answer = invoke("restore", str(tmp_path / "one.zip"), "--data", str(tmp_path / "second"))
    assert answer.code == 0, answer.err
    assert len((tmp_path / "keys").read_text("ascii").split()) == 2
