"""The whole table of Google Cloud's collectors is asked the house questions."""

import ast
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gcp_world import NEEDS, enter
from nephoscope.clouds.gcp import collectors
from nephoscope.clouds.gcp.collecting import Collector
from nephoscope.clouds.gcp.collectors import ASSET_KINDS, GCP_COLLECTORS
from nephoscope.clouds.gcp.permissions import ENTRY_PERMISSIONS, FOLLOWING_PERMISSIONS, role
from nephoscope.model.providers import Provider
from nephoscope.resource_types.table import RESOURCE_TYPES, types_of
from nephoscope.simulation.gcp.cloud import GcpCloud
from nephoscope.simulation.gcp.estate import fill_gcp

ROWS = types_of(Provider.GCP)
PERMISSION = re.compile(r"[a-z]+(\.[a-zA-Z]+){2,3}")
READING = re.compile(r"\.(get|list|listResource|listIamPolicy|getIamPolicy)$")
ABOVE = re.compile(r"accesscontextmanager\.|resourcemanager\.(folders|organizations)\.")


def each(collector: Collector) -> str:
    return collector.resource_type


def declared() -> set[str]:
    details = {name for one in GCP_COLLECTORS for detail in one.details for name in detail.permissions}
    return details | {name for row in ROWS for name in row.permissions}


def named() -> Iterator[str]:
    """Every permission that a collector's source names."""
    for path in sorted(Path(collectors.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if PERMISSION.fullmatch(text) and READING.search(text):
                yield text


def test_every_type_has_one_collector() -> None:
    collected = [collector.resource_type for collector in GCP_COLLECTORS]
    assert sorted(collected) == sorted(row.name for row in ROWS)
    assert len(ASSET_KINDS) == len(set(ASSET_KINDS))
    assert all(re.fullmatch(r"[a-z]+\.googleapis\.com/[A-Z][A-Za-z]+", kind) for kind in ASSET_KINDS)


@pytest.mark.parametrize("collector", GCP_COLLECTORS, ids=each)
def test_details_fill_declared_fields_and_each_only_one(collector: Collector) -> None:
    filled = [name for detail in collector.details for name in detail.fields]
    assert set(filled) <= {field.name for field in RESOURCE_TYPES[collector.resource_type].fields}
    assert len(filled) == len(set(filled))
    for detail in collector.details:
        assert detail.fields
        assert detail.permissions
        assert all(PERMISSION.fullmatch(name) for name in detail.permissions)


@pytest.mark.parametrize("collector", GCP_COLLECTORS, ids=each)
def test_every_type_has_a_region_and_belongs_to_none(collector: Collector) -> None:
    row = RESOURCE_TYPES[collector.resource_type]
    assert row.field("region") is not None
    assert not row.is_regional


@pytest.mark.parametrize("permission", sorted(set(named())))
def test_every_call_is_declared(permission: str) -> None:
    assert permission in declared()


def test_what_is_declared_is_what_the_calls_take() -> None:
    """Of each type alone: reading one takes nothing that its declaration hides, and all of what it says."""
    taken: set[str] = set()
    with GcpCloud() as cloud:
        fill_gcp(cloud)
        for collector in GCP_COLLECTORS:
            with closing(enter(cloud)) as account:
                (scope,) = account.plan({collector.resource_type: frozenset()})
                account.collect(scope, NEEDS)
                used = account.permissions_used() - {"resourcemanager.projects.get"}
            details = {name for detail in collector.details for name in detail.permissions}
            allowed = details | set(RESOURCE_TYPES[collector.resource_type].permissions)
            assert used <= allowed, collector.resource_type
            taken |= used
    assert taken == declared()


def test_the_role_of_a_project_holds_what_such_a_role_can_hold() -> None:
    here, above = set(role()["includedPermissions"]), set(role(is_following=True)["includedPermissions"])
    assert here == {name for name in declared() | set(ENTRY_PERMISSIONS) if not ABOVE.match(name)}
    assert above == declared() | {*ENTRY_PERMISSIONS, *FOLLOWING_PERMISSIONS}
    assert not [name for name in above if not READING.search(name)]


def test_the_role_shrinks_to_what_is_needed() -> None:
    assert role({"GCS_BUCKET": frozenset({"versioningEnabled"})})["includedPermissions"] == sorted(ENTRY_PERMISSIONS)
    with_policies = role({"GCS_BUCKET": frozenset({"bindings"})})["includedPermissions"]
    assert set(with_policies) - set(ENTRY_PERMISSIONS) == {"cloudasset.assets.listIamPolicy"}
