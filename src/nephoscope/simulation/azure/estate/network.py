"""Networks, what filters their traffic, and what watches it."""

from typing import Any

from nephoscope.simulation.azure.cloud import AzureCloud, Document
from nephoscope.simulation.azure.estate.words import ROOT, WORKSPACE, network_id, put_logs, ref

_NETWORK = "Microsoft.Network"
_ANYWHERE, _OFFICE = "*", "203.0.113.0/24"
_DONE = {"provisioningState": "Succeeded"}
_STORE = f"{ROOT}/resourceGroups/rg-core/providers/Microsoft.Storage/storageAccounts/stmeridianflows"


def machine_id(name: str, group: str) -> str:
    return f"{ROOT}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/{name}"


def fill(cloud: AzureCloud) -> None:
    _networks(cloud)
    _groups(cloud)
    _addresses(cloud)
    _interfaces(cloud)
    _watching(cloud)


def _networks(cloud: AzureCloud) -> None:
    guard = {"networkSecurityGroup": ref(network_id("networkSecurityGroups", "nsg-web", "rg-shop"))}
    shop = [
        _subnet("app", "10.10.1.0/24", {**guard, "natGateway": ref(network_id("natGateways", "nat-shop", "rg-shop"))}),
        _subnet("data", "10.10.2.0/24", {**guard, "delegations": [_delegation("Microsoft.DBforPostgreSQL")]}),
        _subnet("GatewaySubnet", "10.10.255.0/27", {"defaultOutboundAccess": None}),
    ]
    plan = {"ddosProtectionPlan": ref(network_id("ddosProtectionPlans", "plan")), "enableDdosProtection": True}
    peering = {
        "peeringState": "Connected",
        "remoteVirtualNetwork": ref(network_id("virtualNetworks", "vnet-hub")),
        "allowForwardedTraffic": True,
        "allowGatewayTransit": False,
        "useRemoteGateways": False,
    }
    known: Document = {
        "addressSpace": {"addressPrefixes": ["10.10.0.0/16"]},
        "dhcpOptions": {"dnsServers": ["10.10.0.4"]},
        "encryption": {"enabled": True, "enforcement": "AllowUnencrypted"},
        "virtualNetworkPeerings": [{"name": "to-hub", "properties": peering | _DONE}],
    }
    cloud.add(f"{_NETWORK}/virtualNetworks", "vnet-shop", known | plan | _DONE | {"subnets": shop}, group="rg-shop")
    bare = {"name": "default", "properties": {"addressPrefixes": ["10.20.0.0/24", "10.20.1.0/24"], **_DONE}}
    lab = {"addressSpace": {"addressPrefixes": ["10.20.0.0/16"]}, "subnets": [bare], "enableDdosProtection": False}
    cloud.add(f"{_NETWORK}/virtualNetworks", "vnet-lab", lab | _DONE, group="rg-lab", location="eastus")


def _subnet(name: str, prefix: str, more: Document) -> Document:
    whole = network_id("virtualNetworks", f"vnet-shop/subnets/{name}", "rg-shop")
    settings = {
        "addressPrefix": prefix,
        "delegations": [],
        "serviceEndpoints": [{"service": "Microsoft.Storage", "locations": ["westeurope", "northeurope"]}],
        "privateEndpointNetworkPolicies": "Disabled",
        "privateLinkServiceNetworkPolicies": "Enabled",
        "defaultOutboundAccess": False,
    }
    known = {"type": f"{_NETWORK}/virtualNetworks/subnets", "properties": settings | _DONE | more}
    return {"id": whole, "name": name, **known}


def _delegation(provider: str) -> Document:
    settings = {"serviceName": f"{provider}/flexibleServers", "actions": [], **_DONE}
    return {"name": "delegation", "type": f"{_NETWORK}/virtualNetworks/subnets/delegations", "properties": settings}


def _groups(cloud: AzureCloud) -> None:
    web = [
        _rule("office", 200, "Tcp", "443", source=_OFFICE),
        _rule("machines", 210, "Tcp", "8080", source=""),
        _rule("nobody", 4000, "*", "*", source="Internet", access="Deny"),
        _rule("out", 300, "*", "*", direction="Outbound"),
    ]
    subnets = [ref(network_id("virtualNetworks", f"vnet-shop/subnets/{name}", "rg-shop")) for name in ("app", "data")]
    lab = [
        _rule("rdp", 100, "Tcp", "3389"),
        _rule("ssh", 110, "TCP", "20-25", source="Internet"),
        _rule("names", 120, "Udp", "53", source="0.0.0.0/0"),
        _rule("web", 130, "Tcp", "", destinationPortRanges=["80", "443"]),
        _rule("data", 140, "*", "3306", source="", sourceAddressPrefixes=["0.0.0.0/1", "128.0.0.0/1"]),
    ]
    cards = [ref(network_id("networkInterfaces", "nic-lab", "rg-lab"))]
    wide = [_rule("everything", 100, "*", "*"), _rule("late", 200, "Tcp", "3389", access="Deny")]
    groups: tuple[tuple[str, str, list[Document], Document], ...] = (
        ("nsg-web", "rg-shop", web, {"subnets": subnets}),
        ("nsg-lab", "rg-lab", lab, {"networkInterfaces": cards}),
        ("nsg-wide", "rg-lab", wide, {}),
        ("nsg-idle", "rg-core", [], {}),
    )
    for name, group, rules, used in groups:
        common = {
            "resourceGuid": "0f2d",
            "securityRules": rules,
            "defaultSecurityRules": [_rule("in", 65001, "*", "*")],
        }
        whole = cloud.add(f"{_NETWORK}/networkSecurityGroups", name, {**common, **used, **_DONE}, group=group)
        if name == "nsg-web":
            put_logs(cloud, whole, "NetworkSecurityGroupEvent", "NetworkSecurityGroupRuleCounter")


def _rule(name: str, priority: int, protocol: str, ports: str, *, source: str = _ANYWHERE, **more: Any) -> Document:
    """Without a source: from application security groups. A list of ports or sources is given in place of the one."""
    places: Document = {"sourceAddressPrefix": source} if source else {"sourceAddressPrefixes": []}
    ranges: Document = {"destinationPortRange": ports} if ports else {"destinationPortRanges": []}
    settings = {
        "protocol": protocol,
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "access": "Allow",
        "priority": priority,
        "direction": "Inbound",
        **places,
        **ranges,
    }
    return {
        "name": name,
        "type": f"{_NETWORK}/networkSecurityGroups/securityRules",
        "properties": settings | more | _DONE,
    }


def _addresses(cloud: AzureCloud) -> None:
    card = f"{network_id('networkInterfaces', 'nic-lab', 'rg-lab')}/ipConfigurations/ipconfig1"
    gateway = network_id("natGateways", "nat-shop", "rg-shop")
    rows: tuple[tuple[str, str, str, Document], ...] = (
        ("pip-nat", "rg-shop", "Standard", {"natGateway": ref(gateway), "ipAddress": "20.50.1.10"}),
        ("pip-lab", "rg-lab", "Standard", {"ipConfiguration": ref(card), "ipAddress": "20.50.1.20"}),
        ("pip-old", "rg-lab", "Basic", {"publicIPAllocationMethod": "Dynamic"}),
    )
    for name, group, sku, more in rows:
        known = {"publicIPAddressVersion": "IPv4", "publicIPAllocationMethod": "Static", "idleTimeoutInMinutes": 4}
        settings = known | {"ddosSettings": {"protectionMode": "VirtualNetworkInherited"}} | _DONE | more
        zones = ["1", "2", "3"] if name == "pip-nat" else None
        sku_of = {"name": sku, "tier": "Regional"}
        cloud.add(f"{_NETWORK}/publicIPAddresses", name, settings, group=group, sku=sku_of, zones=zones)


def _interfaces(cloud: AzureCloud) -> None:
    address = ref(network_id("publicIPAddresses", "pip-lab", "rg-lab"))
    endpoint = {"privateEndpoint": ref(network_id("privateEndpoints", "pe-shop", "rg-shop"))}
    group = {"networkSecurityGroup": ref(network_id("networkSecurityGroups", "nsg-lab", "rg-lab"))}
    lab = {"enableIPForwarding": True, "virtualMachine": ref(machine_id("vm-lab", "rg-lab")), **group}
    rows: tuple[tuple[str, str, Document, Document], ...] = (
        ("nic-shop", "rg-shop", {"virtualMachine": ref(machine_id("vm-shop", "rg-shop"))}, {}),
        ("nic-lab", "rg-lab", lab, {"publicIPAddress": address}),
        ("pe-shop.nic", "rg-shop", endpoint, {}),
    )
    for last, (name, owner, more, inside) in enumerate(rows, start=4):
        known = {"enableIPForwarding": False, "enableAcceleratedNetworking": True, "primary": True}
        subnet = network_id("virtualNetworks", "vnet-shop/subnets/app", "rg-shop")
        address_of = {"privateIPAddress": f"10.10.1.{last}", "subnet": ref(subnet), "primary": True, **inside}
        configuration = {"name": "ipconfig1", "properties": address_of | _DONE}
        settings = {**known, "macAddress": f"00-0D-3A-00-00-0{last}", "ipConfigurations": [configuration], **more}
        cloud.add(f"{_NETWORK}/networkInterfaces", name, settings | _DONE, group=owner)


def _watching(cloud: AzureCloud) -> None:
    """There is no watcher where the lab is."""
    for region in ("westeurope", "northeurope"):
        name = f"NetworkWatcher_{region}"
        cloud.add(f"{_NETWORK}/networkWatchers", name, dict(_DONE), group="NetworkWatcherRG", location=region)
    shop = network_id("virtualNetworks", "vnet-shop", "rg-shop")
    lab = network_id("virtualNetworks", "vnet-lab", "rg-lab")
    web = network_id("networkSecurityGroups", "NSG-web", "RG-SHOP")
    open_one = network_id("networkSecurityGroups", "nsg-lab", "rg-lab")
    _flow_log(cloud, "flow-vnet-shop", shop, days=0, is_analysed=True)
    _flow_log(cloud, "flow-vnet-lab", lab, days=30, is_on=False)
    _flow_log(cloud, "flow-nsg-web", web, days=120, is_analysed=True)
    _flow_log(cloud, "flow-nsg-lab", open_one, days=7)


def _flow_log(
    cloud: AzureCloud, name: str, target: str, *, days: int, is_on: bool = True, is_analysed: bool = False
) -> None:
    """Network watchers spell what they look at in their own way: a group of resources in capitals, say."""
    analytics = {"enabled": is_analysed, "workspaceRegion": "westeurope", "workspaceResourceId": WORKSPACE}
    settings = {
        "targetResourceId": target,
        "targetResourceGuid": "7d8e",
        "storageId": _STORE,
        "enabled": is_on,
        "flowAnalyticsConfiguration": {
            "networkWatcherFlowAnalyticsConfiguration": {**analytics, "trafficAnalyticsInterval": 10}
        },
        "retentionPolicy": {"days": days, "enabled": days > 0},
        "format": {"type": "JSON", "version": 2},
        **_DONE,
    }
    whole = f"NetworkWatcher_westeurope/{name}"
    cloud.add(f"{_NETWORK}/networkWatchers/flowLogs", whole, settings, group="NetworkWatcherRG")
