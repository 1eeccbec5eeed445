"""Expression functions about what is logged, and who hears of it.

`alarmed` answers the question behind every "metric filter and alarm" control by experiment: it shows sample CloudTrail
records to the metric filters of the log groups that multi-region trails write to, and follows each filter that matches
to an alarm, a topic and a confirmed subscription. So the spelling of a pattern does not matter, only what it catches.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nephoscope.controls.functions.filter_patterns import Pattern, read_pattern
from nephoscope.controls.functions.table import Argument, Function

Row = Mapping[str, Any]

_RECORD: dict[str, Any] = {
    "eventVersion": "1.09",
    "userIdentity": {
        "type": "IAMUser",
        "principalId": "AIDAEXAMPLEEXAMPLE000",
        "arn": "arn:aws:iam::000000000000:user/someone",
        "accountId": "000000000000",
        "userName": "someone",
    },
    "eventTime": "2026-01-01T00:00:00Z",
    "awsRegion": "us-east-1",
    "sourceIPAddress": "203.0.113.10",
    "userAgent": "aws-cli/2.0",
    "eventType": "AwsApiCall",
    "managementEvent": True,
    "readOnly": False,
    "eventCategory": "Management",
}
"""What every sample record has unless the control says otherwise."""


def alarmed(  # noqa: PLR0917 - expressions give arguments by position
    account: Any, trails: list[Any], filters: list[Any], alarms: list[Any], topics: list[Any], records: list[Any]
) -> str:
    """`yes` when each of the records would reach a subscriber, `no` when one would not. Where that depends on what we
    cannot see (an unread field, a log group or topic of another account), the answer names it instead."""
    doubts: list[str] = []
    groups = set(_log_groups(account, _rows(trails), doubts))
    heard = set(_heard_metrics(_rows(alarms), dict(_subscribed(_rows(topics), doubts)), doubts))
    patterns = list(_patterns(_rows(filters), groups, heard))
    samples = [_RECORD | dict(record) for record in _rows(records)]
    if samples and all(any(pattern.matches(sample) for pattern in patterns) for sample in samples):
        return "yes"
    return doubts[0] if doubts else "no"


def _rows(value: list[Any]) -> Iterator[Row]:
    return (row for row in value if isinstance(row, Mapping))


def _lacking(row: Row, *names: str) -> str:
    return next((name for name in names if name not in row), "")


def _log_groups(account: Any, trails: Iterable[Row], doubts: list[str]) -> Iterator[tuple[str, str]]:
    """(region, name) of the log groups that get every management event of every region."""
    for trail in trails:
        if trail.get("isMultiRegionTrail") is not True:
            continue
        lacking = _lacking(trail, "isLogging", "eventSelectors", "advancedEventSelectors")
        parts = str(trail.get("cloudWatchLogsLogGroupArn") or "").split(":")
        if lacking:
            doubts.append(lacking)
        elif not trail["isLogging"] or len(parts) < _ARN_PARTS or not _writes_all(trail):
            continue
        elif parts[4] == account:
            yield parts[3], parts[6]
        else:
            doubts.append(f"metric filters of account {parts[4]}")


_ARN_PARTS = 7


def _writes_all(trail: Row) -> bool:
    return records_management(trail["eventSelectors"], trail["advancedEventSelectors"], "WriteOnly")


def _subscribed(topics: Iterable[Row], doubts: list[str]) -> Iterator[tuple[str, bool]]:
    """Topic ARN → whether somebody confirmed a subscription."""
    for topic in topics:
        if lacking := _lacking(topic, "arn", "subscriptions"):
            doubts.append(lacking)
            continue
        yield str(topic["arn"]), any(row.get("isConfirmed") is True for row in _rows(_list(topic["subscriptions"])))


def _heard_metrics(
    alarms: Iterable[Row], subscribed: Mapping[str, bool], doubts: list[str]
) -> Iterator[tuple[str, str, str]]:
    """(region, namespace, name) of the metrics whose alarm reaches a subscriber."""
    for alarm in alarms:
        actions = alarm.get("alarmActions")
        if alarm.get("actionsEnabled") is not True or not isinstance(actions, list):
            continue
        region = str(alarm.get("region"))
        topics = [str(action) for action in actions if ":sns:" in str(action)]
        if any(subscribed.get(topic) for topic in topics):
            yield from ((region, *metric) for metric in _metrics(alarm))
        else:
            doubts.extend(f"subscriptions of {topic}" for topic in topics if topic not in subscribed)


def _metrics(alarm: Row) -> Iterator[tuple[str, str]]:
    """The alarm's own metric, and those inside a metric expression."""
    yield str(alarm.get("namespace")), str(alarm.get("metricName"))
    for query in _rows(_list(alarm.get("metrics"))):
        stat = query.get("metricStat")
        metric = stat.get("metric") if isinstance(stat, Mapping) else None
        if isinstance(metric, Mapping):
            yield str(metric.get("namespace")), str(metric.get("metricName"))


def _patterns(
    filters: Iterable[Row], groups: set[tuple[str, str]], heard: set[tuple[str, str, str]]
) -> Iterator[Pattern]:
    """The patterns that watch one of the log groups and feed a metric that somebody hears of."""
    for row in filters:
        region = str(row.get("region"))
        if (region, str(row.get("logGroupName"))) not in groups:
            continue
        if any(
            (region, str(one.get("metricNamespace")), str(one.get("metricName"))) in heard
            for one in _rows(_list(row.get("metricTransformations")))
        ):
            pattern = read_pattern(str(row.get("filterPattern") or ""))
            if pattern is not None:
                yield pattern


def records_management(basic: Any, advanced: Any, access: Any) -> bool:
    """Whether a trail keeps the management events of that access, `ReadOnly` or `WriteOnly`. A trail whose selectors
    nobody touched keeps them all."""
    if not basic and not advanced:
        return True
    return any(
        row.get("includeManagementEvents") is True and row.get("readWriteType") in ("All", access)
        for row in _rows(_list(basic))
    ) or any(
        asked.keys() <= {"eventCategory", "readOnly", "eventSource"}
        and set(asked.get("eventSource", ())) <= {"notEquals"}
        for asked in _advanced(advanced, "Management", access)
    )


def records_objects(basic: Any, advanced: Any, access: Any, buckets: list[Any]) -> bool:
    """Whether a trail keeps the object events of that access for every bucket: those named, and any made later,
    unless each of the names is listed."""
    prefixes = {*_basic_objects(basic, access), *_advanced_objects(advanced, access)}
    return "" in prefixes or (bool(buckets) and all(f"{name}/" in prefixes for name in buckets))


def _basic_objects(basic: Any, access: Any) -> Iterator[str]:
    for row in _rows(_list(basic)):
        if row.get("readWriteType") in ("All", access):
            for resource in _rows(_list(row.get("dataResources"))):
                if resource.get("type") == _OBJECT:
                    yield from map(_inside_s3, _list(resource.get("values")))


def _advanced_objects(advanced: Any, access: Any) -> Iterator[str]:
    for asked in _advanced(advanced, "Data", access):
        arns = asked.get("resources.ARN")
        if not asked.keys() <= {"eventCategory", "readOnly", "resources.type", "resources.ARN"}:
            continue
        if _list(asked.get("resources.type", {}).get("equals")) != [_OBJECT]:
            continue
        if arns is None:
            yield ""
        elif arns.keys() == {"startsWith"}:
            yield from map(_inside_s3, _list(arns["startsWith"]))


_OBJECT = "AWS::S3::Object"


def _inside_s3(arn: Any) -> str:
    """What stands behind the service in `arn:aws:s3:::name/`: empty for all buckets."""
    return str(arn).partition(":s3")[2].lstrip(":") if ":s3" in str(arn) else str(arn)


def _advanced(advanced: Any, category: str, access: Any) -> Iterator[dict[str, dict[str, Any]]]:
    """The selectors of a category and access, each as {field: {operator: values}} without the operators not used."""
    for row in _rows(_list(advanced)):
        asked = {
            str(one.get("field")): {name: value for name, value in one.items() if name != "field" and value}
            for one in _rows(_list(row.get("fieldSelectors")))
        }
        read_only = asked.get("readOnly", {"equals": ["true", "false"]})
        wanted = "true" if access == "ReadOnly" else "false"
        if category in _list(asked.get("eventCategory", {}).get("equals")) and wanted in _list(read_only.get("equals")):
            yield asked


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


FUNCTIONS: tuple[Function, ...] = (
    Function("alarmed", (Argument.STRING, *(Argument.LIST,) * 5), "string", alarmed),
    Function("recordsManagement", (Argument.ANY, Argument.ANY, Argument.STRING), "bool", records_management),
    Function("recordsObjects", (Argument.ANY, Argument.ANY, Argument.STRING, Argument.LIST), "bool", records_objects),
)
