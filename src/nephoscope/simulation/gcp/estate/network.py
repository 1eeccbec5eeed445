"""Networks, firewall rules, names, routers, tunnels and load balancers."""

from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud
from nephoscope.simulation.gcp.estate.words import BASE, MADE, REGION, Document

_ROOT = f"projects/{PROJECT}"
MAIN, DEFAULT = f"{BASE}/global/networks/main", f"{BASE}/global/networks/default"
IAP = "35.235.240.0/20"
ANYWHERE = "0.0.0.0/0"
_EVERY_FLOW: Document = {
    "enable": True,
    "aggregationInterval": "INTERVAL_5_SEC",
    "flowSampling": 1.0,
    "metadata": "INCLUDE_ALL_METADATA",
}


def put(cloud: GcpCloud, kind: str, place: str, data: Document, *, location: str = "global") -> None:
    """A resource of Compute Engine at that place of the project, with the fields that all of them have."""
    known = {"name": place.rpartition("/")[2], "selfLink": f"{BASE}/{place}", "creationTimestamp": MADE}
    cloud.add(f"compute.googleapis.com/{kind}", f"{_ROOT}/{place}", known | data, location=location)


def fill(cloud: GcpCloud) -> None:
    _networks(cloud)
    _firewalls(cloud)
    _names(cloud)
    _balancers(cloud)


def _networks(cloud: GcpCloud) -> None:
    put(cloud, "Network", "global/networks/main", {"autoCreateSubnetworks": False})
    put(cloud, "Network", "global/networks/default", {"autoCreateSubnetworks": True})
    put(cloud, "Network", "global/networks/legacy", {"IPv4Range": "10.240.0.0/16"})
    subnetworks: dict[str, Document] = {
        "app": {"network": MAIN, "logConfig": _EVERY_FLOW, "privateIpGoogleAccess": True},
        "bare": {"network": MAIN},
        "proxy": {"network": MAIN, "purpose": "REGIONAL_MANAGED_PROXY"},
    }
    for name, data in subnetworks.items():
        put(cloud, "Subnetwork", f"regions/{REGION}/subnetworks/{name}", data, location=REGION)
    for name, is_logged in (("logged", True), ("silent", False)):
        nats = [{"name": "out", "logConfig": {"enable": is_logged, "filter": "ALL"}}]
        put(cloud, "Router", f"regions/{REGION}/routers/{name}", {"network": MAIN, "nats": nats}, location=REGION)
    for name, version in (("new", 2), ("old", 1)):
        put(cloud, "VpnTunnel", f"regions/{REGION}/vpnTunnels/{name}", {"ikeVersion": version, "status": "ESTABLISHED"})


def _firewalls(cloud: GcpCloud) -> None:
    rules: dict[str, Document] = {
        "ssh-iap": {"sourceRanges": [IAP], "allowed": [{"IPProtocol": "tcp", "ports": ["22", "3389"]}]},
        "ssh-open": {"sourceRanges": [ANYWHERE], "allowed": [{"IPProtocol": "tcp", "ports": ["20-25"]}]},
        "rdp-open-v6": {"sourceRanges": ["::/0"], "allowed": [{"IPProtocol": "6", "ports": ["3389"]}]},
        "everything": {"sourceRanges": [ANYWHERE], "allowed": [{"IPProtocol": "all"}]},
        "off": {"sourceRanges": [ANYWHERE], "allowed": [{"IPProtocol": "all"}], "disabled": True},
        "deny": {"sourceRanges": [ANYWHERE], "denied": [{"IPProtocol": "all"}]},
        "by-tag": {"sourceTags": ["web"], "allowed": [{"IPProtocol": "tcp", "ports": ["5432"]}]},
        "out": {"direction": "EGRESS", "destinationRanges": [ANYWHERE], "allowed": [{"IPProtocol": "all"}]},
    }
    for name, data in rules.items():
        common = {"network": MAIN, "direction": "INGRESS", "priority": 1000, "logConfig": {"enable": name == "deny"}}
        put(cloud, "Firewall", f"global/firewalls/{name}", common | data)


def _names(cloud: GcpCloud) -> None:
    zones: dict[str, Document] = {
        "signed": {"dnssecConfig": {"state": "ON", "defaultKeySpecs": _specs("RSASHA256")}},
        "weak": {"dnssecConfig": {"state": "on", "defaultKeySpecs": _specs("rsasha1")}},
        "plain": {},
        "inside": {"visibility": "PRIVATE"},
    }
    for name, data in zones.items():
        known = {"name": name, "dnsName": f"{name}.meridian.example.", "visibility": "PUBLIC"}
        cloud.add("dns.googleapis.com/ManagedZone", f"{_ROOT}/managedZones/{name}", known | data)
    policy = {"name": "queries", "enableLogging": True, "networks": [{"networkUrl": MAIN}]}
    cloud.add("dns.googleapis.com/Policy", f"{_ROOT}/policies/queries", policy)


def _specs(algorithm: str) -> list[Document]:
    return [{"keyType": kind, "algorithm": algorithm} for kind in ("KEY_SIGNING", "zoneSigning")]


def _balancers(cloud: GcpCloud) -> None:
    put(cloud, "SslPolicy", "global/sslPolicies/strict", {"profile": "RESTRICTED", "minTlsVersion": "TLS_1_2"})
    put(cloud, "SslPolicy", "global/sslPolicies/loose", {"profile": "COMPATIBLE", "minTlsVersion": "TLS_1_0"})
    put(cloud, "UrlMap", "global/urlMaps/web", {"defaultService": f"{BASE}/global/backendServices/web"})
    put(cloud, "UrlMap", "global/urlMaps/redirect", {"defaultUrlRedirect": {"httpsRedirect": True}})
    for name, policy in (("strict", "strict"), ("loose", "loose"), ("none", "")):
        link = {"sslPolicy": f"{BASE}/global/sslPolicies/{policy}"} if policy else {}
        put(cloud, "TargetHttpsProxy", f"global/targetHttpsProxies/{name}", link)
    put(cloud, "TargetSslProxy", "global/targetSslProxies/mail", {})
    for name in ("web", "redirect"):
        link = {"urlMap": f"https://www.googleapis.com/compute/beta/{_ROOT}/global/urlMaps/{name}"}
        put(cloud, "TargetHttpProxy", f"global/targetHttpProxies/{name}", link)
    guarded = {
        "logConfig": {"enable": True, "sampleRate": 1.0},
        "iap": {"enabled": True},
        "securityPolicy": f"{BASE}/global/securityPolicies/waf",
    }
    for name, data in {"web": guarded, "open": {}}.items():
        known: Document = {"protocol": "HTTPS", "loadBalancingScheme": "EXTERNAL_MANAGED"}
        put(cloud, "BackendService", f"global/backendServices/{name}", known | data)
    inside = {"protocol": "TCP", "loadBalancingScheme": "INTERNAL"}
    put(cloud, "RegionBackendService", f"regions/{REGION}/backendServices/inside", inside, location=REGION)
    rule = {"target": f"{BASE}/global/targetHttpsProxies/strict", "IPAddress": "203.0.113.80", "IPProtocol": "TCP"}
    put(cloud, "GlobalForwardingRule", "global/forwardingRules/web", rule)
    put(cloud, "GlobalForwardingRule", "global/forwardingRules/pscapis", {"target": "all-apis", "network": MAIN})
    lone = {"backendService": f"{BASE}/regions/{REGION}/backendServices/inside", "network": MAIN}
    put(cloud, "ForwardingRule", f"regions/{REGION}/forwardingRules/inside", lone, location=REGION)
