"""Tags of types whose listing leaves them out: from one listing per region, instead of a call per resource."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from nephoscope.clouds.aws.collecting import Calls, Collector, Place, Raw
from nephoscope.clouds.aws.shaping import tags_of
from nephoscope.errors import CloudError, DeniedError
from nephoscope.model.resources import Observed

_SERVICES = (
    *("acm", "cloudfront", "cloudtrail", "cloudwatch", "dynamodb", "ecr", "elasticache", "es", "events", "kms"),
    *("lambda", "logs", "sagemaker", "sns", "sqs"),
)
"""All that ask here, in one listing that they share."""
FOUND = "tags found"
_TROUBLE = "tags trouble"


def tagged(collector: Collector, region: str = "") -> Collector:
    """The same collector, with tags. When they cannot be read, the resources are still worth having. `region` is where
    the tags of global resources are kept."""

    def fetch(calls: Calls) -> Iterator[Raw]:
        tags: Mapping[str, Any] = {}
        for raw in collector.fetch(calls):
            tags = tags or _tags(calls, region)
            yield {**raw, **tags}

    def shape(raw: Raw, place: Place) -> Observed:
        own = {name: value for name, value in raw.items() if name != FOUND}  # every tag of the region is in there
        observed = collector.shape(own, place)
        if _TROUBLE in raw:
            return msgspec.structs.replace(observed, unread={**observed.unread, "tags": raw[_TROUBLE]})
        return msgspec.structs.replace(observed, tags=tags_of(raw[FOUND].get(observed.arn)))

    return Collector(collector.resource_type, fetch, shape, collector.details)


def _tags(calls: Calls, region: str) -> Mapping[str, Any]:
    """The tags by ARN, or why there are none."""
    try:
        rows = calls.shared(
            "resourcegroupstaggingapi",
            "get_resources",
            "ResourceTagMappingList",
            region=region,
            ResourceTypeFilters=list(_SERVICES),
        )
    except DeniedError as error:
        return {_TROUBLE: f"denied: {error.permission}"}
    except CloudError as error:
        return {_TROUBLE: f"failed: {error.message}"}
    return {FOUND: {row["ResourceARN"]: row["Tags"] for row in rows}}
