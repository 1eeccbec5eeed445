"""What a collector is: which calls list a type, which calls complete an item, and the pure function that shapes it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import msgspec

from nephoscope.model.resources import Observed

Raw = dict[str, Any]
"""An item as botocore parsed it."""


class Place(msgspec.Struct, frozen=True):
    """Where a scope is read."""

    partition: str
    account_id: str
    region: str
    """The region of the scope; `global` for types without one."""
    regions: tuple[str, ...] = ()
    """The regions of the run, in order."""


class Calls(Protocol):
    """The calls a scope may make. Each raises the CloudError that fits: DeniedError with the permission, GoneError,
    NotApplicableError, ThrottledError, UnavailableError. Retries, throttling and concurrency limits are inside."""

    @property
    def place(self) -> Place: ...

    def call(self, service: str, operation: str, /, *, region: str = "", **arguments: Any) -> Raw:
        """One call: `calls.call("s3", "get_bucket_acl", Bucket=name)`. `region` differs from the scope's for
        resources that live elsewhere, such as buckets; `global` is where global services are asked."""
        ...

    def items(self, service: str, operation: str, path: str, /, *, region: str = "", **arguments: Any) -> Iterable[Raw]:
        """Every item of a paged listing. `path` is dotted, `[]` flattens: `Reservations[].Instances`."""
        ...

    def shared(self, service: str, operation: str, path: str = "", /, *, region: str = "", **arguments: Any) -> Any:
        """The same answer for every scope of the run that asks the same: one real call (or paged listing when `path`
        is given). Treat it as read-only."""
        ...


class Detail(msgspec.Struct, frozen=True):
    """A call that completes one item. `read(calls, item)` answers the fields it fills; a CloudError marks just those
    fields as unread on this item (GoneError drops the item). `permission` is for the least-privilege role."""

    fields: tuple[str, ...]
    permissions: tuple[str, ...]
    read: Callable[[Calls, Raw], Mapping[str, Any]]


class Collector(msgspec.Struct, frozen=True):
    """`fetch` (I/O) lists the raw items of a scope; `shape` (pure) makes one resource of an item. Details run many at
    a time, each item × detail on its own, and their fields are added to the shaped document."""

    resource_type: str
    fetch: Callable[[Calls], Iterable[Raw]]
    shape: Callable[[Raw, Place], Observed]
    details: tuple[Detail, ...] = ()


def listing(service: str, operation: str, path: str, /, **arguments: Any) -> Callable[[Calls], Iterable[Raw]]:
    """The usual `fetch`: one paged call."""

    def fetch(calls: Calls) -> Iterable[Raw]:
        return calls.items(service, operation, path, **arguments)

    return fetch
