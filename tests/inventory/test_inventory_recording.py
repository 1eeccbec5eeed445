"""What a run must read, and how a collected scope becomes rows."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from fresh_stores import migrated_file
from nephoscope.clouds.doors import Collected
from nephoscope.inventory.recording import needs_of, record
from nephoscope.model.connectors import Connector
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.resource_types.table import RESOURCE_TYPES, types_of
from nephoscope.store import connectors, resources, scopes
from nephoscope.store.session import Store, open_store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SCOPE = Scope("EC2_INSTANCE", "us-east-1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = migrated_file(tmp_path / "store.db")
    with closing(open_store(url)) as opened:
        yield opened


@pytest.fixture
def connector(store: Store) -> int:
    with store.write() as writer:
        return connectors.create(writer, Connector(uuid4(), Provider.AWS, "123456789012", "shop", NOW)).key


def collected(*names: str, outcome: Outcome = Outcome.COMPLETE, state: str = "running") -> Collected:
    seen = tuple(Observed(name, name, f"arn:{name}", {"instanceState": state}) for name in names)
    permission = "ec2:DescribeInstances" if outcome is Outcome.DENIED else ""
    return Collected(ScopeReport(SCOPE, outcome, permission, resources=len(seen)), seen)


def stored(store: Store, connector: int) -> list[str]:
    with store.read() as reader:
        return sorted(row.resource_id for row in resources.candidates(reader, connector, SCOPE.resource_type))


def test_a_complete_scope_records_changes_and_retires(store: Store, connector: int) -> None:
    assert record(store, connector, collected("a", "b", "c"), NOW) == resources.Recorded(3, 0, 0, 0)
    later = NOW + timedelta(hours=1)
    assert record(store, connector, collected("b", "d"), later) == resources.Recorded(1, 0, 1, 2)
    assert record(store, connector, collected("b", "d", state="stopped"), later) == resources.Recorded(0, 2, 0, 0)
    assert stored(store, connector) == ["b", "d"]


@pytest.mark.parametrize("outcome", [Outcome.DENIED, Outcome.THROTTLED, Outcome.FAILED])
def test_a_scope_that_did_not_complete_retires_nothing(store: Store, connector: int, outcome: Outcome) -> None:
    record(store, connector, collected("a", "b"), NOW)
    later = NOW + timedelta(hours=1)
    assert record(store, connector, collected("c", outcome=outcome), later).retired == 0
    assert stored(store, connector) == ["a", "b", "c"]
    with store.read() as reader:
        (scope,) = scopes.of_connector(reader, connector)
    assert (scope.report.outcome, scope.closed_on, scope.evaluated_on) == (outcome, later, NOW)


def test_recording_twice_is_recording_once(store: Store, connector: int) -> None:
    record(store, connector, collected("a", "b"), NOW)
    assert record(store, connector, collected("a", "b"), NOW) == resources.Recorded(0, 0, 2, 0)


def test_an_empty_complete_scope_retires_everything(store: Store, connector: int) -> None:
    record(store, connector, collected("a"), NOW)
    assert record(store, connector, collected(), NOW).retired == 1
    assert stored(store, connector) == []


def test_needs_are_what_the_controls_look_at() -> None:
    looked_at = [
        {"BUCKET": frozenset({"publicAccessBlock"}), "AWS_ACCOUNT": frozenset({"passwordPolicy"})},
        {"BUCKET": frozenset({"versioning"})},
    ]
    assert needs_of(looked_at, Provider.AWS, with_wire=False) == {
        "BUCKET": {"publicAccessBlock", "versioning"},
        "AWS_ACCOUNT": {"passwordPolicy"},
    }


def test_a_star_needs_every_field() -> None:
    needs = needs_of([{"BUCKET": frozenset({"*"})}], Provider.AWS, with_wire=False)
    assert needs["BUCKET"] == {field.name for field in RESOURCE_TYPES["BUCKET"].fields}


def test_the_api_needs_every_type_with_what_it_shows() -> None:
    needs = needs_of([{"BUCKET": frozenset({"versioning"})}], Provider.AWS, with_wire=True)
    assert list(needs) == [row.name for row in types_of(Provider.AWS)]
    assert all(set(row.wire) <= needs[row.name] for row in types_of(Provider.AWS))
    assert "versioning" in needs["BUCKET"]


def test_types_of_no_cloud_are_not_needed() -> None:
    assert needs_of([{"TEAPOT": frozenset({"spout"})}], Provider.AWS, with_wire=False) == {}
