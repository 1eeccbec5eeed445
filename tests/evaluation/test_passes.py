"""A large pass is carried by processes of their own, and comes to the same verdicts."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from fresh_stores import migrated_file, open_fresh
from nephoscope.controls.catalogue import Catalogue
from nephoscope.controls.loading import load_catalogue
from nephoscope.errors import StoreError
from nephoscope.evaluation import passes
from nephoscope.evaluation.evaluating import Judged, evaluate_part
from nephoscope.evaluation.passes import evaluate_type
from nephoscope.kit.pages import PageRequest
from nephoscope.model.connectors import Connector
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.store import connectors, evaluations, resources, scopes
from nephoscope.store.session import Store, open_store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CATALOGUE = load_catalogue()
KIND, COUNT = "NETWORK_SECURITY_GROUP", 7
OPEN = {"name": "r", "direction": "Inbound", "access": "Allow", "protocol": "*", "sources": ["*"], "ports": ["*"]}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = migrated_file(tmp_path / "store.sqlite")
    with closing(open_store(url)) as opened:
        yield opened


def filled(store: Store) -> int:
    """Groups, every other of them open to everybody; answers the connector's key."""
    rules: tuple[list[object], list[object]] = ([OPEN | {"priority": 100, "destinations": ["*"]}], [])
    groups = [
        Observed(f"g{number}", f"g{number}", "", {"securityRules": rules[number % 2], "subnetIds": ["/s"]})
        for number in range(COUNT)
    ]
    with store.write() as writer:
        key = connectors.create(writer, Connector(uuid4(), Provider.AZURE, "s", "account", NOW)).key
        scope = scopes.close(writer, key, ScopeReport(Scope(KIND, "global"), Outcome.COMPLETE), NOW)
        resources.record(writer, key, scope, groups, complete=True, now=NOW)
    return key


def verdicts(store: Store, key: int) -> set[tuple[str, int, str]]:
    with store.read() as reader:
        rows = evaluations.page(reader, key, None, (), PageRequest(0, 1_000)).rows
    return {(row.resource.resource_id, row.cid, row.status.value) for row in rows}


def test_apart_is_as_here(store: Store) -> None:
    key = filled(store)
    judged = evaluate_type(store, CATALOGUE, key, KIND, NOW, large=1)
    assert (judged.resources, judged.skipped) == (COUNT, 0)
    found = verdicts(store, key)
    assert {status for _, _, status in found} >= {"PASS", "FAIL"}
    with closing(open_fresh()) as other:
        evaluate_type(other, CATALOGUE, filled(other), KIND, NOW, large=1)
        assert verdicts(other, key) == found
    assert evaluate_type(store, CATALOGUE, key, KIND, NOW, large=1) == Judged(COUNT, COUNT, 0)


def test_parts_follow_each_other(store: Store) -> None:
    key = filled(store)
    after, sizes = 0, []
    while True:
        part = evaluate_part(store, CATALOGUE, key, KIND, NOW, after=after, most=3)
        sizes.append(part.judged.resources)
        if part.is_last:
            break
        after = part.last
    assert sizes == [3, 3, 1]
    assert evaluate_part(store, CATALOGUE, key, KIND, NOW).judged == Judged(COUNT, COUNT, 0)


def test_a_process_that_dies_is_told(store: Store, tmp_path: Path) -> None:
    key = filled(store)
    gone = open_store(store.url)
    gone.close()
    gone.url = f"sqlite:///{tmp_path / 'elsewhere.sqlite'}"
    with pytest.raises(StoreError, match=f"Judging {KIND} ended with code 1: There is no database .*elsewhere"):
        evaluate_type(gone, CATALOGUE, key, KIND, NOW, large=1)


def test_only_what_calls_functions_goes_apart() -> None:
    assert passes._calls_functions(CATALOGUE, KIND)
    assert not passes._calls_functions(CATALOGUE, "MARIADB_SERVER")
    assert not passes._calls_functions(Catalogue([], ()), KIND)
