"""Pure helpers of the shape functions: names, times, tags, documents."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from nephoscope.model.resources import Document, Observed, Tag
from nephoscope.resource_types.types import ResourceType


@lru_cache(maxsize=8192)
def lower_first(name: str) -> str:
    """`MetadataOptions` → `metadataOptions`, `DBInstanceArn` → `dbInstanceArn`, `ARN` → `arn`."""
    upper = 0
    while upper < len(name) and name[upper].isupper():
        upper += 1
    if upper <= 1:
        return name[:1].lower() + name[1:]
    if upper == len(name):
        return name.lower()
    return name[: upper - 1].lower() + name[upper - 1 :]


def camel(value: Any) -> Any:
    """An answer of botocore in the API's spelling, all the way down; times become ISO strings ending in Z."""
    if isinstance(value, str):  # most are
        return value
    if isinstance(value, dict):
        return {lower_first(key): camel(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [camel(inner) for inner in value]
    if isinstance(value, datetime):
        return iso(value)
    return value


def iso(moment: datetime) -> str:
    """`2026-01-31T08:00:00Z`, the only spelling of times in documents."""
    at = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return at.isoformat(timespec="seconds")[:19] + "Z"


def from_milliseconds(moment: float | None) -> str | None:
    """Milliseconds since 1970, in the spelling of documents."""
    return iso(datetime.fromtimestamp(moment / 1000, UTC)) if moment is not None else None


def to_the_second(moment: datetime | str | None) -> str | None:
    """A time that may have come as text with fractions (`2026-01-31T08:00:00.123Z`), in the spelling of documents."""
    if not moment:
        return None
    return iso(datetime.fromisoformat(moment) if isinstance(moment, str) else moment)


def tags_of(raw: Iterable[Mapping[str, str]] | Mapping[str, str] | None) -> tuple[Tag, ...]:
    """Tags in any of AWS's spellings: [{Key, Value}], [{key, value}] or a map; in order of key."""
    if not raw:
        return ()
    if isinstance(raw, Mapping):
        pairs = list(raw.items())
    else:
        pairs = [(row.get("Key", row.get("key", "")), row.get("Value", row.get("value", ""))) for row in raw]
    return tuple(Tag(key, value) for key, value in sorted(pairs))


def name_tag(tags: Iterable[Tag]) -> str:
    return next((tag.value for tag in tags if tag.key == "Name"), "")


def document(fields: Iterable[str], known: Mapping[str, Any]) -> Document:
    """Every named field, null where `known` has none: what a collector may leave out is only what it could not read."""
    return {name: known.get(name) for name in fields}


def parsed(text: str | None) -> Any:
    """A JSON text, such as a policy, as data: null for none, and the text itself when it is not JSON."""
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def resource(
    row: ResourceType, resource_id: str, arn: str, known: Mapping[str, Any], *, name: str = "", tags: Iterable[Tag] = ()
) -> Observed:
    """A resource of that type with every field it declares. Without `name` it is called by its id."""
    filled = document((field.name for field in row.fields), known)
    return Observed(resource_id, name or resource_id, arn, filled, tags=tuple(tags))
