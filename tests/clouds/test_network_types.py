"""VPCs and what is in them, in a simulated account; and rules as rows."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from nephoscope.clouds.aws.collecting import Place
from nephoscope.clouds.aws.collectors import network
from nephoscope.clouds.aws.collectors.permission_rows import acl_rows, ports_open_to_all, security_group_rows
from nephoscope.resource_types.aws.network import TYPES
from nephoscope.simulation.aws import Simulation, start
from read_types import collect, read

ACCOUNT = "123456789012"
PLACE = Place("aws", ACCOUNT, "us-east-1")
ANY = "0.0.0.0/0"


class World:
    """Two peered VPCs, one of them furnished: `ids` says what was made."""

    def __init__(self, simulation: Simulation, stack: ExitStack) -> None:
        self.simulation = simulation
        self._stack = stack
        self.ec2 = self.client("ec2")
        self.ids: dict[str, str] = {}
        self._networks()
        self._rules()
        self._ways()

    def client(self, service: str) -> Any:
        return self._stack.enter_context(closing(self.simulation.client(service)))

    def _networks(self) -> None:
        ec2, ids = self.ec2, self.ids
        tags = [{"Key": "Name", "Value": "shop"}]
        ids["vpc"] = ec2.create_vpc(
            CidrBlock="10.1.0.0/16",
            AmazonProvidedIpv6CidrBlock=True,
            TagSpecifications=[{"ResourceType": "vpc", "Tags": tags}],
        )["Vpc"]["VpcId"]
        ids["peer"] = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
        ids["subnet"] = ec2.create_subnet(VpcId=ids["vpc"], CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
        ec2.modify_subnet_attribute(SubnetId=ids["subnet"], MapPublicIpOnLaunch={"Value": True})
        ids["interface"] = ec2.create_network_interface(SubnetId=ids["subnet"], Description="spare")[
            "NetworkInterface"
        ]["NetworkInterfaceId"]

    def _rules(self) -> None:
        ec2, ids = self.ec2, self.ids
        ids["group"] = ec2.create_security_group(GroupName="web", Description="front", VpcId=ids["vpc"])["GroupId"]
        ec2.authorize_security_group_ingress(
            GroupId=ids["group"],
            IpPermissions=[
                {
                    "IpProtocol": "tcp",
                    "FromPort": 22,
                    "ToPort": 22,
                    "IpRanges": [{"CidrIp": ANY, "Description": "for now"}],
                    "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
                },
                {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": ids["group"]}]},
            ],
        )
        ids["acl"] = ec2.create_network_acl(VpcId=ids["vpc"])["NetworkAcl"]["NetworkAclId"]
        for number, action, first in ((200, "allow", 0), (100, "deny", 22)):
            ec2.create_network_acl_entry(
                NetworkAclId=ids["acl"],
                RuleNumber=number,
                Protocol="6",
                RuleAction=action,
                Egress=False,
                CidrBlock=ANY,
                PortRange={"From": first, "To": first or 65535},
            )

    def _ways(self) -> None:
        ec2, ids = self.ec2, self.ids
        ids["gateway"] = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=ids["gateway"], VpcId=ids["vpc"])
        ids["peering"] = ec2.create_vpc_peering_connection(VpcId=ids["vpc"], PeerVpcId=ids["peer"])[
            "VpcPeeringConnection"
        ]["VpcPeeringConnectionId"]
        ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=ids["peering"])
        ids["table"] = ec2.create_route_table(VpcId=ids["vpc"])["RouteTable"]["RouteTableId"]
        ec2.create_route(RouteTableId=ids["table"], DestinationCidrBlock=ANY, GatewayId=ids["gateway"])
        ec2.create_route(
            RouteTableId=ids["table"], DestinationCidrBlock="10.2.0.0/16", VpcPeeringConnectionId=ids["peering"]
        )
        ec2.associate_route_table(RouteTableId=ids["table"], SubnetId=ids["subnet"])
        ids["address"] = ec2.allocate_address(Domain="vpc")["AllocationId"]
        ids["idle_address"] = ec2.allocate_address(Domain="vpc")["AllocationId"]
        ids["nat"] = ec2.create_nat_gateway(SubnetId=ids["subnet"], AllocationId=ids["address"])["NatGateway"][
            "NatGatewayId"
        ]
        self.client("logs").create_log_group(logGroupName="flows")
        self.client("iam").create_role(RoleName="flows", AssumeRolePolicyDocument="{}")
        ids["log"] = ec2.create_flow_logs(
            ResourceIds=[ids["vpc"]],
            ResourceType="VPC",
            TrafficType="REJECT",
            LogGroupName="flows",
            DeliverLogsPermissionArn=f"arn:aws:iam::{ACCOUNT}:role/flows",
        )["FlowLogIds"][0]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with start(in_process=True) as simulation, ExitStack() as stack:
        yield World(simulation, stack)


@pytest.mark.parametrize("name", [row.name for row in TYPES])
def test_every_type_costs_one_call_and_is_whole(world: World, name: str) -> None:
    found = read(world.simulation, name)
    assert found
    assert all(one.arn.startswith(f"arn:aws:ec2:us-east-1:{ACCOUNT}:") for one in found.values())
    assert all(not one.unread for one in found.values())
    assert collect(world.simulation, name).report.calls == 1


def test_a_vpc(world: World) -> None:
    vpc = read(world.simulation, "VPC")[world.ids["vpc"]]
    assert vpc.name == "shop"
    assert (vpc.document["cidrBlock"], vpc.document["isDefault"]) == ("10.1.0.0/16", False)
    assert vpc.document["ownerId"] == ACCOUNT
    (block,) = vpc.document["ipv6CidrBlockAssociationSet"]
    assert list(block) == ["associationId", "ipv6CidrBlockState", "ipv6CidrBlock"]
    assert block["ipv6CidrBlockState"] == "associated"


def test_a_subnet(world: World) -> None:
    document = read(world.simulation, "SUBNET")[world.ids["subnet"]].document
    assert document["vpcId"] == world.ids["vpc"]
    assert document["mapPublicIpOnLaunch"] is True
    assert document["availableIpAddressCount"] > 200
    assert document["ipv6CidrBlockAssociationSet"] == []


def test_a_security_group_has_a_row_for_each_source(world: World) -> None:
    group = read(world.simulation, "VPC_SECURITY_GROUP")[world.ids["group"]]
    assert (group.name, group.document["groupName"], group.document["description"]) == ("web", "web", "front")
    assert group.document["vulnerable"] is None
    rows = [
        (row["type"], row["protocol"], row["portRange"], row["source"], row["description"], row["ruleAction"])
        for row in group.document["ipPermissionList"]
    ]
    assert rows == [
        ("SSH", "TCP", "22", ANY, "for now", "allow"),
        ("SSH", "TCP", "22", "::/0", None, "allow"),
        ("All traffic", "All", "All", world.ids["group"], None, "allow"),
    ]
    assert group.document["portsOpenToAll"] == [
        {"family": family, "protocol": "tcp", "fromPort": 22, "toPort": 22} for family in ("ipv4", "ipv6")
    ]
    egress = [(row["type"], row["source"]) for row in group.document["ipPermissionEgressList"]]
    assert egress == [("All traffic", ANY), ("All traffic", "::/0")]


def test_a_network_acl_lists_its_rules_in_the_order_of_their_numbers(world: World) -> None:
    document = read(world.simulation, "NETWORK_ACL")[world.ids["acl"]].document
    rows = [(row["ruleNumber"], row["ruleAction"], row["portRange"]) for row in document["ipPermissionList"]]
    assert rows == [(100, "deny", "22"), (200, "allow", "0-65535")]
    assert document["ipPermissionEgressList"] == []
    assert document["isDefault"] is False
    assert document["associations"] == []


def test_associations_of_a_network_acl_have_the_keys_of_the_api(world: World) -> None:
    acls = read(world.simulation, "NETWORK_ACL").values()
    associations = [row for acl in acls for row in acl.document["associations"]]
    assert {row["subnetId"] for row in associations} >= {world.ids["subnet"]}
    assert {frozenset(row) for row in associations} == {
        frozenset({"subnetId", "networkAclAssociationId", "networkAclId"})
    }


def test_a_route_table(world: World) -> None:
    tables = read(world.simulation, "ROUTE_TABLE")
    document = tables[world.ids["table"]].document
    ways = {row["destination"]: row["target"] for row in document["routeDtos"] if ":" not in row["destination"]}
    assert ways == {"10.1.0.0/16": "local", ANY: world.ids["gateway"], "10.2.0.0/16": world.ids["peering"]}
    assert {row["state"] for row in document["routes"]} == {"active"}
    assert document["vpcPeeringConnectionIds"] == [world.ids["peering"]]
    assert document["isMain"] is False
    assert [row["subnetId"] for row in document["associations"]] == [world.ids["subnet"]]
    assert sum(table.document["isMain"] for table in tables.values()) == 3


def test_gateways_and_peerings(world: World) -> None:
    gateway = read(world.simulation, "INTERNET_GATEWAY")[world.ids["gateway"]].document
    assert gateway["attachments"] == [{"state": "available", "vpcId": world.ids["vpc"]}]
    peering = read(world.simulation, "VPC_PEERING")[world.ids["peering"]].document
    assert peering["status"]["code"] == "active"
    assert peering["accepterVpcInfo"]["cidrBlock"] == "10.2.0.0/16"
    assert peering["requesterVpcInfo"]["vpcId"] == world.ids["vpc"]
    nat = read(world.simulation, "NAT_GATEWAY")[world.ids["nat"]].document
    assert (nat["state"], nat["natGatewayAddresses"][0]["allocationId"]) == ("available", world.ids["address"])


def test_a_flow_log_does_not_take_the_name_of_what_it_logs(world: World) -> None:
    log = read(world.simulation, "FLOW_LOG")[world.ids["log"]]
    assert log.resource_id == world.ids["log"]
    assert "resourceId" not in log.document
    assert log.document["loggedResourceId"] == world.ids["vpc"]
    assert (log.document["flowLogStatus"], log.document["trafficType"]) == ("ACTIVE", "REJECT")


def test_interfaces_and_addresses(world: World) -> None:
    spare = read(world.simulation, "NETWORK_INTERFACE")[world.ids["interface"]].document
    assert (spare["status"], spare["attachment"], spare["description"]) == ("available", None, "spare")
    assert spare["groupIds"] == [row["groupId"] for row in spare["groups"]]
    addresses = read(world.simulation, "ELASTIC_IP")
    idle = addresses[world.ids["idle_address"]]
    assert idle.name == idle.document["publicIp"]
    assert idle.document["associationId"] is None
    assert addresses[world.ids["address"]].document["associationId"]


def _shape(name: str, raw: dict[str, Any]) -> dict[str, Any]:
    collector = next(one for one in network.COLLECTORS if one.resource_type == name)
    return collector.shape(raw, PLACE).document


def test_an_address_from_before_vpcs_is_known_by_its_number() -> None:
    collector = next(one for one in network.COLLECTORS if one.resource_type == "ELASTIC_IP")
    shaped = collector.shape({"PublicIp": "198.51.100.7", "InstanceId": "", "Domain": "standard"}, PLACE)
    assert shaped.resource_id == "198.51.100.7"
    assert shaped.document["instanceId"] is None


@pytest.mark.parametrize(
    ("route", "target"),
    [
        ({"DestinationCidrBlock": ANY, "NatGatewayId": "nat-1"}, "nat-1"),
        ({"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1"}, "eigw-1"),
        ({"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1"}, "vpce-1"),
        ({"DestinationCidrBlock": ANY, "InstanceId": "i-1", "InstanceOwnerId": "1"}, "i-1"),
        ({"DestinationCidrBlock": ANY, "State": "blackhole"}, None),
    ],
)
def test_a_route_in_two_words(route: dict[str, Any], target: str | None) -> None:
    (dto,) = _shape("ROUTE_TABLE", {"RouteTableId": "rtb-1", "Routes": [route]})["routeDtos"]
    assert dto["target"] == target
    assert dto["destination"] == next(value for key, value in route.items() if key.startswith("Destination"))


@pytest.mark.parametrize(
    ("permission", "shown"),
    [
        (("tcp", 443, 443), ("TCP", "HTTPS", "443", 443, 443)),
        (("tcp", 8000, 8100), ("TCP", "Custom TCP", "8000-8100", 8000, 8100)),
        (("tcp", 0, 65535), ("TCP", "All TCP", "0-65535", 0, 65535)),
        (("udp", 53, 53), ("UDP", "DNS", "53", 53, 53)),
        (("udp", -1, -1), ("UDP", "All UDP", "All", None, None)),
        (("-1", None, None), ("All", "All traffic", "All", None, None)),
        (("-1", 0, 0), ("All", "All traffic", "All", None, None)),
        (("icmp", -1, -1), ("ICMP", "All ICMP", "All", -1, -1)),
        (("icmp", 8, 0), ("ICMP", "Custom ICMP", "All", 8, 0)),
        (("icmpv6", None, None), ("ICMPv6", "All ICMPv6", "All", None, None)),
        (("58", None, None), ("ICMPv6", "All ICMPv6", "All", None, None)),
        (("50", None, None), ("50", "Custom protocol", "All", None, None)),
    ],
)
def test_how_a_rule_reads(permission: tuple[str, int | None, int | None], shown: tuple[Any, ...]) -> None:
    protocol, first, last = permission
    raw = {"IpProtocol": protocol, "FromPort": first, "ToPort": last, "PrefixListIds": [{"PrefixListId": "pl-1"}]}
    (row,) = security_group_rows([raw])
    assert (row["protocol"], row["type"], row["portRange"], row["fromPort"], row["toPort"]) == shown
    assert (row["source"], row["ruleAction"]) == ("pl-1", "allow")


def test_a_rule_without_a_source_is_no_row() -> None:
    assert security_group_rows([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}]) == []


def test_rules_of_acls_tell_icmp_and_families_apart() -> None:
    entries = [
        {"RuleNumber": 120, "Egress": True, "Protocol": "6", "RuleAction": "allow", "CidrBlock": ANY},
        {
            "RuleNumber": 110,
            "Egress": False,
            "Protocol": "1",
            "RuleAction": "allow",
            "Ipv6CidrBlock": "::/0",
            "IcmpTypeCode": {"Type": 3, "Code": 4},
        },
        {"RuleNumber": 100, "Egress": False, "Protocol": "17", "RuleAction": "deny", "CidrBlock": ANY},
    ]
    inbound = acl_rows(entries, egress=False)
    assert [(row["ruleNumber"], row["ipProtocol"], row["source"]) for row in inbound] == [
        (100, "udp", ANY),
        (110, "icmp", "::/0"),
    ]
    assert (inbound[1]["fromPort"], inbound[1]["toPort"]) == (3, 4)
    assert [row["ruleNumber"] for row in acl_rows(entries, egress=True)] == [120]


def _open(*rules: tuple[str, int | None, int | None, str]) -> list[tuple[str, str, int, int]]:
    """(family, protocol, from, to) of what everyone reaches."""
    rows = security_group_rows(
        {
            "IpProtocol": protocol,
            "FromPort": first,
            "ToPort": last,
            "Ipv6Ranges" if ":" in source else "IpRanges": [{"CidrIpv6" if ":" in source else "CidrIp": source}],
        }
        for protocol, first, last, source in rules
    )
    found = ports_open_to_all(rows)
    assert [list(row) for row in found] == [["family", "protocol", "fromPort", "toPort"]] * len(found)
    return [(row["family"], row["protocol"], row["fromPort"], row["toPort"]) for row in found]


def test_ports_that_everyone_reaches() -> None:
    assert _open(("tcp", 22, 22, ANY), ("tcp", 22, 22, ANY)) == [("ipv4", "tcp", 22, 22)]
    assert _open(("tcp", 22, 23, "::/0")) == [("ipv6", "tcp", 22, 23)]
    assert _open(("-1", None, None, ANY)) == [("ipv4", "-1", 0, 65535)]
    assert _open(("udp", -1, -1, ANY)) == [("ipv4", "udp", 0, 65535)]


def test_ports_that_some_reach() -> None:
    assert _open(("tcp", 22, 22, "10.0.0.0/8"), ("tcp", 22, 22, "198.51.100.0/24")) == []
    assert _open(("icmp", -1, -1, ANY), ("50", None, None, ANY)) == []
    assert _open(("tcp", 22, 22, "0.0.0.0/1")) == []
    assert _open(("tcp", 22, 22, "0.0.0.0/1"), ("tcp", 23, 23, "128.0.0.0/1")) == []


def test_everyone_in_pieces() -> None:
    halves = (("tcp", 22, 22, "0.0.0.0/1"), ("tcp", 22, 22, "128.0.0.0/1"))
    assert _open(*halves) == [("ipv4", "tcp", 22, 22)]
    assert _open(("tcp", 22, 22, "::/1"), ("tcp", 0, 100, "8000::/1")) == [("ipv6", "tcp", 22, 22)]
    assert _open(("tcp", 22, 22, "0.0.0.0/1"), ("-1", None, None, "128.0.0.0/1")) == [("ipv4", "tcp", 22, 22)]
