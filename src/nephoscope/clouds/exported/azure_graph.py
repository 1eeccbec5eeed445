"""What `az graph query` prints: rows of Resource Graph, with their properties."""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from nephoscope.clouds.azure.collecting import Place, Raw
from nephoscope.clouds.azure.collectors import AZURE_COLLECTORS
from nephoscope.clouds.doors import Needs
from nephoscope.clouds.exported import files
from nephoscope.clouds.exported.account import ExportFormat, Told, untold
from nephoscope.clouds.exported.spool import Spool
from nephoscope.errors import BadRequestError
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import GLOBAL_REGION, Scope

_MARK = "/subscriptions/"
_TOKEN = re.compile(rb'"[$]?skip_?[tT]oken"\s*:\s*"[^"]')


class AzureTold:
    """`clouds.azure.collecting.Calls` over rows of Resource Graph; nothing else was asked."""

    def __init__(self, told: Told, place: Place) -> None:
        self._told = told
        self.place = place
        self._answers: dict[str, Any] = {}
        self._is_sharing = False

    def resources(self, kind: str, /) -> Iterable[Raw]:
        """What is shared is joined with every piece of a scope, so it is all of a kind."""
        return self._told.all_of(kind.lower()) if self._is_sharing else self._told.next_piece(kind.lower())

    def get(self, path: str, _version: str, /) -> Raw:
        raise untold(_kind(path))

    def post(self, path: str, _version: str, /) -> Raw:
        raise untold(_kind(path))

    def items(self, path: str, _version: str, /, query: str = "") -> Iterable[Raw]:  # noqa: ARG002 - as the others have it
        raise untold(_kind(path))

    def directory(self, path: str, /, query: str = "", permission: str = "") -> Raw:  # noqa: ARG002 - likewise
        raise untold(_kind(path))

    def directory_items(self, path: str, /, query: str = "", permission: str = "") -> Iterable[Raw]:  # noqa: ARG002 - likewise
        raise untold(_kind(path))

    def shared(self, key: str, ask: Callable[[], Any], /) -> Any:
        if key not in self._answers:
            self._is_sharing = True
            try:
                self._answers[key] = ask()
            finally:
                self._is_sharing = False
        return self._answers[key]


def refuse_unfinished(paths: Sequence[Path]) -> None:
    """BadRequestError when every file says that its answer goes on: the last page is missing, and what stands there
    would be taken for something that does not exist."""
    if paths and all(map(_goes_on, paths)):
        raise BadRequestError(
            f"{paths[-1].name}: the answer goes on (skip_token), and its next page is not among the files: export all "
            "pages (az graph query --skip-token) and name them together."
        )


def _goes_on(path: Path) -> bool:
    """What stands before the rows and behind them; rows may hold anything."""
    head, tail = files.ends(path)
    return any(map(_TOKEN.search, (head.partition(b"[")[0], tail.rpartition(b"]")[2])))


def _read(path: Path, spool: Spool, on_bytes: files.OnBytes) -> None:
    """BadRequestError at the first row that is none."""
    for at, row in files.items(path, ("data", "value"), on_bytes):
        if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not isinstance(row.get("type"), str):
            raise at.wrong("a row of Resource Graph has an id and a type: project them in the query")
        lower = row["id"].lower()
        if not lower.startswith(_MARK):
            continue  # of the tenant, not of a subscription
        if "properties" not in row:
            raise at.wrong("the row has no properties: leave them in the query's answer")
        spool.put(lower.removeprefix(_MARK).partition("/")[0], row["type"].lower(), row)


def _plan(needs: Needs, _spool: Spool, _account: str) -> tuple[Scope, ...]:
    return tuple(Scope(one.resource_type, GLOBAL_REGION) for one in AZURE_COLLECTORS if one.resource_type in needs)


def _kind(path: str) -> str:
    """What a call reads, in words that name no single resource: `Microsoft.Sql/servers/firewallRules`."""
    below = path.strip("/").rpartition("providers/")[2].split("/")
    if below[0] == "subscriptions":
        return "the subscription itself"
    if "." not in below[0]:
        return path.strip("/")
    kept = [kind if kind != "config" else f"config/{name}" for kind, name in zip_longest(below[1::2], below[2::2])]
    return "/".join([below[0], *kept])


AZURE_GRAPH = ExportFormat(
    name="azure-resource-graph",
    provider=Provider.AZURE,
    collectors={one.resource_type: one for one in AZURE_COLLECTORS},
    calls=AzureTold,
    plan=_plan,
    read=_read,
)
