"""The functions that control expressions may call beside CEL's own, one row each."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import msgspec


class Argument(StrEnum):
    """What a function accepts in a place. `any` takes maps, lists, strings, numbers, booleans and null."""

    ANY = "any"
    STRING = "string"
    LIST = "list"
    INTEGER = "integer"


class Function(msgspec.Struct, frozen=True):
    """`call` is pure, total and bounded: it never raises on any value of its declared kinds. Returns a bool, an int,
    a string or a list, as `returns` says (`bool`, `int`, `string`, `list`)."""

    name: str
    arguments: tuple[Argument, ...]
    returns: str
    call: Callable[..., Any]
