"""How BigQuery is read, from the inventory. Its times are milliseconds since 1970."""

from datetime import UTC, datetime
from typing import Any

from nephoscope.clouds.gcp.collecting import Collector, Place, Raw, assets
from nephoscope.clouds.gcp.shaping import data_of, iso, last, picked, placed, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.gcp import bigquery as types

_DATASET, _TABLE = "bigquery.googleapis.com/Dataset", "bigquery.googleapis.com/Table"
_WHO = ("role", "specialGroup", "iamMember", "userByEmail", "groupByEmail", "domain")


def moment(milliseconds: Any) -> str | None:
    if milliseconds is None:
        return None
    return iso(datetime.fromtimestamp(int(milliseconds) / 1_000, UTC).isoformat())


def _shape_dataset(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    expires = data.get("defaultTableExpirationMs")
    name = last(raw["name"])
    known = {
        "datasetId": name,
        "location": data.get("location"),
        "defaultKmsKeyName": (data.get("defaultEncryptionConfiguration") or {}).get("kmsKeyName"),
        "defaultTableExpirationMs": None if expires is None else int(expires),
        "access": [picked(row, _WHO) for row in data.get("access") or ()],
        "creationTime": moment(data.get("creationTime")),
    }
    return resource(types.BIGQUERY_DATASET, raw, known, name=name)


def _shape_table(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    place = placed(raw["name"])
    known = {
        **picked(data, ("type", "location")),
        "datasetId": place.split("/")[1],
        "tableId": last(place),
        "kmsKeyName": (data.get("encryptionConfiguration") or {}).get("kmsKeyName"),
        "creationTime": moment(data.get("creationTime")),
        "expirationTime": moment(data.get("expirationTime")),
    }
    return resource(types.BIGQUERY_TABLE, raw, known, resource_id=place, name=last(place))


COLLECTORS = (
    Collector("BIGQUERY_DATASET", assets(_DATASET), _shape_dataset),
    Collector("BIGQUERY_TABLE", assets(_TABLE), _shape_table),
)
ASSET_KINDS = (_DATASET, _TABLE)
