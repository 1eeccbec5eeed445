"""Attributes of a Terraform resource. One that the state does not hold, or that a plan only knows after it was applied,
is a LookupError for whoever asks; an empty text is how providers write that there is none."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

Block = Mapping[str, Any]
"""Attributes by name, as the provider spells them."""


class Managed(msgspec.Struct, frozen=True):
    """One resource of a state or of a plan."""

    address: str
    kind: str
    values: Block


class State:
    """Everything that the files describe, to be looked up by what it belongs to."""

    def __init__(self, resources: Sequence[Managed]) -> None:
        self.resources = resources
        self.kinds = frozenset(one.kind for one in resources)
        self._by_owner: dict[tuple[str, str, str], list[Block]] = {}
        for one in resources:
            for key in ("bucket", "security_group_id", "file_system_id", "repository", "function_name"):
                owner = one.values.get(key)
                if isinstance(owner, str):
                    self._by_owner.setdefault((one.kind, key, owner), []).append(one.values)

    def of(self, kind: str, key: str, owner: str) -> list[Block]:
        """The resources of that kind whose `key` names the owner."""
        return self._by_owner.get((kind, key, owner), [])

    def one(self, kind: str, key: str, owner: str) -> Block:
        """LookupError when there is none: it may be managed elsewhere."""
        return self.of(kind, key, owner)[0]


Read = Callable[[Block, State], Any]
"""LookupError, or any of `clouds.collecting.SURPRISES`, when the value is not told."""


def said(key: str) -> Read:
    """The attribute as it is; an empty text is null."""
    return lambda block, _: _plain(block[key])


def fixed(value: Any) -> Read:
    return lambda _block, _state: value


def policy(key: str) -> Read:
    """A JSON text as data."""

    def read(block: Block, _: State) -> Any:
        text = block[key]
        return json.loads(text) if text else None

    return read


def first(block: Block, key: str) -> Block | None:
    """The only block of that name, null when it is not written. LookupError when that is not known."""
    rows = block[key]
    found: Block | None = rows[0] if rows else None
    return found


def within(key: str, read: Callable[[Block], Any]) -> Read:
    """What is made of a nested block; null without one."""

    def told(block: Block, _: State) -> Any:
        found = first(block, key)
        return None if found is None else read(found)

    return told


def listed(key: str) -> Read:
    """A set of names, in order."""
    return lambda block, _: sorted(block[key] or ())


def each(block: Block, key: str) -> Iterator[Block]:
    yield from block[key] or ()


def _plain(value: Any) -> Any:
    return None if value == "" else value
