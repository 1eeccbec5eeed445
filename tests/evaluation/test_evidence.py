"""Evidence of the resource and of what it is related to, from the store."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from fresh_stores import open_fresh
from nephoscope.controls.loading import load_catalogue
from nephoscope.evaluation.evidence import AccountEvidence
from nephoscope.model.connectors import Connector
from nephoscope.model.evaluations import Evidence
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.store import connectors, resources, scopes
from nephoscope.store.session import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CONTROLS = load_catalogue().controls
HUB = "arn:aws:securityhub:us-east-1:123456789012:hub/default"


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(open_fresh()) as found:
        yield found


def _record(store: Store, connector: Connector, name: str, region: str, observed: Observed) -> None:
    with store.write() as writer:
        report = ScopeReport(Scope(name, region), Outcome.COMPLETE)
        scope = scopes.close(writer, connector.key, report, NOW)
        resources.record(writer, connector.key, scope, [observed], complete=True, now=NOW)


def _evidence(store: Store, cid: int, observed: dict[str, Observed]) -> tuple[Evidence, ...]:
    made = Connector(uuid4(), Provider.AWS, "123456789012", "account", NOW)
    with store.write() as writer:
        connector = connectors.create(writer, made)
    for name, one in observed.items():
        _record(store, connector, name, "us-east-1", one)
    control = CONTROLS[cid]
    with store.read() as reader:
        (candidate,) = resources.candidates(reader, connector.key, control.resource_type)
        key = candidate.resource_key
        resource = resources.by_keys(reader, [key])[key]
        stored = resources.documents(reader, [key])[key]
        return AccountEvidence(reader, connector, [control]).of(control, resource, stored)


def test_related_settings_are_shown_with_their_values(store: Store) -> None:
    observed = {
        "AWS_REGION": Observed("us-east-1", "us-east-1", "", {"regionName": "us-east-1"}),
        "SECURITY_HUB": Observed(HUB, "hub", HUB, {"hubArn": HUB}),
    }
    assert _evidence(store, 30454, observed) == (
        Evidence("region", "us-east-1"),
        Evidence("related.hubs.hubArn", f'["{HUB}"]'),
    )


def test_nothing_related_is_an_empty_list(store: Store) -> None:
    observed = {"AWS_REGION": Observed("us-east-1", "us-east-1", "", {"regionName": "us-east-1"})}
    assert _evidence(store, 30454, observed)[1] == Evidence("related.hubs.hubArn", "[]")


def test_a_control_that_shows_its_own_settings_reads_nothing_else(store: Store) -> None:
    observed = {"RDS": Observed("db", "db", "arn", {"publiclyAccessible": True, "endpoint": {"address": "db.example"}})}
    assert _evidence(store, 30482, observed) == (
        Evidence("publiclyAccessible", "true"),
        Evidence("endpoint.address", "db.example"),
    )
