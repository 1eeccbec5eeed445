"""What AWS Config records of EC2 and its relatives."""

from typing import Any

from nephoscope.clouds.aws.collecting import Raw
from nephoscope.clouds.exported.config.rows import UNTOLD, Item, Row


def _ec2(resource_type: str, kind: str, operation: str, path: str, **more: Any) -> Row:
    return Row(resource_type, (f"AWS::EC2::{kind}",), ("ec2", operation, path), **more)


def _group(item: Item) -> Raw:
    """Addresses stand in `ipv4Ranges`; in `ipRanges` too, as plain texts, which older items alone have."""
    found = dict(item.configuration)
    for key in ("ipPermissions", "ipPermissionsEgress"):
        found[key] = [
            {**row, "ipRanges": row.get("ipv4Ranges") or [{"cidrIp": text} for text in row.get("ipRanges") or ()]}
            for row in found.get(key) or ()
        ]
    return found


def _template(item: Item) -> Raw:
    """Whose data they are, is sure only where the default version is also the latest."""
    found = item.configuration
    return {
        "LaunchTemplateId": found.get("Id") or item.identity,
        "LaunchTemplateName": found.get("LaunchTemplateName"),
        "LaunchTemplateData": found.get("LaunchTemplateData") or {},
        "VersionNumber": int(found.get("DefaultVersionNumber") or 0),
    }


_OF_TEMPLATE = (
    *("imageId", "instanceType", "keyName", "ebsOptimized", "blockDeviceMappings", "metadataOptions", "monitoring"),
    *("iamInstanceProfileArn", "associatePublicIpAddress", "securityGroupIds"),
)


def _latest(_raw: Raw, item: Item, _account: object) -> Raw:
    found = item.configuration
    default, latest = (int(found.get(f"{which}VersionNumber") or 0) for which in ("Default", "Latest"))
    is_sure = default == latest and bool(found.get("LaunchTemplateData"))
    return {"Latest": latest, UNTOLD: [] if is_sure else list(_OF_TEMPLATE)}


def _transit(item: Item) -> Raw:
    """Its state is not recorded; one that is deleted has no item any more."""
    found = dict(item.configuration)
    names = (
        *("AutoAcceptSharedAttachments", "DefaultRouteTableAssociation", "DefaultRouteTablePropagation"),
        *("DnsSupport", "VpnEcmpSupport", "AmazonSideAsn"),
    )
    return {
        "TransitGatewayId": found.get("Id") or item.identity,
        "TransitGatewayArn": item.arn,
        "State": "available",
        "Description": found.get("Description"),
        "Options": {name: found[name] for name in names if name in found},
    }


_INSTANCE = {
    "instanceState": "State",
    "networkInterfaceAddresses": "NetworkInterfaces",
    "elasticIpAddress": "NetworkInterfaces",
    "secondaryPrivateIpAddress": "NetworkInterfaces",
    "securityGroups": "SecurityGroups",
    "securityGroupIds": "NetworkInterfaces",
    "iamInstanceProfile": "IamInstanceProfile",
    "stoppedOn": "StateTransitionReason",
}

_LOOSE = ("Association", "Attachment", "RequesterId", "Description")
_FREE = ("AssociationId", "InstanceId", "NetworkInterfaceId", "PrivateIpAddress")
_ENDPOINT = {"securityGroupSet": "Groups", "dnsEntrySets": "DnsEntries", "dnsOption": "DnsOptions"}

ROWS: tuple[Row, ...] = (
    _ec2(
        "EC2_INSTANCE",
        "Instance",
        "DescribeInstances",
        "Reservations.Instances",
        told_by=_INSTANCE,
        unset=(
            *("PublicIpAddress", "PublicDnsName", "PrivateDnsName", "KeyName", "Platform", "InstanceLifecycle"),
            *("SpotInstanceRequestId", "IamInstanceProfile", "StateTransitionReason", "VpcId", "SubnetId"),
        ),
    ),
    _ec2(
        "EBS",
        "Volume",
        "DescribeVolumes",
        "Volumes",
        told_by={"size": "Size"},
        unset=("KmsKeyId", "SnapshotId", "Iops"),
    ),
    _ec2("VPC", "VPC", "DescribeVpcs", "Vpcs"),
    _ec2(
        "VPC_SECURITY_GROUP",
        "SecurityGroup",
        "DescribeSecurityGroups",
        "SecurityGroups",
        renamed=_group,
    ),
    _ec2("NETWORK_ACL", "NetworkAcl", "DescribeNetworkAcls", "NetworkAcls", told_by={"associations": "Associations"}),
    _ec2("SUBNET", "Subnet", "DescribeSubnets", "Subnets"),
    _ec2(
        "ROUTE_TABLE",
        "RouteTable",
        "DescribeRouteTables",
        "RouteTables",
        told_by={
            "routes": "Routes",
            "routeDtos": "Routes",
            "vpcPeeringConnectionIds": "Routes",
            "associations": "Associations",
            "isMain": "Associations",
        },
    ),
    _ec2("INTERNET_GATEWAY", "InternetGateway", "DescribeInternetGateways", "InternetGateways"),
    _ec2("NETWORK_INTERFACE", "NetworkInterface", "DescribeNetworkInterfaces", "NetworkInterfaces", unset=_LOOSE),
    _ec2("FLOW_LOG", "FlowLog", "DescribeFlowLogs", "FlowLogs", told_by={"loggedResourceId": "ResourceId"}),
    _ec2("ELASTIC_IP", "EIP", "DescribeAddresses", "Addresses", unset=_FREE),
    _ec2("NAT_GATEWAY", "NatGateway", "DescribeNatGateways", "NatGateways"),
    _ec2("VPC_ENDPOINT", "VPCEndpoint", "DescribeVpcEndpoints", "VpcEndpoints", told_by=_ENDPOINT),
    _ec2(
        "VPC_ENDPOINT_SERVICE",
        "VPCEndpointService",
        "DescribeVpcEndpointServiceConfigurations",
        "ServiceConfigurations",
        told_by={"availabilityZone": "AvailabilityZones", "serviceTypes": "ServiceType"},
    ),
    _ec2("VPC_PEERING", "VPCPeeringConnection", "DescribeVpcPeeringConnections", "VpcPeeringConnections"),
    _ec2(
        "VPN_CONNECTION",
        "VPNConnection",
        "DescribeVpnConnections",
        "VpnConnections",
        told_by={"tunnels": "VgwTelemetry", "staticRoutesOnly": "Options"},
    ),
    _ec2(
        "TRANSIT_GATEWAY",
        "TransitGateway",
        "DescribeTransitGateways",
        "TransitGateways",
        renamed=_transit,
        never=("ownerId", "creationTime"),
    ),
    _ec2(
        "LAUNCH_TEMPLATE",
        "LaunchTemplate",
        "DescribeLaunchTemplateVersions",
        "LaunchTemplateVersions",
        renamed=_template,
        more=_latest,
        never=("hasUserData", "createdBy", "createTime"),
    ),
    Row(
        "AUTO_SCALING_GROUP",
        ("AWS::AutoScaling::AutoScalingGroup",),
        ("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups"),
        told_by={"instances": "Instances", "instanceTypes": "Instances", "subnetIds": "VPCZoneIdentifier"},
        unset=("LaunchConfigurationName", "LaunchTemplate", "MixedInstancesPolicy", "Status"),
    ),
    Row(
        "LAUNCH_CONFIGURATION",
        ("AWS::AutoScaling::LaunchConfiguration",),
        ("autoscaling", "DescribeLaunchConfigurations", "LaunchConfigurations"),
        told_by={"hasUserData": "UserData", "securityGroupIds": "SecurityGroups"},
    ),
)
