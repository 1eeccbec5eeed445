"""Exceptions on the command line: what is created, shown, explained and decided, in the words of the options."""

import io
import json
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from apiworld import ACCOUNT, LAB, World, instance
from cli.cli_world import Answer, Invoke
from fresh_stores import kept_in
from worlds import FakeClock

TODAY = datetime.now(UTC).date()
SOON, LATER = (str(TODAY + timedelta(days=days)) for days in (20, 400))
TEXTS = ("--reason", "Risk Accepted", "--explanation", "Accepted", "--end", SOON, "--by", "alice")
BASTION = ("--name", "Bastion", "--cid", "322", "--account", ACCOUNT, "--resource", "i-0bbb", *TEXTS)
SANDBOX = ("--name", "Sandbox", "--cid", "1", "--account", ACCOUNT, *TEXTS)
LEGACY = ("--name", "Legacy", "--cid", "322", "--resource-tag", "legacy", "--all-connectors", *TEXTS)

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small estate of the API's tests, kept in a directory."""
    folder = tmp_path_factory.mktemp("estate")
    url = kept_in(folder)
    world = World(folder, FakeClock(datetime.now(UTC)), url=url)
    world.populate()
    world.record("EC2_INSTANCE", "us-east-1", [instance("i-0bbb")], connector=world.lab)
    world.store.close()
    return folder


@pytest.fixture
def kept(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "kept"))


@pytest.fixture
def call(invoke: Invoke, kept: Path) -> Callable[..., Answer]:
    return lambda *arguments: invoke(*arguments, "--data", str(kept))


@pytest.fixture
def ask(call: Callable[..., Answer]) -> Ask:
    """What the command prints for programs."""

    def asked(*arguments: str) -> Any:
        answer = call(*arguments, "--format", "json")
        assert (answer.code, answer.err) == (0, "")
        return json.loads(answer.out)

    return asked


@pytest.fixture
def approval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEPHOSCOPE_APPROVAL", "required")


def shown(ask: Ask, cid: int, connector: str = "Production") -> dict[str, str]:
    rows = ask("evaluations", "list", connector, "--cid", str(cid))
    return {row["resource_id"]: row["status"] for row in rows}


@pytest.mark.parametrize(
    ("options", "scope", "cid", "excepted"),
    [(BASTION, "RESOURCE", 322, {"i-0bbb"}), (SANDBOX, "CONNECTOR", 1, {"bob"}), (LEGACY, "QUALYSTAG", 322, set())],
)
def test_an_exception_takes_effect_at_once(
    ask: Ask, options: tuple[str, ...], scope: str, cid: int, excepted: set[str]
) -> None:
    row = ask("exception", "create", *options)
    assert (row["scope"], row["state"], row["created_by"], row["reason"]) == (scope, "ACTIVE", "alice", "Risk Accepted")
    assert row["starts"] == f"{TODAY}T00:00:00Z"
    assert row["ends"] == f"{SOON}T23:59:59Z"
    assert {name for name, status in shown(ask, cid).items() if status == "PASSE"} == excepted


def test_evaluations_are_listed_by_the_status_that_shows(ask: Ask, call: Callable[..., Answer]) -> None:
    ask("exception", "create", *BASTION)
    (row,) = ask("evaluations", "list", "Production", "--status", "passe")
    assert (row["resource_id"], row["cid"], row["status"]) == ("i-0bbb", 322, "PASSE")
    assert [row["cid"] for row in ask("evaluations", "list", "Production", "--status", "FAIL")] == [1]
    assert "PASSE" in call("evaluations", "list", "Production").out


def test_the_day_that_it_begins_is_a_day_of_the_tenants_zone(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEPHOSCOPE_TIME_ZONE", "Asia/Kolkata")
    row = ask("exception", "create", *BASTION, "--start", LATER, "--end", LATER)
    assert row["ends"] == f"{LATER}T18:29:59Z"
    assert row["state"] == "INACTIVE"


BODY = {
    "cloudType": "AWS",
    "exceptionScope": "RESOURCE",
    "name": "From a file",
    "explanation": "As the API has it",
    "endDate": SOON,
    "exceptionReason": "Other",
    "resources": [{"resourceId": "i-0bbb", "accountId": ACCOUNT, "region": "us-east-1"}],
    "controlIds": [322],
}


def test_a_file_says_what_the_api_would_be_told(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "exception.json"
    file.write_text(json.dumps(BODY))
    row = ask("exception", "create", "--from", str(file))
    assert (row["name"], row["resources"]) == (
        "From a file",
        [{"resource_id": "i-0bbb", "account_id": ACCOUNT, "region": "us-east-1"}],
    )
    piped = io.TextIOWrapper(io.BytesIO(json.dumps(BODY | {"endDate": "nonsense"}).encode()))
    monkeypatch.setattr(sys, "stdin", piped)
    row = ask("exception", "create", "--from", "-", "--name", "From a pipe", "--end", LATER, "--policy", "ISP-7")
    assert (row["name"], row["ends"], row["policy"]) == ("From a pipe", f"{LATER}T23:59:59Z", "ISP-7")


def test_whoever_is_not_named_is_the_one_at_the_machine(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "carol")
    assert ask("exception", "create", *SANDBOX[:-2])["created_by"] == "carol"


def test_everything_that_is_wrong_is_said_in_the_words_of_the_options(call: Callable[..., Answer]) -> None:
    answer = call("exception", "create", "--cid", "999999", "--account", "999988887777", "--end", "soon")
    assert (answer.code, answer.out) == (2, "")
    assert answer.is_one_line
    named = ("--name: missing", "--explanation: missing", "--reason: missing", "--end: 'soon'", "--cid:", "--account:")
    assert [word for word in named if word not in answer.err] == []


WRONG = [
    ("create", "--resource", "i-0bbb", "--cid", "322"),
    ("create", "--resource", "i-0bbb", "--cid", "322", "--account", ACCOUNT, "--account", LAB),
    ("create", "--region", "us-east-1", "--account", ACCOUNT, "--cid", "1"),
    ("create", "--cid", "many"),
    ("create", "--from", "/nowhere/at/all.json"),
    ("create", "--from", "-"),
    ("create", "--provider", "mars", "--cid", "1", "--account", ACCOUNT),
    ("create", *BASTION, "--start", LATER),
    ("preview",),
    ("preview", "--account", ACCOUNT),
    ("preview", "--cid", "1"),
    ("preview", "--cid", "999999", "--account", ACCOUNT),
    ("list", "--filter", "colour:blue"),
    ("list", "--filter", "((("),
    ("show", "nobody"),
    ("show", "00000000-0000-0000-0000-000000000000"),
    ("delete", "nobody", "--yes"),
    ("delete",),
    ("renew", "nobody", "--end", LATER),
    ("renew", "nobody", "--end", "soon"),
    ("renew", "nobody"),
    ("expiring", "--days", "-1"),
    ("expiring", "--days", "9999"),
    ("approve", "nobody"),
    ("reject", "nobody"),
    ("explain", "nothing", "322"),
    ("explain", "i-0bbb", "322"),
    ("explain", "i-0aaa", "1"),
    ("explain", "i-0aaa", "many"),
    ("explain", "i-0aaa", "322", "--at", "soon"),
    ("explain", "00000000-0000-0000-0000-000000000000", "322"),
]


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_input_is_one_line(
    call: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"[1, 2]")))
    answer = call("exception", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert answer.is_one_line, answer.err


@pytest.mark.parametrize(
    ("name", "value"), [("NEPHOSCOPE_TIME_ZONE", "Mars/Olympus"), ("NEPHOSCOPE_APPROVAL", "perhaps")]
)
def test_a_setting_that_nobody_understands_is_refused(
    call: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    answer = call("exception", "list")
    assert (answer.code, answer.out) == (2, "")
    assert answer.is_one_line
    assert name in answer.err
    assert value in answer.err


def test_exceptions_are_listed_and_shown(ask: Ask, call: Callable[..., Answer]) -> None:
    for options in (BASTION, SANDBOX, LEGACY):
        ask("exception", "create", *options)
    assert [row["name"] for row in ask("exception", "list")] == ["Bastion", "Sandbox", "Legacy"]
    (row,) = ask("exception", "list", "--filter", "exception.scope:CONNECTOR and exception.status:ACTIVE")
    assert (row["name"], row["cids"], row["accounts"]) == ("Sandbox", [1], [ACCOUNT])
    whole = ask("exception", "show", "bastion")
    assert whole == ask("exception", "show", whole["uuid"])
    assert whole["resources"] == [{"resource_id": "i-0bbb", "account_id": ACCOUNT, "region": ""}]
    assert whole["uuid"] in call("exception", "list").out
    assert "i-0bbb" in call("exception", "show", "Bastion").out
    assert "1 of 3 shown" in call("exception", "list", "--limit", "1").err


def test_exceptions_are_deleted_together_or_not_at_all(ask: Ask, call: Callable[..., Answer]) -> None:
    for options in (BASTION, SANDBOX):
        ask("exception", "create", *options)
    assert call("exception", "delete", "Bastion", "nobody", "--yes").code == 2
    assert len(ask("exception", "list")) == 2
    gone = ask("exception", "delete", "Bastion", "sandbox", "--yes")
    assert [row["deleted"] for row in gone] == ["Bastion", "Sandbox"]
    assert ask("exception", "list") == []
    assert shown(ask, 322)["i-0bbb"] == "FAIL"


def test_a_deletion_asks_first(ask: Ask, call: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    ask("exception", "create", *BASTION)
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    assert call("exception", "delete", "Bastion").code == 130
    assert len(ask("exception", "list")) == 1


def test_a_preview_counts_and_names_what_is_not_there(ask: Ask, call: Callable[..., Answer]) -> None:
    ask("exception", "create", *BASTION)
    wanted = ("--cid", "322", "--account", ACCOUNT, "--resource", "i-0bbb", "--resource", "i-0zzz")
    found = ask("exception", "preview", *wanted)
    assert (found["failing"], found["already"]) == (1, 1)
    assert found["counts"] == [{"account": ACCOUNT, "cid": 322, "failing": 1, "already": 1}]
    assert [(row["resource_id"], row["status"]) for row in found["examples"]] == [("i-0bbb", "PASSE")]
    assert [row["resource_id"] for row in found["absent_resources"]] == ["i-0zzz"]
    answer = call("exception", "preview", *wanted)
    assert "i-0bbb" in answer.out
    assert "i-0zzz" in answer.err
    tagged = call("exception", "preview", "--cid", "1", "--resource-tag", "unheard", "--all-connectors")
    assert "unheard" in tagged.err
    unknown = call("exception", "preview", "--cid", "1", "--account", "999988887777")
    assert "999988887777" in unknown.err
    assert len(ask("exception", "list")) == 1


def test_an_explanation_names_the_winner(ask: Ask, call: Callable[..., Answer]) -> None:
    ask("exception", "create", *BASTION)
    ask("exception", "create", "--name", "Whole", "--cid", "322", "--account", ACCOUNT, *TEXTS)
    uuid = next(
        row["resource_uuid"] for row in ask("evaluations", "list", ACCOUNT, "--cid", "322") if row["status"] == "PASSE"
    )
    found = ask("exception", "explain", uuid, "322")
    assert (found["status"], found["resource_id"]) == ("PASSE", "i-0bbb")
    assert [(row["name"], row["standing"]) for row in found["matches"]] == [("Bastion", "wins"), ("Whole", "outranked")]
    then = ask("exception", "explain", uuid, "322", "--at", LATER)
    assert (then["status"], {row["standing"] for row in then["matches"]}) == ("FAIL", {"idle"})
    assert "Bastion" in call("exception", "explain", uuid, "322").out
    assert "No exception" in call("exception", "explain", "ann", "2").err


def test_an_id_that_several_resources_have_is_explained_by_uuid(call: Callable[..., Answer]) -> None:
    answer = call("exception", "explain", "i-0bbb", "322")
    assert answer.code == 2
    assert answer.err.count("EC2_INSTANCE") == 2


def test_a_renewal_keeps_its_history_and_leaves_what_ends_soon(ask: Ask, call: Callable[..., Answer]) -> None:
    ask("exception", "create", *BASTION)
    (row,) = ask("exception", "expiring")
    assert (row["name"], row["days_left"]) == ("Bastion", 20)
    assert "Bastion" in call("exception", "expiring").out
    row = ask("exception", "renew", "Bastion", "--end", LATER, "--by", "bob")
    assert (row["ends"], row["updated_by"]) == (f"{LATER}T23:59:59Z", "bob")
    assert [(past["by"], past["old_ends"]) for past in row["renewals"]] == [("bob", f"{SOON}T23:59:59Z")]
    assert ask("exception", "expiring") == []
    assert ask("exception", "expiring", "--days", "401") != []


@pytest.mark.usefixtures("approval")
def test_a_second_person_approves(ask: Ask, call: Callable[..., Answer]) -> None:
    assert ask("exception", "create", *BASTION)["state"] == "PENDING_APPROVAL"
    assert shown(ask, 322)["i-0bbb"] == "FAIL"
    refused = call("exception", "approve", "Bastion", "--by", "alice")
    assert (refused.code, refused.is_one_line) == (2, True)
    row = ask("exception", "approve", "Bastion", "--by", "bob")
    assert (row["state"], row["decided_by"]) == ("ACTIVE", "bob")
    assert shown(ask, 322)["i-0bbb"] == "PASSE"


@pytest.mark.usefixtures("approval")
def test_a_second_person_rejects(ask: Ask) -> None:
    ask("exception", "create", *BASTION)
    assert ask("exception", "reject", "Bastion", "--by", "bob")["state"] == "REJECTED"
    assert shown(ask, 322)["i-0bbb"] == "FAIL"


def test_the_posture_of_another_day_says_what_would_fail(ask: Ask, call: Callable[..., Answer]) -> None:
    ask("exception", "create", *BASTION)
    kept = ("account", "passed", "failed", "excepted", "unknown")
    now = ask("posture")
    assert [tuple(row[key] for key in kept) for row in now["accounts"]] == [(ACCOUNT, 6, 1, 1, 0), (LAB, 0, 1, 0, 0)]
    assert now["outlook"] is None
    then = ask("posture", "--as-of", LATER)
    assert [tuple(row[key] for key in kept) for row in then["accounts"]] == [(ACCOUNT, 6, 2, 0, 0), (LAB, 0, 1, 0, 0)]
    assert then["outlook"]["would_fail"] == 1
    assert [row["name"] for row in then["outlook"]["ended"]] == ["Bastion"]
    assert [(row["cid"], row["failed_now"], row["failed_then"]) for row in then["outlook"]["changes"]] == [(322, 0, 1)]
    answer = call("posture", "--as-of", LATER)
    assert ACCOUNT in answer.out
    assert "would fail then and do not now: 1" in answer.err
    assert "Bastion" in answer.err
    assert call("posture", "--as-of", "soon").code == 2


@pytest.mark.parametrize(
    "verb", ["create", "list", "delete", "preview", "explain", "renew", "expiring", "approve", "reject", "show"]
)
def test_every_command_teaches(invoke: Invoke, verb: str) -> None:
    answer = invoke("exception", verb, "--help")
    assert answer.code == 0
    assert verb == "show" or f"nephoscope exception {verb}" in answer.out.partition("╭─")[0].replace("\n", " ")
    assert "--format" in answer.out
