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
from nephoscope.evaluation import apart, passes
from nephoscope.evaluation.evaluating import Judged
from nephoscope.evaluation.passes import Order, evaluate_type
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
    judged = evaluate_type(store, CATALOGUE, key, KIND, NOW, here=0)
    assert (judged.resources, judged.skipped) == (COUNT, 0)
    found = verdicts(store, key)
    assert {status for _, _, status in found} >= {"PASS", "FAIL"}
    with closing(open_fresh()) as other:
        evaluate_type(other, CATALOGUE, filled(other), KIND, NOW, here=0)
        assert verdicts(other, key) == found
    assert evaluate_type(store, CATALOGUE, key, KIND, NOW, here=0) == Judged(COUNT, COUNT, 0)


def test_a_large_pass_is_carried_in_parts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    key = filled(store)
    monkeypatch.setattr(apart, "PART", 3)
    order = Order(store.url, CATALOGUE.of_type(KIND), key, KIND, NOW)
    catalogue = Catalogue(order.controls, ())
    assert apart.carry(catalogue, order).resources == COUNT
    assert apart.carry(catalogue, order) == Judged(COUNT, COUNT, 0)
    assert {status for _, _, status in verdicts(store, key)} >= {"PASS", "FAIL"}


def test_what_cannot_be_judged_is_told(store: Store, tmp_path: Path) -> None:
    key = filled(store)
    gone = open_store(store.url)
    gone.close()
    gone.url = f"sqlite:///{tmp_path / 'elsewhere.sqlite'}"
    with pytest.raises(StoreError, match=f"Judging {KIND} ended: There is no database .*elsewhere"):
        passes._CARRIERS.carry(Order(gone.url, CATALOGUE.of_type(KIND), key, KIND, NOW))
    assert evaluate_type(store, CATALOGUE, key, KIND, NOW, here=0).resources == COUNT


def test_a_carrier_that_died_is_told_and_the_next_pass_has_another(store: Store) -> None:
    key = filled(store)
    order = Order(store.url, CATALOGUE.of_type(KIND), key, KIND, NOW)
    with closing(passes.Carriers()) as carriers:
        carriers.carry(order)
        (idle,) = carriers._idle
        idle._process.kill()
        idle._process.wait()
        with pytest.raises(StoreError, match=f"Judging {KIND} ended: the process that judges died"):
            idle.ask(order)
        assert carriers.carry(order) == Judged(COUNT, COUNT, 0)


def test_so_many_are_judged_here(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes._CARRIERS, "judged_here", 0)
    key = filled(store)
    for expected in (COUNT, COUNT):  # what did not change costs nothing
        evaluate_type(store, CATALOGUE, key, KIND, NOW, here=COUNT + 1)
        assert passes._CARRIERS.judged_here == expected
    monkeypatch.setattr(passes, "evaluate_here", None)
    assert evaluate_type(store, CATALOGUE, key, KIND, NOW, here=COUNT + 1) == Judged(COUNT, COUNT, 0)


def test_only_what_calls_functions_goes_apart() -> None:
    assert passes._calls_functions(CATALOGUE, KIND)
    assert not passes._calls_functions(CATALOGUE, "MARIADB_SERVER")
    assert not passes._calls_functions(Catalogue([], ()), KIND)
