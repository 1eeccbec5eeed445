"""What calls an Azure collector may make, and the collectors of `clouds.collecting` over them."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from nephoscope.clouds import collecting
from nephoscope.clouds.collecting import Place, Raw

__all__ = ["Calls", "Collector", "Detail", "Place", "Raw", "listed", "resources"]


class Calls(Protocol):
    """The calls a scope may make. Each raises the CloudError that fits: DeniedError with the permission, GoneError,
    NotApplicableError, ThrottledError, UnavailableError. Retries, throttling, paging and tokens are inside.

    Paths are Resource Manager's: `/subscriptions/…` (every resource's `id` is one), or without a slash in front
    relative to the subscription: `providers/Microsoft.Security/pricings`.
    """

    @property
    def place(self) -> Place: ...

    def resources(self, kind: str, /) -> Iterable[Raw]:
        """Every resource of a kind (`microsoft.storage/storageaccounts`), from Resource Graph: id, name, location,
        resourceGroup, tags, sku, kind, identity, zones, managedBy, plan, properties. DeniedError when the identity may
        not read the kind in the whole subscription: Resource Graph itself would leave it out without a word."""
        ...

    def get(self, path: str, version: str, /) -> Raw:
        """One document of Resource Manager; `version` is the `api-version`."""
        ...

    def post(self, path: str, version: str, /) -> Raw:
        """One document that Resource Manager answers only to a POST, though nothing changes: app settings."""
        ...

    def items(self, path: str, version: str, /, query: str = "") -> Iterable[Raw]:
        """Every item of a listing of Resource Manager. `query` is added to the address: `$filter=atScope()`."""
        ...

    def directory(self, path: str, /, query: str = "", permission: str = "") -> Raw:
        """One document of Microsoft Graph: `v1.0/policies/authorizationPolicy`. `permission` is the application
        permission that it takes: `Policy.Read.All`."""
        ...

    def directory_items(self, path: str, /, query: str = "", permission: str = "") -> Iterable[Raw]:
        """Every item of a listing of Microsoft Graph."""
        ...

    def shared(self, key: str, ask: Callable[[], Any], /) -> Any:
        """The answer of the first scope that asks under that key, for all who do. Treat it as read-only; a listing must
        be a list."""
        ...


Detail = collecting.Detail[Calls]
Collector = collecting.Collector[Calls]


def resources(kind: str) -> Callable[[Calls], Iterable[Raw]]:
    """The usual `fetch`: everything of a kind from Resource Graph."""

    def fetch(calls: Calls) -> Iterable[Raw]:
        return calls.resources(kind)

    return fetch


def listed(path: str, version: str) -> Callable[[Calls], Iterable[Raw]]:
    """A `fetch` over a listing of Resource Manager in the subscription."""

    def fetch(calls: Calls) -> Iterable[Raw]:
        return calls.items(path, version)

    return fetch
