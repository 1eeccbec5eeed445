"""Endpoints, load balancers of both generations, VPNs and transit gateways in a simulated account."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from nephoscope.clouds.aws.collecting import Place
from nephoscope.clouds.aws.collectors import connectivity
from nephoscope.model.resources import Tag
from nephoscope.model.scopes import Outcome
from nephoscope.resource_types.aws.connectivity import LOAD_BALANCER
from nephoscope.simulation.aws import Disturbance, Fault, Simulation, start
from read_types import collect, read

ACCOUNT = "123456789012"
PLACE = Place("aws", ACCOUNT, "us-east-1")
REDIRECT = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}


class World:
    """`ids` says what was made."""

    def __init__(self, simulation: Simulation, stack: ExitStack) -> None:
        self.simulation = simulation
        self._stack = stack
        self.ec2 = self.client("ec2")
        self.ids: dict[str, str] = {"vpc": self.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]}
        self.subnets = [row["SubnetId"] for row in self.ec2.describe_subnets()["Subnets"]][:2]
        self._balancers()
        self._endpoints()
        self._far()

    def client(self, service: str) -> Any:
        return self._stack.enter_context(closing(self.simulation.client(service)))

    def _balancers(self) -> None:
        modern, classic = self.client("elbv2"), self.client("elb")
        made = modern.create_load_balancer(
            Name="front", Subnets=self.subnets, Scheme="internal", Tags=[{"Key": "team", "Value": "blue"}]
        )
        self.ids["front"] = made["LoadBalancers"][0]["LoadBalancerArn"]
        modern.create_listener(LoadBalancerArn=self.ids["front"], Protocol="HTTP", Port=80, DefaultActions=[REDIRECT])
        modern.modify_load_balancer_attributes(
            LoadBalancerArn=self.ids["front"],
            Attributes=[
                {"Key": "access_logs.s3.enabled", "Value": "true"},
                {"Key": "access_logs.s3.bucket", "Value": "logs"},
                {"Key": "routing.http.desync_mitigation_mode", "Value": "strictest"},
                {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"},
                {"Key": "idle_timeout.timeout_seconds", "Value": "90"},
            ],
        )
        classic.create_load_balancer(
            LoadBalancerName="old",
            Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 8080}],
            AvailabilityZones=["us-east-1a"],
            Tags=[{"Key": "team", "Value": "red"}],
        )
        classic.modify_load_balancer_attributes(
            LoadBalancerName="old",
            LoadBalancerAttributes={
                "CrossZoneLoadBalancing": {"Enabled": True},
                "ConnectionDraining": {"Enabled": True, "Timeout": 60},
                "AdditionalAttributes": [{"Key": "elb.http.desyncmitigationmode", "Value": "monitor"}],
            },
        )

    def _endpoints(self) -> None:
        made = self.ec2.create_vpc_endpoint(VpcId=self.ids["vpc"], ServiceName="com.amazonaws.us-east-1.s3")
        self.ids["endpoint"] = made["VpcEndpoint"]["VpcEndpointId"]
        network = self.client("elbv2").create_load_balancer(Name="inside", Subnets=self.subnets[:1], Type="network")
        service = self.ec2.create_vpc_endpoint_service_configuration(
            NetworkLoadBalancerArns=[network["LoadBalancers"][0]["LoadBalancerArn"]], AcceptanceRequired=False
        )
        self.ids["service"] = service["ServiceConfiguration"]["ServiceId"]
        self.ec2.modify_vpc_endpoint_service_permissions(ServiceId=self.ids["service"], AddAllowedPrincipals=["*"])

    def _far(self) -> None:
        options = {"AutoAcceptSharedAttachments": "enable"}
        self.ids["transit"] = self.ec2.create_transit_gateway(Options=options)["TransitGateway"]["TransitGatewayId"]
        customer = self.ec2.create_customer_gateway(BgpAsn=65000, PublicIp="198.51.100.7", Type="ipsec.1")
        gateway = self.ec2.create_vpn_gateway(Type="ipsec.1")
        self.ids["vpn"] = self.ec2.create_vpn_connection(
            CustomerGatewayId=customer["CustomerGateway"]["CustomerGatewayId"],
            VpnGatewayId=gateway["VpnGateway"]["VpnGatewayId"],
            Type="ipsec.1",
        )["VpnConnection"]["VpnConnectionId"]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with start(in_process=True) as simulation, ExitStack() as stack:
        yield World(simulation, stack)


def test_a_load_balancer_of_today(world: World) -> None:
    front = read(world.simulation, "LOAD_BALANCER")[world.ids["front"]]
    document = front.document
    assert (front.name, front.arn, front.tags) == ("front", world.ids["front"], (Tag("team", "blue"),))
    assert set(LOAD_BALANCER.wire) <= set(document)
    assert (document["type"], document["scheme"], document["state"]) == ("application", "internal", "active")
    assert document["vpcid"] == world.ids["vpc"]
    assert document["availabilityZones"] == ["us-east-1a", "us-east-1b"]
    assert document["subnetAvailabilityZonePair"][0] == f"{world.subnets[0]}:us-east-1a"
    (listener,) = document["listeners"]
    assert (listener["port"], listener["protocol"]) == (80, "HTTP")
    assert listener["defaultActions"][0]["redirectConfig"]["protocol"] == "HTTPS"
    assert document["attributes"] == {
        "accessLogsEnabled": True,
        "accessLogsBucket": "logs",
        "connectionLogsEnabled": False,
        "deletionProtectionEnabled": False,
        "crossZoneEnabled": False,
        "dropInvalidHeaderFields": True,
        "desyncMitigationMode": "strictest",
        "connectionDrainingEnabled": None,
        "idleTimeoutSeconds": 90,
        "wafFailOpen": False,
    }


def test_a_load_balancer_of_old(world: World) -> None:
    old = read(world.simulation, "LOAD_BALANCER")["old"]
    assert old.arn == f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/old"
    assert old.tags == (Tag("team", "red"),)
    assert (old.document["type"], old.document["vpcid"]) == ("classic", world.ids["vpc"])
    (listener,) = old.document["listeners"]
    assert (listener["port"], listener["protocol"], listener["instancePort"]) == (80, "HTTP", 8080)
    assert listener["certificateArn"] is None
    assert old.document["attributes"] == {
        "accessLogsEnabled": False,
        "accessLogsBucket": None,
        "connectionLogsEnabled": None,
        "deletionProtectionEnabled": None,
        "crossZoneEnabled": True,
        "dropInvalidHeaderFields": None,
        "desyncMitigationMode": "monitor",
        "connectionDrainingEnabled": True,
        "idleTimeoutSeconds": 60,
        "wafFailOpen": None,
    }


def test_web_acls_are_asked_for_where_there_are_any(world: World) -> None:
    world.simulation.forget_calls()
    assert read(world.simulation, "LOAD_BALANCER")[world.ids["front"]].document["webAclArn"] is None
    assert world.simulation.calls().get("wafv2.GetWebACLForResource") is None
    waf = world.client("wafv2")
    acl = waf.create_web_acl(
        Name="front",
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        VisibilityConfig={"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "front"},
    )["Summary"]["ARN"]
    waf.associate_web_acl(WebACLArn=acl, ResourceArn=world.ids["front"])
    found = read(world.simulation, "LOAD_BALANCER")
    assert found[world.ids["front"]].document["webAclArn"] == acl
    assert found["old"].document["webAclArn"] is None


def test_a_denied_detail_of_load_balancers_is_unread(world: World) -> None:
    world.simulation.disturb(Fault(Disturbance.DENIED, "elbv2", "DescribeListeners"))
    try:
        found = read(world.simulation, "LOAD_BALANCER")
    finally:
        world.simulation.disturb()
    assert found[world.ids["front"]].unread["listeners"].startswith("denied: ")
    assert found["old"].document["listeners"]


def test_load_balancers_without_their_tags_are_no_answer(world: World) -> None:
    world.simulation.disturb(Fault(Disturbance.DENIED, "elb", "DescribeTags"))
    try:
        report = collect(world.simulation, "LOAD_BALANCER").report
    finally:
        world.simulation.disturb()
    assert report.outcome is Outcome.DENIED
    assert report.permission.endswith(":DescribeTags")


def test_tags_are_asked_for_twenty_at_a_time() -> None:
    asked: list[int] = []

    class Many:
        place = PLACE

        def items(
            self, service: str, operation: str, path: str, /, *, region: str = "", **_: Any
        ) -> list[dict[str, Any]]:
            del operation, path, region
            return [{"LoadBalancerArn": f"arn:{n}"} for n in range(45)] if service == "elbv2" else []

        def call(self, *_: str, region: str = "", **arguments: Any) -> dict[str, Any]:
            del region
            names = arguments["ResourceArns"]
            asked.append(len(names))
            return {"TagDescriptions": [{"ResourceArn": name, "Tags": [{"Key": name}]} for name in names]}

        def shared(self, *_: Any, **__: Any) -> Any:
            raise NotImplementedError

    collector = next(one for one in connectivity.COLLECTORS if one.resource_type == "LOAD_BALANCER")
    rows = list(collector.fetch(Many()))
    assert asked == [20, 20, 5]
    assert [row["Tags"][0]["Key"] for row in rows] == [f"arn:{n}" for n in range(45)]


def test_secrets_of_a_login_at_the_listener_stay_out() -> None:
    raw = {"DefaultActions": [{"Type": "authenticate-oidc", "AuthenticateOidcConfig": {"ClientSecret": "hush"}}]}
    assert "hush" not in str(connectivity._listener(raw))


def test_an_endpoint(world: World) -> None:
    endpoint = read(world.simulation, "VPC_ENDPOINT")[world.ids["endpoint"]]
    document = endpoint.document
    assert document["displayName"] == endpoint.name
    assert document["serviceName"] == "com.amazonaws.us-east-1.s3"
    assert '"Principal": "*"' in document["policyDocument"]
    assert document["connectorId"] is None


def test_names_of_an_endpoint_are_those_of_the_api() -> None:
    raw = {
        "VpcEndpointId": "vpce-1",
        "Groups": [{"GroupId": "sg-1", "GroupName": "web"}],
        "DnsEntries": [{"DnsName": "x.vpce.amazonaws.com", "HostedZoneId": "Z1"}],
        "DnsOptions": {"DnsRecordIpType": "ipv4"},
    }
    document = connectivity.COLLECTORS[0].shape(raw, PLACE).document
    assert document["securityGroupSet"] == [{"groupId": "sg-1", "groupName": "web"}]
    assert document["dnsEntrySets"] == [{"dnsName": "x.vpce.amazonaws.com", "hostedZoneId": "Z1"}]
    assert document["dnsOption"] == "ipv4"


def test_an_offered_service(world: World) -> None:
    document = read(world.simulation, "VPC_ENDPOINT_SERVICE")[world.ids["service"]].document
    assert (document["owner"], document["acceptanceRequired"]) == (ACCOUNT, False)
    assert document["allowedPrincipals"] == ["*"]
    assert document["serviceTypes"] == "Interface"


def test_a_transit_gateway(world: World) -> None:
    document = read(world.simulation, "TRANSIT_GATEWAY")[world.ids["transit"]].document
    assert document["options"]["autoAcceptSharedAttachments"] == "enable"
    assert document["ownerId"] == ACCOUNT


def test_the_keys_of_a_vpn_stay_out(world: World) -> None:
    vpn = read(world.simulation, "VPN_CONNECTION")[world.ids["vpn"]]
    assert "pre_shared_key" not in str(vpn.document)
    assert vpn.document["state"] == "available"


def test_tunnels_of_a_vpn() -> None:
    raw = {
        "VpnConnectionId": "vpn-1",
        "CustomerGatewayConfiguration": "<pre_shared_key>hush</pre_shared_key>",
        "Options": {"StaticRoutesOnly": True, "TunnelOptions": [{"PreSharedKey": "hush"}]},
        "VgwTelemetry": [{"OutsideIpAddress": "198.51.100.1", "Status": "UP", "AcceptedRouteCount": 2}],
    }
    collector = next(one for one in connectivity.COLLECTORS if one.resource_type == "VPN_CONNECTION")
    document = collector.shape(raw, PLACE).document
    assert "hush" not in str(document)
    assert document["staticRoutesOnly"] is True
    assert document["tunnels"] == [
        {"outsideIpAddress": "198.51.100.1", "status": "UP", "statusMessage": None, "acceptedRouteCount": 2}
    ]
