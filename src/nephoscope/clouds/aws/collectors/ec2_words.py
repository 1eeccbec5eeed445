"""What the shape functions of EC2 and its relatives share: fields, ARNs, and one resource out of what is known."""

from collections.abc import Iterable, Mapping
from typing import Any

from nephoscope.clouds.aws.collecting import Place, Raw
from nephoscope.clouds.aws.shaping import document, name_tag, tags_of
from nephoscope.model.resources import Observed
from nephoscope.resource_types.types import ResourceType


def listed(row: ResourceType, *, without: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The fields that listing fills: all of a type but those of its detail calls."""
    return tuple(field.name for field in row.fields if field.name not in without)


def arn(place: Place, tail: str, service: str = "ec2") -> str:
    """`tail` is what follows the account: `instance/i-1`."""
    return f"arn:{place.partition}:{service}:{place.region}:{place.account_id}:{tail}"


def made(
    fields: Iterable[str],
    place: Place,
    known: Mapping[str, Any],
    resource_id: str,
    *,
    raw: Raw,
    kind: str = "",
    arn_of: str = "",
    name: str = "",
) -> Observed:
    """A resource whose ARN is `arn_of`, or EC2's usual one with `kind`. It is called as its tag Name says, else `name`,
    else by its id."""
    tags = tags_of(raw.get("Tags") or raw.get("TagSet"))
    return Observed(
        resource_id=resource_id,
        name=name_tag(tags) or name or resource_id,
        arn=arn_of or (arn(place, f"{kind}/{resource_id}") if kind else ""),
        document=document(fields, known),
        tags=tags,
    )
