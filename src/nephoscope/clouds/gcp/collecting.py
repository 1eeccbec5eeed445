"""What calls a Google Cloud collector may make, and the collectors of `clouds.collecting` over them."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from nephoscope.clouds import collecting
from nephoscope.clouds.collecting import Place, Raw

__all__ = ["BINDINGS", "Calls", "Collector", "Detail", "Place", "Raw", "assets"]


class Calls(Protocol):
    """The calls a scope may make. Each raises the CloudError that fits: DeniedError with the permission, GoneError,
    NotApplicableError (the service is not enabled in the project), ThrottledError, UnavailableError. Retries,
    throttling, paging and tokens are inside. `permission` is the one that the call takes: `logging.sinks.list`."""

    @property
    def place(self) -> Place:
        """`account_id` is the project's id."""
        ...

    def assets(self, kind: str, /) -> Iterable[Raw]:
        """Every asset of a kind (`storage.googleapis.com/Bucket`) in the project, from Cloud Asset Inventory: name
        (`//storage.googleapis.com/…`), assetType, ancestors, updateTime, resource {data, location, parent}."""
        ...

    def bindings(self, asset_name: str, /) -> list[Raw]:
        """The IAM bindings set on one asset (role, members, condition); empty when it has none of its own."""
        ...

    def get(self, service: str, path: str, /, permission: str, query: str = "") -> Raw:
        """One document of a service (`compute`): `v1/projects/p`."""
        ...

    def post(self, service: str, path: str, body: Any, /, permission: str) -> Raw:
        """For what is only read with a POST: `v1/projects/p:getIamPolicy`."""
        ...

    def items(self, service: str, path: str, key: str, /, permission: str, query: str = "") -> Iterable[Raw]:
        """Every item of a paged listing; `key` names the list in its answers. A key with a dot goes into aggregated
        listings: `items.instances`."""
        ...

    def shared(self, key: str, ask: Callable[[], Any], /) -> Any:
        """The answer of the first scope that asks under that key, for all who do. Treat it as read-only; a listing must
        be a list."""
        ...


Detail = collecting.Detail[Calls]
Collector = collecting.Collector[Calls]


def assets(*kinds: str) -> Callable[[Calls], Iterable[Raw]]:
    """The usual `fetch`: every asset of some kinds."""

    def fetch(calls: Calls) -> Iterable[Raw]:
        return (raw for kind in kinds for raw in calls.assets(kind))

    return fetch


POLICIES = "cloudasset.assets.listIamPolicy"


def _read_bindings(calls: Calls, raw: Raw) -> dict[str, Any]:
    return {"bindings": calls.bindings(raw["name"])}


BINDINGS: Detail = Detail(("bindings",), (POLICIES,), _read_bindings)
"""Who may do what with the asset itself."""
