"""Pure helpers of the shape functions: names, times, labels, documents."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from nephoscope.clouds.collecting import Raw
from nephoscope.model.resources import Document, Observed, Tag
from nephoscope.resource_types.types import ResourceType


def resource(
    row: ResourceType, raw: Raw, known: Mapping[str, Any], *, resource_id: str = "", name: str = ""
) -> Observed:
    """A resource of that type, from an asset, with every field it declares, null where `known` has none. Its id is the
    last part of the asset's name unless `resource_id` says otherwise; the whole name is its ARN. The region comes from
    the asset's location."""
    whole = str(raw["name"])
    known = {"region": place_of(raw), **known}
    filled: Document = {field.name: known.get(field.name) for field in row.fields}
    data = data_of(raw)
    return Observed(
        resource_id=resource_id or last(whole),
        name=name or str(data.get("displayName") or data.get("name") or last(whole)),
        arn=whole,
        document=filled,
        tags=labels_of(data.get("labels")),
    )


def data_of(raw: Raw) -> Mapping[str, Any]:
    """The document of the service itself; empty when the inventory has none."""
    found = (raw.get("resource") or {}).get("data")
    return found if isinstance(found, Mapping) else {}


def place_of(raw: Raw) -> str | None:
    """`europe-west1`, also for what lies in a zone of it; null for what lies nowhere."""
    place = (raw.get("resource") or {}).get("location") or data_of(raw).get("location")
    if not place or place == "global":
        return None
    text = str(place).lower()
    parts = text.split("-")
    is_zone = len(parts) == 3 and len(parts[2]) == 1  # noqa: PLR2004 - europe-west1-b
    return "-".join(parts[:2]) if is_zone else text


def last(name: str) -> str:
    return name.rstrip("/").rpartition("/")[2]


def placed(name: str) -> str:
    """What stands behind the project: `zones/europe-west1-b/instances/web`, for names that are not unique in it."""
    _, _, rest = name.partition("/projects/")
    return rest.partition("/")[2] or last(name)


def link(url: Any) -> str | None:
    """`projects/p/global/networks/main`, however the service spells its addresses. Null for none."""
    text = str(url or "")
    at = text.find("projects/")
    return (text[at:] if at >= 0 else text) or None


def labels_of(raw: Mapping[str, Any] | None) -> tuple[Tag, ...]:
    return tuple(Tag(str(key), str(value)) for key, value in sorted((raw or {}).items()))


def picked(source: Mapping[str, Any], names: Iterable[str]) -> Document:
    """Some keys, null where the source has none."""
    return {name: source.get(name) for name in names}


def iso(text: str | None) -> str | None:
    """`2026-01-31T08:00:00Z`, the only spelling of times in documents, from any of Google's. Null for none."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    at = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return at.isoformat(timespec="seconds")[:19] + "Z"
