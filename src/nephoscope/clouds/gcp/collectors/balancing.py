"""How load balancers are read, all from the inventory: forwarding rule, proxy, URL map, backend service, TLS policy."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.gcp.collecting import Collector, Place, Raw, assets
from nephoscope.clouds.gcp.collectors.network import self_link
from nephoscope.clouds.gcp.shaping import data_of, link, picked, placed, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.gcp import balancing as types

_COMPUTE = "compute.googleapis.com"
_RULES = (f"{_COMPUTE}/ForwardingRule", f"{_COMPUTE}/GlobalForwardingRule")
_PROXIES = {
    f"{_COMPUTE}/TargetHttpProxy": "HTTP",
    f"{_COMPUTE}/TargetHttpsProxy": "HTTPS",
    f"{_COMPUTE}/TargetSslProxy": "SSL",
}
_URL_MAP, _SSL_POLICY = f"{_COMPUTE}/UrlMap", f"{_COMPUTE}/SslPolicy"
_BACKENDS = (f"{_COMPUTE}/BackendService", f"{_COMPUTE}/RegionBackendService")


def _shape_rule(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    known = {
        **picked(data, ("name", "portRange", "loadBalancingScheme")),
        "selfLink": self_link(raw),
        "ipAddress": data.get("IPAddress"),
        "ipProtocol": data.get("IPProtocol"),
        "target": link(data.get("target")),
        "backendService": link(data.get("backendService")),
        "network": link(data.get("network")),
    }
    return resource(types.LOAD_BALANCING, raw, known, resource_id=placed(raw["name"]))


def _shape_proxy(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    known = {
        "name": data.get("name"),
        "selfLink": self_link(raw),
        "proxyType": _PROXIES[raw["assetType"]],
        "urlMap": link(data.get("urlMap")),
        "service": link(data.get("service")),
        "sslPolicy": link(data.get("sslPolicy")),
        "sslCertificates": [link(one) for one in data.get("sslCertificates") or ()],
    }
    return resource(types.TARGET_PROXY, raw, known, resource_id=placed(raw["name"]))


def _shape_url_map(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    known = {
        "name": data.get("name"),
        "selfLink": self_link(raw),
        "defaultService": link(data.get("defaultService")),
        "redirectsToHttps": _redirects(data),
    }
    return resource(types.URL_MAP, raw, known, resource_id=placed(raw["name"]))


def _redirects(data: Mapping[str, Any]) -> bool:
    """Whether everything that has no path of its own is sent to HTTPS, and every set of paths likewise."""
    places = [data, *(data.get("pathMatchers") or ())]
    return all((one.get("defaultUrlRedirect") or {}).get("httpsRedirect") is True for one in places)


def _shape_backend(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    logging: Mapping[str, Any] = data.get("logConfig") or {}
    known = {
        **picked(data, ("name", "protocol", "loadBalancingScheme", "timeoutSec")),
        "selfLink": self_link(raw),
        "securityPolicy": link(data.get("securityPolicy")),
        "enableCdn": bool(data.get("enableCDN")),
        "isIapEnabled": bool((data.get("iap") or {}).get("enabled")),
        "logConfig": {"enable": bool(logging.get("enable")), "sampleRate": logging.get("sampleRate")},
    }
    return resource(types.BACKEND_SERVICE, raw, known, resource_id=placed(raw["name"]))


def _shape_policy(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    known = {
        **picked(data, ("name", "profile", "minTlsVersion")),
        "selfLink": self_link(raw),
        "enabledFeatures": list(data.get("enabledFeatures") or ()),
        "customFeatures": list(data.get("customFeatures") or ()),
    }
    return resource(types.SSL_POLICY, raw, known, resource_id=placed(raw["name"]))


COLLECTORS = (
    Collector("LOAD_BALANCING", assets(*_RULES), _shape_rule),
    Collector("TARGET_PROXY", assets(*_PROXIES), _shape_proxy),
    Collector("URL_MAP", assets(_URL_MAP), _shape_url_map),
    Collector("BACKEND_SERVICE", assets(*_BACKENDS), _shape_backend),
    Collector("SSL_POLICY", assets(_SSL_POLICY), _shape_policy),
)
ASSET_KINDS = (*_RULES, *_PROXIES, _URL_MAP, *_BACKENDS, _SSL_POLICY)
