"""Managed databases of a simulated subscription: what is read of them, and what is said when it may not be read."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from fake_aws import FakePace
from nephoscope.clouds.azure.collectors import databases
from nephoscope.clouds.azure.engine import Table, open_account
from nephoscope.clouds.doors import Collected, Entry
from nephoscope.clouds.rest.account import RestAccount
from nephoscope.model.connectors import AzureAccess, AzureSignIn
from nephoscope.model.scopes import Outcome, Scope
from nephoscope.resource_types.azure import databases as types
from nephoscope.resource_types.types import ResourceType
from nephoscope.simulation.azure.cloud import APPLICATION, SECRET, SUBSCRIPTION, TENANT, AzureCloud
from nephoscope.simulation.azure.estate import databases as estate

TABLE = Table({row.name: row for row in types.TYPES}, {row.resource_type: row for row in databases.COLLECTORS})
NEEDS = {row.name: frozenset(field.name for field in row.fields) for row in types.TYPES}
REFUSED = [
    (row.resource_type, detail.fields[0], permission)
    for row in databases.COLLECTORS
    for detail in row.details
    for permission in detail.permissions
]


@pytest.fixture
def azure() -> Iterator[AzureCloud]:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        yield cloud


def enter(azure: AzureCloud) -> RestAccount:
    access = AzureAccess(
        tenant_id=TENANT, application_id=APPLICATION, sign_in=AzureSignIn.KEY, endpoint_url=azure.endpoint_url
    )
    return open_account(Entry(access, SUBSCRIPTION, SECRET), pace=FakePace().pace, table=TABLE)


def collect(azure: AzureCloud, kind: str) -> Collected:
    with closing(enter(azure)) as account:
        return account.collect(Scope(kind, "global"), NEEDS)


@pytest.mark.parametrize("kind", sorted(NEEDS))
def test_every_kind_is_read_whole(azure: AzureCloud, kind: str) -> None:
    collected = collect(azure, kind)
    assert collected.report.outcome is Outcome.COMPLETE
    assert len(collected.resources) == {"SQL_SERVER_DATABASE": 4, "MARIADB_SERVER": 3}.get(kind, 2)
    assert all(set(row.document) == NEEDS[kind] for row in collected.resources)
    assert all(row.document["resourceGroupName"] == "rg-data" for row in collected.resources)


@pytest.mark.parametrize(("kind", "field", "permission"), REFUSED)
def test_a_refused_detail_is_unread_and_never_empty(azure: AzureCloud, kind: str, field: str, permission: str) -> None:
    with azure.refusing(permission):
        collected = collect(azure, kind)
    assert collected.resources
    assert all(field not in row.document for row in collected.resources)


@pytest.mark.parametrize("row", types.TYPES, ids=lambda row: row.name)
def test_a_refused_kind_is_denied(azure: AzureCloud, row: ResourceType) -> None:
    with azure.refusing(*row.permissions):
        assert collect(azure, row.name).report.outcome is Outcome.DENIED
