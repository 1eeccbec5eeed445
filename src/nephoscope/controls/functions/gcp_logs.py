"""Expression functions about who hears of what Google Cloud logs.

`logAlerted` answers the question behind every "log metric filter and alert" control by experiment, as `alarmed` does
for AWS: it shows sample entries to the filters of log-based metrics and follows each that matches to an alert policy
and a notification channel. So the spelling of a filter does not matter, only what it catches.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from nephoscope.controls.functions.log_queries import Query, read_query
from nephoscope.controls.functions.table import Argument, Function

Row = Mapping[str, Any]

_ENTRY: dict[str, Any] = {
    "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
    "severity": "NOTICE",
    "timestamp": "2026-01-01T00:00:00Z",
}
"""What every sample entry has unless the control says otherwise."""
_METRIC = re.compile(r"logging\.googleapis\.com/user/([A-Za-z0-9_./%-]+)")
_PROMETHEUS = re.compile(r"logging_googleapis_com:user_([A-Za-z0-9_]+)")


def log_alerted(metrics: list[Any], policies: list[Any], channels: list[Any], entries: list[Any]) -> bool:
    """Whether each of the entries would reach somebody: a metric counts it, or a policy looks for it itself, and the
    policy is on and tells a channel that is on."""
    working = {str(row.get("channelName")) for row in _rows(channels) if row.get("enabled") is True}
    conditions = [
        condition
        for policy in _rows(policies)
        if policy.get("enabled") is True and working.intersection(map(str, _list(policy.get("notificationChannels"))))
        for condition in _rows(policy.get("conditions"))
    ]
    queries = [*_of_metrics(metrics, conditions), *_of_conditions(conditions)]
    samples = [_ENTRY | dict(entry) for entry in _rows(entries)]
    return bool(samples) and all(any(query.matches(sample) for query in queries) for sample in samples)


def _of_metrics(metrics: list[Any], conditions: list[Row]) -> Iterator[Query]:
    """The filters of metrics that a condition watches."""
    texts = [str(condition.get(name) or "") for condition in conditions for name in ("filter", "query")]
    watched = {name for text in texts for name in _METRIC.findall(text)}
    flat = {name for text in texts for name in _PROMETHEUS.findall(text)}
    for row in _rows(metrics):
        name = str(row.get("metricType") or "").rpartition("/user/")[2]
        if row.get("disabled") is False and (name in watched or re.sub(r"\W", "_", name) in flat):
            yield from _read(row.get("filter"))


def _of_conditions(conditions: list[Row]) -> Iterator[Query]:
    """The filters of conditions that look into the log themselves."""
    for condition in conditions:
        if condition.get("kind") == "log":
            yield from _read(condition.get("filter"))


def _read(text: Any) -> Iterator[Query]:
    query = read_query(str(text or ""))
    if query is not None:
        yield query


def _rows(value: Any) -> list[Row]:
    return [row for row in _list(value) if isinstance(row, Mapping)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


FUNCTIONS: tuple[Function, ...] = (Function("logAlerted", (Argument.LIST,) * 4, "bool", log_alerted),)
