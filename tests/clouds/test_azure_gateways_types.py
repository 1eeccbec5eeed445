"""Firewalls, gateways, load balancers, bastions and perimeters, as they are read from the simulation."""

from collections.abc import Iterator
from typing import Any

import pytest

from azure_world import assert_denied, assert_unread, named, read, refusals, swept
from nephoscope.model.evaluations import Status
from nephoscope.resource_types.azure import gateways as types
from nephoscope.simulation.azure.cloud import AzureCloud
from nephoscope.simulation.azure.estate import gateways as estate
from nephoscope.simulation.azure.estate.words import network_id

KINDS = {row.name: row.permissions for row in types.TYPES}
WAF = network_id("ApplicationGatewayWebApplicationFirewallPolicies", "waf-shop").lower()


@pytest.fixture(scope="module")
def azure() -> Iterator[AzureCloud]:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        yield cloud


def picked(azure: AzureCloud, kind: str, *keys: str) -> dict[str, tuple[Any, ...]]:
    return {name: tuple(row.document[key] for key in keys) for name, row in read(azure, kind).items()}


def test_a_firewall_is_joined_to_its_policy(azure: AzureCloud) -> None:
    policies = read(azure, "FIREWALL_POLICY")
    hub = policies["fwp-hub"].document
    assert picked(azure, "FIREWALL", "skuTier", "threatIntelMode", "firewallPolicyId", "zones") == {
        "fw-hub": ("Premium", "Alert", hub["lookupId"], ["1", "2", "3"]),
        "fw-branch": ("Standard", "Alert", None, []),
    }
    assert hub["firewallIds"] == [read(azure, "FIREWALL")["fw-hub"].document["lookupId"]]
    assert (hub["threatIntelMode"], hub["intrusionDetectionMode"], hub["dnsProxyEnabled"]) == ("Deny", "Deny", True)
    branch = policies["fwp-branch"].document
    assert (branch["intrusionDetectionMode"], branch["firewallIds"], branch["dnsProxyEnabled"]) == (None, [], False)


def test_what_guards_each_application_gateway(azure: AzureCloud) -> None:
    keys = ("firewallPolicyId", "firewallPolicyIds", "unguardedListeners")
    assert picked(azure, "APPLICATION_GATEWAYS", *keys) == {
        "agw-shop": (WAF, [WAF], []),
        "agw-half": (None, [WAF], ["b"]),
        "agw-lab": (None, [], ["tls", "web"]),
        "agw-aged": (None, [], ["web"]),
    }
    aged = read(azure, "APPLICATION_GATEWAYS")["agw-aged"].document
    assert aged["webApplicationFirewallConfiguration"] == {
        "enabled": True,
        "firewallMode": "Detection",
        "ruleSetType": "OWASP",
    }


def test_the_lowest_version_of_tls_and_the_protocols(azure: AzureCloud) -> None:
    keys = ("minTlsVersion", "enableHttp2", "listenerProtocols", "hasPublicFrontend", "zones")
    found = picked(azure, "APPLICATION_GATEWAYS", *keys)
    assert found["agw-shop"] == ("TLSv1_2", True, ["Https"], True, ["1", "2", "3"])
    assert found["agw-lab"] == ("TLSv1_0", False, ["Http", "Https"], True, [])
    assert found["agw-aged"][0] is None


def test_one_weak_profile_makes_the_whole_gateway_weak() -> None:
    strong = {"policyType": "Custom", "minProtocolVersion": "TLSv1_3"}
    weak = {"policyType": "Predefined", "policyName": "AppGwSslPolicy20170401"}
    known = {"sslPolicy": strong, "sslProfiles": [{"name": "old-clients", "properties": {"sslPolicy": weak}}]}
    with AzureCloud() as cloud:
        cloud.add("Microsoft.Network/applicationGateways", "agw", known)
        cloud.add("Microsoft.Network/applicationGateways", "agw-new", {"sslPolicy": strong})
        found = picked(cloud, "APPLICATION_GATEWAYS", "minTlsVersion")
    assert found == {"agw": ("TLSv1_1",), "agw-new": ("TLSv1_3",)}


def test_policies_of_web_application_firewalls(azure: AzureCloud) -> None:
    keys = ("state", "mode", "requestBodyCheck", "managedRuleSets", "customRuleCount")
    assert picked(azure, "WAF_POLICY", *keys) == {
        "waf-shop": ("Enabled", "Prevention", True, ["Microsoft_BotManagerRuleSet", "OWASP"], 1),
        "waf-lab": ("Enabled", "Detection", False, ["OWASP"], 0),
    }
    shop = read(azure, "WAF_POLICY")["waf-shop"].document
    assert shop["lookupId"] == WAF
    assert shop["gatewayIds"] == [network_id("applicationGateways", name).lower() for name in ("agw-half", "agw-shop")]


def test_who_may_dial_in(azure: AzureCloud) -> None:
    keys = ("gatewayType", "skuName", "hasPointToSite", "vpnAuthenticationTypes", "activeActive")
    assert picked(azure, "AZURE_VPN_GATEWAY", *keys) == {
        "vpn-hub": ("Vpn", "VpnGw2AZ", True, ["AAD"], True),
        "vpn-lab": ("Vpn", "VpnGw2AZ", True, ["AAD", "Certificate"], False),
        "er-hub": ("ExpressRoute", "ErGw1AZ", False, [], False),
    }


def test_load_balancers_and_ways_out(azure: AzureCloud) -> None:
    keys = ("skuName", "hasPublicFrontend", "frontendZones", "backendCount", "probeCount", "ruleCount")
    assert picked(azure, "AZURE_LOAD_BALANCER", *keys) == {
        "lb-shop": ("Standard", False, ["1", "2", "3"], 1, 1, 1),
        "lb-web": ("Standard", True, [], 1, 1, 1),
        "lb-lab": ("Basic", True, [], 1, 1, 1),
    }
    (rule,) = read(azure, "AZURE_LOAD_BALANCER")["lb-lab"].document["inboundNatRules"]
    assert rule == {"name": "rdp", "protocol": "Tcp", "frontendPort": 53389, "backendPort": 3389}
    (way,) = picked(azure, "NAT_GATEWAYS", "skuName", "zones", "idleTimeoutInMinutes", "publicIpAddressIds").values()
    assert way == ("Standard", ["1"], 4, [network_id("publicIPAddresses", "pip-nat", "rg-shop").lower()])


def test_bastions_say_what_they_allow(azure: AzureCloud) -> None:
    keys = ("skuName", "disableCopyPaste", "enableShareableLink", "enableFileCopy", "enableSessionRecording")
    assert picked(azure, "BASTION_HOST", *keys) == {
        "bas-hub": ("Standard", True, False, False, False),
        "bas-lab": ("Standard", False, True, True, False),
    }


def test_a_perimeter_tells_enforcing_from_learning(azure: AzureCloud) -> None:
    found = picked(azure, "NETWORK_SECURITY_PERIMETER", "enforcedIds", "learningIds")
    enforced, learning = found["nsp-data"]
    assert [one.rpartition("/")[2] for one in enforced] == ["kv-meridian-core", "stmeridianshop"]
    assert learning == [estate.account_id("stmeridianlab", "rg-lab").lower()]


@pytest.mark.parametrize(
    ("kind", "permission"), [(kind, permission) for kind, permissions in KINDS.items() for permission in permissions]
)
def test_a_refused_kind_is_denied(azure: AzureCloud, kind: str, permission: str) -> None:
    assert_denied(azure, kind, permission)


@pytest.mark.parametrize(("kind", "fields", "permission"), refusals(KINDS))
def test_a_refused_detail_is_unread(azure: AzureCloud, kind: str, fields: tuple[str, ...], permission: str) -> None:
    assert_unread(azure, kind, fields, permission)


BAD = {
    ("bas-lab",): (56114, 56136),
    ("vpn-lab",): (56115,),
    ("er-hub", "vpn-lab"): (56134,),
    ("agw-half", "agw-lab"): (56116,),
    ("agw-lab",): (56117, 56122),
    ("agw-aged", "agw-half", "agw-lab"): (56118, 56133, 56138),
    ("waf-lab",): (56119, 56120, 56121),
    ("fw-branch",): (56123, 56132, 56137),
    ("fwp-lab",): (56124,),
    ("lb-lab",): (56126, 56139),
}


def test_what_is_bad_fails_and_the_rest_passes(azure: AzureCloud) -> None:
    """What Azure's own policy of TLS is, depends on the age of the gateway: that is not known."""
    verdicts = swept(azure, KINDS).verdicts
    assert named(verdicts, Status.FAIL) == {cid: set(names) for names, cids in BAD.items() for cid in cids}
    unknown = {cid: names for cid, names in named(verdicts, Status.UNKNOWN).items() if names}
    assert unknown == {56117: {"agw-aged"}}
    assert all(named(verdicts, Status.PASS).values())


@pytest.mark.parametrize("permission", KINDS["FIREWALL_POLICY"])
def test_a_firewall_whose_policy_is_not_seen_is_unknown(azure: AzureCloud, permission: str) -> None:
    with azure.refusing(permission):
        verdicts = swept(azure, {"FIREWALL"}).verdicts
    assert named(verdicts, Status.UNKNOWN)[56123] == {"fw-branch", "fw-hub"}
    assert named(verdicts, Status.PASS)[56137] == {"fw-hub"}
