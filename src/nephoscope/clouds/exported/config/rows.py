"""What a row says: how the items of AWS Config become what a collector of ours would have been answered."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from nephoscope.clouds.aws.collecting import Place, Raw
from nephoscope.clouds.exported.account import untold
from nephoscope.errors import GoneError


class Item(msgspec.Struct, frozen=True):
    """A configuration item. `beside` is its supplementary configuration."""

    name: str
    identity: str
    arn: str
    region: str
    tags: Mapping[str, str]
    configuration: Raw
    beside: Mapping[str, Any]


class Everything(Protocol):
    """What else the snapshot tells about the account."""

    @property
    def place(self) -> Place: ...

    def listed(self, resource_type: str) -> list[Raw]:
        """All of another global type, as its listing answers them. UnavailableError when the snapshot has none."""
        ...

    def items_of(self, kind: str) -> list[Item]:
        """All of a kind in the region. UnavailableError likewise."""
        ...


Answer = Callable[[Item, Everything], Any]
"""What a call about the item answers; raises `untold` or GoneError."""
UNTOLD = "untold fields"
"""In what `more` answers: fields that are not known although a member is there."""


class Row(msgspec.Struct, frozen=True):
    """One type of ours.

    `answered` is (service, operation, path) of the listing whose items Config records. `renamed` answers a
    configuration with the names of that listing where Config has others, `more` what else the collector's `fetch` adds.

    A field that comes out null is unread unless its member was in the configuration, null or not. `told_by` names the
    members on which fields depend that are called otherwise, or have a default: without the member they are unread.
    `unset` are members that Config records, and leaves out when they are not set; `never` are fields that it does not
    know, or that are not to be trusted."""

    resource_type: str
    kinds: tuple[str, ...]
    answered: tuple[str, str, str] = ("", "", "")
    renamed: Callable[[Item], Raw] = lambda item: item.configuration
    more: Callable[[Raw, Item, Everything], Raw] = lambda _raw, _item, _account: {}
    told_by: Mapping[str, str] = {}
    unset: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    answers: Mapping[tuple[str, str], Answer] = {}
    fields: Mapping[str, Answer] = {}
    """Fields that Config tells otherwise than any call does."""
    is_ours: Callable[[Item], bool] = lambda _item: True
    """Whether a scan would list it."""


def beside(name: str, field: str = "", *, gone: str = "") -> Answer:
    """A part of the supplementary configuration; `gone` is the error by which a service says that there is none."""

    def answer(item: Item, _account: Everything) -> Any:
        if name not in item.beside:
            raise untold(name)
        found = item.beside[name]
        if not found and gone:
            raise GoneError(gone)
        return {field: found} if field else found

    return answer


def text_of(name: str, field: str, *, gone: str = "") -> Answer:
    """A document of the configuration, as the text that a call answers. Config has it as text or as data."""

    def answer(item: Item, _account: Everything) -> Any:
        keys = {key.lower(): value for key, value in item.configuration.items()}
        if name.lower() not in keys:
            raise untold(name)
        found = keys[name.lower()]
        if not found and gone:
            raise GoneError(gone)
        return {field: found if isinstance(found, str) or found is None else json.dumps(found)}

    return answer


def document_beside(name: str, field: str) -> Answer:
    """A policy of the supplementary configuration, as the text that a call answers."""

    def answer(item: Item, _account: Everything) -> Any:
        found = item.beside.get(name)
        if isinstance(found, str) and found[:1] == '"':
            found = json.loads(found)
        if isinstance(found, dict) and "Statement" in found:
            found = json.dumps(found)
        if not isinstance(found, str) or not found:
            raise untold(name)
        return {field: found}

    return answer


def called(**names: str) -> Callable[[Item], Raw]:
    """The configuration with some members under the API's names: `called(Id="DetectorId")`."""
    return lambda item: {names.get(key, key): value for key, value in item.configuration.items()}
