"""Azure's names for what a call takes, and whether an identity is allowed it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

_LISTED = 2
"""A provider's path alternates between kinds and names, kind first."""
_IRREGULAR = {"microsoft.subscription/policies/read": "Microsoft.Subscription/Policies/default/read"}
"""Actions that are not called after their path, by what that would give."""


def action_of(method: str, path: str) -> str:
    """`GET /subscriptions/…/providers/Microsoft.Sql/servers/s/auditingSettings/default` takes
    `Microsoft.Sql/servers/auditingSettings/read`. A POST's action is the last part of its path."""
    provider, _, rest = path.rpartition("/providers/")[2].partition("/")
    if "/providers/" not in path:
        is_group = "/resourcegroups" in path.lower()
        return f"Microsoft.Resources/subscriptions/{'resourceGroups/' if is_group else ''}read"
    parts = [part for part in rest.split("/") if part]
    if method == "POST":
        return "/".join((provider, *parts[:-1:_LISTED], parts[-1], "action"))
    derived = "/".join((provider, *parts[::_LISTED], "read"))
    return _IRREGULAR.get(derived.lower(), derived)


class Grants(msgspec.Struct, frozen=True):
    """What the caller may do in a subscription: one pair of (actions, what is taken out of them) for each role."""

    roles: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]

    def allow(self, action: str) -> bool:
        return any(_any(actions, action) and not _any(excluded, action) for actions, excluded in self.roles)


def grants_of(rows: Iterable[Mapping[str, Any]]) -> Grants:
    """Of the answer of Microsoft.Authorization/permissions."""
    return Grants(tuple((tuple(row.get("actions") or ()), tuple(row.get("notActions") or ())) for row in rows))


def _any(patterns: Sequence[str], action: str) -> bool:
    return any(_compiled(pattern).fullmatch(action) is not None for pattern in patterns)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    """`*` stands for anything. Consecutive stars are one, so that matching stays linear in practice."""
    parts = re.split(r"\*+", pattern)
    return re.compile(".*".join(re.escape(part) for part in parts), re.IGNORECASE)
