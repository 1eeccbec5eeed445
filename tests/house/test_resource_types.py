"""The whole type table is asked the house questions."""

import re

import pytest

from nephoscope.errors import NotFoundError
from nephoscope.model.providers import Provider
from nephoscope.resource_types.table import RESOURCE_TYPES, find_type, types_of
from nephoscope.resource_types.types import ResourceType

PERMISSIONS = {
    Provider.AWS: r"[a-z0-9-]+:[A-Z][A-Za-z0-9]+",
    Provider.AZURE: r"Microsoft\.[A-Za-z]+(/[A-Za-z]+)+/(read|action)|[A-Z][A-Za-z]+(\.[A-Z][A-Za-z]+)+",
    Provider.GCP: r"[a-z]+(\.[a-zA-Z]+){2,3}",
}
TYPES = tuple(RESOURCE_TYPES.values())


def each(row: ResourceType) -> str:
    return row.name


@pytest.mark.parametrize("row", TYPES, ids=each)
def test_a_type_is_declared_whole(row: ResourceType) -> None:
    assert re.fullmatch(r"[A-Z][A-Z0-9_]*", row.name)
    assert row.title
    assert row.service_type
    assert row.fields
    assert row.permissions
    assert all(re.fullmatch(PERMISSIONS[row.provider], name) for name in row.permissions)


@pytest.mark.parametrize("row", TYPES, ids=each)
def test_fields_and_tokens_are_unique(row: ResourceType) -> None:
    names = [field.name for field in row.fields]
    assert len(names) == len(set(names))
    tokens = [field.token.lower() for field in row.fields if field.token]
    assert len(tokens) == len(set(tokens))


@pytest.mark.parametrize("row", TYPES, ids=each)
def test_wire_keys_are_fields(row: ResourceType) -> None:
    assert set(row.wire) <= {field.name for field in row.fields}


def test_no_name_or_alias_means_two_types() -> None:
    """Names are one in all clouds; aliases, as people type them beside the cloud, are one in each."""
    assert len(RESOURCE_TYPES) == sum(len(types_of(provider)) for provider in Provider)
    names = [(row.provider, name) for row in TYPES for name in (row.name, *row.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("name", "found"), [("S3_BUCKET", "BUCKET"), ("security_group", "VPC_SECURITY_GROUP"), ("bucket", "BUCKET")]
)
def test_common_aliases_resolve(name: str, found: str) -> None:
    assert find_type(Provider.AWS, name).name == found


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(NotFoundError, match="TEAPOT"):
        find_type(Provider.AWS, "TEAPOT")
