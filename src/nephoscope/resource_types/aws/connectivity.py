"""AWS resource types: what connects a network with others (endpoints, VPNs, transit gateways) and balances load."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import booleans, integers, lists, parts, rows, strings, times
from nephoscope.resource_types.types import ResourceType

_HOUSEKEEPING = ("connectorId", "customerId", "scanId", "displayName")
"""Keys that the compatible API shows on some types; only `displayName` is the cloud's to know."""

VPC_ENDPOINT = ResourceType(
    name="VPC_ENDPOINT",
    provider=Provider.AWS,
    service_type="VPC",
    title="VPC Endpoint",
    permissions=("ec2:DescribeVpcEndpoints",),
    fields=(
        *strings(*_HOUSEKEEPING, "policyDocument", "dnsOption", "serviceName", "ipAddressType"),
        *strings("vpcEndpointType", "vpcId vpc.id", "state", "vpcEndpointId", "ownerId"),
        *booleans("privateDnsEnabled", "requesterManaged"),
        *rows("securityGroupSet", "groupId", "groupName"),
        *rows("dnsEntrySets", "hostedZoneId", "dnsName"),
        *lists("routeTableIds", "networkInterfaceIds", "subnetIds"),
        *times("creationTimestamp"),
    ),
    wire=(
        *_HOUSEKEEPING,
        *("policyDocument", "dnsOption", "serviceName", "securityGroupSet", "privateDnsEnabled", "requesterManaged"),
        *("ipAddressType", "routeTableIds", "vpcEndpointType", "vpcId", "state", "dnsEntrySets"),
        *("networkInterfaceIds", "subnetIds"),
    ),
)

VPC_ENDPOINT_SERVICE = ResourceType(
    name="VPC_ENDPOINT_SERVICE",
    provider=Provider.AWS,
    service_type="VPC",
    title="VPC Endpoint Service",
    permissions=("ec2:DescribeVpcEndpointServiceConfigurations",),
    fields=(
        *strings(*_HOUSEKEEPING, "owner", "supportedIpAddressType", "serviceTypes", "privateDnsName"),
        *strings("privateDnsNameVerificationState", "serviceId", "serviceName", "serviceState"),
        *booleans("acceptanceRequired", "managesVpcEndpoints", "vpcEndpointPolicySupported"),
        *lists("availabilityZone", "baseEndpointDnsName", "networkLoadBalancerArns", "gatewayLoadBalancerArns"),
        *lists("allowedPrincipals"),
    ),
    wire=(
        *_HOUSEKEEPING,
        *("owner", "acceptanceRequired", "managesVpcEndpoints", "availabilityZone", "baseEndpointDnsName"),
        *("supportedIpAddressType", "serviceTypes", "privateDnsName", "privateDnsNameVerificationState"),
        "vpcEndpointPolicySupported",
    ),
)

LOAD_BALANCER = ResourceType(
    name="LOAD_BALANCER",
    provider=Provider.AWS,
    service_type="ELB",
    title="Load Balancer",
    permissions=("elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags"),
    aliases=("ELB", "ALB", "NLB"),
    fields=(
        *strings("loadBalancerArn", "scheme", "dnsName", "type", "loadBalancerName", "state", "ipAddressType", "vpcid"),
        *strings("webAclArn"),
        *lists("instances", "subnetAvailabilityZonePair", "availabilityZones", "subnets", "securityGroups"),
        *times("createdTime"),
        *rows(
            "listeners",
            *("listenerArn", "port", "protocol", "instancePort", "instanceProtocol", "sslPolicy", "certificateArn"),
            "defaultActions",
            *("defaultActions.type", "defaultActions.redirectConfig.protocol", "policyNames"),
        ),
        *parts(
            "attributes",
            *("accessLogsEnabled", "accessLogsBucket", "connectionLogsEnabled", "deletionProtectionEnabled"),
            *("crossZoneEnabled", "dropInvalidHeaderFields", "desyncMitigationMode", "connectionDrainingEnabled"),
            *("idleTimeoutSeconds", "wafFailOpen"),
        ),
    ),
    wire=(
        *("loadBalancerArn", "scheme", "instances", "subnetAvailabilityZonePair", "dnsName", "availabilityZones"),
        *("type", "loadBalancerName", "createdTime", "subnets", "state", "listeners", "ipAddressType", "vpcid"),
        "securityGroups",
    ),
)

VPN_CONNECTION = ResourceType(
    name="VPN_CONNECTION",
    provider=Provider.AWS,
    service_type="VPC",
    title="Site-to-Site VPN Connection",
    permissions=("ec2:DescribeVpnConnections",),
    fields=(
        *strings("vpnConnectionId", "state", "type", "category", "customerGatewayId", "vpnGatewayId"),
        *strings("transitGatewayId"),
        *booleans("staticRoutesOnly"),
        *rows("tunnels", "outsideIpAddress", "status", "statusMessage", "acceptedRouteCount"),
    ),
)

TRANSIT_GATEWAY = ResourceType(
    name="TRANSIT_GATEWAY",
    provider=Provider.AWS,
    service_type="VPC",
    title="Transit Gateway",
    permissions=("ec2:DescribeTransitGateways",),
    fields=(
        *strings("transitGatewayId", "state", "ownerId", "description"),
        *integers("amazonSideAsn"),
        *times("creationTime"),
        *parts(
            "options",
            *("autoAcceptSharedAttachments", "defaultRouteTableAssociation", "defaultRouteTablePropagation"),
            *("dnsSupport", "vpnEcmpSupport"),
        ),
    ),
)

TYPES: tuple[ResourceType, ...] = (
    VPC_ENDPOINT,
    VPC_ENDPOINT_SERVICE,
    LOAD_BALANCER,
    VPN_CONNECTION,
    TRANSIT_GATEWAY,
)
