"""A bound query: a tree of conditions over a listing's own fields, ready for SQL or for a Python row.

Two truths only: a missing or null field satisfies no condition (but `is null`), and `not` is the complement.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any

import msgspec


class Operator(StrEnum):
    """How a field is compared. Text is compared without regard to case."""

    EQUALS = "equals"
    """The whole value."""
    CONTAINS = "contains"
    """A part of the text: one of the values."""
    PREFIX = "prefix"
    """The text begins with one of the values."""
    SUFFIX = "suffix"
    """The text ends with one of the values."""
    ANY_OF = "any_of"
    """One of the values."""
    BETWEEN = "between"
    """`values` is (low, high), both inclusive; None leaves an end open."""
    ABOVE = "above"
    BELOW = "below"
    IS_NULL = "is_null"
    """Without a value; `values` is empty."""


class Condition(msgspec.Struct, frozen=True, tag=True):
    """`field` is a name of the listing (see the store's page functions), `values` are already of the field's kind."""

    field: str
    operator: Operator
    values: tuple[Any, ...] = ()


class Inside(msgspec.Struct, frozen=True, tag=True):
    """One and the same object in the field's list satisfies the node, whose fields are keys of that object."""

    field: str
    node: "Node"


class Negated(msgspec.Struct, frozen=True, tag=True):
    node: "Node"


class Every(msgspec.Struct, frozen=True, tag=True):
    nodes: tuple["Node", ...]


class Either(msgspec.Struct, frozen=True, tag=True):
    """None of them: matches nothing."""

    nodes: tuple["Node", ...]


Node = Condition | Inside | Negated | Every | Either

Bound = tuple[Node, ...]
"""All of them must hold."""


def fields_of(node: Node) -> Iterator[str]:
    """The listing's fields that the node looks at."""
    match node:
        case Condition(field) | Inside(field):
            yield field
        case Negated(inner):
            yield from fields_of(inner)
        case Every(nodes) | Either(nodes):
            for one in nodes:
                yield from fields_of(one)


def names(bound: Bound) -> frozenset[str]:
    """Every field that a query looks at."""
    return frozenset(name for node in bound for name in fields_of(node))


def rewritten(node: Node, change: Callable[[Condition], Node]) -> Node:
    """The node with every condition changed; what stands inside an object stays as it is."""
    match node:
        case Condition():
            return change(node)
        case Negated(inner):
            return Negated(rewritten(inner, change))
        case Every(nodes):
            return Every(tuple(rewritten(one, change) for one in nodes))
        case Either(nodes):
            return Either(tuple(rewritten(one, change) for one in nodes))
        case Inside():
            return node
