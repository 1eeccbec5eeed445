"""How metric filters, alarms, topics, event buses, Security Hub and GuardDuty are read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from nephoscope.clouds.aws.collecting import Calls, Collector, Detail, Place, Raw, listing
from nephoscope.clouds.aws.collectors.tagging import tagged
from nephoscope.clouds.aws.shaping import camel, from_milliseconds, parsed, resource, tags_of, to_the_second
from nephoscope.errors import GoneError
from nephoscope.model.resources import Observed
from nephoscope.resource_types.aws import monitoring as types


def _shape_metric_filter(raw: Raw, place: Place) -> Observed:
    """A filter has no ARN, and its name is unique in its log group alone."""
    del place
    known = camel(raw) | {"creationTime": from_milliseconds(raw.get("creationTime"))}
    identity = f"{raw['logGroupName']}:{raw['filterName']}"
    return resource(types.METRIC_FILTER, identity, "", known, name=raw["filterName"])


def _shape_alarm(raw: Raw, place: Place) -> Observed:
    """The settings; the state of an alarm changes by itself and is left out."""
    del place
    return resource(types.CLOUDWATCH_ALARM, raw["AlarmName"], raw["AlarmArn"], camel(raw))


def _fetch_topics(calls: Calls) -> Iterator[Raw]:
    return ({"TopicArn": topic["TopicArn"]} for topic in calls.items("sns", "list_topics", "Topics"))


def _shape_topic(raw: Raw, place: Place) -> Observed:
    del place
    arn = raw["TopicArn"]
    name = arn.rpartition(":")[2]
    return resource(types.SNS_TOPIC, name, arn, {"topicName": name})


_TOPIC_ATTRIBUTES = {
    "displayName": "DisplayName",
    "owner": "Owner",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
}


def _read_topic(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    attributes = calls.call("sns", "get_topic_attributes", TopicArn=raw["TopicArn"])["Attributes"]
    return {name: attributes.get(theirs) for name, theirs in _TOPIC_ATTRIBUTES.items()} | {
        "policy": parsed(attributes.get("Policy")),
        "fifoTopic": attributes.get("FifoTopic") == "true",
    }


def _read_subscriptions(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """From one listing of the region: asking each topic would take a call per topic."""
    rows = calls.shared("sns", "list_subscriptions", "Subscriptions")
    by_topic: defaultdict[str, list[Raw]] = defaultdict(list)
    for row in rows:
        by_topic[row["TopicArn"]].append(row)
    return {"subscriptions": [_subscription(row) for row in by_topic[raw["TopicArn"]]]}


def _subscription(row: Raw) -> Raw:
    protocol, endpoint = row.get("Protocol", ""), row.get("Endpoint", "")
    return {
        "protocol": protocol,
        "endpoint": _shown(protocol, endpoint),
        "isConfirmed": row.get("SubscriptionArn", "").startswith("arn:"),
    }


def _shown(protocol: str, endpoint: str) -> str:
    """Where messages go, without what is private: people's addresses and numbers, and the keys that web hooks carry in
    their paths."""
    if protocol in ("http", "https"):
        return f"{protocol}://{urlsplit(endpoint).hostname or ''}/…"
    if protocol.startswith("email"):
        return f"…@{endpoint.rpartition('@')[2]}"
    return endpoint if endpoint.startswith("arn:") else "…"


TOPICS = Collector(
    "SNS_TOPIC",
    _fetch_topics,
    _shape_topic,
    (
        Detail((*_TOPIC_ATTRIBUTES, "policy", "fifoTopic"), ("sns:GetTopicAttributes",), _read_topic),
        Detail(("subscriptions",), ("sns:ListSubscriptions",), _read_subscriptions),
    ),
)


def _shape_event_bus(raw: Raw, place: Place) -> Observed:
    del place
    known = camel(raw) | {"policy": parsed(raw.get("Policy"))}
    return resource(types.EVENT_BUS, raw["Name"], raw["Arn"], known)


def _fetch_hub(calls: Calls) -> Iterable[Raw]:
    """The region's hub, or nothing where the account never subscribed."""
    try:
        return [calls.call("securityhub", "describe_hub")]
    except GoneError:
        return []


def _shape_hub(raw: Raw, place: Place) -> Observed:
    known = camel(raw) | {"subscribedAt": to_the_second(raw.get("SubscribedAt"))}
    return resource(types.SECURITY_HUB, raw["HubArn"], raw["HubArn"], known, name=f"Security Hub {place.region}")


def _read_standards(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    del raw
    rows = calls.items("securityhub", "get_enabled_standards", "StandardsSubscriptions")
    return {
        "enabledStandards": [
            {"standardsArn": row.get("StandardsArn"), "standardsStatus": row.get("StandardsStatus")} for row in rows
        ]
    }


HUBS = Collector(
    "SECURITY_HUB",
    _fetch_hub,
    _shape_hub,
    (Detail(("enabledStandards",), ("securityhub:GetEnabledStandards",), _read_standards),),
)


def _fetch_detectors(calls: Calls) -> Iterator[Raw]:
    """There is at most one in a region."""
    for detector in calls.items("guardduty", "list_detectors", "DetectorIds"):
        yield calls.call("guardduty", "get_detector", DetectorId=detector) | {"DetectorId": detector}


def _shape_detector(raw: Raw, place: Place) -> Observed:
    identity = raw["DetectorId"]
    arn = f"arn:{place.partition}:guardduty:{place.region}:{place.account_id}:detector/{identity}"
    known = camel(raw) | {
        "createdAt": to_the_second(raw.get("CreatedAt")),
        "updatedAt": to_the_second(raw.get("UpdatedAt")),
        "features": [{"name": row.get("Name"), "status": row.get("Status")} for row in raw.get("Features", ())],
    }
    return resource(types.GUARDDUTY_DETECTOR, identity, arn, known, tags=tags_of(raw.get("Tags")))


COLLECTORS: tuple[Collector, ...] = (
    Collector("METRIC_FILTER", listing("logs", "describe_metric_filters", "metricFilters"), _shape_metric_filter),
    tagged(Collector("CLOUDWATCH_ALARM", listing("cloudwatch", "describe_alarms", "MetricAlarms"), _shape_alarm)),
    tagged(TOPICS),
    tagged(Collector("EVENT_BUS", listing("events", "list_event_buses", "EventBuses"), _shape_event_bus)),
    HUBS,
    Collector("GUARDDUTY_DETECTOR", _fetch_detectors, _shape_detector),
)
