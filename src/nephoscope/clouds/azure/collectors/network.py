"""How networks, their filters and their watchers are read."""

from collections.abc import Iterable, Mapping
from typing import Any

from nephoscope.clouds.azure.collecting import Collector, Place, Raw, resources
from nephoscope.clouds.azure.collectors.diagnostics import diagnostics
from nephoscope.clouds.azure.shaping import picked, properties, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.azure import network as types

_SUBNET = ("defaultOutboundAccess", "privateEndpointNetworkPolicies")
_PEERING = ("peeringState", "allowForwardedTraffic", "allowGatewayTransit")
_KINDS = {"networksecuritygroups": "NSG", "virtualnetworks": "VNET", "subnets": "SUBNET", "networkinterfaces": "NIC"}


def id_in(source: Mapping[str, Any], name: str) -> str | None:
    """The id of what `name` refers to, in lower case; null when it refers to nothing."""
    found = source.get(name)
    return str(found["id"]).lower() if isinstance(found, Mapping) and found.get("id") else None


def ids_in(source: Mapping[str, Any], name: str) -> list[str]:
    return sorted(str(row["id"]).lower() for row in source.get(name) or ())


def placed(raw: Raw) -> dict[str, Any]:
    """The settings, and the id that others are joined with."""
    return {**properties(raw), "lookupId": raw["id"].lower()}


def sku_of(raw: Raw) -> dict[str, Any]:
    """Where Azure keeps the SKU beside the settings."""
    sku = raw.get("sku") or {}
    return {"skuName": sku.get("name"), "skuTier": sku.get("tier")}


def several(source: Mapping[str, Any], one: str, many: str) -> list[str]:
    """What Azure writes as one value or as a list of them."""
    found = list(source.get(many) or ())
    return [str(value) for value in (found or ([source[one]] if source.get(one) else []))]


def _shape_network(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    more = {
        "ddosProtectionPlanId": id_in(known, "ddosProtectionPlan"),
        "enableDdosProtection": bool(known.get("enableDdosProtection")),
        "addressPrefixes": list((known.get("addressSpace") or {}).get("addressPrefixes") or ()),
        "dnsServers": list((known.get("dhcpOptions") or {}).get("dnsServers") or ()),
        "subnets": [_subnet(row) for row in known.get("subnets") or ()],
        "peerings": [_peering(row) for row in known.get("virtualNetworkPeerings") or ()],
    }
    return resource(types.VIRTUAL_NETWORK, raw, {**known, **more})


def _subnet(raw: Raw) -> dict[str, Any]:
    known = properties(raw)
    delegations = (properties(row).get("serviceName") for row in known.get("delegations") or ())
    return {
        "name": raw["name"],
        "addressPrefixes": several(known, "addressPrefix", "addressPrefixes"),
        "networkSecurityGroupId": id_in(known, "networkSecurityGroup"),
        "routeTableId": id_in(known, "routeTable"),
        "natGatewayId": id_in(known, "natGateway"),
        "delegations": sorted(str(name) for name in delegations),
        "serviceEndpoints": sorted(str(row.get("service")) for row in known.get("serviceEndpoints") or ()),
        **picked(known, _SUBNET),
    }


def _peering(raw: Raw) -> dict[str, Any]:
    known = properties(raw)
    return {"name": raw["name"], "remoteNetworkId": id_in(known, "remoteVirtualNetwork"), **picked(known, _PEERING)}


def _shape_group(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    rules = sorted((_rule(row) for row in known.get("securityRules") or ()), key=lambda row: row["priority"])
    inbound = [row for row in rules if row["direction"] == "Inbound"]
    more = {
        "securityRules": [*inbound, *(row for row in rules if row["direction"] != "Inbound")],
        "subnetIds": ids_in(known, "subnets"),
        "networkInterfaceIds": ids_in(known, "networkInterfaces"),
    }
    return resource(types.NETWORK_SECURITY_GROUP, raw, {**known, **more})


def _rule(raw: Raw) -> dict[str, Any]:
    """Application security groups are members of the network, never the internet: a rule for them has no sources."""
    known = properties(raw)
    return {
        "name": raw["name"],
        **picked(known, ("priority", "direction", "access", "protocol")),
        "sources": several(known, "sourceAddressPrefix", "sourceAddressPrefixes"),
        "destinations": several(known, "destinationAddressPrefix", "destinationAddressPrefixes"),
        "ports": several(known, "destinationPortRange", "destinationPortRanges"),
    }


def _shape_interface(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    configurations = [properties(row) for row in known.get("ipConfigurations") or ()]
    more = {
        "networkSecurityGroupId": id_in(known, "networkSecurityGroup"),
        "virtualMachineId": id_in(known, "virtualMachine"),
        "privateEndpointId": id_in(known, "privateEndpoint"),
        "enableIPForwarding": bool(known.get("enableIPForwarding")),
        "subnetIds": _present(id_in(row, "subnet") for row in configurations),
        "publicIpAddressIds": _present(id_in(row, "publicIPAddress") for row in configurations),
        "privateIpAddresses": _present(row.get("privateIPAddress") for row in configurations),
    }
    return resource(types.NETWORK_INTERFACES, raw, {**known, **more})


def _present(values: Iterable[str | None]) -> list[str]:
    return sorted({value for value in values if value})


def _shape_address(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    more = {
        **sku_of(raw),
        "attachedTo": id_in(known, "ipConfiguration") or id_in(known, "natGateway"),
        "ddosProtectionMode": (known.get("ddosSettings") or {}).get("protectionMode"),
        "fqdn": (known.get("dnsSettings") or {}).get("fqdn"),
        "zones": list(raw.get("zones") or ()),
    }
    return resource(types.PUBLIC_IP, raw, {**known, **more})


def _shape_watcher(raw: Raw, _: Place) -> Observed:
    return resource(types.NETWORK_WATCHER, raw, {**placed(raw), "location": raw.get("location")})


def _shape_flow_log(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    target = str(known.get("targetResourceId") or "").lower()
    retention = known.get("retentionPolicy") or {}
    analytics = (known.get("flowAnalyticsConfiguration") or {}).get("networkWatcherFlowAnalyticsConfiguration") or {}
    more = {
        "targetId": target or None,
        "targetKind": _KINDS.get(target.split("/")[-2]) if target.count("/") > 1 else None,
        "retentionEnabled": bool(retention.get("enabled")),
        "retentionDays": retention.get("days") or 0,
        "analyticsEnabled": bool(analytics.get("enabled")),
        "workspaceId": analytics.get("workspaceResourceId"),
        "formatVersion": (known.get("format") or {}).get("version"),
    }
    return resource(types.AZURE_FLOW_LOG, raw, {**known, **more})


COLLECTORS = (
    Collector("VIRTUAL_NETWORK", resources("microsoft.network/virtualnetworks"), _shape_network),
    Collector(
        "NETWORK_SECURITY_GROUP",
        resources("microsoft.network/networksecuritygroups"),
        _shape_group,
        (diagnostics(),),
    ),
    Collector("NETWORK_INTERFACES", resources("microsoft.network/networkinterfaces"), _shape_interface),
    Collector("PUBLIC_IP", resources("microsoft.network/publicipaddresses"), _shape_address),
    Collector("NETWORK_WATCHER", resources("microsoft.network/networkwatchers"), _shape_watcher),
    Collector("AZURE_FLOW_LOG", resources("microsoft.network/networkwatchers/flowlogs"), _shape_flow_log),
)
