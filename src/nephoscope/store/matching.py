"""Conditions over decoded documents: the same rules as for any row in memory, with the cloud's tags as one field."""

from collections.abc import Mapping, Sequence
from typing import Any

from nephoscope.kit.folding import fold
from nephoscope.model.resources import Resource, StoredDocument
from nephoscope.qql.matching import leaves


def row_of(
    stored: StoredDocument, resource: Resource | None, account_id: str, worn: Sequence[str] = ()
) -> Mapping[str, Any]:
    """What conditions may name: the document's fields, the cloud's tags (`tag` as `key` and `key=value` of each, their
    keys, their values, and `tags` as objects), and, where conditions look at them, the columns of the resource and the
    names of the tags that it wears here."""
    own = {
        **stored.document,
        "tag": [text for tag in stored.tags for text in (tag.key, f"{tag.key}={tag.value}")],
        "tag_key": [tag.key for tag in stored.tags],
        "tag_value": [tag.value for tag in stored.tags],
        "tags": [{"key": tag.key, "value": tag.value} for tag in stored.tags],
    }
    if resource is None:
        return own
    return own | {
        "resource_id": resource.resource_id,
        "name": resource.name,
        "region": resource.region,
        "account_id": account_id,
        "uuid": str(resource.uuid),
        "updated_on": resource.updated_on,
        "created_on": resource.created_on,
        "tag_name": worn,
    }


def sort_key(stored: StoredDocument, field: str) -> tuple[int, float, str]:
    """Nothing first, then numbers, then text without regard to case."""
    value = next(leaves(stored.document.get(field)), None)
    if value is None:
        return (0, 0.0, "")
    if isinstance(value, (bool, int, float)):
        return (1, float(value), "")
    return (2, 0.0, fold(str(value)))
