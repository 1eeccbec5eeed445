"""Network functions: hits and near misses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nephoscope.controls.functions import network

ANY, ANY6 = "0.0.0.0/0", "::/0"


def row(protocol: str, first: int | None, last: int | None, source: str = ANY, action: str = "allow") -> dict[str, Any]:
    return {"ipProtocol": protocol, "fromPort": first, "toPort": last, "source": source, "ruleAction": action}


TCP_22 = row("tcp", 22, 22)
EVERYTHING = row("-1", None, None)


@pytest.mark.parametrize(
    "rows",
    [
        [TCP_22],
        [EVERYTHING],
        [row("tcp", None, None)],
        [row("tcp", 0, 65535)],
        [row("tcp", 20, 30)],
        [row("udp", 22, 22)],
        [row("tcp", 22, 22, "10.0.0.0/8"), TCP_22],
        [row("tcp", 22, 22, "0.0.0.0/1"), row("tcp", 22, 22, "128.0.0.0/1")],
        [row("tcp", 22, 22, "0.0.0.0/2"), row("tcp", 22, 22, "64.0.0.0/2"), row("-1", None, None, "128.0.0.0/1")],
        [row("tcp", 22, 22, "203.0.113.0/24", "deny"), EVERYTHING],
        [row("tcp", 23, 23, ANY, "deny"), EVERYTHING],
        [row("udp", 22, 22, ANY, "deny"), EVERYTHING],
        [TCP_22, row("tcp", 22, 22, ANY, "deny")],
        [row("tcp", 22, 22, ANY6, "deny"), TCP_22],
    ],
)
def test_port_22_is_open_to_everyone(rows: list[Any]) -> None:
    assert network.opens_port(rows, ANY, 22)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [row("tcp", 23, 65535)],
        [row("tcp", 0, 21)],
        [row("icmp", -1, -1)],
        [row("icmp", 8, 22)],
        [row("47", None, None)],
        [row("tcp", 22, 22, "10.0.0.0/8")],
        [row("tcp", 22, 22, "sg-1")],
        [row("tcp", 22, 22, "pl-1")],
        [row("tcp", 22, 22, ANY6)],
        [row("tcp", 22, 22, "0.0.0.0/1")],
        [row("tcp", 22, 22, "not/a-network")],
        [row("tcp", 22, 22, ANY, "deny")],
        [row("tcp", 22, 22, ANY, "deny"), EVERYTHING],
        [row("-1", None, None, ANY, "deny"), TCP_22],
        [row("tcp", 22, 22, "0.0.0.0/1", "deny"), row("tcp", 22, 22, "128.0.0.0/1", "deny"), TCP_22],
    ],
)
def test_port_22_is_not_open_to_everyone(rows: list[Any]) -> None:
    assert not network.opens_port(rows, ANY, 22)


def test_the_families_are_told_apart() -> None:
    assert network.opens_port([row("tcp", 22, 22, ANY6)], ANY6, 22)
    assert not network.opens_port([TCP_22], ANY6, 22)
    halves = [row("tcp", 22, 22, "::/1"), row("tcp", 22, 22, "8000::/1")]
    assert network.opens_port(halves, ANY6, 22)


def test_any_of_several_ports() -> None:
    assert network.opens_any_port([row("tcp", 3000, 4000)], ANY, [22, 3389])
    assert not network.opens_any_port([row("tcp", 3000, 3388)], ANY, [22, 3389])
    assert not network.opens_any_port([TCP_22], ANY, [])


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        ([EVERYTHING], True),
        ([row("tcp", 0, 65535)], True),
        ([row("tcp", 1, 65535)], True),
        ([row("udp", None, None)], True),
        ([row("tcp", 1024, 65535)], False),
        ([row("-1", None, None, "sg-1")], False),
        ([row("-1", None, None, ANY, "deny")], False),
        ([row("icmp", -1, -1)], False),
    ],
)
def test_all_ports(rows: list[Any], answer: bool) -> None:
    assert network.opens_all_ports(rows, ANY) is answer


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        ([row("tcp", 443, 443), row("tcp", 80, 80)], False),
        ([row("tcp", 443, 443, "sg-1"), row("tcp", 8080, 8080, "10.0.0.0/8")], False),
        ([row("icmp", -1, -1)], False),
        ([row("tcp", 80, 81)], True),
        ([row("tcp", 8080, 8080)], True),
        ([row("tcp", 0, 65535)], True),
        ([EVERYTHING], True),
    ],
)
def test_other_ports_than_those_of_the_web(rows: list[Any], answer: bool) -> None:
    assert network.opens_other_than(rows, ANY, [80, 443]) is answer


@pytest.mark.parametrize(
    ("source", "answer"),
    [("8.0.0.0/8", True), ("8.8.0.0/23", True), ("8.8.8.0/24", False), ("10.0.0.0/8", False), (ANY, False),
     (ANY6, False), ("2600::/8", False), ("sg-1", False)],
)  # fmt: skip
def test_wide_public_sources(source: str, answer: bool) -> None:
    assert network.opens_wider_than([row("tcp", 443, 443, source)], 24) is answer


PEERING = {
    "vpcPeeringConnectionId": "pcx-1",
    "accepterVpcInfo": {"cidrBlock": "10.1.0.0/16", "cidrBlockSet": [{"cidrBlock": "10.2.0.0/16"}]},
    "requesterVpcInfo": {"cidrBlock": "10.0.0.0/16", "ipv6CidrBlockSet": [{"ipv6CidrBlock": "2600:1::/56"}]},
}


@pytest.mark.parametrize(
    ("route", "answer"),
    [
        ({"vpcPeeringConnectionId": "pcx-1", "destinationCidrBlock": "10.1.0.0/16"}, True),
        ({"vpcPeeringConnectionId": "pcx-1", "destinationCidrBlock": "10.2.0.0/16"}, True),
        ({"vpcPeeringConnectionId": "pcx-1", "destinationCidrBlock": "10.0.0.0/8"}, True),
        ({"vpcPeeringConnectionId": "pcx-1", "destinationCidrBlock": ANY}, True),
        ({"vpcPeeringConnectionId": "pcx-1", "destinationIpv6CidrBlock": "2600:1::/56"}, True),
        ({"vpcPeeringConnectionId": "pcx-1", "destinationCidrBlock": "10.1.4.0/24"}, False),
        ({"vpcPeeringConnectionId": "pcx-2", "destinationCidrBlock": "10.1.0.0/16"}, False),
        ({"gatewayId": "local", "destinationCidrBlock": "10.0.0.0/16"}, False),
    ],
)
def test_routes_to_whole_peers(route: dict[str, Any], answer: bool) -> None:
    assert network.routes_whole_peers([route], [PEERING]) is answer


_KEYS = st.sampled_from(
    ["ipProtocol", "fromPort", "toPort", "source", "ruleAction", "vpcPeeringConnectionId", "accepterVpcInfo",
     "cidrBlock", "cidrBlockSet", "destinationCidrBlock"]
)  # fmt: skip
_LEAVES = st.none() | st.booleans() | st.integers(-70000, 70000) | st.sampled_from(["tcp", "-1", ANY, "1/2", "x", ""])
_VALUES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4), max_leaves=12
)


@given(st.lists(_VALUES, max_size=4), st.lists(_VALUES, max_size=4))
def test_no_value_makes_a_function_raise(rows: list[Any], others: list[Any]) -> None:
    answers = [
        network.opens_port(rows, ANY, 22),
        network.opens_any_port(rows, "nonsense", others),
        network.opens_all_ports(rows, ANY6),
        network.opens_other_than(rows, ANY, others),
        network.opens_wider_than(rows, 24),
        network.routes_whole_peers(rows, others),
    ]
    assert all(isinstance(answer, bool) for answer in answers)
