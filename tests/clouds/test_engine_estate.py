"""Every collector against the simulated estate: it can be read, and with no other permission than those it declares."""

import re
from collections.abc import Iterator

import pytest

from nephoscope.clouds.aws.collecting import Collector
from nephoscope.clouds.aws.collectors import AWS_COLLECTORS
from nephoscope.clouds.aws.engine import open_account
from nephoscope.clouds.aws.permission_names import ENTRY_PERMISSIONS
from nephoscope.model.connectors import AwsAccess
from nephoscope.model.scopes import Outcome
from nephoscope.resource_types.table import RESOURCE_TYPES
from nephoscope.simulation import aws as simulation

pytestmark = pytest.mark.slow

GAPS = re.compile(r"^$|is not implemented there\.")
"""What the simulation lacks is not what is asked here."""


@pytest.fixture(scope="module")
def estate() -> Iterator[str]:
    with simulation.start() as running:
        simulation.fill_estate(running)
        yield running.endpoint_url


@pytest.mark.parametrize("collector", AWS_COLLECTORS, ids=lambda collector: collector.resource_type)
def test_a_type_is_read_as_it_is_declared(collector: Collector, estate: str) -> None:
    row = RESOURCE_TYPES[collector.resource_type]
    fields = frozenset(field.name for field in row.fields)
    needs = {row.name: fields}
    account = open_account(AwsAccess(endpoint_url=estate, regions=simulation.REGIONS[:1]))
    (scope,) = account.plan(needs)
    collected = account.collect(scope, needs)
    used = account.permissions_used()
    account.close()
    assert collected.report.outcome is Outcome.COMPLETE, collected.report.message
    assert GAPS.search(collected.report.message), collected.report.message
    for one in collected.resources:
        assert {*one.document, *one.unread} == fields
        assert one.resource_id
    declared = {*row.permissions, *(name for detail in collector.details for name in detail.permissions)}
    assert used <= {*declared, *ENTRY_PERMISSIONS}
