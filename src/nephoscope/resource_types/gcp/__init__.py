"""The Google Cloud rows of the type table."""

from nephoscope.resource_types.gcp import storage

GCP_TYPES = (*storage.TYPES,)
