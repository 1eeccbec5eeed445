"""The table of every resource type, and how a name that a person typed finds its row."""

from nephoscope.errors import NotFoundError
from nephoscope.model.providers import Provider
from nephoscope.resource_types.aws import AWS_TYPES
from nephoscope.resource_types.azure import AZURE_TYPES
from nephoscope.resource_types.gcp import GCP_TYPES
from nephoscope.resource_types.types import ResourceType

RESOURCE_TYPES: dict[str, ResourceType] = {row.name: row for row in (*AWS_TYPES, *AZURE_TYPES, *GCP_TYPES)}

_BY_NAME: dict[tuple[Provider, str], ResourceType] = {
    (row.provider, name): row for row in RESOURCE_TYPES.values() for name in (*row.aliases, row.name)
}


def find_type(provider: Provider, name: str) -> ResourceType:
    """The type of that name or alias, in any case. NotFoundError when there is none."""
    found = _BY_NAME.get((provider, name.upper()))
    if found is None:
        raise NotFoundError(f"There is no resource type {name!r} for {provider}.")
    return found


def named(name: str) -> tuple[ResourceType, ...]:
    """The types of that name in any cloud, in any case: the one whose own name it is, or those it is an alias of."""
    own = RESOURCE_TYPES.get(name.upper())
    found = (_BY_NAME.get((provider, name.upper())) for provider in Provider)
    return (own,) if own else tuple(row for row in found if row)


def types_of(provider: Provider) -> tuple[ResourceType, ...]:
    return tuple(row for row in RESOURCE_TYPES.values() if row.provider == provider)
