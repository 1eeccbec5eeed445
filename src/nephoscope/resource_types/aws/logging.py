"""AWS resource types: logging."""

from nephoscope.resource_types.types import ResourceType

TYPES: tuple[ResourceType, ...] = ()
