"""Rules of security groups and network ACLs as the API shows permission lists: one row for each source.

A row says what people read (`portRange`, `protocol`, `source`, `type`, `ruleAction`) and what expressions compare
(`ipProtocol` as `tcp`, `udp`, `icmp`, `icmpv6`, `-1` or a number, `fromPort` and `toPort`, null where all ports are
meant; type and code for ICMP). `source` is a CIDR, a prefix list or a security group; on the way out, where to.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from nephoscope.clouds.aws.collecting import Raw

ALL = "-1"
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
