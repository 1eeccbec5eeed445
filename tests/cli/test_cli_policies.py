"""Policies and mandates on the command line, and own policies wherever a shipped one counts."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from apiworld import ACCOUNT, World
from cli.cli_world import Answer, Invoke, entering
from fresh_stores import kept_in
from nephoscope.simulation.aws import Simulation
from worlds import FakeClock

Call = Callable[..., Answer]
Ask = Callable[..., Any]
BENCHMARK = "CIS AWS 5.0"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    url = kept_in(tmp_path)
    world = World(tmp_path, FakeClock(datetime.now(UTC)), url=url)
    world.populate()
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


def test_a_policy_of_ones_own_from_creation_to_deletion(ask: Ask) -> None:
    made = ask("policy", "create", "--title", "Payments", "--cid", "322", "--cid", "1", "--by", "ann")
    assert (made["title"], made["provider"], made["version"], made["control_ids"]) == (
        "Payments",
        "AWS",
        "1.0",
        [1, 322],
    )
    assert ask("policy", "list", "--provider", "aws")[-1]["uuid"] == made["uuid"]
    assert ask("policy", "show", "payments") == made
    changed = ask("policy", "change", "Payments", "--cid", "2", "--by", "bob")
    assert (changed["version"], changed["control_ids"], changed["modified_by"]) == ("2.0", [2], "bob")
    assert ask("policy", "delete", made["uuid"], "--yes") == [{"deleted": "Payments", "uuid": made["uuid"]}]
    assert all(not row["is_own"] for row in ask("policy", "list"))


def test_what_is_exported_can_be_taken_back(call: Call, ask: Ask, tmp_path: Path) -> None:
    answer = call("policy", "export", BENCHMARK)
    shown = ask("policy", "show", BENCHMARK)
    assert yaml.safe_load(answer.out)["controlIds"] == shown["control_ids"]
    assert "- 322  # Ensure that EC2 Metadata Service only allows IMDSv2\n" in answer.out
    file = tmp_path / "mine.yaml"
    assert call("policy", "export", BENCHMARK, "-o", str(file)).code == 0
    copy = ask("policy", "create", "--from", str(file), "--title", "Mine")
    assert (copy["control_ids"], copy["provider"], copy["version"]) == (shown["control_ids"], "AWS", "1.0")
    assert copy["description"] == shown["description"]
    assert ask("policy", "change", "Mine", "--from", str(file), "--title", "Ours")["title"] == "Ours"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "Nothing"], "There is no policy 'Nothing'"),
        (["create"], "title: missing; controlIds: at least one control is needed; cloudType: one of"),
        (["create", "--title", "CIS AWS 5.0", "--cid", "99999"], "title: 'CIS AWS 5.0' is taken"),
        (["create", "--from", "nowhere.yaml"], "nowhere.yaml cannot be read"),
        (["change", "CIS AWS 5.0", "--cid", "1"], "stays as it is"),
        (["delete", "CIS AWS 5.0", "--yes"], "stays as it is"),
        (["export", "CIS AWS 5.0", "-o", "/nowhere/at/all.yaml"], "cannot be written"),
        (["mandates", "Nothing"], "There is no mandate 'Nothing'; known: PCI DSS 4.0.1"),
    ],
)
def test_what_is_refused_is_one_line(call: Call, arguments: list[str], words: str) -> None:
    answer = call("policy", *arguments)
    assert (answer.code, answer.is_one_line) == (2, True)
    assert words in answer.err


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", "\x00"])
def test_a_file_that_holds_no_policy_is_one_line(call: Call, tmp_path: Path, text: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    answer = call("policy", "create", "--from", str(file))
    assert (answer.code, answer.is_one_line) == (2, True)


def test_mandates_and_their_requirements(ask: Ask) -> None:
    names = [row["name"] for row in ask("policy", "mandates")]
    assert {"HIPAA", "GDPR", "SOC 2"} <= set(names)
    sections = {row["number"]: row for row in ask("policy", "mandates", "hipaa")}
    assert 1 in sections["164.312(d)"]["control_ids"]


def test_own_policies_show_with_controls_evaluations_and_posture(ask: Ask) -> None:
    ask("policy", "create", "--title", "Payments", "--cid", "322")
    assert ask("controls", "show", "322")["policies"][-1] == "Payments"
    assert [row["cid"] for row in ask("controls", "list", "--benchmark", "payments")] == [322]
    rows = ask("evaluations", "list", ACCOUNT, "--cid", "322")
    assert {row["policies"][-1] for row in rows} == {"Payments"}
    posture = {row["account"]: row for row in ask("posture", "--policy", "Payments")["accounts"]}
    assert (posture[ACCOUNT]["passed"], posture[ACCOUNT]["failed"]) == (1, 1)


def test_controls_need_no_store(invoke: Invoke, tmp_path: Path) -> None:
    answer = invoke("controls", "show", "322", "--format", "json", "--data", str(tmp_path / "nothing"))
    assert answer.code == 0
    assert json.loads(answer.out)["policies"]
    assert not (tmp_path / "nothing").exists()


def test_a_kept_scan_knows_own_policies(call: Call, ask: Ask, account: Simulation) -> None:
    ask("policy", "create", "--title", "Payments", "--cid", "322", "--cid", "1")
    answer = call("scan", "aws", *entering(account), "--benchmark", "payments", "--format", "json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert {row["cid"] for row in found["evaluations"]} == {1}
    assert [row["name"] for row in found["benchmarks"]][-1] == "Payments"
    refused = call("scan", "aws", *entering(account), "--benchmark", "nothing")
    assert (refused.code, refused.is_one_line) == (2, True)
