"""Expression functions: what the rules of an Azure network security group let in from the internet.

Rules are as `clouds` shapes them, one row each. Azure looks at them by priority, the lowest number first, and the first
that matches decides. A rule that denies closes a port only where it is about everybody and every destination.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from nephoscope.controls.functions.table import Argument, Function
from nephoscope.kit.networks import covers

Row = Mapping[str, Any]

_ANYWHERE = frozenset({"*", "internet", "any"})
_EVERYONE = ("0.0.0.0/0", "::/0")
_ALL = "*"
_TCP, _UDP = "tcp", "udp"
_HIGHEST_PORT = 65535
_MOST_ROWS = 4_000
_LATEST = 100_000


def nsg_opens(rules: list[Any], protocol: str, ports: list[Any]) -> bool:
    """Whether the internet reaches one of the ports over the protocol (`Tcp`, `Udp`)."""
    inbound = _inbound(rules)
    wanted = [port for port in ports if isinstance(port, int)]
    return any(_is_open(inbound, protocol.lower(), port) for port in wanted)


def nsg_opens_all(rules: list[Any]) -> bool:
    """Whether one rule lets the internet in on every port, and none before it denies that."""
    for row in _inbound(rules):
        if _is_whole(row):
            if _allows(row):
                return True
            if _protocol(row) == _ALL and _is_for_every_destination(row):
                return False
    return False


def _is_open(inbound: Iterable[Row], protocol: str, port: int) -> bool:
    for row in inbound:
        if _protocol(row) not in (protocol, _ALL) or not any(port in one for one in _ranges(row)):
            continue
        if _allows(row):
            return True
        if _is_for_every_destination(row):
            return False
    return False


def _inbound(rules: Any) -> list[Row]:
    """Inbound rules whose source is the whole internet, in Azure's order."""
    rows = [row for row in rules[:_MOST_ROWS] if isinstance(row, Mapping)]
    mine = [row for row in rows if _text(row, "direction") == "inbound" and _is_from_everywhere(row)]
    return sorted(mine, key=_priority)


def _priority(row: Row) -> int:
    found = row.get("priority")
    return found if isinstance(found, int) else _LATEST


def _is_from_everywhere(row: Row) -> bool:
    sources = [str(source).lower() for source in _list(row, "sources")]
    return any(source in _ANYWHERE for source in sources) or any(covers(sources, every) for every in _EVERYONE)


def _is_for_every_destination(row: Row) -> bool:
    return any(str(one) in (_ALL, *_EVERYONE) for one in _list(row, "destinations"))


def _is_whole(row: Row) -> bool:
    return _protocol(row) in (_ALL, _TCP, _UDP) and any(len(one) >= _HIGHEST_PORT for one in _ranges(row))


def _ranges(row: Row) -> list[range]:
    return [found for text in _list(row, "ports") if (found := _range(str(text))) is not None]


def _range(text: str) -> range | None:
    if text == _ALL:
        return range(_HIGHEST_PORT + 1)
    first, _, last = text.partition("-")
    if not (first.isascii() and first.isdigit() and (not last or (last.isascii() and last.isdigit()))):
        return None
    return range(int(first[:6]), min(int((last or first)[:6]), _HIGHEST_PORT) + 1)


def _allows(row: Row) -> bool:
    return _text(row, "access") == "allow"


def _protocol(row: Row) -> str:
    return _text(row, "protocol")


def _text(row: Row, name: str) -> str:
    return str(row.get(name) or "").lower()


def _list(row: Row, name: str) -> list[Any]:
    found = row.get(name)
    return found if isinstance(found, list) else []


FUNCTIONS: tuple[Function, ...] = (
    Function("nsgOpens", (Argument.LIST, Argument.STRING, Argument.LIST), "bool", nsg_opens),
    Function("nsgOpensAll", (Argument.LIST,), "bool", nsg_opens_all),
)
