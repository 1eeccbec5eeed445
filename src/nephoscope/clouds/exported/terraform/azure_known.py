"""Where resources of Azure stand and what they are called, by what `azurerm` tells: its ids are the resources' own."""

from collections.abc import Callable, Mapping
from typing import Any

from nephoscope.clouds.exported.terraform.blocks import Block, Read, State, of, said
from nephoscope.clouds.exported.terraform.rows import Known
from nephoscope.model.scopes import GLOBAL_REGION

_MARK = "/subscriptions/"
_LOG_TARGETS = {
    "workspaceId": "log_analytics_workspace_id",
    "eventHubAuthorizationRuleId": "eventhub_authorization_rule_id",
    "marketplacePartnerId": "partner_solution_id",
    "storageAccountId": "storage_account_id",
}


def by_id(*keys: str) -> Callable[[Block], Known]:
    """Called by its whole id, which is under the first of `keys` that there is."""

    def told(block: Block) -> Known:
        identity = str(of(block, *(keys or ("id",))))
        return Known(_subscription(identity), GLOBAL_REGION, identity, _name(block, identity), identity)

    return told


def by_name(block: Block) -> Known:
    """Called by a name that is unique in all of Azure."""
    identity = str(block.get("id") or "")
    name = str(block["name"])
    return Known(_subscription(identity), GLOBAL_REGION, name, name, identity)


def _subscription(identity: str) -> str:
    _, mark, rest = identity.partition(_MARK)
    return rest.partition("/")[0].lower() if mark else ""


def _name(block: Block, identity: str) -> str:
    return str(block.get("name") or identity.rpartition("/")[2])


def location(block: Block, _: State) -> str:
    """`West Europe` and `westeurope` are the same place."""
    return str(block["location"]).replace(" ", "").lower()


WHERE: Mapping[str, Read] = {"region": location, "resourceGroupName": said("resource_group_name")}


def lowered(*keys: str) -> Read:
    """An id in the spelling in which others refer to it; null for none."""

    def read(block: Block, _: State) -> str | None:
        found = of(block, *keys)
        return str(found).lower() if found else None

    return read


PLACE: Mapping[str, Read] = {**WHERE, "lookupId": lowered("id")}


def ids(*keys: str) -> Read:
    """Several of them, in order."""
    return lambda block, _: sorted(str(one).lower() for one in of(block, *keys) or ())


def zones(block: Block, _: State) -> list[str]:
    return sorted(str(one) for one in block["zones"] or ())


def diagnostics(below: str = "") -> Read:
    """Where the resource sends its logs, or its part `below` (`/blobServices/default`). LookupError when Terraform
    knows of no such setting: it may be made by other means."""

    def read(block: Block, state: State) -> list[dict[str, Any]]:
        found = state.some("azurerm_monitor_diagnostic_setting", "target_resource_id", f"{block['id']}{below}")
        return [_setting(row) for row in found]

    return read


def _setting(row: Block) -> dict[str, Any]:
    """Older providers write every category with a switch, newer ones only those that are sent."""
    sent = [*(row.get("enabled_log") or ()), *(one for one in row.get("log") or () if one["enabled"])]
    return {
        "name": row["name"],
        **{name: row.get(key) or None for name, key in _LOG_TARGETS.items()},
        "categories": sorted({str(one.get("category") or one.get("category_group")) for one in sent}),
    }


def locks(block: Block, state: State) -> list[dict[str, Any]]:
    """Its own, and its group's. LookupError when Terraform knows of none: they may be made by other means."""
    identity = str(block["id"])
    group = identity.partition("/providers/")[0]
    own = state.of("azurerm_management_lock", "scope", identity)
    above = state.of("azurerm_management_lock", "scope", group) if group != identity else []
    if not own and not above:
        return [_lock(row, identity) for row in state.some("azurerm_management_lock", "scope", identity)]
    return [_lock(row, identity) for row in (*above, *own)]


def _lock(row: Block, identity: str) -> dict[str, Any]:
    scope = str(row["scope"]).lower()
    return {
        "name": row["name"],
        "level": row["lock_level"],
        "scope": scope,
        "isInherited": scope != identity.lower(),
    }
