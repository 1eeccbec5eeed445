"""AWS resource types: compute."""

from nephoscope.resource_types.types import ResourceType

TYPES: tuple[ResourceType, ...] = ()
