"""A bound query: conditions over a listing's own fields, ready for SQL or for a Python row."""

from enum import StrEnum
from typing import Any

import msgspec


class Operator(StrEnum):
    EQUALS = "equals"
    """Whole value, without regard to case for text."""
    CONTAINS = "contains"
    """Part of the text, without regard to case."""
    ANY_OF = "any_of"
    """One of the values."""
    BETWEEN = "between"
    """`values` is (low, high), both inclusive; None leaves an end open."""


class Condition(msgspec.Struct, frozen=True):
    """`field` is a name of the listing (see the store's page functions), `values` are already of the field's kind."""

    field: str
    operator: Operator
    values: tuple[Any, ...]


Bound = tuple[Condition, ...]
"""All of them must hold."""
