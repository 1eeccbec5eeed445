"""Rules of security groups and network ACLs as the API shows permission lists: one row for each source.

A row says what people read (`portRange`, `protocol`, `source`, `type`, `ruleAction`) and what expressions compare
(`ipProtocol` as `tcp`, `udp`, `icmp`, `icmpv6`, `-1` or a number, `fromPort` and `toPort`, null where all ports are
meant; type and code for ICMP). `source` is a CIDR, a prefix list or a security group; on the way out, where to.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from nephoscope.clouds.aws.collecting import Raw
from nephoscope.kit.networks import covers, is_piece

ALL = "-1"
_EVERYONE = {"ipv4": "0.0.0.0/0", "ipv6": "::/0"}
_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
_SPOKEN = {"tcp": "TCP", "udp": "UDP", "icmp": "ICMP", "icmpv6": "ICMPv6", ALL: "All"}
_KNOWN_PORTS = {
    22: "SSH",
    25: "SMTP",
    53: "DNS",
    80: "HTTP",
    110: "POP3",
    143: "IMAP",
    389: "LDAP",
    443: "HTTPS",
    445: "SMB",
    465: "SMTPS",
    993: "IMAPS",
    995: "POP3S",
    1433: "MSSQL",
    1521: "Oracle-RDS",
    2049: "NFS",
    3306: "MYSQL/Aurora",
    3389: "RDP",
    5432: "PostgreSQL",
    5439: "Redshift",
    5985: "WinRM-HTTP",
    5986: "WinRM-HTTPS",
}
_HIGHEST = 65535


def security_group_rows(permissions: Iterable[Raw]) -> list[dict[str, Any]]:
    return [
        _row(permission, permission["IpProtocol"], (permission.get("FromPort"), permission.get("ToPort")), source, told)
        for permission in permissions
        for source, told in _sources(permission)
    ]


def ports_open_to_all(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The TCP and UDP ports that everyone reaches by rows that allow: `{family, protocol, fromPort, toPort}`, all ports
    spelled as 0 to 65535. Everyone may also be written in pieces, such as 0.0.0.0/1 and 128.0.0.0/1."""
    spoken = [row for row in rows if row["ipProtocol"] in ("tcp", "udp", ALL)]
    found = (
        {"family": family, "protocol": row["ipProtocol"], **_span(row)}
        for family, everyone in _EVERYONE.items()
        for row in _reaching([row for row in spoken if is_piece(row["source"], everyone)], everyone)
    )
    return list({tuple(row.values()): row for row in found}.values())


def _reaching(wide: list[dict[str, Any]], everyone: str) -> Iterator[dict[str, Any]]:
    """The rows that, alone or together with others for the same ports, everyone comes in by."""
    for row in wide:
        if covers((other["source"] for other in wide if _includes(other, row)), everyone):
            yield row


def _includes(outer: dict[str, Any], inner: dict[str, Any]) -> bool:
    """Whether a row means all ports of another."""
    one, other = _span(outer), _span(inner)
    is_same = outer["ipProtocol"] in (inner["ipProtocol"], ALL)
    return is_same and one["fromPort"] <= other["fromPort"] and other["toPort"] <= one["toPort"]


def _span(row: dict[str, Any]) -> dict[str, int]:
    if row["fromPort"] is None:
        return {"fromPort": 0, "toPort": _HIGHEST}
    return {"fromPort": row["fromPort"], "toPort": row["toPort"]}


def acl_rows(entries: Iterable[Raw], *, egress: bool) -> list[dict[str, Any]]:
    """In the order in which the rules are looked at: the first that matches decides."""
    return [_entry(row) for row in sorted(entries, key=_number) if bool(row.get("Egress")) is egress]


def _number(entry: Raw) -> int:
    return int(entry["RuleNumber"])


def _sources(permission: Raw) -> Iterator[tuple[str, str | None]]:
    for rows, key in (
        ("IpRanges", "CidrIp"),
        ("Ipv6Ranges", "CidrIpv6"),
        ("PrefixListIds", "PrefixListId"),
        ("UserIdGroupPairs", "GroupId"),
    ):
        for row in permission.get(rows, ()):
            yield str(row.get(key, "")), row.get("Description")


def _entry(entry: Raw) -> dict[str, Any]:
    ports = entry.get("PortRange") or {}
    icmp = entry.get("IcmpTypeCode") or {}
    both = (icmp.get("Type"), icmp.get("Code")) if icmp else (ports.get("From"), ports.get("To"))
    source = str(entry.get("CidrBlock") or entry.get("Ipv6CidrBlock") or "")
    return _row(entry, entry["Protocol"], both, source, None)


def _row(raw: Raw, protocol: str, both: tuple[int | None, int | None], source: str, told: str | None) -> dict[str, Any]:
    first, last = both
    named = _NUMBERS.get(protocol, protocol).lower()
    if named == ALL or (named in ("tcp", "udp") and first in (None, -1)):
        first = last = None
    return {
        "portRange": _range(named, first, last),
        "ruleAction": raw.get("RuleAction", "allow"),
        "protocol": _SPOKEN.get(named, named),
        "source": source,
        "type": _type(named, first, last),
        "ipProtocol": named,
        "fromPort": first,
        "toPort": last,
        "description": told,
        "ruleNumber": raw.get("RuleNumber"),
    }


def _range(protocol: str, first: int | None, last: int | None) -> str:
    if protocol not in ("tcp", "udp") or first is None:
        return "All"
    return str(first) if first == last else f"{first}-{last}"


def _type(protocol: str, first: int | None, last: int | None) -> str:
    spoken = _SPOKEN.get(protocol, protocol)
    if protocol == ALL:
        return "All traffic"
    if protocol in ("icmp", "icmpv6"):
        return f"All {spoken}" if first in (None, -1) else f"Custom {spoken}"
    if protocol not in ("tcp", "udp"):
        return "Custom protocol"
    if first is None or (first <= 1 and last == _HIGHEST):
        return f"All {spoken}"
    return _KNOWN_PORTS[first] if first == last and first in _KNOWN_PORTS else f"Custom {spoken}"
