"""What Terraform tells of networks of Google Cloud, of what guards them, and of load balancers."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.exported.terraform.blocks import Block, Read, State, each, first, fixed, said, switch
from nephoscope.clouds.exported.terraform.google_known import (
    by_name,
    by_place,
    is_set,
    linked,
    links,
    place,
    project_of,
)
from nephoscope.clouds.exported.terraform.rows import Row
from nephoscope.clouds.gcp.collectors.network import ingress
from nephoscope.clouds.gcp.shaping import iso, link

_SELF: Mapping[str, Read] = {"name": said("name"), "selfLink": linked("self_link", "id")}


_nowhere = fixed(None)


def _made_on(block: Block, _: State) -> str | None:
    return iso(block["creation_timestamp"] or None)


def _logging(block: Block, _: State) -> dict[str, Any]:
    found = first(block, "log_config")
    if found is None:
        return {"enable": False}
    return {
        "enable": True,
        "aggregationInterval": found["aggregation_interval"],
        "flowSampling": found["flow_sampling"],
        "metadata": found["metadata"],
        "filterExpr": found["filter_expr"] or None,
    }


def _purpose(block: Block, _: State) -> str:
    return block["purpose"] or "PRIVATE"


def _incoming(block: Block, _: State) -> list[dict[str, Any]]:
    """A row for each source and range of ports, as the API's own rule would give."""
    data = {
        "direction": block["direction"],
        "sourceRanges": block["source_ranges"],
        "sourceTags": block["source_tags"],
        "sourceServiceAccounts": block["source_service_accounts"],
        "allowed": [_ports(row) for row in each(block, "allow")],
        "denied": [_ports(row) for row in each(block, "deny")],
    }
    return list(ingress(data))


def _ports(row: Block) -> dict[str, Any]:
    return {"IPProtocol": row["protocol"], "ports": row["ports"]}


def _logged(block: Block, _: State) -> bool:
    return first(block, "log_config") is not None


def _visibility(block: Block, _: State) -> str:
    return str(block["visibility"] or "public").lower()


def _signed(block: Block, _: State) -> str:
    found = first(block, "dnssec_config")
    return str((found or {}).get("state") or "off").lower()


def _keys(block: Block, _: State) -> list[dict[str, Any]]:
    rows = (row for one in each(block, "dnssec_config") for row in one["default_key_specs"] or ())
    return [{"keyType": row["key_type"], "algorithm": str(row["algorithm"]).lower()} for row in rows]


def _networks(block: Block, _: State) -> list[str | None]:
    return [link(row["network_url"]) for row in each(block, "networks")]


def _gateways(block: Block, state: State) -> list[dict[str, Any]]:
    """Those of the router's region: routers of two regions may be called alike."""
    rows = state.some("google_compute_router_nat", "router", str(block["name"]))
    mine = (row for row in rows if row["region"] == block["region"] and project_of(row) == project_of(block))
    return [{"name": row["name"], "logConfig": _gateway_logging(row)} for row in mine]


def _gateway_logging(row: Block) -> dict[str, Any]:
    found = first(row, "log_config")
    return {"enable": bool(found and found["enable"]), "filter": found and found["filter"]}


def _guarded(block: Block, _: State) -> bool:
    """Older providers have no switch: the block alone means yes."""
    found = first(block, "iap")
    return found is not None and found.get("enabled", True) is not False


def _backend_logging(block: Block, _: State) -> dict[str, Any]:
    found = first(block, "log_config")
    return {"enable": bool(found and found["enable"]), "sampleRate": found and found["sample_rate"]}


def _redirects(block: Block, _: State) -> bool:
    places = [block, *each(block, "path_matcher")]
    return all((first(one, "default_url_redirect") or {}).get("https_redirect") is True for one in places)


def _proxy(kind: str, **more: Read) -> Mapping[str, Read]:
    return {**_SELF, "region": _nowhere, "proxyType": fixed(kind), **more}


_NETWORK: Mapping[str, Read] = {
    **_SELF,
    "region": _nowhere,
    "autoCreateSubnetworks": switch("auto_create_subnetworks"),
    "isLegacy": lambda block, _: bool(block.get("ipv4_range")),
    "routingMode": said("routing_mode"),
}
_SUBNETWORK: Mapping[str, Read] = {
    "region": place("region"),
    "name": said("name"),
    "network": linked("network"),
    "purpose": _purpose,
    "role": said("role"),
    "ipCidrRange": said("ip_cidr_range"),
    "stackType": said("stack_type"),
    "privateIpGoogleAccess": switch("private_ip_google_access"),
    "logConfig": _logging,
    "creationTimestamp": _made_on,
}
_FIREWALL: Mapping[str, Read] = {
    "region": _nowhere,
    "name": said("name"),
    "network": linked("network"),
    "direction": said("direction"),
    "priority": said("priority"),
    "disabled": switch("disabled"),
    "isLogged": _logged,
    "sourceRanges": lambda block, _: sorted(block["source_ranges"] or ()),
    "destinationRanges": lambda block, _: sorted(block["destination_ranges"] or ()),
    "targetTags": lambda block, _: sorted(block["target_tags"] or ()),
    "sourceTags": lambda block, _: sorted(block["source_tags"] or ()),
    "targetServiceAccounts": lambda block, _: sorted(block["target_service_accounts"] or ()),
    "ingress": _incoming,
    "creationTimestamp": _made_on,
}
_ZONE: Mapping[str, Read] = {
    "region": _nowhere,
    "dnsName": said("dns_name"),
    "visibility": _visibility,
    "dnssecState": _signed,
    "dnssecKeys": _keys,
    "isLogged": is_set("cloud_logging_config.enable_logging"),
}
_POLICY: Mapping[str, Read] = {
    "region": _nowhere,
    "enableLogging": lambda block, _: bool(block["enable_logging"]),
    "enableInboundForwarding": lambda block, _: bool(block["enable_inbound_forwarding"]),
    "networks": _networks,
}
_ROUTER: Mapping[str, Read] = {
    "region": place("region"),
    "name": said("name"),
    "network": linked("network"),
    "nats": _gateways,
}
_TUNNEL: Mapping[str, Read] = {
    "region": place("region"),
    "name": said("name"),
    "peerIp": said("peer_ip"),
    "ikeVersion": said("ike_version"),
}
_FORWARDING: Mapping[str, Read] = {
    **_SELF,
    "ipAddress": said("ip_address"),
    "ipProtocol": said("ip_protocol"),
    "portRange": said("port_range"),
    "loadBalancingScheme": said("load_balancing_scheme"),
    "target": linked("target"),
    "network": linked("network"),
}
_BACKEND: Mapping[str, Read] = {
    **_SELF,
    "protocol": said("protocol"),
    "loadBalancingScheme": said("load_balancing_scheme"),
    "securityPolicy": linked("security_policy"),
    "timeoutSec": said("timeout_sec"),
    "enableCdn": lambda block, _: bool(block["enable_cdn"]),
    "isIapEnabled": _guarded,
    "logConfig": _backend_logging,
}
_TLS: Mapping[str, Read] = {
    **_SELF,
    "region": _nowhere,
    "profile": said("profile"),
    "minTlsVersion": said("min_tls_version"),
    "enabledFeatures": lambda block, _: sorted(block["enabled_features"] or ()),
    "customFeatures": lambda block, _: sorted(block["custom_features"] or ()),
}
_URLS: Mapping[str, Read] = {
    **_SELF,
    "region": _nowhere,
    "defaultService": linked("default_service"),
    "redirectsToHttps": _redirects,
}
_SECURE: Mapping[str, Read] = {
    "sslPolicy": linked("ssl_policy"),
    "sslCertificates": links("ssl_certificates"),
}

ROWS: tuple[Row, ...] = (
    Row(("google_compute_network",), "NETWORK", by_name(), _NETWORK),
    Row(("google_compute_subnetwork",), "SUBNETWORK", by_place(), _SUBNETWORK),
    Row(("google_compute_firewall",), "FIREWALL_RULES", by_name(), _FIREWALL),
    Row(("google_dns_managed_zone",), "DNS_MANAGED_ZONE", by_name(), _ZONE),
    Row(("google_dns_policy",), "DNS_POLICY", by_name(), _POLICY),
    Row(("google_compute_router",), "ROUTER", by_place(), _ROUTER),
    Row(("google_compute_vpn_tunnel",), "VPN_TUNNEL", by_place(), _TUNNEL),
    Row(("google_compute_global_forwarding_rule",), "LOAD_BALANCING", by_place(), _FORWARDING),
    Row(
        ("google_compute_forwarding_rule",),
        "LOAD_BALANCING",
        by_place(),
        {**_FORWARDING, "region": place("region"), "backendService": linked("backend_service")},
    ),
    Row(("google_compute_backend_service",), "BACKEND_SERVICE", by_place(), _BACKEND),
    Row(
        ("google_compute_region_backend_service",),
        "BACKEND_SERVICE",
        by_place(),
        {**_BACKEND, "region": place("region")},
    ),
    Row(("google_compute_ssl_policy",), "SSL_POLICY", by_place(), _TLS),
    Row(("google_compute_url_map",), "URL_MAP", by_place(), _URLS),
    Row(
        ("google_compute_target_https_proxy",),
        "TARGET_PROXY",
        by_place(),
        _proxy("HTTPS", urlMap=linked("url_map"), **_SECURE),
    ),
    Row(("google_compute_target_http_proxy",), "TARGET_PROXY", by_place(), _proxy("HTTP", urlMap=linked("url_map"))),
    Row(
        ("google_compute_target_ssl_proxy",),
        "TARGET_PROXY",
        by_place(),
        _proxy("SSL", service=linked("backend_service"), **_SECURE),
    ),
)
