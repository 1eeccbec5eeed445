"""Pure helpers of the shape functions: names, times, tags, documents."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from nephoscope.clouds.collecting import Raw
from nephoscope.model.resources import Document, Observed, Tag
from nephoscope.resource_types.types import ResourceType


def resource(
    row: ResourceType, raw: Raw, known: Mapping[str, Any], *, resource_id: str = "", name: str = ""
) -> Observed:
    """A resource of that type with every field it declares, null where `known` has none. It is called by its full id
    unless `resource_id` says otherwise (names that are unique in all of Azure). Region and resource group come from
    the raw item."""
    whole = str(raw["id"])
    common = {"region": raw.get("location") or None, "resourceGroupName": group_of(raw)}
    filled: Document = {field.name: {**common, **known}.get(field.name) for field in row.fields}
    return Observed(
        resource_id=resource_id or whole,
        name=name or str(raw.get("name") or whole.rpartition("/")[2]),
        arn=whole,
        document=filled,
        tags=tags_of(raw.get("tags")),
    )


def tags_of(raw: Mapping[str, Any] | None) -> tuple[Tag, ...]:
    return tuple(Tag(str(key), str(value)) for key, value in sorted((raw or {}).items()))


def group_of(raw: Raw) -> str | None:
    """The resource group, as the id spells it."""
    parts = str(raw["id"]).split("/")
    lower = [part.lower() for part in parts]
    return parts[lower.index("resourcegroups") + 1] if "resourcegroups" in lower[:-1] else None


def properties(raw: Raw) -> Mapping[str, Any]:
    """What Azure keeps the settings in; empty when it has none."""
    found = raw.get("properties")
    return found if isinstance(found, Mapping) else {}


def picked(source: Mapping[str, Any], names: Iterable[str]) -> Document:
    """Some keys, null where the source has none."""
    return {name: source.get(name) for name in names}


def lower(value: Any) -> Any:
    """Azure spells the same word differently from day to day: compare in lower case what is compared."""
    return value.lower() if isinstance(value, str) else value


def iso(text: str | None) -> str | None:
    """`2026-01-31T08:00:00Z`, the only spelling of times in documents, from any of Azure's. Null for none; the year 1
    is how Azure says never."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    at = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return None if at.year == 1 else at.isoformat(timespec="seconds")[:19] + "Z"


def from_epoch(seconds: float | None) -> str | None:
    """Seconds since 1970, in the spelling of documents."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")[:19] + "Z" if seconds else None
