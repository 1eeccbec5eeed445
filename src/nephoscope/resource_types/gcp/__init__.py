"""The Google Cloud rows of the type table."""

from nephoscope.resource_types.gcp import (
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

GCP_TYPES = (
    *project.TYPES,
    *iam.TYPES,
    *logs.TYPES,
    *network.TYPES,
    *balancing.TYPES,
    *compute.TYPES,
    *storage.TYPES,
    *sql.TYPES,
    *bigquery.TYPES,
    *kubernetes.TYPES,
    *serverless.TYPES,
    *data.TYPES,
)
