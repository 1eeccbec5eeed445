"""Expression functions: what permission lists let in, and how far routes to a peer reach.

A permission list is what `clouds` shapes of security groups and network ACLs: one row for each source, in the order in
which the rules are looked at. For an address the first row that matches decides, so an earlier deny wins; security
groups have no denies. Every function takes lists only: null is an error of the expression, never an answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any

from nephoscope.controls.functions.table import Argument, Function
from nephoscope.kit.networks import Network, contains, covers, network_of

Row = Mapping[str, Any]

_ALL = "-1"
_TCP, _UDP = "tcp", "udp"
_HIGHEST_PORT = 65535


def opens_port(rows: list[Any], cidr: str, port: int) -> bool:
    """Whether all of `cidr` reaches the port: over TCP, or over UDP where a rule says UDP."""
    known = _rows(rows)
    spoken = [row for row in known if row.get("ipProtocol") != _ALL or _denies(row)]
    return _reaches(known, _TCP, cidr, port) or _reaches(spoken, _UDP, cidr, port)


def opens_any_port(rows: list[Any], cidr: str, ports: list[Any]) -> bool:
    return any(opens_port(rows, cidr, port) for port in _ports(ports))


def opens_all_ports(rows: list[Any], cidr: str) -> bool:
    """Whether one allowing row lets `cidr` in on every port of TCP or UDP, or with every protocol."""
    return any(_is_unlimited(row) and covers([_source(row)], cidr) for row in _allowing(rows))


def opens_other_than(rows: list[Any], cidr: str, ports: list[Any]) -> bool:
    """Whether `cidr` is let in on any TCP or UDP port that is not in `ports`."""
    harmless = set(_ports(ports))
    return any(_goes_beyond(row, harmless) and covers([_source(row)], cidr) for row in _allowing(rows))


def opens_wider_than(rows: list[Any], length: int) -> bool:
    """Whether a row lets in a public IPv4 network with a prefix shorter than `length`; everyone (/0) is not meant."""
    sources = (network_of(_source(row)) for row in _allowing(rows))
    return any(isinstance(one, IPv4Network) and 0 < one.prefixlen < length and one.is_global for one in sources)


def routes_whole_peers(routes: list[Any], peerings: list[Any]) -> bool:
    """Whether a route to a peering connection leads to the whole network of a VPC, or further."""
    blocks = {_peering_id(row): list(_blocks(row)) for row in _rows(peerings)}
    return any(
        contains(_destination(route), block)
        for route in _rows(routes)
        if _peering_id(route)
        for block in blocks.get(_peering_id(route), [])
    )


def _reaches(rows: Iterable[Row], protocol: str, cidr: str, port: int) -> bool:
    allowed: list[str] = []
    denied: list[str] = []
    for row in rows:
        if not _matches(row, protocol, port):
            continue
        if _denies(row):
            denied.append(_source(row))
        elif not (denied and covers(denied, cidr)):
            allowed.append(_source(row))
    return covers(allowed, cidr)


def _matches(row: Row, protocol: str, port: int) -> bool:
    if row.get("ipProtocol") not in (protocol, _ALL):
        return False
    return port in _range(row)


def _is_unlimited(row: Row) -> bool:
    if row.get("ipProtocol") == _ALL:
        return True
    return row.get("ipProtocol") in (_TCP, _UDP) and len(_range(row)) >= _HIGHEST_PORT


def _goes_beyond(row: Row, harmless: set[int]) -> bool:
    if row.get("ipProtocol") == _ALL:
        return True
    if row.get("ipProtocol") not in (_TCP, _UDP):
        return False
    ports = _range(row)
    return len(ports) > len(harmless) or not harmless.issuperset(ports)


def _range(row: Row) -> range:
    """The ports that a row of TCP or UDP means."""
    first, last = row.get("fromPort"), row.get("toPort")
    if not isinstance(first, int) or not isinstance(last, int):
        return range(_HIGHEST_PORT + 1)
    return range(max(0, first), min(_HIGHEST_PORT, last) + 1)


def _allowing(rows: list[Any]) -> Iterator[Row]:
    return (row for row in _rows(rows) if not _denies(row))


def _denies(row: Row) -> bool:
    return row.get("ruleAction") == "deny"


def _source(row: Row) -> str:
    return str(row.get("source") or "")


def _rows(values: Any) -> list[Row]:
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []


def _ports(values: Iterable[Any]) -> list[int]:
    return [value for value in values if isinstance(value, int)]


def _peering_id(row: Row) -> str:
    return str(row.get("vpcPeeringConnectionId") or "")


def _destination(route: Row) -> Network | None:
    return network_of(str(route.get("destinationCidrBlock") or route.get("destinationIpv6CidrBlock") or ""))


def _blocks(peering: Row) -> Iterator[Network | None]:
    """Every network of both VPCs."""
    for side in ("accepterVpcInfo", "requesterVpcInfo"):
        vpc = peering.get(side)
        if isinstance(vpc, Mapping):
            yield network_of(str(vpc.get("cidrBlock") or ""))
            for row in _rows(vpc.get("cidrBlockSet")):
                yield network_of(str(row.get("cidrBlock") or ""))
            for row in _rows(vpc.get("ipv6CidrBlockSet")):
                yield network_of(str(row.get("ipv6CidrBlock") or ""))


_PORT_LIST = (Argument.LIST, Argument.STRING, Argument.LIST)

FUNCTIONS: tuple[Function, ...] = (
    Function("opensPort", (Argument.LIST, Argument.STRING, Argument.INTEGER), "bool", opens_port),
    Function("opensAnyPort", _PORT_LIST, "bool", opens_any_port),
    Function("opensAllPorts", (Argument.LIST, Argument.STRING), "bool", opens_all_ports),
    Function("opensOtherThan", _PORT_LIST, "bool", opens_other_than),
    Function("opensWiderThan", (Argument.LIST, Argument.INTEGER), "bool", opens_wider_than),
    Function("routesWholePeers", (Argument.LIST, Argument.LIST), "bool", routes_whole_peers),
)
