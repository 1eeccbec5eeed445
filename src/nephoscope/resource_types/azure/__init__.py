"""The Azure rows of the type table."""

from nephoscope.resource_types.azure import databases

AZURE_TYPES = (*databases.TYPES,)
