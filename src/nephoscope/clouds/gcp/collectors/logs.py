"""How sinks, log buckets, metrics, alert policies and channels are read: from Cloud Logging and Cloud Monitoring."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nephoscope.clouds.gcp.collecting import Calls, Collector, Place, Raw
from nephoscope.clouds.gcp.shaping import iso, last, picked, placed, resource
from nephoscope.model.resources import Document, Observed
from nephoscope.resource_types.gcp import logs as types

_STORAGE = "storage.googleapis.com/"


def _listing(service: str, path: str, key: str, permission: str) -> Callable[[Calls], Iterable[Raw]]:
    """`path` follows the project."""

    def fetch(calls: Calls) -> Iterable[Raw]:
        place = path.format(project=calls.place.account_id)
        return calls.items(service, place, key, permission=permission)

    return fetch


def _shape_sink(raw: Raw, _: Place) -> Observed:
    destination = str(raw.get("destination") or "")
    known = {
        **picked(raw, ("destination", "filter", "writerIdentity")),
        "bucketName": destination.removeprefix(_STORAGE) if destination.startswith(_STORAGE) else None,
        "filter": raw.get("filter") or "",
        "disabled": bool(raw.get("disabled")),
        "includeChildren": bool(raw.get("includeChildren")),
        "exclusions": [
            {**picked(row, ("name", "filter")), "disabled": bool(row.get("disabled"))}
            for row in raw.get("exclusions") or ()
        ],
        "createTime": iso(raw.get("createTime")),
    }
    return _made(types.LOG_SINK, raw, known, str(raw["name"]))


def _made(row: Any, raw: Raw, known: Mapping[str, Any], name: str, shown: str = "") -> Observed:
    return resource(row, {**raw, "name": name}, known, resource_id=last(name), name=shown or last(name))


def _shape_bucket(raw: Raw, _: Place) -> Observed:
    name = str(raw["name"])
    place = placed(f"/{name}")
    region = place.split("/")[1]
    known = {
        "region": None if region == "global" else region,
        "lifecycleState": raw.get("lifecycleState"),
        "retentionDays": raw.get("retentionDays"),
        "locked": bool(raw.get("locked")),
        "analyticsEnabled": bool(raw.get("analyticsEnabled")),
        "kmsKeyName": (raw.get("cmekSettings") or {}).get("kmsKeyName"),
    }
    return resource(types.LOG_BUCKET, raw, known, resource_id=place, name=last(name))


def _shape_metric(raw: Raw, _: Place) -> Observed:
    name = str(raw["name"])
    known = {
        "filter": raw.get("filter") or "",
        "bucketName": raw.get("bucketName") or None,
        "metricType": (raw.get("metricDescriptor") or {}).get("type") or f"logging.googleapis.com/user/{name}",
        "disabled": bool(raw.get("disabled")),
    }
    return resource(types.LOG_METRIC, raw, known, resource_id=name, name=name)


_CONDITIONS = {
    "conditionThreshold": "threshold",
    "conditionAbsent": "absent",
    "conditionMatchedLog": "log",
    "conditionMonitoringQueryLanguage": "query",
    "conditionPrometheusQueryLanguage": "query",
}


def _condition(row: Raw) -> Document:
    name = next((name for name in _CONDITIONS if name in row), "")
    inner = row.get(name) or {}
    return {
        "displayName": row.get("displayName"),
        "kind": _CONDITIONS.get(name),
        "filter": inner.get("filter"),
        "query": inner.get("query"),
    }


def _shape_alert(raw: Raw, _: Place) -> Observed:
    known = {
        **picked(raw, ("displayName", "combiner")),
        "enabled": raw.get("enabled", True) is True,
        "conditions": [_condition(row) for row in raw.get("conditions") or ()],
        "notificationChannels": list(raw.get("notificationChannels") or ()),
    }
    return _made(types.ALERT_POLICY, raw, known, str(raw["name"]), str(raw.get("displayName") or ""))


def _shape_channel(raw: Raw, _: Place) -> Observed:
    known = {
        **picked(raw, ("displayName", "type", "verificationStatus")),
        "channelName": raw["name"],
        "enabled": raw.get("enabled", True) is True,
    }
    return _made(types.NOTIFICATION_CHANNEL, raw, known, str(raw["name"]), str(raw.get("displayName") or ""))


COLLECTORS = (
    Collector(
        "LOG_SINK", _listing("logging", "v2/projects/{project}/sinks", "sinks", "logging.sinks.list"), _shape_sink
    ),
    Collector(
        "LOG_BUCKET",
        _listing("logging", "v2/projects/{project}/locations/-/buckets", "buckets", "logging.buckets.list"),
        _shape_bucket,
    ),
    Collector(
        "LOG_METRIC",
        _listing("logging", "v2/projects/{project}/metrics", "metrics", "logging.logMetrics.list"),
        _shape_metric,
    ),
    Collector(
        "ALERT_POLICY",
        _listing("monitoring", "v3/projects/{project}/alertPolicies", "alertPolicies", "monitoring.alertPolicies.list"),
        _shape_alert,
    ),
    Collector(
        "NOTIFICATION_CHANNEL",
        _listing(
            "monitoring",
            "v3/projects/{project}/notificationChannels",
            "notificationChannels",
            "monitoring.notificationChannels.list",
        ),
        _shape_channel,
    ),
)
