"""AWS resource types: databases."""

from nephoscope.resource_types.types import ResourceType

TYPES: tuple[ResourceType, ...] = ()
