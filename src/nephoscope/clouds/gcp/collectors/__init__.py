"""The table of Google Cloud collectors: one for every Google Cloud row of the type table; and the kinds of assets that
they ask the inventory for."""

from nephoscope.clouds.gcp.collectors import (
    balancing,
    bigquery,
    compute,
    data,
    iam,
    kubernetes,
    logs,
    network,
    project,
    serverless,
    sql,
    storage,
)

GCP_COLLECTORS = (
    *project.COLLECTORS,
    *iam.COLLECTORS,
    *logs.COLLECTORS,
    *network.COLLECTORS,
    *balancing.COLLECTORS,
    *compute.COLLECTORS,
    *storage.COLLECTORS,
    *sql.COLLECTORS,
    *bigquery.COLLECTORS,
    *kubernetes.COLLECTORS,
    *serverless.COLLECTORS,
    *data.COLLECTORS,
)
ASSET_KINDS = (
    *project.ASSET_KINDS,
    *iam.ASSET_KINDS,
    *network.ASSET_KINDS,
    *balancing.ASSET_KINDS,
    *compute.ASSET_KINDS,
    *storage.ASSET_KINDS,
    *sql.ASSET_KINDS,
    *bigquery.ASSET_KINDS,
    *kubernetes.ASSET_KINDS,
    *serverless.ASSET_KINDS,
    *data.ASSET_KINDS,
)
