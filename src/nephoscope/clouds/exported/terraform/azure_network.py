"""What Terraform tells of networks of Azure, what filters their traffic and what watches it."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.azure.collectors.network import several
from nephoscope.clouds.exported.terraform.azure_known import PLACE, by_id, diagnostics, location, lowered, zones
from nephoscope.clouds.exported.terraform.blocks import (
    Block,
    Read,
    State,
    beside,
    each,
    first,
    of,
    said,
    switch,
)
from nephoscope.clouds.exported.terraform.rows import Row

_KINDS = {"networksecuritygroups": "NSG", "virtualnetworks": "VNET", "subnets": "SUBNET", "networkinterfaces": "NIC"}


def _of_group(kind: str, key: str, block: Block, state: State) -> list[Block]:
    """Resources that name this one instead of its id: names are unique in a resource group."""
    group = str(block["resource_group_name"]).lower()
    return [row for row in state.of(kind, key, str(block["name"])) if str(row["resource_group_name"]).lower() == group]


def _subnets(block: Block, state: State) -> list[dict[str, Any]]:
    """The network tells of all its subnets; what it says of them depends on the version of the provider, and subnets
    that are resources of their own say more."""
    own = {str(row["name"]): row for row in _of_group("azurerm_subnet", "virtual_network_name", block, state)}
    told = {str(row["name"]): row for row in block.get("subnet") or ()}
    if not own and "subnet" not in block:
        raise LookupError("subnet")
    return [_subnet(told.get(name, {}), own.get(name, {}), state) for name in sorted({*told, *own})]


def _subnet(told: Block, own: Block, state: State) -> dict[str, Any]:
    both = {**told, **own}
    prefixes = several(both, "address_prefix", "address_prefixes")
    delegations = [inner["name"] for row in both.get("delegation") or () for inner in row["service_delegation"]]
    found: dict[str, Any] = {"name": both["name"], "addressPrefixes": prefixes, "delegations": sorted(delegations)}
    for name, value in (
        ("networkSecurityGroupId", _tied(told, own, state, "network_security_group", "security_group")),
        ("routeTableId", _tied(told, own, state, "route_table", "route_table_id")),
        ("natGatewayId", _tied({}, own, state, "nat_gateway", "")),
    ):
        found |= {} if value is _UNTOLD else {name: value}
    if "default_outbound_access_enabled" in both:
        found["defaultOutboundAccess"] = both["default_outbound_access_enabled"]
    if "service_endpoints" in both:
        found["serviceEndpoints"] = sorted(both["service_endpoints"] or ())
    return found


_UNTOLD = object()


def _tied(told: Block, own: Block, state: State, what: str, inline: str) -> Any:
    """The id of what a subnet is tied to: by an association, or as the network says it."""
    rows = state.of(f"azurerm_subnet_{what}_association", "subnet_id", str(own.get("id") or told.get("id") or "-"))
    if rows:
        return str(rows[0][f"{what}_id"]).lower()
    if inline in told:
        return str(told[inline]).lower() if told[inline] else None
    return _UNTOLD


def _protected(block: Block, _: State) -> bool:
    return bool((first(block, "ddos_protection_plan") or {"enable": False})["enable"])


def _plan(block: Block, _: State) -> str | None:
    found = first(block, "ddos_protection_plan")
    return str(found["id"]).lower() if found else None


def _rules(block: Block, state: State) -> list[dict[str, Any]]:
    """Those of the group, which tells of all of them once it exists, and those that are resources of their own."""
    beside_it = _of_group("azurerm_network_security_rule", "network_security_group_name", block, state)
    if not beside_it and block.get("security_rule") is None:
        raise LookupError("security_rule")
    every = {str(row["name"]): row for row in (*(block.get("security_rule") or ()), *beside_it)}
    rules = sorted((_rule(row) for row in every.values()), key=lambda row: row["priority"])
    return sorted(rules, key=lambda row: row["direction"] != "Inbound")


def _rule(row: Block) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("name", "priority", "direction", "access", "protocol")},
        "sources": several(row, "source_address_prefix", "source_address_prefixes"),
        "destinations": several(row, "destination_address_prefix", "destination_address_prefixes"),
        "ports": several(row, "destination_port_range", "destination_port_ranges"),
    }


def _addressed(key: str) -> Read:
    """Of every address of the interface."""

    def read(block: Block, _: State) -> list[str]:
        found = (row[key] for row in each(block, "ip_configuration"))
        return sorted({str(one).lower() for one in found if one})

    return read


def _target(block: Block) -> str:
    return str(block.get("target_resource_id") or of(block, "network_security_group_id")).lower()


def _target_id(block: Block, _: State) -> str:
    return _target(block)


def _target_kind(block: Block, _: State) -> str | None:
    return _KINDS.get(_target(block).split("/")[-2])


def _kept(block: Block, _: State) -> bool:
    return bool((first(block, "retention_policy") or {"enabled": False})["enabled"])


def _days(block: Block, _: State) -> int:
    return int((first(block, "retention_policy") or {"days": 0})["days"])


def _analysed(block: Block, _: State) -> bool:
    return bool((first(block, "traffic_analytics") or {"enabled": False})["enabled"])


def _workspace(block: Block, _: State) -> str | None:
    found = first(block, "traffic_analytics")
    return str(found["workspace_resource_id"]) if found else None


def _attachments(kind: str, key: str) -> Read:
    return beside(kind, "network_security_group_id", "id", lambda row: str(row[key]).lower())


_NETWORK: Mapping[str, Read] = {
    **PLACE,
    "ddosProtectionPlanId": _plan,
    "enableDdosProtection": _protected,
    "addressPrefixes": lambda block, _: list(block["address_space"]),
    "dnsServers": lambda block, _: list(block["dns_servers"] or ()),
    "subnets": _subnets,
}
_GROUP: Mapping[str, Read] = {
    **PLACE,
    "securityRules": _rules,
    "subnetIds": _attachments("azurerm_subnet_network_security_group_association", "subnet_id"),
    "networkInterfaceIds": _attachments("azurerm_network_interface_security_group_association", "network_interface_id"),
    "diagnosticSettings": diagnostics(),
}
_INTERFACE: Mapping[str, Read] = {
    **PLACE,
    "macAddress": said("mac_address"),
    "virtualMachineId": lowered("virtual_machine_id"),
    "enableIPForwarding": switch("ip_forwarding_enabled", "enable_ip_forwarding"),
    "enableAcceleratedNetworking": switch("accelerated_networking_enabled", "enable_accelerated_networking"),
    "subnetIds": _addressed("subnet_id"),
    "publicIpAddressIds": _addressed("public_ip_address_id"),
    "privateIpAddresses": _addressed("private_ip_address"),
}
_ADDRESS: Mapping[str, Read] = {
    **PLACE,
    "ipAddress": said("ip_address"),
    "publicIPAllocationMethod": said("allocation_method"),
    "publicIPAddressVersion": said("ip_version"),
    "skuName": said("sku"),
    "skuTier": said("sku_tier"),
    "ddosProtectionMode": said("ddos_protection_mode"),
    "fqdn": said("fqdn"),
    "zones": zones,
}
_FLOW_LOG: Mapping[str, Read] = {
    **PLACE,
    "targetId": _target_id,
    "targetKind": _target_kind,
    "storageId": said("storage_account_id"),
    "workspaceId": _workspace,
    "enabled": switch("enabled"),
    "retentionEnabled": _kept,
    "retentionDays": _days,
    "analyticsEnabled": _analysed,
    "formatVersion": said("version"),
}


ROWS: tuple[Row, ...] = (
    Row(("azurerm_virtual_network",), "VIRTUAL_NETWORK", by_id(), _NETWORK),
    Row(("azurerm_network_security_group",), "NETWORK_SECURITY_GROUP", by_id(), _GROUP),
    Row(("azurerm_network_interface",), "NETWORK_INTERFACES", by_id(), _INTERFACE),
    Row(("azurerm_public_ip",), "PUBLIC_IP", by_id(), _ADDRESS),
    Row(("azurerm_network_watcher",), "NETWORK_WATCHER", by_id(), {**PLACE, "location": location}),
    Row(("azurerm_network_watcher_flow_log",), "AZURE_FLOW_LOG", by_id(), _FLOW_LOG),
)
