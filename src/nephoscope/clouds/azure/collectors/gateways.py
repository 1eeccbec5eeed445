"""How firewalls, gateways, load balancers, bastions and perimeters are read."""

from collections.abc import Iterator, Mapping
from typing import Any

from nephoscope.clouds.azure.collecting import Calls, Collector, Place, Raw, resources
from nephoscope.clouds.azure.collectors.diagnostics import diagnostics
from nephoscope.clouds.azure.collectors.network import id_in, ids_in, placed, sku_of
from nephoscope.clouds.azure.shaping import properties, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.azure import gateways as types

_PREDEFINED = {
    "AppGwSslPolicy20150501": "TLSv1_0",
    "AppGwSslPolicy20170401": "TLSv1_1",
    "AppGwSslPolicy20170401S": "TLSv1_2",
    "AppGwSslPolicy20220101": "TLSv1_2",
    "AppGwSslPolicy20220101S": "TLSv1_2",
}
"""The lowest version that Azure's ready-made policies allow."""
_PERIMETER = "2024-07-01"


def _zones(raw: Raw) -> list[str]:
    return sorted(str(zone) for zone in raw.get("zones") or ())


def _has_public(known: Mapping[str, Any]) -> bool:
    return any(properties(row).get("publicIPAddress") for row in known.get("frontendIPConfigurations") or ())


def _shape_firewall(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    more = {
        "skuTier": (known.get("sku") or {}).get("tier"),
        "firewallPolicyId": id_in(known, "firewallPolicy"),
        "zones": _zones(raw),
    }
    return resource(types.FIREWALL, raw, {**known, **more})


def _shape_firewall_policy(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    more = {
        "skuTier": (known.get("sku") or {}).get("tier"),
        "intrusionDetectionMode": (known.get("intrusionDetection") or {}).get("mode"),
        "basePolicyId": id_in(known, "basePolicy"),
        "firewallIds": ids_in(known, "firewalls"),
        "dnsProxyEnabled": bool((known.get("dnsSettings") or {}).get("enableProxy")),
    }
    return resource(types.FIREWALL_POLICY, raw, {**known, **more})


def _lowest(known: Mapping[str, Any]) -> str | None:
    """The lowest version of TLS that any policy of the gateway allows; null where Azure's own default holds."""
    policies = [known.get("sslPolicy"), *(properties(row).get("sslPolicy") for row in known.get("sslProfiles") or ())]
    found = [_version(policy) for policy in policies if policy]
    return min((version for version in found if version), default=None)


def _version(policy: Mapping[str, Any]) -> str | None:
    return policy.get("minProtocolVersion") or _PREDEFINED.get(policy.get("policyName") or "")


def _shape_application(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    sku = known.get("sku") or {}
    listeners = {str(row["name"]): properties(row) for row in known.get("httpListeners") or ()}
    whole = id_in(known, "firewallPolicy")
    policies = {name: id_in(row, "firewallPolicy") or whole for name, row in listeners.items()}
    more = {
        "skuName": sku.get("name"),
        "skuTier": sku.get("tier"),
        "firewallPolicyId": whole,
        "firewallPolicyIds": sorted({policy for policy in (whole, *policies.values()) if policy}),
        "unguardedListeners": sorted(name for name, policy in policies.items() if not policy),
        "minTlsVersion": _lowest(known),
        "enableHttp2": bool(known.get("enableHttp2")),
        "hasPublicFrontend": _has_public(known),
        "zones": _zones(raw),
        "listenerProtocols": sorted({str(row.get("protocol")) for row in listeners.values()}),
    }
    return resource(types.APPLICATION_GATEWAYS, raw, {**known, **more})


def _shape_waf_policy(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    settings = known.get("policySettings") or {}
    sets = (known.get("managedRules") or {}).get("managedRuleSets") or ()
    more = {
        "state": settings.get("state"),
        "mode": settings.get("mode"),
        "requestBodyCheck": settings.get("requestBodyCheck"),
        "managedRuleSets": sorted(str(row.get("ruleSetType")) for row in sets),
        "gatewayIds": ids_in(known, "applicationGateways"),
        "customRuleCount": len(known.get("customRules") or ()),
    }
    return resource(types.WAF_POLICY, raw, {**known, **more})


def _shape_vpn(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    clients = known.get("vpnClientConfiguration") or {}
    more = {
        "skuName": (known.get("sku") or {}).get("name"),
        "hasPointToSite": bool(clients.get("vpnClientAddressPool")),
        "activeActive": bool(known.get("activeActive")),
        "vpnAuthenticationTypes": sorted(clients.get("vpnAuthenticationTypes") or ()),
        "vpnClientProtocols": sorted(clients.get("vpnClientProtocols") or ()),
    }
    return resource(types.VPN_GATEWAY, raw, {**known, **more})


def _shape_balancer(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    fronts = known.get("frontendIPConfigurations") or ()
    more = {
        **sku_of(raw),
        "hasPublicFrontend": _has_public(known),
        "frontendZones": sorted({zone for row in fronts for zone in _zones(row)}),
        "backendCount": len(known.get("backendAddressPools") or ()),
        "probeCount": len(known.get("probes") or ()),
        "ruleCount": len(known.get("loadBalancingRules") or ()),
        "inboundNatRules": [_nat_rule(row) for row in known.get("inboundNatRules") or ()],
    }
    return resource(types.LOAD_BALANCER, raw, {**known, **more})


def _nat_rule(raw: Raw) -> dict[str, Any]:
    known = properties(raw)
    return {"name": raw["name"], **{name: known.get(name) for name in ("protocol", "frontendPort", "backendPort")}}


def _shape_nat(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    more = {
        **sku_of(raw),
        "zones": _zones(raw),
        "subnetIds": ids_in(known, "subnets"),
        "publicIpAddressIds": ids_in(known, "publicIpAddresses"),
    }
    return resource(types.NAT_GATEWAYS, raw, {**known, **more})


def _shape_bastion(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    names = ("disableCopyPaste", "enableShareableLink", "enableFileCopy", "enableSessionRecording")
    flags = {name: bool(known.get(name)) for name in names}
    return resource(types.BASTION_HOST, raw, {**known, **sku_of(raw), **flags})


def _fetch_perimeters(calls: Calls) -> Iterator[Raw]:
    """Each with what stands inside of it."""
    for raw in calls.resources("microsoft.network/networksecurityperimeters"):
        yield {**raw, "inside": list(calls.items(f"{raw['id']}/resourceAssociations", _PERIMETER))}


def _shape_perimeter(raw: Raw, _: Place) -> Observed:
    inside = [properties(row) for row in raw["inside"]]
    more = {
        "enforcedIds": _inside(inside, "Enforced"),
        "learningIds": _inside(inside, "Learning"),
    }
    return resource(types.NETWORK_SECURITY_PERIMETER, raw, {**placed(raw), **more})


def _inside(rows: list[Mapping[str, Any]], mode: str) -> list[str]:
    """`Transition` is what Azure answers for `Learning` today."""
    wanted = {mode} if mode == "Enforced" else {"Learning", "Transition", "Audit"}
    found = (id_in(row, "privateLinkResource") for row in rows if row.get("accessMode") in wanted)
    return sorted(one for one in found if one)


_LOGGED = (diagnostics(),)

COLLECTORS = (
    Collector("FIREWALL", resources("microsoft.network/azurefirewalls"), _shape_firewall, _LOGGED),
    Collector("FIREWALL_POLICY", resources("microsoft.network/firewallpolicies"), _shape_firewall_policy),
    Collector("APPLICATION_GATEWAYS", resources("microsoft.network/applicationgateways"), _shape_application, _LOGGED),
    Collector(
        "WAF_POLICY",
        resources("microsoft.network/applicationgatewaywebapplicationfirewallpolicies"),
        _shape_waf_policy,
    ),
    Collector("AZURE_VPN_GATEWAY", resources("microsoft.network/virtualnetworkgateways"), _shape_vpn, _LOGGED),
    Collector("AZURE_LOAD_BALANCER", resources("microsoft.network/loadbalancers"), _shape_balancer, _LOGGED),
    Collector("NAT_GATEWAYS", resources("microsoft.network/natgateways"), _shape_nat),
    Collector("BASTION_HOST", resources("microsoft.network/bastionhosts"), _shape_bastion, _LOGGED),
    Collector("NETWORK_SECURITY_PERIMETER", _fetch_perimeters, _shape_perimeter),
)
