"""The whole table of Azure's collectors is asked the house questions."""

import re
from contextlib import closing

import pytest

from azure_world import NEEDS, enter
from nephoscope.clouds.azure.actions import grants_of
from nephoscope.clouds.azure.collecting import Collector
from nephoscope.clouds.azure.collectors import AZURE_COLLECTORS
from nephoscope.clouds.azure.permissions import (
    DISCLOSING,
    ENTRY_ACTIONS,
    UNNAMED,
    graph_permissions,
    role_definition,
)
from nephoscope.model.providers import Provider
from nephoscope.resource_types.table import RESOURCE_TYPES, types_of
from nephoscope.simulation.azure.cloud import AzureCloud
from nephoscope.simulation.azure.estate import fill_azure

ROWS = types_of(Provider.AZURE)
ACTION = re.compile(r"[A-Z][A-Za-z]+\.[A-Z][A-Za-z]+(/[A-Za-z]+)+/read")
SCOPE = re.compile(r"[A-Z][A-Za-z-]+(\.[A-Z][A-Za-z]+)+")
READING = re.compile(r"/read$|\.Read\.")
ALWAYS = {"Microsoft.ResourceGraph/resources/action", *ENTRY_ACTIONS}
"""Resource Graph shows whatever may be read, and asks for no permission of its own."""


def each(collector: Collector) -> str:
    return collector.resource_type


def declared() -> set[str]:
    details = {name for one in AZURE_COLLECTORS for detail in one.details for name in detail.permissions}
    return details | {name for row in ROWS for name in row.permissions}


def test_every_type_has_one_collector() -> None:
    collected = [collector.resource_type for collector in AZURE_COLLECTORS]
    assert sorted(collected) == sorted(row.name for row in ROWS)


@pytest.mark.parametrize("collector", AZURE_COLLECTORS, ids=each)
def test_details_fill_declared_fields_and_each_only_one(collector: Collector) -> None:
    filled = [name for detail in collector.details for name in detail.fields]
    assert set(filled) <= {field.name for field in RESOURCE_TYPES[collector.resource_type].fields}
    assert len(filled) == len(set(filled))
    assert all(detail.fields and detail.permissions for detail in collector.details)


@pytest.mark.parametrize("name", sorted(declared() - DISCLOSING))
def test_permissions_are_spelled_as_azure_spells_them_and_only_read(name: str) -> None:
    assert ACTION.fullmatch(name) or SCOPE.fullmatch(name)
    assert READING.search(name)


@pytest.mark.parametrize("collector", AZURE_COLLECTORS, ids=each)
def test_every_type_has_a_place_and_belongs_to_no_region(collector: Collector) -> None:
    row = RESOURCE_TYPES[collector.resource_type]
    assert row.field("region") is not None
    assert not row.is_regional


def test_what_is_declared_is_what_the_calls_take() -> None:
    """Of each type alone: reading one takes nothing that its declaration hides, and all of what it says. The kinds that
    Resource Graph is asked for are looked up among what the identity may do, without a call."""
    taken: set[str] = set()
    with AzureCloud() as cloud:
        fill_azure(cloud)
        for collector in AZURE_COLLECTORS:
            with closing(enter(cloud)) as account:
                (scope,) = account.plan({collector.resource_type: frozenset()})
                account.collect(scope, NEEDS)
                used = account.permissions_used() - ALWAYS
            details = {name for detail in collector.details for name in detail.permissions}
            allowed = details | set(RESOURCE_TYPES[collector.resource_type].permissions)
            assert used <= allowed, collector.resource_type
            taken |= used
        kinds = {f"{row['type']}/read" for row in cloud.resources} | {row.permissions[0].lower() for row in ROWS}
    assert {name for name in declared() - taken if name.lower() not in kinds} == set()


def test_the_role_and_the_permissions_of_graph_hold_everything() -> None:
    given = {*role_definition()["Actions"], *graph_permissions()}
    assert given == declared() - DISCLOSING - set(UNNAMED) | set(ENTRY_ACTIONS) | set(UNNAMED.values())
    assert set(UNNAMED) <= declared()


@pytest.mark.parametrize(("action", "given"), UNNAMED.items())
def test_what_azure_does_not_name_is_given_by_a_pattern_that_reads(action: str, given: str) -> None:
    role = grants_of([{"actions": role_definition()["Actions"], "notActions": []}])
    assert role.allow(action)
    assert given.endswith("/*/read")
    assert not role.allow(action.replace("/read", "/write"))


def test_the_role_shrinks_to_what_is_needed() -> None:
    one = {"STORAGE_ACCOUNT": frozenset({"minimumTlsVersion"})}
    assert set(role_definition(one)["Actions"]) - set(ENTRY_ACTIONS) == {"Microsoft.Storage/storageAccounts/read"}
    locked = role_definition({"STORAGE_ACCOUNT": frozenset({"locks"})})["Actions"]
    assert "Microsoft.Authorization/locks/read" in locked
    assert graph_permissions(one) == ()
