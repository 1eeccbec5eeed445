"""The calls of one subscription: Resource Graph in few questions, Resource Manager and Microsoft Graph page by page."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from nephoscope.clouds.azure.actions import Grants, action_of, grants_of
from nephoscope.clouds.azure.addresses import Addresses
from nephoscope.clouds.azure.collecting import Place, Raw
from nephoscope.clouds.rest.desk import Desk, Request
from nephoscope.errors import DeniedError, UnavailableError

_GRAPH_VERSION = "2022-10-01"
_PERMISSIONS_VERSION = "2022-04-01"
_PAGE = 1_000
_FEW = 1_000
"""Kinds with no more resources than this are asked for together."""
_MOST_PAGES = 10_000
_COLUMNS = "id, name, type, location, resourceGroup, tags, sku, kind, identity, zones, managedBy, plan, properties"


class Subscription:
    """What all scopes of a run share. Thread-safe."""

    def __init__(self, desk: Desk, addresses: Addresses, subscription_id: str, kinds: Iterable[str]) -> None:
        """`kinds` are those that may be asked of Resource Graph."""
        self.desk = desk
        self.addresses = addresses
        self.subscription_id = subscription_id
        self.root = f"/subscriptions/{subscription_id}"
        self._kinds = sorted(set(kinds))

    def manager(self, method: str, path: str, version: str, query: str = "", body: Any = None) -> Request:
        where = path if path.startswith("/") else f"{self.root}/{path}"
        url = f"{self.addresses.manager}{quote(where, safe='/()$=,:@-._~')}?api-version={version}"
        return Request(
            service=_service(where),
            method=method,
            url=f"{url}&{query}" if query else url,
            permission=action_of(method, where),
            audience=self.addresses.manager_audience,
            body=body,
        )

    def directory(self, path: str, query: str, permission: str) -> Request:
        url = f"{self.addresses.directory}/{path.lstrip('/')}"
        return Request(
            service="Microsoft Graph",
            method="GET",
            url=f"{url}?{query}" if query else url,
            permission=permission,
            audience=self.addresses.directory_audience,
        )

    def pages(self, first: Request, count: Callable[[], None], link: str) -> Iterator[Raw]:
        """The items of every page; `link` is the key of the next page's address."""
        request = first
        for _ in range(_MOST_PAGES):
            page = self.desk.json(request, count)
            yield from page["value"]
            following = page.get(link)
            if not following:
                return
            request = self._next(first, following)
        raise UnavailableError(f"{first} has no end.")

    def _next(self, first: Request, address: str) -> Request:
        """Only within the same place: a token is not sent wherever an answer says."""
        base = self.addresses.manager if link_is_of(address, self.addresses.manager) else self.addresses.directory
        if not link_is_of(address, base):
            raise UnavailableError(f"{first} continues at another address, {address[:80]!r}.")
        return Request(first.service, "GET", address, first.permission, first.audience)

    def grants(self, count: Callable[[], None]) -> Grants:
        """What the identity may do here."""
        request = self.manager("GET", "providers/Microsoft.Authorization/permissions", _PERMISSIONS_VERSION)
        found: Grants = self.desk.once(("grants",), lambda: grants_of(self.pages(request, count, "nextLink")))
        return found

    def of_kind(self, kind: str, count: Callable[[], None]) -> Iterable[Raw]:
        """Resources of a kind. What is asked once for all scopes is counted where it was asked first."""
        counts = self.desk.once(("counts",), lambda: self._counts(count))
        if not counts.get(kind):
            return ()
        few = [name for name in self._kinds if 0 < counts.get(name, 0) <= _FEW]
        if kind not in few:
            return self._asked([kind], count)
        batches: Mapping[str, list[Raw]] = self.desk.once(("few",), lambda: self._together(few, count))
        return batches.get(kind, ())

    def _counts(self, count: Callable[[], None]) -> dict[str, int]:
        query = "resources | summarize total = count() by kind_of = tolower(type) | order by kind_of asc"
        return {row["kind_of"]: int(row["total"]) for row in self._rows(query, count)}

    def _together(self, kinds: list[str], count: Callable[[], None]) -> dict[str, list[Raw]]:
        found: dict[str, list[Raw]] = defaultdict(list)
        for row in self._asked(kinds, count):
            found[row["type"].lower()].append(row)
        return found

    def _asked(self, kinds: list[str], count: Callable[[], None]) -> Iterator[Raw]:
        names = ", ".join(f"'{kind}'" for kind in kinds)
        return self._rows(f"resources | where type in~ ({names}) | project {_COLUMNS} | order by id asc", count)

    def _rows(self, query: str, count: Callable[[], None]) -> Iterator[Raw]:
        options: dict[str, Any] = {"$top": _PAGE, "resultFormat": "objectArray"}
        for _ in range(_MOST_PAGES):
            body = {"subscriptions": [self.subscription_id], "query": query, "options": options}
            request = self.manager("POST", "/providers/Microsoft.ResourceGraph/resources", _GRAPH_VERSION, body=body)
            page = self.desk.json(request, count)
            yield from page["data"]
            if not page.get("$skipToken"):
                if str(page.get("resultTruncated", "false")).lower() == "true":
                    raise UnavailableError("Resource Graph cut its answer off and does not say how to go on.")
                return
            options = {**options, "$skipToken": page["$skipToken"]}
        raise UnavailableError("The answer of Resource Graph has no end.")


class ScopeCalls:
    """The calls of one scope, as collectors see them (`collecting.Calls`)."""

    def __init__(self, subscription: Subscription, place: Place) -> None:
        self._subscription = subscription
        self._place = place
        self._lock = threading.Lock()
        self._made = 0

    @property
    def place(self) -> Place:
        return self._place

    @property
    def made(self) -> int:
        """Calls so far."""
        return self._made

    def resources(self, kind: str, /) -> Iterable[Raw]:
        action = f"{kind}/read"
        if not self._subscription.grants(self._count).allow(action):
            raise DeniedError(f"Resource Graph shows no {kind}: the permission {action} is missing.", action)
        return self._subscription.of_kind(kind.lower(), self._count)

    def get(self, path: str, version: str, /) -> Raw:
        found: Raw = self._subscription.desk.json(self._subscription.manager("GET", path, version), self._count)
        return found

    def post(self, path: str, version: str, /) -> Raw:
        found: Raw = self._subscription.desk.json(self._subscription.manager("POST", path, version), self._count)
        return found

    def items(self, path: str, version: str, /, query: str = "") -> Iterable[Raw]:
        first = self._subscription.manager("GET", path, version, query)
        return self._subscription.pages(first, self._count, "nextLink")

    def directory(self, path: str, /, query: str = "", permission: str = "") -> Raw:
        request = self._subscription.directory(path, query, permission)
        found: Raw = self._subscription.desk.json(request, self._count)
        return found

    def directory_items(self, path: str, /, query: str = "", permission: str = "") -> Iterable[Raw]:
        first = self._subscription.directory(path, query, permission)
        return self._subscription.pages(first, self._count, "@odata.nextLink")

    def shared(self, key: str, ask: Callable[[], Any], /) -> Any:
        return self._subscription.desk.once(("shared", key), ask)

    def _count(self) -> None:
        with self._lock:
            self._made += 1


def link_is_of(address: str, base: str) -> bool:
    return address.startswith(f"{base}/")


def _service(path: str) -> str:
    """What is paced together: a resource provider, Resource Graph, or Resource Manager itself."""
    return path.rpartition("/providers/")[2].partition("/")[0] if "/providers/" in path else "Resource Manager"
