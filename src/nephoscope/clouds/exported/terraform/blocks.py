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

    def __init__(self, resources: Sequence[Managed], *, is_whole: bool = False) -> None:
        """`is_whole`: what is not in it does not exist."""
        self.resources = resources
        self.kinds = frozenset(one.kind for one in resources)
        self._is_whole = is_whole
        self._indexes: dict[tuple[str, str], dict[str, list[Block]]] = {}

    def of(self, kind: str, key: str, owner: str) -> list[Block]:
        """The resources of that kind whose `key` names the owner, in whatever case."""
        return self._index(kind, key).get(owner.lower(), [])

    def one(self, kind: str, key: str, owner: str) -> Block:
        """LookupError when there is none: it may be managed elsewhere."""
        return self.of(kind, key, owner)[0]

    def only(self, kind: str) -> Block:
        """LookupError unless there is exactly one."""
        found = [one.values for one in self.resources if one.kind == kind]
        if len(found) != 1:
            raise LookupError(kind)
        return found[0]

    def some(self, kind: str, key: str, owner: str) -> list[Block]:
        """Like `of`; LookupError when there are none and there may be some elsewhere."""
        found = self.of(kind, key, owner)
        if not found and not self.is_known(kind, key):
            raise LookupError(owner)
        return found

    def is_known(self, kind: str, key: str) -> bool:
        """Whether there are no others of that kind, and it is known whose each is."""
        return self._is_whole and not self._index(kind, key).get(_NOBODY)

    def _index(self, kind: str, key: str) -> dict[str, list[Block]]:
        index = self._indexes.get((kind, key))
        if index is None:
            index = self._indexes[kind, key] = {}
            for one in self.resources if kind in self.kinds else ():
                if one.kind == kind:
                    owner = one.values.get(key)
                    index.setdefault(owner.lower() if isinstance(owner, str) else _NOBODY, []).append(one.values)
        return index


_NOBODY = ""
"""Whose a resource is that a plan only places when it is applied."""


Read = Callable[[Block, State], Any]
"""LookupError, or any of `clouds.collecting.SURPRISES`, when the value is not told."""


def of(block: Block, *keys: str) -> Any:
    """The attribute, by the first of the names that it has in one version of the provider or another. LookupError when
    it is not told."""
    for key in keys:
        if key in block:
            return block[key]
    raise LookupError(keys[0])


def said(*keys: str) -> Read:
    """The attribute as it is; an empty text is null."""
    return lambda block, _: _plain(of(block, *keys))


def switch(*keys: str) -> Read:
    """LookupError for null."""
    return lambda block, _: _flag(of(block, *keys))


def unless(*keys: str) -> Read:
    """The opposite of a switch."""
    return lambda block, _: not _flag(of(block, *keys))


def worded(on: str, off: str, *keys: str) -> Read:
    """A switch that the API spells in words."""
    return lambda block, _: on if _flag(of(block, *keys)) else off


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


def listed(*keys: str) -> Read:
    """A set of names, in order."""
    return lambda block, _: sorted(of(block, *keys) or ())


def beside(kind: str, key: str, by: str, read: Callable[[Block], Any]) -> Read:
    """A row for each resource of that kind whose `key` names this one by its attribute `by`. LookupError when there is
    none: they may be made elsewhere."""
    return lambda block, state: [read(row) for row in state.some(kind, key, str(block[by]))]


def partly(kind: str, key: str, rows: Read, is_wrong: Callable[[Any], bool]) -> Read:
    """Rows that others may add to: while nothing of what is known is wrong, nobody knows what else there is."""

    def told(block: Block, state: State) -> Any:
        found = rows(block, state)
        if not state.is_known(kind, key) and not any(map(is_wrong, found)):
            raise LookupError(key)
        return found

    return told


def each(block: Block, key: str) -> Iterator[Block]:
    yield from block[key] or ()


def _flag(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise LookupError(value)


def _plain(value: Any) -> Any:
    return None if value == "" else value
