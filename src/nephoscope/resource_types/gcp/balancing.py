"""Google Cloud resource types: load balancers, from the address to the backend."""

from nephoscope.resource_types.fields import booleans, integers, lists, parts, strings
from nephoscope.resource_types.gcp.declaring import declared

LOAD_BALANCING = declared(
    "LOAD_BALANCING",
    "Load Balancing",
    "Forwarding Rule",
    *strings("name", "selfLink", "ipAddress", "ipProtocol", "portRange", "loadBalancingScheme"),
    *strings("target", "backendService", "network"),
    aliases=("FORWARDING_RULE", "LOAD_BALANCER"),
)
TARGET_PROXY = declared(
    "TARGET_PROXY",
    "Load Balancing",
    "Target Proxy",
    *strings("name", "selfLink", "proxyType", "urlMap", "service", "sslPolicy"),
    *lists("sslCertificates"),
)
URL_MAP = declared(
    "URL_MAP",
    "Load Balancing",
    "URL Map",
    *strings("name", "selfLink", "defaultService"),
    *booleans("redirectsToHttps"),
)
BACKEND_SERVICE = declared(
    "BACKEND_SERVICE",
    "Load Balancing",
    "Backend Service",
    *strings("name", "selfLink", "protocol", "loadBalancingScheme", "securityPolicy"),
    *integers("timeoutSec"),
    *booleans("enableCdn", "isIapEnabled"),
    *parts("logConfig", "enable", "sampleRate"),
)
SSL_POLICY = declared(
    "SSL_POLICY",
    "Load Balancing",
    "SSL Policy",
    *strings("name", "selfLink", "profile", "minTlsVersion"),
    *lists("enabledFeatures", "customFeatures"),
)

TYPES = (LOAD_BALANCING, TARGET_PROXY, URL_MAP, BACKEND_SERVICE, SSL_POLICY)
