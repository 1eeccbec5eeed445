"""The Azure rows of the type table."""

from nephoscope.resource_types.azure import databases, subscription

AZURE_TYPES = (*subscription.TYPES, *databases.TYPES)
