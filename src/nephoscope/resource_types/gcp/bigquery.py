"""Google Cloud resource types: BigQuery."""

from nephoscope.resource_types.fields import integers, rows, strings, times
from nephoscope.resource_types.gcp.declaring import declared

BIGQUERY_DATASET = declared(
    "BIGQUERY_DATASET",
    "BigQuery",
    "BigQuery Dataset",
    *strings("datasetId", "location", "defaultKmsKeyName"),
    *integers("defaultTableExpirationMs"),
    *rows("access", "role", "specialGroup", "iamMember", "userByEmail", "groupByEmail", "domain"),
    *times("creationTime"),
)
BIGQUERY_TABLE = declared(
    "BIGQUERY_TABLE",
    "BigQuery",
    "BigQuery Table",
    *strings("datasetId", "tableId", "type", "location", "kmsKeyName"),
    *times("creationTime", "expirationTime"),
)

TYPES = (BIGQUERY_DATASET, BIGQUERY_TABLE)
