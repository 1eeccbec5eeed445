"""Two networks beside the default one: core is open in places and logged, payments is tight and not logged."""

from typing import Any

from nephoscope.simulation.aws.estate.world import World, role_arn, stage, team

_ANY = [{"CidrIp": "0.0.0.0/0"}]
_ANY6 = [{"CidrIpv6": "::/0"}]
_INSIDE = [{"CidrIp": "10.0.0.0/8"}]
GROUPS: tuple[tuple[str, str, list[dict[str, Any]]], ...] = (
    ("web", "HTTPS for everybody", [{"FromPort": 443, "ToPort": 443, "IpRanges": _ANY, "Ipv6Ranges": _ANY6}]),
    ("app", "from the load balancers", [{"FromPort": 8080, "ToPort": 8080, "IpRanges": _INSIDE}]),
    ("db", "PostgreSQL from inside", [{"FromPort": 5432, "ToPort": 5432, "IpRanges": _INSIDE}]),
    ("bastion", "SSH from the office", [{"FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "198.51.100.0/24"}]}]),
    ("legacy-ssh", "SSH from anywhere", [{"FromPort": 22, "ToPort": 22, "IpRanges": _ANY}]),
    ("legacy-rdp", "remote desktops", [{"FromPort": 3389, "ToPort": 3389, "IpRanges": _ANY, "Ipv6Ranges": _ANY6}]),
    ("files", "file shares", [{"FromPort": 445, "ToPort": 445, "IpRanges": _ANY}]),
    ("reporting", "MySQL for a partner", [{"FromPort": 3306, "ToPort": 3306, "IpRanges": _ANY}]),
    ("debug", "everything, for a day", [{"IpProtocol": "-1", "IpRanges": _ANY}]),
)


def fill(world: World) -> None:
    _network(world, "core", "10.20")
    _network(world, "payments", "10.30")
    _peering(world)
    _tighten_payments(world)
    for index in range(len(GROUPS) * world.scale):
        _group(world, index)
    _settings(world)


def _tags(kind: str, name: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


def _network(world: World, name: str, prefix: str) -> None:
    ec2 = world.client("ec2")
    vpc = ec2.create_vpc(CidrBlock=f"{prefix}.0.0/16", TagSpecifications=_tags("vpc", name))["Vpc"]["VpcId"]
    world.ids[f"vpc/{name}"] = vpc
    gateway = ec2.create_internet_gateway(TagSpecifications=_tags("internet-gateway", name))["InternetGateway"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc, TagSpecifications=_tags("route-table", f"{name}-public"))["RouteTable"]
    world.ids[f"table/{name}"] = table["RouteTableId"]
    ec2.create_route(
        RouteTableId=table["RouteTableId"],
        DestinationCidrBlock="0.0.0.0/0",
        GatewayId=gateway["InternetGatewayId"],
    )
    for number, zone in enumerate("abc"):
        subnet = ec2.create_subnet(
            VpcId=vpc,
            CidrBlock=f"{prefix}.{number}.0/24",
            AvailabilityZone=f"{world.region}{zone}",
            TagSpecifications=_tags("subnet", f"{name}-{zone}"),
        )["Subnet"]["SubnetId"]
        world.ids[f"subnet/{name}/{zone}"] = subnet
    public = world.ids[f"subnet/{name}/a"]
    ec2.associate_route_table(RouteTableId=table["RouteTableId"], SubnetId=public)
    ec2.modify_subnet_attribute(SubnetId=public, MapPublicIpOnLaunch={"Value": True})


def _peering(world: World) -> None:
    ec2 = world.client("ec2")
    core, payments = world.ids["vpc/core"], world.ids["vpc/payments"]
    peering = ec2.create_vpc_peering_connection(VpcId=core, PeerVpcId=payments)["VpcPeeringConnection"]
    identity = peering["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=identity)
    for name, destination in (("core", "10.30.0.0/16"), ("payments", "10.20.1.0/24")):
        ec2.create_route(
            RouteTableId=world.ids[f"table/{name}"], DestinationCidrBlock=destination, VpcPeeringConnectionId=identity
        )


def _tighten_payments(world: World) -> None:
    ec2 = world.client("ec2")
    vpc = world.ids["vpc/payments"]
    inside = [{"Name": "vpc-id", "Values": [vpc]}]
    acl = ec2.create_network_acl(VpcId=vpc, TagSpecifications=_tags("network-acl", "payments"))["NetworkAcl"]
    for number, (egress, port, source) in enumerate(
        ((False, 443, "10.0.0.0/8"), (False, 8080, "10.20.0.0/16"), (True, 443, "0.0.0.0/0"))
    ):
        ec2.create_network_acl_entry(
            NetworkAclId=acl["NetworkAclId"],
            RuleNumber=100 + number,
            Protocol="6",
            RuleAction="allow",
            Egress=egress,
            CidrBlock=source,
            PortRange={"From": port, "To": port},
        )
    group = next(
        row for row in ec2.describe_security_groups(Filters=inside)["SecurityGroups"] if row["GroupName"] == "default"
    )
    if group["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
    if group["IpPermissionsEgress"]:
        ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])


def _group(world: World, index: int) -> None:
    ec2 = world.client("ec2")
    name, why, rules = GROUPS[index % len(GROUPS)]
    turn = index // len(GROUPS)
    group = ec2.create_security_group(
        GroupName=f"{team(turn)}-{name}-{stage(turn)}-{turn}",
        Description=why,
        VpcId=world.ids["vpc/payments" if name in ("app", "db") else "vpc/core"],
        TagSpecifications=_tags("security-group", name),
    )["GroupId"]
    permissions = [{"IpProtocol": "tcp", **rule} for rule in rules]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=permissions)
    world.ids[f"sg/{name}-{turn}"] = group


def _settings(world: World) -> None:
    ec2 = world.client("ec2")
    ec2.create_flow_logs(
        ResourceIds=[world.ids["vpc/core"]],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestinationType="cloud-watch-logs",
        LogGroupName="/meridian/flow-logs/core",
        DeliverLogsPermissionArn=role_arn("flow-logs"),
    )
    ec2.create_vpc_endpoint(
        VpcId=world.ids["vpc/core"],
        ServiceName=f"com.amazonaws.{world.region}.s3",
        VpcEndpointType="Gateway",
        RouteTableIds=[world.ids["table/core"]],
    )
    ec2.allocate_address(Domain="vpc")
    if world.is_home:
        ec2.enable_ebs_encryption_by_default()
        ec2.enable_snapshot_block_public_access(State="block-all-sharing")
        ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
        ec2.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=2)
    else:
        ec2.enable_serial_console_access()
