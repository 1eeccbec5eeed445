"""The table of Google Cloud collectors: one for every Google Cloud row of the type table; and the kinds of assets that
they ask the inventory for."""

from nephoscope.clouds.gcp.collectors import storage

GCP_COLLECTORS = (*storage.COLLECTORS,)
ASSET_KINDS = (*storage.ASSET_KINDS,)
