"""AWS resource types: the network inside a region (VPCs, subnets, routes, rules, interfaces, addresses)."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import booleans, integers, lists, parts, rows, strings, times
from nephoscope.resource_types.types import ResourceType

_RULE = (
    *("portRange", "ruleAction", "protocol", "source", "type"),
    *("ipProtocol", "fromPort", "toPort", "description", "ruleNumber"),
)
"""What one row of a permission list holds: one source each, in the order in which the rules are looked at."""

_PEER = ("vpcId", "ownerId", "region", "cidrBlock", "cidrBlockSet.cidrBlock")

VPC = ResourceType(
    name="VPC",
    provider=Provider.AWS,
    service_type="VPC",
    title="VPC",
    permissions=("ec2:DescribeVpcs",),
    fields=(
        *strings("instanceTenancy", "cidrBlock", "vpcId vpc.id", "state", "ownerId", "dhcpOptionsId"),
        *booleans("isDefault vpc.isDefault"),
        *rows("ipv6CidrBlockAssociationSet", "associationId", "ipv6CidrBlockState", "ipv6CidrBlock"),
        *rows("cidrBlockAssociationSet", "cidrBlock"),
    ),
    wire=("instanceTenancy", "cidrBlock", "isDefault", "vpcId", "ipv6CidrBlockAssociationSet"),
)

VPC_SECURITY_GROUP = ResourceType(
    name="VPC_SECURITY_GROUP",
    provider=Provider.AWS,
    service_type="VPC",
    title="VPC Security Group",
    permissions=("ec2:DescribeSecurityGroups",),
    aliases=("SECURITY_GROUP",),
    fields=(
        *strings("groupId security.group.id", "description", "vpcId vpc.id", "groupName security.group.name"),
        *strings("ownerId"),
        *booleans("vulnerable"),
        *rows("portsOpenToAll", "family", "protocol", "fromPort", "toPort"),
        *rows("ipPermissionList", *_RULE),
        *rows("ipPermissionEgressList", *_RULE),
    ),
    wire=(
        *("groupId", "description", "vulnerable", "vpcId", "ipPermissionList", "ipPermissionEgressList"),
        "groupName",
    ),
)

NETWORK_ACL = ResourceType(
    name="NETWORK_ACL",
    provider=Provider.AWS,
    service_type="VPC",
    title="Network ACL",
    permissions=("ec2:DescribeNetworkAcls",),
    aliases=("NACL",),
    fields=(
        *rows("associations", "subnetId", "networkAclAssociationId", "networkAclId"),
        *rows("ipPermissionEgressList", *_RULE),
        *rows("ipPermissionList", *_RULE),
        *booleans("isDefault"),
        *strings("vpcId vpc.id", "networkAclId network.acl.id", "ownerId"),
    ),
    wire=("associations", "ipPermissionEgressList", "ipPermissionList", "isDefault", "vpcId", "networkAclId"),
)

SUBNET = ResourceType(
    name="SUBNET",
    provider=Provider.AWS,
    service_type="VPC",
    title="Subnet",
    permissions=("ec2:DescribeSubnets",),
    fields=(
        *strings("subnetId subnet.id", "availabilityZone", "vpcId vpc.id", "cidrBlock", "state", "ownerId"),
        *booleans("assignIpv6AddressOnCreation", "mapPublicIpOnLaunch", "defaultForAz"),
        *rows("ipv6CidrBlockAssociationSet", "associationId", "ipv6CidrBlockState", "ipv6CidrBlock"),
        *integers("availableIpAddressCount"),
    ),
    wire=(
        *("subnetId", "availabilityZone", "assignIpv6AddressOnCreation", "vpcId", "ipv6CidrBlockAssociationSet"),
        *("cidrBlock", "availableIpAddressCount", "mapPublicIpOnLaunch", "defaultForAz"),
    ),
)

ROUTE_TABLE = ResourceType(
    name="ROUTE_TABLE",
    provider=Provider.AWS,
    service_type="VPC",
    title="Route Table",
    permissions=("ec2:DescribeRouteTables",),
    fields=(
        *rows("associations", "main", "routeTableAssociationId", "routeTableId", "subnetId", "gatewayId"),
        *rows("routeDtos", "destination", "target", "state", "origin"),
        *rows("routes", "destinationCidrBlock", "destinationIpv6CidrBlock", "gatewayId", "natGatewayId", "state"),
        *strings("vpcId vpc.id", "routeTableId route.table.id", "ownerId"),
        *booleans("isMain"),
        *lists("vpcPeeringConnectionIds"),
    ),
    wire=("associations", "routeDtos", "routes", "vpcId", "routeTableId"),
)

INTERNET_GATEWAY = ResourceType(
    name="INTERNET_GATEWAY",
    provider=Provider.AWS,
    service_type="VPC",
    title="Internet Gateway",
    permissions=("ec2:DescribeInternetGateways",),
    fields=(
        *rows("attachments", "vpcId", "state"),
        *strings("internetGatewayId internet.gateway.id", "ownerId"),
    ),
    wire=("attachments", "internetGatewayId"),
)

VPC_PEERING = ResourceType(
    name="VPC_PEERING",
    provider=Provider.AWS,
    service_type="VPC",
    title="VPC Peering Connection",
    permissions=("ec2:DescribeVpcPeeringConnections",),
    aliases=("VPC_PEERING_CONNECTION",),
    fields=(
        *strings("vpcPeeringConnectionId"),
        *parts("accepterVpcInfo", *_PEER),
        *parts("requesterVpcInfo", *_PEER),
        *parts("status", "code", "message"),
        *times("expirationTime"),
    ),
)

FLOW_LOG = ResourceType(
    name="FLOW_LOG",
    provider=Provider.AWS,
    service_type="VPC",
    title="VPC Flow Log",
    permissions=("ec2:DescribeFlowLogs",),
    fields=(
        *strings("flowLogId", "loggedResourceId", "flowLogStatus", "trafficType", "logDestination", "logGroupName"),
        *strings("logDestinationType", "deliverLogsStatus", "deliverLogsErrorMessage", "deliverLogsPermissionArn"),
        *strings("logFormat"),
        *integers("maxAggregationInterval"),
        *times("creationTime"),
    ),
)

NETWORK_INTERFACE = ResourceType(
    name="NETWORK_INTERFACE",
    provider=Provider.AWS,
    service_type="VPC",
    title="Network Interface",
    permissions=("ec2:DescribeNetworkInterfaces",),
    aliases=("ENI",),
    fields=(
        *strings("networkInterfaceId", "status", "interfaceType", "description", "requesterId", "ownerId"),
        *strings("subnetId subnet.id", "vpcId vpc.id", "availabilityZone", "privateIpAddress", "privateDnsName"),
        *booleans("requesterManaged", "sourceDestCheck"),
        *lists("groupIds", "ipv6Addresses"),
        *rows("groups", "groupId", "groupName"),
        *parts("attachment", "instanceId", "instanceOwnerId", "status", "deleteOnTermination"),
        *parts("association", "publicIp", "ipOwnerId", "allocationId"),
    ),
)

ELASTIC_IP = ResourceType(
    name="ELASTIC_IP",
    provider=Provider.AWS,
    service_type="EC2",
    title="Elastic IP Address",
    permissions=("ec2:DescribeAddresses",),
    aliases=("EIP",),
    fields=(
        *strings("publicIp", "allocationId", "associationId", "instanceId", "networkInterfaceId", "privateIpAddress"),
        *strings("domain", "networkBorderGroup", "publicIpv4Pool"),
    ),
)

NAT_GATEWAY = ResourceType(
    name="NAT_GATEWAY",
    provider=Provider.AWS,
    service_type="VPC",
    title="NAT Gateway",
    permissions=("ec2:DescribeNatGateways",),
    fields=(
        *strings("natGatewayId", "state", "vpcId vpc.id", "subnetId subnet.id", "connectivityType", "failureCode"),
        *strings("failureMessage"),
        *rows("natGatewayAddresses", "publicIp", "privateIp", "allocationId"),
        *times("createTime"),
    ),
)

TYPES: tuple[ResourceType, ...] = (
    VPC,
    VPC_SECURITY_GROUP,
    NETWORK_ACL,
    SUBNET,
    ROUTE_TABLE,
    INTERNET_GATEWAY,
    VPC_PEERING,
    FLOW_LOG,
    NETWORK_INTERFACE,
    ELASTIC_IP,
    NAT_GATEWAY,
)
