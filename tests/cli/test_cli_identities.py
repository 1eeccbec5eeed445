"""Users, API clients and signing keys on the command line."""

import io
import json
import sys

import pytest

from cli.cli_world import Invoke
from nephoscope.access.access import AccessControl
from nephoscope.errors import UnauthenticatedError
from nephoscope.kit.clock import system_clock
from nephoscope.store.session import open_store

SECRET = "zebra lantern quilt"


@pytest.fixture
def managed(invoke: Invoke, data: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store with a Manager."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{SECRET}\n"))
    assert invoke("user", "add", "alice", "--role", "Manager", "--password-stdin", "--data", data).code == 0
    return data


def opens(data: str, name: str, password: str) -> bool:
    store = open_store(f"sqlite:///{data}/nephoscope.sqlite")
    try:
        AccessControl(store, system_clock).authenticate(name, password)
    except UnauthenticatedError:
        return False
    finally:
        store.close()
    return True


def test_a_user_from_the_first_day_to_the_last(invoke: Invoke, managed: str) -> None:
    kept = ("--data", managed)
    added = invoke("user", "add", "bob", "--role", "reader", "--account", "111122223333", "--generate", *kept)
    assert added.code == 0
    assert opens(managed, "bob", added.out.strip())
    row = json.loads(invoke("user", "list", "--format", "json", *kept).out)[1]
    assert (row["name"], row["role"], row["reach"]) == ("bob", "Reader", "account 111122223333")
    assert invoke("user", "grant", "bob", "--role", "Auditor", "--tag", "payments", *kept).code == 0
    fresh = invoke("user", "password", "bob", "--generate", "--final", *kept).out.strip()
    assert not opens(managed, "bob", added.out.strip())
    assert opens(managed, "bob", fresh)
    assert invoke("user", "disable", "bob", *kept).code == 0
    assert not opens(managed, "bob", fresh)
    assert invoke("user", "enable", "bob", *kept).code == 0
    assert opens(managed, "bob", fresh)
    assert invoke("user", "log-out", "bob", *kept).code == 0
    assert invoke("user", "remove", "bob", *kept).code == 0
    assert not opens(managed, "bob", fresh)
    actions = json.loads(invoke("audit", "list", "--format", "json", *kept).out)
    assert {"user.create", "user.grant", "user.password", "user.disable", "user.delete"} <= {
        entry["action"] for entry in actions
    }


def test_a_client_from_the_first_day_to_the_last(invoke: Invoke, managed: str) -> None:
    kept = ("--data", managed)
    made = json.loads(invoke("client", "create", "siem", "--role", "Reader", "--format", "json", *kept).out)
    fresh = json.loads(invoke("client", "rotate", "SIEM", "--format", "json", *kept).out)
    assert fresh["client_id"] == made["client_id"]
    assert fresh["client_secret"] != made["client_secret"]
    (row,) = json.loads(invoke("client", "list", "--format", "json", *kept).out)
    assert (row["name"], row["role"], row["secrets"]) == ("siem", "Reader", 2)
    assert made["client_secret"] not in json.dumps(row)
    assert invoke("client", "disable", made["client_id"], *kept).code == 0
    assert invoke("client", "enable", "siem", *kept).code == 0
    assert invoke("client", "delete", "siem", *kept).code == 0
    assert json.loads(invoke("client", "list", "--format", "json", *kept).out) == []


def test_signing_keys_are_listed_and_replaced(invoke: Invoke, managed: str) -> None:
    kept = ("--data", managed)
    assert invoke("signing-key", "rotate", *kept).code == 0
    assert invoke("signing-key", "rotate", *kept).code == 0
    assert len(json.loads(invoke("signing-key", "list", "--format", "json", *kept).out)) == 2
    assert invoke("signing-key", "rotate", "--revoke", *kept).code == 0
    assert len(json.loads(invoke("signing-key", "list", "--format", "json", *kept).out)) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("user", "disable", "alice"), "last Manager"),
        (("user", "remove", "alice"), "last Manager"),
        (("user", "disable", "nobody"), "no user"),
        (("user", "reset-factor", "alice"), "no second factor"),
        (("user", "grant", "alice", "--role", "King"), "no role"),
        (("client", "create", "x", "--role", "Reader", "--network", "here"), "no range"),
        (("client", "rotate", "nobody"), "no API client"),
        (("client", "create", "x"), "--role"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_will_not_do_is_one_line(invoke: Invoke, managed: str, arguments: tuple[str, ...], words: str) -> None:
    answer = invoke(*arguments, "--data", managed)
    assert answer.code == 2
    assert words in answer.err
    assert answer.err.count("\n") == 1


def test_a_password_that_everybody_tries_is_refused(
    invoke: Invoke, managed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Password1234!\n"))
    answer = invoke("user", "add", "bob", "--password-stdin", "--data", managed)
    assert answer.code == 2
    assert "Password1234" not in answer.err
