"""What network security groups let in: hits and near misses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nephoscope.controls.functions.azure_network import nsg_opens, nsg_opens_all

Rule = dict[str, Any]


def rule(ports: str, source: str = "*", priority: int = 100, **more: Any) -> Rule:
    known = {"name": "r", "priority": priority, "direction": "Inbound", "access": "Allow", "protocol": "Tcp"}
    return {**known, "sources": source.split(), "destinations": ["*"], "ports": ports.split(), **more}


@pytest.mark.parametrize(
    "rules",
    [
        [rule("22")],
        [rule("20-30", "Internet")],
        [rule("*", "0.0.0.0/0", protocol="*")],
        [rule("80 22", "10.0.0.0/8 any")],
        [rule("22", "::/0")],
        [rule("22", "0.0.0.0/1 128.0.0.0/1")],
        [rule("22", priority=300), rule("22", "203.0.113.0/24", 200, access="Deny")],
        [rule("22", priority=300), rule("22", priority=200, access="Deny", destinations=["10.0.0.4"])],
        [rule("22", priority=300), rule("22", priority=200, access="Deny", protocol="Udp")],
    ],
)
def test_the_internet_is_let_in(rules: list[Rule]) -> None:
    assert nsg_opens(rules, "Tcp", [22])


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [rule("22", "10.0.0.0/8")],
        [rule("22", "VirtualNetwork")],
        [rule("22", "0.0.0.0/1")],
        [rule("22", direction="Outbound")],
        [rule("22", protocol="Udp")],
        [rule("23-80")],
        [rule("22", sources=[])],
        [rule("22", priority=300), rule("*", priority=200, access="Deny", protocol="*")],
        [rule("twenty-two")],
        ["nonsense", 7],
    ],
)
def test_the_internet_is_kept_out(rules: list[Rule]) -> None:
    assert not nsg_opens(rules, "Tcp", [22])


@pytest.mark.parametrize(
    ("rules", "opens"),
    [
        ([rule("*", protocol="*")], True),
        ([rule("0-65535")], True),
        ([rule("1-65535", protocol="Udp")], True),
        ([rule("1-1024")], False),
        ([rule("*", "10.0.0.0/8")], False),
        ([rule("*", priority=300), rule("*", priority=200, access="Deny", protocol="*")], False),
        ([rule("*", priority=300), rule("*", priority=200, access="Deny", protocol="Udp")], True),
    ],
)
def test_all_ports_are_open(rules: list[Rule], opens: bool) -> None:
    assert nsg_opens_all(rules) is opens


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ROWS = st.fixed_dictionaries(
    {"direction": st.just("Inbound"), "sources": VALUES, "ports": VALUES, "priority": VALUES, "protocol": VALUES}
)


@given(st.lists(VALUES | ROWS, max_size=4), st.text(max_size=4), st.lists(VALUES, max_size=4))
def test_nothing_makes_them_raise(rules: list[Any], protocol: str, ports: list[Any]) -> None:
    assert nsg_opens(rules, protocol, ports) in (True, False)
    assert nsg_opens_all(rules) in (True, False)
