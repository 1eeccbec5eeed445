"""Shorthand for declaring what Cloud Asset Inventory lists: nothing there has scopes by region."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import rows, strings
from nephoscope.resource_types.types import Field, ResourceType

LISTING = "cloudasset.assets.listResource"
BINDINGS = rows("bindings", "role", "members")
"""Who may do what with the resource itself."""


def declared(
    name: str,
    service_type: str,
    title: str,
    *fields: Field,
    permissions: tuple[str, ...] = (LISTING,),
    aliases: tuple[str, ...] = (),
) -> ResourceType:
    """Every type has a region, null for what lies nowhere."""
    return ResourceType(
        name=name,
        provider=Provider.GCP,
        service_type=service_type,
        title=title,
        permissions=permissions,
        aliases=aliases,
        is_regional=False,
        fields=(*strings("region"), *fields),
    )
