"""Address ranges: what is one, and whether some of them together hold another."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, collapse_addresses, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network

_PIECES = 8
"""Networks up to this many bits longer than the one asked about are put together: 0.0.0.0/1 and 128.0.0.0/1 are all."""


@lru_cache(maxsize=4096)
def network_of(text: str) -> Network | None:
    """None for what is no range in CIDR notation."""
    if "/" not in text:
        return None
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def unwrapped(address: str) -> str:
    """An IPv4 address that is written as IPv6 as what it is; all else as it stands."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped) if mapped else address


def holds_address(text: str, address: str) -> bool:
    """Whether the address lies in the range; an IPv4 address that is written as IPv6 counts as what it is. What is no
    range holds nothing."""
    network = network_of(text)
    try:
        return network is not None and ip_address(unwrapped(address)) in network
    except ValueError:
        return False


def contains(outer: Network | None, inner: Network | None) -> bool:
    if isinstance(outer, IPv4Network) and isinstance(inner, IPv4Network):
        return inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and isinstance(inner, IPv6Network) and inner.subnet_of(outer)


def covers(ranges: Iterable[str], cidr: str) -> bool:
    """Whether the ranges, taken together, hold every address of `cidr`. What is no range holds nothing."""
    named = set(ranges)
    if cidr in named:
        return True
    wanted = network_of(cidr)
    if wanted is None:
        return False
    pieces = [one for one in map(network_of, named) if _is_near(one, wanted)]
    return any(contains(whole, wanted) for whole in _joined(pieces))


def is_piece(text: str, cidr: str) -> bool:
    """Whether it may be one of a few ranges that make up `cidr`."""
    wanted = network_of(cidr)
    return wanted is not None and _is_near(network_of(text), wanted)


def _is_near(one: Network | None, wanted: Network) -> bool:
    return one is not None and one.version == wanted.version and one.prefixlen <= wanted.prefixlen + _PIECES


def _joined(pieces: Iterable[Any]) -> Iterator[Any]:
    """All of one family."""
    return collapse_addresses(pieces)
