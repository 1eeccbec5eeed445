"""The calls of one project: Cloud Asset Inventory in one listing for all kinds, services page by page."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from nephoscope.clouds.gcp.collecting import Place, Raw
from nephoscope.clouds.gcp.signing import SCOPE
from nephoscope.clouds.rest.desk import Desk, Request
from nephoscope.errors import UnavailableError

RESOURCES, POLICIES = "cloudasset.assets.listResource", "cloudasset.assets.listIamPolicy"
_PAGE = 1_000
_MOST_PAGES = 10_000
_MOST_KINDS = 100
"""In one listing."""

Count = Callable[[], None]


class Project:
    """What all scopes of a run share. Thread-safe."""

    def __init__(self, desk: Desk, endpoint_url: str, project_id: str, kinds: Iterable[str]) -> None:
        """`kinds` are those that Cloud Asset Inventory is asked for."""
        self.desk = desk
        self.project_id = project_id
        self._elsewhere = endpoint_url.rstrip("/")
        self._kinds = sorted(set(kinds))

    def request(
        self, service: str, path: str, permission: str, query: str = "", *, body: Any = None, method: str = "GET"
    ) -> Request:
        """`service` is the first name of its host; behind another address it is the first part of the path."""
        base = f"{self._elsewhere}/{service}" if self._elsewhere else f"https://{service}.googleapis.com"
        url = f"{base}/{quote(path, safe='/:@$=,.-_~*')}"
        return Request(service, method, f"{url}?{query}" if query else url, permission, SCOPE, body)

    def items(self, service: str, path: str, key: str, *, permission: str, query: str, count: Count) -> Iterator[Raw]:
        token = ""
        for _ in range(_MOST_PAGES):
            more = urlencode({"pageToken": token}) if token else ""
            asked = "&".join(filter(None, (query, more)))
            page = self.desk.json(self.request(service, path, permission, asked), count)
            yield from _found_at(page or {}, key)
            token = (page or {}).get("nextPageToken") or ""
            if not token:
                return
        raise UnavailableError(f"The listing {service} {path} has no end.")

    def assets(self, kind: str, count: Count) -> Iterable[Raw]:
        """What is asked once for all scopes is counted where it was asked first."""
        found: Mapping[str, list[Raw]] = self.desk.once(("assets",), lambda: self._every_asset(count))
        return found.get(kind, ())

    def policies(self, count: Count) -> Mapping[str, list[Raw]]:
        """Asset name → its own bindings."""
        found: Mapping[str, list[Raw]] = self.desk.once(("policies",), lambda: self._every_policy(count))
        return found

    def _every_asset(self, count: Count) -> dict[str, list[Raw]]:
        found: dict[str, list[Raw]] = defaultdict(list)
        for start in range(0, len(self._kinds), _MOST_KINDS):
            query = urlencode(
                {
                    "contentType": "RESOURCE",
                    "pageSize": _PAGE,
                    "assetTypes": self._kinds[start : start + _MOST_KINDS],
                },
                doseq=True,
            )
            for row in self._listed(RESOURCES, query, count):
                found[row["assetType"]].append(row)
        return found

    def _every_policy(self, count: Count) -> dict[str, list[Raw]]:
        query = urlencode({"contentType": "IAM_POLICY", "pageSize": _PAGE})
        rows = self._listed(POLICIES, query, count)
        return {row["name"]: list((row.get("iamPolicy") or {}).get("bindings") or ()) for row in rows}

    def _listed(self, permission: str, query: str, count: Count) -> Iterator[Raw]:
        return self.items(
            "cloudasset",
            f"v1/projects/{self.project_id}/assets",
            "assets",
            permission=permission,
            query=query,
            count=count,
        )


class ScopeCalls:
    """The calls of one scope, as collectors see them (`collecting.Calls`)."""

    def __init__(self, project: Project, place: Place) -> None:
        self._project = project
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

    def assets(self, kind: str, /) -> Iterable[Raw]:
        return self._project.assets(kind, self._count)

    def bindings(self, asset_name: str, /) -> list[Raw]:
        return self._project.policies(self._count).get(asset_name, [])

    def get(self, service: str, path: str, /, permission: str, query: str = "") -> Raw:
        found: Raw = self._project.desk.json(self._project.request(service, path, permission, query), self._count)
        return found

    def post(self, service: str, path: str, body: Any, /, permission: str) -> Raw:
        request = self._project.request(service, path, permission, body=body, method="POST")
        found: Raw = self._project.desk.json(request, self._count)
        return found

    def items(self, service: str, path: str, key: str, /, permission: str, query: str = "") -> Iterable[Raw]:
        return self._project.items(service, path, key, permission=permission, query=query, count=self._count)

    def shared(self, key: str, ask: Callable[[], Any], /) -> Any:
        return self._project.desk.once(("shared", key), ask)

    def _count(self) -> None:
        with self._lock:
            self._made += 1


def _found_at(page: Raw, key: str) -> Iterator[Raw]:
    """`items.instances` is for aggregated listings: {items: {"zones/a": {instances: […]}}}."""
    outer, _, inner = key.partition(".")
    if not inner:
        yield from page.get(outer) or ()
        return
    for part in (page.get(outer) or {}).values():
        yield from part.get(inner) or ()
