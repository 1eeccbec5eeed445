"""How networks and what guards them are read, all from the inventory. Links between them are paths from the project on
(`projects/p/global/networks/main`)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nephoscope.clouds.gcp.collecting import Collector, Place, Raw, assets
from nephoscope.clouds.gcp.shaping import data_of, iso, last, link, picked, placed, resource
from nephoscope.model.resources import Document, Observed
from nephoscope.resource_types.gcp import network as types

_COMPUTE = "compute.googleapis.com"
_NETWORK, _SUBNETWORK = f"{_COMPUTE}/Network", f"{_COMPUTE}/Subnetwork"
_FIREWALL, _ROUTER, _TUNNEL = f"{_COMPUTE}/Firewall", f"{_COMPUTE}/Router", f"{_COMPUTE}/VpnTunnel"
_ZONE, _POLICY = "dns.googleapis.com/ManagedZone", "dns.googleapis.com/Policy"
_ANY = "-1"
_HIGHEST_PORT = 65535


def self_link(raw: Raw) -> str | None:
    return link(data_of(raw).get("selfLink") or raw["name"])


def _shape_network(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    names = ("name", "state", "exportCustomRoutes", "importCustomRoutes")
    known = {
        "name": data.get("name"),
        "selfLink": self_link(raw),
        "autoCreateSubnetworks": bool(data.get("autoCreateSubnetworks")),
        "isLegacy": bool(data.get("IPv4Range")),
        "routingMode": (data.get("routingConfig") or {}).get("routingMode"),
        "peerings": [{**picked(row, names), "network": link(row.get("network"))} for row in data.get("peerings") or ()],
        "creationTimestamp": iso(data.get("creationTimestamp")),
    }
    return resource(types.NETWORK, raw, known)


_LOGGING = ("aggregationInterval", "flowSampling", "metadata", "filterExpr")


def _shape_subnetwork(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    logging: Mapping[str, Any] = data.get("logConfig") or {}
    known = {
        **picked(data, ("name", "role", "ipCidrRange", "stackType")),
        "purpose": data.get("purpose") or "PRIVATE",
        "network": link(data.get("network")),
        "privateIpGoogleAccess": bool(data.get("privateIpGoogleAccess")),
        "logConfig": {
            "enable": bool(logging.get("enable", data.get("enableFlowLogs"))),
            **picked(logging, _LOGGING),
        },
        "creationTimestamp": iso(data.get("creationTimestamp")),
    }
    return resource(types.SUBNETWORK, raw, known, resource_id=placed(raw["name"]))


def _shape_firewall(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    lists = ("sourceRanges", "destinationRanges", "targetTags", "sourceTags", "targetServiceAccounts")
    known = {
        **picked(data, ("name", "priority")),
        **{name: list(data.get(name) or ()) for name in lists},
        "network": link(data.get("network")),
        "direction": data.get("direction") or "INGRESS",
        "disabled": bool(data.get("disabled")),
        "isLogged": bool((data.get("logConfig") or {}).get("enable")),
        "ingress": list(ingress(data)),
        "creationTimestamp": iso(data.get("creationTimestamp")),
    }
    return resource(types.FIREWALL_RULES, raw, known)


def ingress(data: Mapping[str, Any]) -> Iterator[Document]:
    """What the rule says about traffic that comes in: a row for each source and range of ports. A rule that names tags
    or service accounts only lets nobody in from outside the network."""
    if data.get("direction") == "EGRESS":
        return
    by_name = data.get("sourceTags") or data.get("sourceServiceAccounts")
    sources = list(data.get("sourceRanges") or ([] if by_name else ["0.0.0.0/0"]))
    for action, key in (("allow", "allowed"), ("deny", "denied")):
        for entry in data.get(key) or ():
            for first, last_port in _port_ranges(entry.get("ports") or ()):
                for source in sources:
                    yield {
                        "ipProtocol": _protocol(str(entry.get("IPProtocol") or "all")),
                        "fromPort": first,
                        "toPort": last_port,
                        "source": source,
                        "ruleAction": action,
                    }


_PROTOCOLS = {"all": _ANY, "6": "tcp", "17": "udp", "1": "icmp"}


def _protocol(name: str) -> str:
    return _PROTOCOLS.get(name.lower(), name.lower())


def _port_ranges(ports: Iterable[str]) -> list[tuple[int, int]]:
    found = [(int(first), int(end or first)) for first, _, end in (str(port).partition("-") for port in ports)]
    return found or [(0, _HIGHEST_PORT)]


def _shape_zone(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    security: Mapping[str, Any] = data.get("dnssecConfig") or {}
    known = {
        "dnsName": data.get("dnsName"),
        "visibility": str(data.get("visibility") or "public").lower(),
        "dnssecState": str(security.get("state") or "off").lower(),
        "dnssecKeys": [
            {"keyType": _key_type(row.get("keyType")), "algorithm": str(row.get("algorithm") or "").lower()}
            for row in security.get("defaultKeySpecs") or ()
        ],
        "isLogged": bool((data.get("cloudLoggingConfig") or {}).get("enableLogging")),
    }
    return resource(types.DNS_MANAGED_ZONE, raw, known, name=str(data.get("name") or last(raw["name"])))


def _key_type(text: Any) -> str:
    """`keySigning` or `zoneSigning`, also for `KEY_SIGNING`."""
    return "zoneSigning" if str(text).lower().startswith("zone") else "keySigning"


def _shape_policy(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    known = {
        "enableLogging": bool(data.get("enableLogging")),
        "enableInboundForwarding": bool(data.get("enableInboundForwarding")),
        "networks": [link(row.get("networkUrl")) for row in data.get("networks") or ()],
    }
    return resource(types.DNS_POLICY, raw, known, name=str(data.get("name") or last(raw["name"])))


def _shape_router(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    known = {
        "name": data.get("name"),
        "network": link(data.get("network")),
        "nats": [{"name": row.get("name"), "logConfig": _nat_logging(row)} for row in data.get("nats") or ()],
    }
    return resource(types.ROUTER, raw, known, resource_id=placed(raw["name"]))


def _nat_logging(row: Raw) -> Document:
    logging = row.get("logConfig") or {}
    return {"enable": bool(logging.get("enable")), "filter": logging.get("filter")}


def _shape_tunnel(raw: Raw, _: Place) -> Observed:
    known = picked(data_of(raw), ("name", "status", "peerIp", "ikeVersion"))
    return resource(types.VPN_TUNNEL, raw, known, resource_id=placed(raw["name"]))


COLLECTORS = (
    Collector("NETWORK", assets(_NETWORK), _shape_network),
    Collector("SUBNETWORK", assets(_SUBNETWORK), _shape_subnetwork),
    Collector("FIREWALL_RULES", assets(_FIREWALL), _shape_firewall),
    Collector("DNS_MANAGED_ZONE", assets(_ZONE), _shape_zone),
    Collector("DNS_POLICY", assets(_POLICY), _shape_policy),
    Collector("ROUTER", assets(_ROUTER), _shape_router),
    Collector("VPN_TUNNEL", assets(_TUNNEL), _shape_tunnel),
)
ASSET_KINDS = (_NETWORK, _SUBNETWORK, _FIREWALL, _ZONE, _POLICY, _ROUTER, _TUNNEL)
