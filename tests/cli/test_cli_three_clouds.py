"""Resources of Azure and of Google Cloud, excepted and tagged on the command line like those of AWS."""

import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from apiworld import World
from cli.cli_world import Invoke
from clouds_estate import collect_both
from fresh_stores import kept_in
from nephoscope.simulation.azure.cloud import SUBSCRIPTION
from nephoscope.simulation.gcp.cloud import PROJECT
from worlds import FakeClock

Ask = Callable[..., Any]


class Cloud(NamedTuple):
    provider: str
    account: str
    kind: str
    cid: str


CLOUDS = (Cloud("azure", SUBSCRIPTION, "MARIADB_SERVER", "50112"), Cloud("gcp", PROJECT, "GCS_BUCKET", "58401"))
both = pytest.mark.parametrize("cloud", CLOUDS, ids=lambda cloud: cloud.provider)


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The simulated subscription and project, kept in a directory."""
    folder = tmp_path_factory.mktemp("clouds")
    url = kept_in(folder)
    world = World(folder, FakeClock(datetime.now(UTC)), url=url)
    collect_both(world)
    world.store.close()
    return folder


@pytest.fixture
def ask(invoke: Invoke, estate: Path, tmp_path: Path) -> Ask:
    kept = str(shutil.copytree(estate, tmp_path / "kept"))

    def asked(*arguments: str) -> Any:
        answer = invoke(*arguments, "--data", kept, "--format", "json")
        assert (answer.code, answer.err) == (0, ""), (arguments, answer.err)
        return json.loads(answer.out)

    return asked


@both
def test_resources_are_listed_and_shown(ask: Ask, cloud: Cloud) -> None:
    rows = ask("resources", "list", cloud.kind.lower())
    assert rows
    assert {row["resource_type"] for row in rows} == {cloud.kind}
    assert ask("resources", "list", cloud.kind, "--provider", cloud.provider, "--filter", f"name:{rows[0]['name']}")
    assert ask("resources", "show", rows[0]["uuid"])["document"]["region"]


@pytest.mark.parametrize(("name", "said"), [("DISK", "AZURE, GCP"), ("GCS_BUCKETS", "GCS_BUCKET")])
def test_what_names_no_single_type_is_said(invoke: Invoke, estate: Path, name: str, said: str) -> None:
    answer = invoke("resources", "list", name, "--data", str(estate))
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


def results(ask: Ask, cloud: Cloud) -> dict[str, str]:
    rows = ask("evaluations", "list", cloud.account, "--cid", cloud.cid)
    return {row["resource_id"]: row["status"] for row in rows}


@both
def test_a_failure_is_excepted_explained_and_fails_again(ask: Ask, cloud: Cloud) -> None:
    before = results(ask, cloud)
    resource = next(name for name, result in before.items() if result == "FAIL")
    named = ("--provider", cloud.provider, "--cid", cloud.cid, "--account", cloud.account, "--resource", resource)
    assert ask("exception", "preview", *named)["failing"] == 1
    texts = ("--reason", "Risk Accepted", "--explanation", "Accepted", "--end", "2099-01-01", "--by", "alice")
    assert ask("exception", "create", "--name", "Known", *named, *texts)["state"] == "ACTIVE"
    assert results(ask, cloud) == before | {resource: "PASSE"}
    explained = ask("exception", "explain", resource, cloud.cid)
    assert [row["name"] for row in explained["matches"]] == ["Known"]
    assert ask("exception", "explain", explained["resource_uuid"], cloud.cid)["resource_id"] == resource
    ask("exception", "delete", "Known", "--yes")
    assert results(ask, cloud) == before


def test_an_id_that_looks_like_a_uuid_is_an_id(ask: Ask) -> None:
    assert ask("exception", "explain", SUBSCRIPTION, "56020")["resource_type"] == "SUBSCRIPTION"


@both
def test_what_a_rule_tags_is_excepted_by_its_tag(ask: Ask, cloud: Cloud) -> None:
    before = results(ask, cloud)
    resource = next(name for name, result in before.items() if result == "FAIL")
    regex = re.escape(resource)
    rule = ask("tag", "apply", "--tag", "known", "--regex", regex, "--provider", cloud.provider)
    assert (rule["matched"], [one["text"] for one in ask("tag", "rules")]) == (1, [regex])
    assert [one["resource_id"] for one in ask("tag", "matched", rule["uuid"])] == [resource]
    named = ("--provider", cloud.provider, "--cid", cloud.cid, "--resource-tag", "known", "--all-connectors")
    texts = ("--reason", "Risk Accepted", "--explanation", "Accepted", "--end", "2099-01-01", "--by", "alice")
    assert ask("exception", "create", "--name", "Known", *named, *texts)["scope"] == "QUALYSTAG"
    assert results(ask, cloud) == before | {resource: "PASSE"}
    ask("tag", "remove-rule", rule["uuid"])
    assert results(ask, cloud) == before
