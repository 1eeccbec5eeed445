"""AWS resource types: account."""

from nephoscope.resource_types.types import ResourceType

TYPES: tuple[ResourceType, ...] = ()
