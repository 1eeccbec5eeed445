"""AWS resource types: applications."""

from nephoscope.resource_types.types import ResourceType

TYPES: tuple[ResourceType, ...] = ()
