"""How trails, configuration recorders, log groups and keys are read."""

from collections.abc import Iterator, Mapping
from typing import Any

from nephoscope.clouds.aws.collecting import Calls, Collector, Detail, Place, Raw, listing
from nephoscope.clouds.aws.collectors.tagging import tagged
from nephoscope.clouds.aws.shaping import camel, from_milliseconds, parsed, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.aws import logging as types


def _fetch_trails(calls: Calls) -> Iterator[Raw]:
    """Each trail in its home region. Its copies in other regions are passed over, unless the home is not part of the
    run: then the first region of the run speaks for it. Organisation trails appear in members as copies alone."""
    place = calls.place
    speaks = bool(place.regions) and place.region == place.regions[0]
    for trail in calls.call("cloudtrail", "describe_trails")["trailList"]:
        home = trail.get("HomeRegion", place.region)
        if home == place.region or (speaks and home not in place.regions):
            yield trail


def _shape_trail(raw: Raw, place: Place) -> Observed:
    """By its name; a trail from outside the run by its ARN, because another one here may have the same name."""
    name, arn = raw["Name"], raw["TrailARN"]
    identity = name if raw.get("HomeRegion", place.region) == place.region else arn
    return resource(types.CLOUDTRAIL, identity, arn, camel(raw), name=name)


def _home(raw: Raw) -> str:
    """Where a trail answers about itself."""
    return str(raw.get("HomeRegion", ""))


def _read_trail_status(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """Errors only: the times of the last deliveries change every few minutes and say nothing about settings."""
    status = calls.call("cloudtrail", "get_trail_status", region=_home(raw), Name=raw["TrailARN"])
    return {
        "isLogging": status.get("IsLogging"),
        "latestDeliveryError": status.get("LatestDeliveryError"),
        "latestDigestDeliveryError": status.get("LatestDigestDeliveryError"),
        "latestCloudWatchLogsDeliveryError": status.get("LatestCloudWatchLogsDeliveryError"),
    }


def _read_event_selectors(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    answer = calls.call("cloudtrail", "get_event_selectors", region=_home(raw), TrailName=raw["TrailARN"])
    return {
        "eventSelectors": camel(answer.get("EventSelectors")),
        "advancedEventSelectors": camel(answer.get("AdvancedEventSelectors")),
    }


def _read_insight_selectors(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    if not raw.get("HasInsightSelectors"):
        return {"insightSelectors": []}
    answer = calls.call("cloudtrail", "get_insight_selectors", region=_home(raw), TrailName=raw["TrailARN"])
    return {"insightSelectors": camel(answer.get("InsightSelectors"))}


TRAILS = Collector(
    "CLOUDTRAIL",
    _fetch_trails,
    _shape_trail,
    (
        Detail(
            ("isLogging", "latestDeliveryError", "latestDigestDeliveryError", "latestCloudWatchLogsDeliveryError"),
            ("cloudtrail:GetTrailStatus",),
            _read_trail_status,
        ),
        Detail(("eventSelectors", "advancedEventSelectors"), ("cloudtrail:GetEventSelectors",), _read_event_selectors),
        Detail(("insightSelectors",), ("cloudtrail:GetInsightSelectors",), _read_insight_selectors),
    ),
)


def _shape_recorder(raw: Raw, place: Place) -> Observed:
    arn = (
        raw.get("arn")
        or f"arn:{place.partition}:config:{place.region}:{place.account_id}:config-recorder/{raw['name']}"
    )
    return resource(types.CONFIG_RECORDER, raw["name"], arn, camel(raw))


def _read_recorder_status(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    answer = calls.call("config", "describe_configuration_recorder_status", ConfigurationRecorderNames=[raw["name"]])
    status: Raw = next(iter(answer["ConfigurationRecordersStatus"]), {})
    return {name: status.get(name) for name in ("recording", "lastStatus", "lastErrorCode", "lastErrorMessage")}


def _read_delivery_channels(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    del raw
    return {"deliveryChannels": camel(calls.call("config", "describe_delivery_channels")["DeliveryChannels"])}


RECORDERS = Collector(
    "CONFIG_RECORDER",
    listing("config", "describe_configuration_recorders", "ConfigurationRecorders"),
    _shape_recorder,
    (
        Detail(
            ("recording", "lastStatus", "lastErrorCode", "lastErrorMessage"),
            ("config:DescribeConfigurationRecorderStatus",),
            _read_recorder_status,
        ),
        Detail(("deliveryChannels",), ("config:DescribeDeliveryChannels",), _read_delivery_channels),
    ),
)


def _shape_log_group(raw: Raw, place: Place) -> Observed:
    """What a group stores grows all the time and is left out."""
    del place
    known = camel(raw) | {"creationTime": from_milliseconds(raw.get("creationTime"))}
    arn = raw.get("logGroupArn") or raw["arn"].removesuffix(":*")
    return resource(types.LOG_GROUP, raw["logGroupName"], arn, known)


LOG_GROUPS = Collector("LOG_GROUP", listing("logs", "describe_log_groups", "logGroups"), _shape_log_group)


def _fetch_keys(calls: Calls) -> Iterator[Raw]:
    """The customer's keys with their aliases. Keys that AWS manages for a service carry an `alias/aws/…` and offer no
    setting, so nothing more is asked about them."""
    keys = list(calls.items("kms", "list_keys", "Keys"))
    aliases: dict[str, list[str]] = {}
    for alias in calls.items("kms", "list_aliases", "Aliases") if keys else ():
        aliases.setdefault(alias.get("TargetKeyId", ""), []).append(alias["AliasName"])
    for key in keys:
        names = sorted(aliases.get(key["KeyId"], ()))
        if not any(name.startswith("alias/aws/") for name in names):
            yield key | {"Aliases": names}


def _shape_key(raw: Raw, place: Place) -> Observed:
    del place
    name = next((alias.removeprefix("alias/") for alias in raw["Aliases"]), "")
    return resource(types.KMS_KEY, raw["KeyId"], raw["KeyArn"], camel(raw), name=name)


_DESCRIBED = ("description", "creationDate", "enabled", "keyState", "keyManager", "keyUsage", "keySpec", "origin")
_MORE = ("multiRegion", "multiRegionKeyType", "deletionDate")


def _describe(calls: Calls, raw: Raw) -> Raw:
    metadata: Raw = calls.shared("kms", "describe_key", KeyId=raw["KeyArn"])["KeyMetadata"]
    return metadata


def _read_key(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    metadata = _describe(calls, raw)
    known = camel(metadata) | {
        "multiRegionKeyType": metadata.get("MultiRegionConfiguration", {}).get("MultiRegionKeyType")
    }
    return {name: known.get(name) for name in (*_DESCRIBED, *_MORE)}


def _read_rotation(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """Only symmetric keys whose material comes from KMS itself can rotate; asking about others is an error."""
    key = _describe(calls, raw)
    rotates = (
        key.get("KeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"
        and key.get("Origin", "AWS_KMS") == "AWS_KMS"
        and key.get("KeyManager") == "CUSTOMER"
        and key.get("KeyState") in ("Enabled", "Disabled")
    )
    answer = calls.call("kms", "get_key_rotation_status", KeyId=raw["KeyArn"]) if rotates else {}
    return {
        "keyRotationEnabled": answer.get("KeyRotationEnabled"),
        "rotationPeriodInDays": answer.get("RotationPeriodInDays"),
    }


def _read_key_policy(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    return {"policy": parsed(calls.call("kms", "get_key_policy", KeyId=raw["KeyArn"], PolicyName="default")["Policy"])}


KEYS = Collector(
    "KMS_KEY",
    _fetch_keys,
    _shape_key,
    (
        Detail((*_DESCRIBED, *_MORE), ("kms:DescribeKey",), _read_key),
        Detail(
            ("keyRotationEnabled", "rotationPeriodInDays"),
            ("kms:DescribeKey", "kms:GetKeyRotationStatus"),
            _read_rotation,
        ),
        Detail(("policy",), ("kms:GetKeyPolicy",), _read_key_policy),
    ),
)

COLLECTORS: tuple[Collector, ...] = (tagged(TRAILS), RECORDERS, tagged(LOG_GROUPS), tagged(KEYS))
