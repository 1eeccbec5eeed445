"""One row for each kind of Terraform resource that is an inventoried type."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from nephoscope.clouds.collecting import SURPRISES
from nephoscope.clouds.exported.terraform.blocks import Block, Read, State
from nephoscope.model.resources import Tag
from nephoscope.resource_types.table import RESOURCE_TYPES

UNTOLD = "failed: Terraform does not tell it"


class Known(msgspec.Struct, frozen=True):
    """Where a resource stands and what it is called. `account` is empty where Terraform does not say it; so is
    `resource_id` for the account or the region itself."""

    account: str
    region: str
    resource_id: str
    name: str
    arn: str = ""


class Row(msgspec.Struct, frozen=True):
    """`fields` are those that Terraform tells; every other field of the type is unread. `known` may raise LookupError
    for what a plan only knows later: then it goes by its address."""

    kinds: tuple[str, ...]
    resource_type: str
    known: Callable[[Block], Known]
    fields: Mapping[str, Read]


def told(row: Row, block: Block, state: State) -> dict[str, Any]:
    """The resource's document, what of it is not told, and its tags."""
    document: dict[str, Any] = {}
    unread: dict[str, str] = {}
    for field in RESOURCE_TYPES[row.resource_type].fields:
        read = row.fields.get(field.name)
        try:
            if read is None:
                unread[field.name] = UNTOLD
            else:
                document[field.name] = read(block, state)
        except SURPRISES:
            unread[field.name] = UNTOLD
    return {"document": document, "unread": unread, "tags": _tags(block)}


def tags(pairs: Iterable[tuple[str, str]]) -> tuple[Tag, ...]:
    return tuple(Tag(key, value) for key, value in sorted(pairs))


def _tags(block: Block) -> list[tuple[str, str]]:
    """With those that the provider adds by default."""
    for key in ("tags_all", "effective_labels", "labels", "tags"):
        found = block.get(key)
        if isinstance(found, dict):
            return [(name, str(value or "")) for name, value in sorted(found.items())]
    return []
