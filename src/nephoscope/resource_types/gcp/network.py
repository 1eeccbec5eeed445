"""Google Cloud resource types: networks, what guards them, names, routers and tunnels."""

from nephoscope.resource_types.fields import booleans, integers, lists, parts, rows, strings, times
from nephoscope.resource_types.gcp.declaring import declared

NETWORK = declared(
    "NETWORK",
    "VPC Network",
    "VPC Network",
    *strings("name", "selfLink", "routingMode"),
    *booleans("autoCreateSubnetworks", "isLegacy"),
    *rows("peerings", "name", "network", "state", "exportCustomRoutes", "importCustomRoutes"),
    *times("creationTimestamp"),
)
SUBNETWORK = declared(
    "SUBNETWORK",
    "VPC Network",
    "Subnetwork",
    *strings("name", "network", "purpose", "role", "ipCidrRange", "stackType"),
    *booleans("privateIpGoogleAccess"),
    *parts("logConfig", "enable", "aggregationInterval", "flowSampling", "metadata", "filterExpr"),
    *times("creationTimestamp"),
)
FIREWALL_RULES = declared(
    "FIREWALL_RULES",
    "VPC Network",
    "Firewall Rule",
    *strings("name", "network", "direction"),
    *integers("priority"),
    *booleans("disabled", "isLogged"),
    *lists("sourceRanges", "destinationRanges", "targetTags", "sourceTags", "targetServiceAccounts"),
    *rows("ingress", "ipProtocol", "fromPort", "toPort", "source", "ruleAction"),
    *times("creationTimestamp"),
    aliases=("FIREWALL_RULE",),
)
DNS_MANAGED_ZONE = declared(
    "DNS_MANAGED_ZONE",
    "Cloud DNS",
    "DNS Managed Zone",
    *strings("dnsName", "visibility", "dnssecState"),
    *rows("dnssecKeys", "keyType", "algorithm"),
    *booleans("isLogged"),
)
DNS_POLICY = declared(
    "DNS_POLICY",
    "Cloud DNS",
    "DNS Policy",
    *booleans("enableLogging", "enableInboundForwarding"),
    *lists("networks"),
)
ROUTER = declared(
    "ROUTER",
    "Cloud NAT",
    "Cloud Router",
    *strings("name", "network"),
    *rows("nats", "name", "logConfig", "logConfig.enable", "logConfig.filter"),
)
VPN_TUNNEL = declared(
    "VPN_TUNNEL",
    "Cloud VPN",
    "VPN Tunnel",
    *strings("name", "status", "peerIp"),
    *integers("ikeVersion"),
)

TYPES = (NETWORK, SUBNETWORK, FIREWALL_RULES, DNS_MANAGED_ZONE, DNS_POLICY, ROUTER, VPN_TUNNEL)
