"""What a collector is, in any cloud: which calls list a type, which calls complete an item, and the pure function that
shapes it. Each cloud says what its calls look like."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

import msgspec

from nephoscope.model.resources import Observed

Raw = dict[str, Any]
"""An item as the cloud answered it."""

SURPRISES = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What code that reads an answer raises when the answer is not what it expects."""


class Place(msgspec.Struct, frozen=True):
    """Where a scope is read."""

    partition: str
    """`aws`, `aws-us-gov`, `aws-cn`; in Azure the cloud; empty where there is only one."""
    account_id: str
    """The account, the subscription, the project."""
    region: str
    """The region of the scope; `global` for types without one."""
    regions: tuple[str, ...] = ()
    """The regions of the run, in order."""


C = TypeVar("C")
"""The calls that a scope may make, as its cloud knows them."""


class Detail(msgspec.Struct, Generic[C], frozen=True):
    """A call that completes one item. `read(calls, item)` answers the fields it fills; a CloudError marks just those
    fields as unread on this item (GoneError drops the item). `permissions` are for the least-privilege role."""

    fields: tuple[str, ...]
    permissions: tuple[str, ...]
    read: Callable[[C, Raw], Mapping[str, Any]]


class Collector(msgspec.Struct, Generic[C], frozen=True):
    """`fetch` (I/O) lists the raw items of a scope; `shape` (pure) makes one resource of an item. Details run many at
    a time, each item × detail on its own, and their fields are added to the shaped document."""

    resource_type: str
    fetch: Callable[[C], Iterable[Raw]]
    shape: Callable[[Raw, Place], Observed]
    details: tuple[Detail[C], ...] = ()
