"""What calls an AWS collector may make, and the collectors of `clouds.collecting` over them."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from nephoscope.clouds import collecting
from nephoscope.clouds.collecting import Place, Raw

__all__ = ["Calls", "Collector", "Detail", "Place", "Raw", "listing"]


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


Detail = collecting.Detail[Calls]
Collector = collecting.Collector[Calls]


def listing(service: str, operation: str, path: str, /, **arguments: Any) -> Callable[[Calls], Iterable[Raw]]:
    """The usual `fetch`: one paged call."""

    def fetch(calls: Calls) -> Iterable[Raw]:
        return calls.items(service, operation, path, **arguments)

    return fetch
