"""What stands between networks: firewalls, gateways, load balancers, bastions and a perimeter."""

from nephoscope.simulation.azure.cloud import AzureCloud, Document
from nephoscope.simulation.azure.estate.words import ROOT, network_id, put_logs, ref

_NETWORK = "Microsoft.Network"
_DONE = {"provisioningState": "Succeeded"}
_ZONES = ["1", "2", "3"]


def account_id(name: str, group: str) -> str:
    """Storage accounts, which the perimeter is around."""
    return f"{ROOT}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{name}"


def fill(cloud: AzureCloud) -> None:
    _firewalls(cloud)
    _applications(cloud)
    _private(cloud)
    _balancers(cloud)
    _bastions(cloud)
    _perimeter(cloud)


def _put(cloud: AzureCloud, kind: str, name: str, settings: Document, **more: object) -> str:
    return cloud.add(f"{_NETWORK}/{kind}", name, settings | _DONE, **more)


def _firewalls(cloud: AzureCloud) -> None:
    hub = network_id("azureFirewalls", "fw-hub")
    for name, mode, users in (("fwp-hub", "Deny", [ref(hub)]), ("fwp-lab", "Alert", [])):
        known: Document = {
            "sku": {"tier": "Premium"},
            "threatIntelMode": mode,
            "intrusionDetection": {
                "mode": mode,
                "configuration": {"signatureOverrides": [], "bypassTrafficSettings": []},
            },
            "dnsSettings": {"servers": [], "enableProxy": True},
            "firewalls": users,
            "ruleCollectionGroups": [],
            "childPolicies": [],
        }
        _put(cloud, "firewallPolicies", name, known)
    _put(cloud, "firewallPolicies", "fwp-branch", {"sku": {"tier": "Standard"}, "threatIntelMode": "Off"})
    governed = {"threatIntelMode": "Alert", "firewallPolicy": ref(network_id("firewallPolicies", "FWP-hub"))}
    whole = _put(cloud, "azureFirewalls", "fw-hub", _firewall("Premium") | governed, zones=_ZONES)
    put_logs(cloud, whole, "allLogs")
    _put(cloud, "azureFirewalls", "fw-branch", _firewall("Standard") | {"threatIntelMode": "Alert"}, group="rg-lab")


def _firewall(tier: str) -> Document:
    return {
        "sku": {"name": "AZFW_VNet", "tier": tier},
        "ipConfigurations": [],
        "networkRuleCollections": [],
        "applicationRuleCollections": [],
        "natRuleCollections": [],
        "additionalProperties": {},
    }


def _applications(cloud: AzureCloud) -> None:
    waf = network_id("ApplicationGatewayWebApplicationFirewallPolicies", "waf-shop")
    ready = {"policyType": "Predefined", "policyName": "AppGwSslPolicy20220101S"}
    custom = {"policyType": "Custom", "minProtocolVersion": "TLSv1_0", "cipherSuites": ["TLS_RSA_WITH_AES_128_CBC_SHA"]}
    guarded = {"firewallPolicy": ref(waf), "sslPolicy": ready, "enableHttp2": True}
    legacy = {
        "webApplicationFirewallConfiguration": {"enabled": True, "firewallMode": "Detection", "ruleSetType": "OWASP"}
    }
    rows: tuple[tuple[str, str, Document, list[Document]], ...] = (
        ("agw-shop", "WAF_v2", guarded, [_listener("web", "Https")]),
        ("agw-lab", "Standard_v2", {"sslPolicy": custom}, [_listener("web", "Http"), _listener("tls", "Https")]),
        ("agw-half", "WAF_v2", {"sslPolicy": ready}, [_listener("a", "Https", waf), _listener("b", "Https")]),
        ("agw-aged", "WAF_v2", legacy, [_listener("web", "Https")]),
    )
    for name, sku, more, listeners in rows:
        public = {"publicIPAddress": ref(network_id("publicIPAddresses", f"pip-{name}"))}
        known: Document = {
            "sku": {"name": sku, "tier": sku, "family": "Generation_1"},
            "operationalState": "Running",
            "frontendIPConfigurations": [{"name": "public", "properties": public | _DONE}],
            "httpListeners": listeners,
            "sslProfiles": [],
            "autoscaleConfiguration": {"minCapacity": 1, "maxCapacity": 4},
        }
        zones = _ZONES if name == "agw-shop" else None
        whole = _put(cloud, "applicationGateways", name, known | more, zones=zones)
        if name == "agw-shop":
            put_logs(cloud, whole, "ApplicationGatewayAccessLog", "ApplicationGatewayFirewallLog")
    _policies(cloud)


def _listener(name: str, protocol: str, policy: str = "") -> Document:
    known: Document = {"protocol": protocol, "hostNames": [], "requireServerNameIndication": protocol == "Https"}
    return {"name": name, "properties": known | ({"firewallPolicy": ref(policy)} if policy else {}) | _DONE}


def _policies(cloud: AzureCloud) -> None:
    owasp, bots = ({"ruleSetType": name, "ruleSetVersion": "1.0"} for name in ("OWASP", "Microsoft_BotManagerRuleSet"))
    kind = "ApplicationGatewayWebApplicationFirewallPolicies"
    for name, mode, sets, users in (
        ("waf-shop", "Prevention", [owasp, bots], ["agw-shop", "agw-half"]),
        ("waf-lab", "Detection", [owasp], []),
    ):
        is_good = mode == "Prevention"
        settings = {"state": "Enabled", "mode": mode, "requestBodyCheck": is_good, "maxRequestBodySizeInKb": 128}
        known: Document = {
            "customRules": [{"name": "country", "priority": 10, "ruleType": "MatchRule", "action": "Block"}] * is_good,
            "policySettings": settings,
            "managedRules": {"managedRuleSets": sets, "exclusions": []},
            "applicationGateways": [ref(network_id("applicationGateways", user)) for user in users],
        }
        _put(cloud, kind, name, known)


def _private(cloud: AzureCloud) -> None:
    pool = {"vpnClientAddressPool": {"addressPrefixes": ["172.16.0.0/24"]}, "vpnClientProtocols": ["OpenVPN"]}
    rows: tuple[tuple[str, str, Document], ...] = (
        ("vpn-hub", "Vpn", {"vpnClientConfiguration": {**pool, "vpnAuthenticationTypes": ["AAD"]}}),
        ("vpn-lab", "Vpn", {"vpnClientConfiguration": {**pool, "vpnAuthenticationTypes": ["Certificate", "AAD"]}}),
        ("er-hub", "ExpressRoute", {}),
    )
    for name, kind, more in rows:
        sku = {"name": "ErGw1AZ" if kind == "ExpressRoute" else "VpnGw2AZ", "capacity": 2}
        known = {"gatewayType": kind, "vpnType": "RouteBased", "activeActive": name == "vpn-hub", "sku": sku}
        whole = _put(cloud, "virtualNetworkGateways", name, known | more)
        if name == "vpn-hub":
            put_logs(cloud, whole, "GatewayDiagnosticLog", "IKEDiagnosticLog", "P2SDiagnosticLog")
    known = {
        "idleTimeoutInMinutes": 4,
        "publicIpAddresses": [ref(network_id("publicIPAddresses", "pip-nat", "rg-shop"))],
    }
    subnets = [ref(network_id("virtualNetworks", "vnet-shop/subnets/app", "rg-shop"))]
    more = {"group": "rg-shop", "sku": {"name": "Standard"}, "zones": ["1"]}
    _put(cloud, "natGateways", "nat-shop", known | {"subnets": subnets}, **more)


def _balancers(cloud: AzureCloud) -> None:
    inside = {"subnet": ref(network_id("virtualNetworks", "vnet-shop/subnets/app", "rg-shop"))}
    outside = {"publicIPAddress": ref(network_id("publicIPAddresses", "pip-lb"))}
    rows: tuple[tuple[str, str, Document, list[Document]], ...] = (
        ("lb-shop", "Standard", inside, [_nat_rule("ssh", 22)]),
        ("lb-web", "Standard", outside, [_nat_rule("metrics", 9100)]),
        ("lb-lab", "Basic", outside, [_nat_rule("rdp", 3389)]),
    )
    for name, sku, front, rules in rows:
        zones = {"zones": _ZONES} if front is inside else {}
        known: Document = {
            "frontendIPConfigurations": [{"name": "front", "properties": front | _DONE, **zones}],
            "backendAddressPools": [{"name": "machines", "properties": dict(_DONE)}],
            "loadBalancingRules": [{"name": "https", "properties": {"protocol": "Tcp", "frontendPort": 443}}],
            "probes": [{"name": "alive", "properties": {"protocol": "Https", "port": 443, "requestPath": "/alive"}}],
            "inboundNatRules": rules,
            "outboundRules": [],
        }
        _put(cloud, "loadBalancers", name, known, sku={"name": sku, "tier": "Regional"})


def _nat_rule(name: str, port: int) -> Document:
    return {
        "name": name,
        "properties": {"protocol": "Tcp", "frontendPort": 50_000 + port, "backendPort": port, **_DONE},
    }


def _bastions(cloud: AzureCloud) -> None:
    for name, is_good in (("bas-hub", True), ("bas-lab", False)):
        known = {
            "dnsName": f"bst-{name}.bastion.azure.com",
            "scaleUnits": 2,
            "enableTunneling": True,
            "enableFileCopy": not is_good,
            "disableCopyPaste": is_good,
            **({} if is_good else {"enableShareableLink": True}),
        }
        whole = _put(cloud, "bastionHosts", name, known, sku={"name": "Standard"})
        if is_good:
            put_logs(cloud, whole, "BastionAuditLogs")


def _perimeter(cloud: AzureCloud) -> None:
    """Around one storage account and one vault; with another account it is only being learned what that would stop."""
    whole = cloud.add(f"{_NETWORK}/networkSecurityPerimeters", "nsp-data", {"perimeterGuid": "4c1f", **_DONE})
    rows = (
        ("shop", "Enforced", account_id("stmeridianshop", "rg-shop")),
        ("lab", "Learning", account_id("stmeridianlab", "rg-lab")),
        ("vault", "Enforced", f"{ROOT}/resourceGroups/rg-core/providers/Microsoft.KeyVault/vaults/kv-meridian-core"),
    )
    associations = [
        {
            "id": f"{whole}/resourceAssociations/{name}",
            "name": name,
            "type": f"{_NETWORK}/networkSecurityPerimeters/resourceAssociations",
            "properties": {
                "privateLinkResource": ref(identity),
                "profile": ref(f"{whole}/profiles/default"),
                "accessMode": mode,
                "hasProvisioningIssues": "no",
                **_DONE,
            },
        }
        for name, mode, identity in rows
    ]
    cloud.put_listing(f"{whole}/resourceAssociations", associations)
