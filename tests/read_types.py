"""Reads types of a simulated account through the real engine, with every field of theirs."""

from collections.abc import Mapping

from nephoscope.clouds.aws.engine import open_account
from nephoscope.clouds.doors import Collected
from nephoscope.model.connectors import AwsAccess
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import GLOBAL_REGION, Scope
from nephoscope.resource_types.table import RESOURCE_TYPES
from nephoscope.simulation.aws import Simulation

REGIONS = ("eu-west-1", "us-east-1")


def collect(simulation: Simulation, name: str, region: str = "us-east-1") -> Collected:
    """One scope; global types have no region."""
    kind = RESOURCE_TYPES[name]
    account = open_account(AwsAccess(endpoint_url=simulation.endpoint_url, regions=REGIONS))
    needs = {name: frozenset(field.name for field in kind.fields)}
    try:
        return account.collect(Scope(name, region if kind.is_regional else GLOBAL_REGION), needs)
    finally:
        account.close()


def read(simulation: Simulation, name: str, region: str = "us-east-1") -> Mapping[str, Observed]:
    """By resource id. Every declared field is in the document or named in `unread`."""
    found = collect(simulation, name, region)
    declared = {field.name for field in RESOURCE_TYPES[name].fields}
    for one in found.resources:
        assert set(one.document) | set(one.unread) - {"tags"} == declared
        assert not set(one.document) & set(one.unread)
    return {one.resource_id: one for one in found.resources}
