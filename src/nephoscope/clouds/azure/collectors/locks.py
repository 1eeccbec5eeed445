"""Locks of Resource Manager: listed once for the subscription, told to every resource that they hold for."""

from collections.abc import Iterable, Mapping
from typing import Any

from nephoscope.clouds.azure.collecting import Calls, Detail, Raw
from nephoscope.clouds.azure.shaping import properties

PERMISSIONS = ("Microsoft.Authorization/locks/read",)
_VERSION = "2020-05-01"
_PROVIDER = "/providers/microsoft.authorization/locks/"


def _all(calls: Calls) -> list[Raw]:
    return list(calls.items("providers/Microsoft.Authorization/locks", _VERSION))


def _held(locks: Iterable[Raw], identity: str) -> list[dict[str, Any]]:
    """Those of the resource itself and of what contains it."""
    mine = identity.lower()
    found = []
    for lock in locks:
        scope = lock["id"].lower().rpartition(_PROVIDER)[0]
        if mine == scope or mine.startswith(f"{scope}/"):
            level = properties(lock).get("level")
            found.append({"name": lock["name"], "level": level, "scope": scope, "isInherited": mine != scope})
    return sorted(found, key=lambda row: (row["scope"], row["name"]))


def _read(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    return {"locks": _held(calls.shared("locks", lambda: _all(calls)), raw["id"])}


LOCKS = Detail(("locks",), PERMISSIONS, _read)
