"""What Terraform tells of how networks of AWS are joined, and of load balancers."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.aws.collectors.permission_rows import acl_rows
from nephoscope.clouds.exported.terraform.aws_known import known
from nephoscope.clouds.exported.terraform.blocks import (
    Block,
    Read,
    State,
    beside,
    each,
    first,
    fixed,
    listed,
    partly,
    said,
    switch,
)
from nephoscope.clouds.exported.terraform.rows import Row

_NUMBERS = {"tcp": "6", "udp": "17", "icmp": "1", "all": "-1"}


def _entries(direction: str) -> Read:
    """The list tells of all its rules, whoever made them."""

    def read(block: Block, _: State) -> list[dict[str, Any]]:
        return acl_rows([_entry(row, direction) for row in each(block, direction)], egress=direction == "egress")

    return read


def _entry(row: Block, direction: str) -> dict[str, Any]:
    protocol = str(row["protocol"]).lower()
    return {
        "RuleNumber": row["rule_no"],
        "Protocol": _NUMBERS.get(protocol, protocol),
        "RuleAction": row["action"],
        "Egress": direction == "egress",
        "CidrBlock": row["cidr_block"] or None,
        "Ipv6CidrBlock": row["ipv6_cidr_block"] or None,
        "PortRange": {"From": row["from_port"], "To": row["to_port"]},
    }


def _subnets(block: Block, _: State) -> list[dict[str, Any]]:
    return [{"subnetId": one, "networkAclId": block.get("id")} for one in sorted(block["subnet_ids"] or ())]


_THROUGH = {
    "gateway_id": "gatewayId",
    "nat_gateway_id": "natGatewayId",
    "transit_gateway_id": "transitGatewayId",
    "vpc_peering_connection_id": "vpcPeeringConnectionId",
    "vpc_endpoint_id": "vpcEndpointId",
    "network_interface_id": "networkInterfaceId",
    "egress_only_gateway_id": "egressOnlyInternetGatewayId",
    "cidr_block": "destinationCidrBlock",
    "ipv6_cidr_block": "destinationIpv6CidrBlock",
    "destination_prefix_list_id": "destinationPrefixListId",
}


def _routes(block: Block, _: State) -> list[dict[str, Any]]:
    """Whether something still answers at the other end is not told."""
    return [{name: row[key] for key, name in _THROUGH.items() if row.get(key)} for row in each(block, "route")]


def _peerings(block: Block, _: State) -> list[str]:
    return sorted({str(row["vpc_peering_connection_id"]) for row in each(block, "route")} - {"", "None"})


_TABLE: Mapping[str, Read] = {
    "routeTableId": said("id"),
    "vpcId": said("vpc_id"),
    "ownerId": said("owner_id"),
    "routes": _routes,
    "vpcPeeringConnectionIds": _peerings,
}


def _attachments(block: Block, _: State) -> list[dict[str, Any]]:
    return [{"vpcId": block["vpc_id"], "state": "available"}] if block["vpc_id"] else []


def _logged(block: Block, _: State) -> str:
    found = [str(block[key]) for key in ("vpc_id", "subnet_id", "eni_id", "transit_gateway_id") if block.get(key)]
    return found.pop()


def _in_use(block: Block, _: State) -> str:
    return "in-use" if block["attachment"] else "available"


def _unused(key: str) -> Read:
    return lambda block, _: block[key] or None


_ACL: Mapping[str, Read] = {
    "networkAclId": said("id"),
    "vpcId": said("vpc_id"),
    "ownerId": said("owner_id"),
    "ipPermissionList": _entries("ingress"),
    "ipPermissionEgressList": _entries("egress"),
    "associations": _subnets,
}
_ENDPOINT: Mapping[str, Read] = {
    "vpcEndpointId": said("id"),
    "vpcId": said("vpc_id"),
    "ownerId": said("owner_id"),
    "serviceName": said("service_name"),
    "vpcEndpointType": said("vpc_endpoint_type"),
    "state": said("state"),
    "policyDocument": said("policy"),
    "privateDnsEnabled": said("private_dns_enabled"),
    "subnetIds": listed("subnet_ids"),
    "routeTableIds": listed("route_table_ids"),
    "networkInterfaceIds": listed("network_interface_ids"),
}
_SERVICE: Mapping[str, Read] = {
    "serviceId": said("id"),
    "serviceName": said("service_name"),
    "serviceState": said("state"),
    "privateDnsName": said("private_dns_name"),
    "acceptanceRequired": switch("acceptance_required"),
    "allowedPrincipals": listed("allowed_principals"),
    "networkLoadBalancerArns": listed("network_load_balancer_arns"),
    "gatewayLoadBalancerArns": listed("gateway_load_balancer_arns"),
}

# ---- load balancers


def _zones(block: Block, state: State) -> list[str]:
    """Of the subnets that it stands in, where the state has those too."""
    found = sorted(block["subnets"] or ())
    return sorted({str(state.one("aws_subnet", "id", str(one))["availability_zone"]) for one in found})


def _listener(row: Block) -> dict[str, Any]:
    return {
        "listenerArn": row.get("arn"),
        "port": row["port"],
        "protocol": row["protocol"],
        "sslPolicy": row["ssl_policy"] or None,
        "certificateArn": row["certificate_arn"] or None,
        "defaultActions": [
            {"type": one["type"], "redirectConfig": _redirect(one)} for one in each(row, "default_action")
        ],
    }


def _redirect(action: Block) -> dict[str, Any] | None:
    found = first(action, "redirect")
    if found is None:
        return None
    return {"protocol": found["protocol"], "port": found["port"], "statusCode": found["status_code"]}


def _is_plain(listener: Mapping[str, Any]) -> bool:
    return listener["protocol"] == "HTTP" and not any(
        (one["redirectConfig"] or {}).get("protocol") == "HTTPS" for one in listener["defaultActions"]
    )


_LISTENERS = ("aws_lb_listener", "load_balancer_arn")


def _scheme(block: Block, _: State) -> str:
    return "internal" if block["internal"] else "internet-facing"


def _attributes(block: Block, _: State) -> dict[str, Any]:
    logs = first(block, "access_logs") or {}
    more = block.get("connection_logs") or [{}]
    return {
        "accessLogsEnabled": bool(logs.get("enabled")),
        "accessLogsBucket": logs.get("bucket") or None,
        "connectionLogsEnabled": bool(more[0].get("enabled")),
        "deletionProtectionEnabled": bool(block["enable_deletion_protection"]),
        "crossZoneEnabled": block["enable_cross_zone_load_balancing"],
        "dropInvalidHeaderFields": block["drop_invalid_header_fields"],
        "desyncMitigationMode": block["desync_mitigation_mode"],
        "wafFailOpen": block["enable_waf_fail_open"],
        "connectionDrainingEnabled": None,
        "idleTimeoutSeconds": block["idle_timeout"],
    }


def _guard(block: Block, state: State) -> str | None:
    if block["load_balancer_type"] != "application":
        return None
    return str(state.one("aws_wafv2_web_acl_association", "resource_arn", str(block["arn"]))["web_acl_arn"])


_BALANCER: Mapping[str, Read] = {
    "loadBalancerArn": said("arn"),
    "loadBalancerName": said("name"),
    "scheme": _scheme,
    "dnsName": said("dns_name"),
    "type": said("load_balancer_type"),
    "ipAddressType": said("ip_address_type"),
    "vpcid": said("vpc_id"),
    "webAclArn": _guard,
    "availabilityZones": _zones,
    "subnets": listed("subnets"),
    "securityGroups": listed("security_groups"),
    "listeners": partly(*_LISTENERS, beside(*_LISTENERS, "arn", _listener), _is_plain),
    "attributes": _attributes,
    "instances": fixed([]),
}


def _classic_listeners(block: Block, _: State) -> list[dict[str, Any]]:
    return [
        {
            "port": row["lb_port"],
            "protocol": str(row["lb_protocol"]).upper(),
            "instancePort": row["instance_port"],
            "instanceProtocol": str(row["instance_protocol"]).upper(),
            "certificateArn": row["ssl_certificate_id"] or None,
            "policyNames": [],
        }
        for row in each(block, "listener")
    ]


def _classic_attributes(block: Block, _: State) -> dict[str, Any]:
    logs = first(block, "access_logs") or {}
    return {
        "accessLogsEnabled": bool(logs.get("enabled")),
        "accessLogsBucket": logs.get("bucket") or None,
        "connectionLogsEnabled": None,
        "deletionProtectionEnabled": None,
        "crossZoneEnabled": bool(block["cross_zone_load_balancing"]),
        "dropInvalidHeaderFields": None,
        "desyncMitigationMode": block["desync_mitigation_mode"],
        "connectionDrainingEnabled": bool(block["connection_draining"]),
        "idleTimeoutSeconds": block["idle_timeout"],
        "wafFailOpen": None,
    }


_CLASSIC: Mapping[str, Read] = {
    "loadBalancerArn": said("arn"),
    "loadBalancerName": said("name"),
    "scheme": _scheme,
    "dnsName": said("dns_name"),
    "type": fixed("classic"),
    "availabilityZones": listed("availability_zones"),
    "subnets": listed("subnets"),
    "securityGroups": listed("security_groups"),
    "instances": listed("instances"),
    "listeners": _classic_listeners,
    "attributes": _classic_attributes,
    "webAclArn": fixed(None),
}

ROWS: tuple[Row, ...] = (
    Row(("aws_network_acl",), "NETWORK_ACL", known("id"), {**_ACL, "isDefault": fixed(value=False)}),
    Row(("aws_default_network_acl",), "NETWORK_ACL", known("id"), {**_ACL, "isDefault": fixed(value=True)}),
    Row(("aws_route_table",), "ROUTE_TABLE", known("id"), _TABLE),
    Row(("aws_default_route_table",), "ROUTE_TABLE", known("id"), {**_TABLE, "isMain": fixed(value=True)}),
    Row(
        ("aws_internet_gateway",),
        "INTERNET_GATEWAY",
        known("id"),
        {"internetGatewayId": said("id"), "ownerId": said("owner_id"), "attachments": _attachments},
    ),
    Row(
        ("aws_flow_log",),
        "FLOW_LOG",
        known("id"),
        {
            "flowLogId": said("id"),
            "loggedResourceId": _logged,
            "trafficType": said("traffic_type"),
            "logDestination": said("log_destination"),
            "logDestinationType": said("log_destination_type"),
            "logFormat": said("log_format"),
            "maxAggregationInterval": said("max_aggregation_interval"),
            "deliverLogsPermissionArn": said("iam_role_arn"),
        },
    ),
    Row(
        ("aws_network_interface",),
        "NETWORK_INTERFACE",
        known("id"),
        {
            "networkInterfaceId": said("id"),
            "status": _in_use,
            "interfaceType": said("interface_type"),
            "description": said("description"),
            "ownerId": said("owner_id"),
            "subnetId": said("subnet_id"),
            "privateIpAddress": said("private_ip"),
            "sourceDestCheck": said("source_dest_check"),
            "groupIds": listed("security_groups"),
        },
    ),
    Row(
        ("aws_eip",),
        "ELASTIC_IP",
        known("allocation_id", "public_ip"),
        {
            "publicIp": said("public_ip"),
            "allocationId": said("allocation_id"),
            "associationId": _unused("association_id"),
            "instanceId": _unused("instance"),
            "networkInterfaceId": _unused("network_interface"),
            "privateIpAddress": said("private_ip"),
            "domain": said("domain"),
        },
    ),
    Row(("aws_vpc_endpoint",), "VPC_ENDPOINT", known("id"), _ENDPOINT),
    Row(("aws_vpc_endpoint_service",), "VPC_ENDPOINT_SERVICE", known("id"), _SERVICE),
    Row(("aws_lb", "aws_alb"), "LOAD_BALANCER", known("arn", "name"), _BALANCER),
    Row(("aws_elb",), "LOAD_BALANCER", known("name", "name"), _CLASSIC),
)
