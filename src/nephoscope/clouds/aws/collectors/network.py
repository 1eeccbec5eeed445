"""How AWS resource types are read: the network inside a region. One listing per type, no detail calls."""

from typing import Any

from nephoscope.clouds.aws.collecting import Collector, Place, Raw, listing
from nephoscope.clouds.aws.collectors.ec2_words import listed, made
from nephoscope.clouds.aws.collectors.permission_rows import acl_rows, ports_open_to_all, security_group_rows
from nephoscope.clouds.aws.shaping import camel
from nephoscope.model.resources import Observed
from nephoscope.resource_types.aws import network as types

_VPC = listed(types.VPC)
_GROUP = listed(types.VPC_SECURITY_GROUP)
_ACL = listed(types.NETWORK_ACL)
_SUBNET = listed(types.SUBNET)
_TABLE = listed(types.ROUTE_TABLE)
_GATEWAY = listed(types.INTERNET_GATEWAY)
_PEERING = listed(types.VPC_PEERING)
_FLOW_LOG = listed(types.FLOW_LOG)
_INTERFACE = listed(types.NETWORK_INTERFACE)
_ADDRESS = listed(types.ELASTIC_IP)
_NAT = listed(types.NAT_GATEWAY)


def _shape_vpc(raw: Raw, place: Place) -> Observed:
    known = camel(raw) | {"ipv6CidrBlockAssociationSet": _ipv6(raw)}
    return made(_VPC, place, known, raw["VpcId"], raw=raw, kind="vpc")


def _shape_subnet(raw: Raw, place: Place) -> Observed:
    known = camel(raw) | {"ipv6CidrBlockAssociationSet": _ipv6(raw)}
    return made(_SUBNET, place, known, raw["SubnetId"], raw=raw, kind="subnet", arn_of=raw.get("SubnetArn", ""))


def _ipv6(raw: Raw) -> list[dict[str, Any]]:
    """As the API shows it: exactly these keys, the state as one word."""
    return [
        {
            "associationId": row.get("AssociationId"),
            "ipv6CidrBlockState": row.get("Ipv6CidrBlockState", {}).get("State"),
            "ipv6CidrBlock": row.get("Ipv6CidrBlock"),
        }
        for row in raw.get("Ipv6CidrBlockAssociationSet", [])
    ]


def _shape_group(raw: Raw, place: Place) -> Observed:
    inbound = security_group_rows(raw.get("IpPermissions", []))
    known = camel({key: value for key, value in raw.items() if not key.startswith("IpPermissions")}) | {
        "ipPermissionList": inbound,
        "portsOpenToAll": ports_open_to_all(inbound),
        "ipPermissionEgressList": security_group_rows(raw.get("IpPermissionsEgress", [])),
    }
    return made(_GROUP, place, known, raw["GroupId"], raw=raw, kind="security-group", name=raw.get("GroupName", ""))


def _shape_acl(raw: Raw, place: Place) -> Observed:
    entries = raw.get("Entries", [])
    known = {
        "associations": camel(raw.get("Associations", [])),
        "ipPermissionList": acl_rows(entries, egress=False),
        "ipPermissionEgressList": acl_rows(entries, egress=True),
        "isDefault": raw.get("IsDefault"),
        "vpcId": raw.get("VpcId"),
        "networkAclId": raw["NetworkAclId"],
        "ownerId": raw.get("OwnerId"),
    }
    return made(_ACL, place, known, raw["NetworkAclId"], raw=raw, kind="network-acl")


_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")


def _shape_table(raw: Raw, place: Place) -> Observed:
    associations, routes = raw.get("Associations", []), raw.get("Routes", [])
    known = {
        "associations": camel(associations),
        "routes": camel(routes),
        "routeDtos": [_route(row) for row in routes],
        "vpcId": raw.get("VpcId"),
        "routeTableId": raw["RouteTableId"],
        "ownerId": raw.get("OwnerId"),
        "isMain": any(row.get("Main", False) for row in associations),
        "vpcPeeringConnectionIds": sorted({row["VpcPeeringConnectionId"] for row in routes if _peers(row)}),
    }
    return made(_TABLE, place, known, raw["RouteTableId"], raw=raw, kind="route-table")


def _peers(route: Raw) -> bool:
    return bool(route.get("VpcPeeringConnectionId"))


def _route(raw: Raw) -> dict[str, Any]:
    """A route in two words: where to, and through what."""
    said = (*_DESTINATIONS, "State", "Origin", "InstanceOwnerId")
    return {
        "destination": next((raw[key] for key in _DESTINATIONS if raw.get(key)), None),
        "target": next((value for key, value in raw.items() if key not in said and value), None),
        "state": raw.get("State"),
        "origin": raw.get("Origin"),
    }


def _shape_gateway(raw: Raw, place: Place) -> Observed:
    return made(_GATEWAY, place, camel(raw), raw["InternetGatewayId"], raw=raw, kind="internet-gateway")


def _shape_peering(raw: Raw, place: Place) -> Observed:
    peering_id = raw["VpcPeeringConnectionId"]
    return made(_PEERING, place, camel(raw), peering_id, raw=raw, kind="vpc-peering-connection")


def _shape_flow_log(raw: Raw, place: Place) -> Observed:
    """What is logged is called `loggedResourceId`: every document's own `resourceId` is the log's."""
    known = camel(raw) | {"loggedResourceId": raw.get("ResourceId")}
    return made(_FLOW_LOG, place, known, raw["FlowLogId"], raw=raw, kind="vpc-flow-log")


def _shape_interface(raw: Raw, place: Place) -> Observed:
    known = camel(raw) | {
        "groupIds": [row["GroupId"] for row in raw.get("Groups", [])],
        "ipv6Addresses": [row["Ipv6Address"] for row in raw.get("Ipv6Addresses", [])],
    }
    return made(_INTERFACE, place, known, raw["NetworkInterfaceId"], raw=raw, kind="network-interface")


def _shape_address(raw: Raw, place: Place) -> Observed:
    """Addresses from before VPCs have no allocation."""
    known = camel(raw) | {key: raw.get(name) or None for key, name in _UNUSED_IS_BLANK.items()}
    resource_id = raw.get("AllocationId") or raw["PublicIp"]
    return made(_ADDRESS, place, known, resource_id, raw=raw, kind="elastic-ip", name=raw["PublicIp"])


_UNUSED_IS_BLANK = {
    "associationId": "AssociationId",
    "instanceId": "InstanceId",
    "networkInterfaceId": "NetworkInterfaceId",
}


def _shape_nat(raw: Raw, place: Place) -> Observed:
    return made(_NAT, place, camel(raw), raw["NatGatewayId"], raw=raw, kind="natgateway")


COLLECTORS: tuple[Collector, ...] = (
    Collector("VPC", listing("ec2", "describe_vpcs", "Vpcs"), _shape_vpc),
    Collector("VPC_SECURITY_GROUP", listing("ec2", "describe_security_groups", "SecurityGroups"), _shape_group),
    Collector("NETWORK_ACL", listing("ec2", "describe_network_acls", "NetworkAcls"), _shape_acl),
    Collector("SUBNET", listing("ec2", "describe_subnets", "Subnets"), _shape_subnet),
    Collector("ROUTE_TABLE", listing("ec2", "describe_route_tables", "RouteTables"), _shape_table),
    Collector("INTERNET_GATEWAY", listing("ec2", "describe_internet_gateways", "InternetGateways"), _shape_gateway),
    Collector(
        "VPC_PEERING",
        listing("ec2", "describe_vpc_peering_connections", "VpcPeeringConnections"),
        _shape_peering,
    ),
    Collector("FLOW_LOG", listing("ec2", "describe_flow_logs", "FlowLogs"), _shape_flow_log),
    Collector(
        "NETWORK_INTERFACE", listing("ec2", "describe_network_interfaces", "NetworkInterfaces"), _shape_interface
    ),
    Collector("ELASTIC_IP", listing("ec2", "describe_addresses", "Addresses"), _shape_address),
    Collector("NAT_GATEWAY", listing("ec2", "describe_nat_gateways", "NatGateways"), _shape_nat),
)
