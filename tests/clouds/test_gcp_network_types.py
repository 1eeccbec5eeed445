"""Networks and load balancers, as they are read from the simulation."""

from collections.abc import Iterator

import pytest

from gcp_world import read
from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud
from nephoscope.simulation.gcp.estate import fill_gcp


@pytest.fixture(scope="module")
def gcp() -> Iterator[GcpCloud]:
    with GcpCloud() as cloud:
        fill_gcp(cloud)
        yield cloud


MAIN = f"projects/{PROJECT}/global/networks/main"


def test_networks_are_told_apart(gcp: GcpCloud) -> None:
    found = read(gcp, "NETWORK")
    kinds = {name: (row.document["isLegacy"], row.document["autoCreateSubnetworks"]) for name, row in found.items()}
    assert kinds == {"main": (False, False), "default": (False, True), "legacy": (True, False)}
    assert found["main"].document["selfLink"] == MAIN
    assert found["main"].document["creationTimestamp"] == "2025-11-03T16:30:00Z"


def test_subnetworks_have_a_region_in_their_id(gcp: GcpCloud) -> None:
    found = read(gcp, "SUBNETWORK")
    app, bare = (found[f"regions/europe-west1/subnetworks/{name}"].document for name in ("app", "bare"))
    assert (app["network"], app["logConfig"]["enable"], app["privateIpGoogleAccess"]) == (MAIN, True, True)
    assert (bare["purpose"], bare["logConfig"]["enable"]) == ("PRIVATE", False)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("ssh-iap", [("tcp", 22, 22, "35.235.240.0/20", "allow"), ("tcp", 3389, 3389, "35.235.240.0/20", "allow")]),
        ("ssh-open", [("tcp", 20, 25, "0.0.0.0/0", "allow")]),
        ("rdp-open-v6", [("tcp", 3389, 3389, "::/0", "allow")]),
        ("everything", [("-1", 0, 65535, "0.0.0.0/0", "allow")]),
        ("deny", [("-1", 0, 65535, "0.0.0.0/0", "deny")]),
        ("by-tag", []),
        ("out", []),
    ],
)
def test_firewall_rules_say_what_comes_in(gcp: GcpCloud, name: str, rows: list[tuple[object, ...]]) -> None:
    found = read(gcp, "FIREWALL_RULES")[name].document["ingress"]
    keys = ("ipProtocol", "fromPort", "toPort", "source", "ruleAction")
    assert [tuple(row[key] for key in keys) for row in found] == rows


def test_a_rule_without_any_source_is_for_everybody() -> None:
    with GcpCloud() as cloud:
        data = {"name": "all", "allowed": [{"IPProtocol": "tcp", "ports": ["22"]}]}
        cloud.add("compute.googleapis.com/Firewall", f"projects/{PROJECT}/global/firewalls/all", data)
        (row,) = read(cloud, "FIREWALL_RULES")["all"].document["ingress"]
    assert row["source"] == "0.0.0.0/0"


def test_zones_are_spelled_one_way(gcp: GcpCloud) -> None:
    found = {name: row.document for name, row in read(gcp, "DNS_MANAGED_ZONE").items()}
    assert {name: (row["visibility"], row["dnssecState"]) for name, row in found.items()} == {
        "signed": ("public", "on"),
        "weak": ("public", "on"),
        "plain": ("public", "off"),
        "inside": ("private", "off"),
    }
    assert [row["keyType"] for row in found["signed"]["dnssecKeys"]] == ["keySigning", "zoneSigning"]
    assert read(gcp, "DNS_POLICY")["queries"].document["networks"] == [MAIN]


def test_routers_and_tunnels(gcp: GcpCloud) -> None:
    routers = read(gcp, "ROUTER")
    assert routers["regions/europe-west1/routers/silent"].document["nats"][0]["logConfig"]["enable"] is False
    assert {row.document["ikeVersion"] for row in read(gcp, "VPN_TUNNEL").values()} == {1, 2}


def test_parts_of_load_balancers_name_each_other(gcp: GcpCloud) -> None:
    proxies, maps = read(gcp, "TARGET_PROXY"), read(gcp, "URL_MAP")
    assert {row.document["proxyType"] for row in proxies.values()} == {"HTTP", "HTTPS", "SSL"}
    redirect = proxies["global/targetHttpProxies/redirect"].document
    assert redirect["urlMap"] == maps["global/urlMaps/redirect"].document["selfLink"]
    assert maps["global/urlMaps/redirect"].document["redirectsToHttps"] is True
    assert maps["global/urlMaps/web"].document["redirectsToHttps"] is False
    strict = proxies["global/targetHttpsProxies/strict"].document
    assert strict["sslPolicy"] == read(gcp, "SSL_POLICY")["global/sslPolicies/strict"].document["selfLink"]


def test_global_and_regional_parts_are_one_type(gcp: GcpCloud) -> None:
    rules = read(gcp, "LOAD_BALANCING")
    assert set(rules) == {
        "global/forwardingRules/web",
        "global/forwardingRules/pscapis",
        "regions/europe-west1/forwardingRules/inside",
    }
    assert rules["global/forwardingRules/pscapis"].document["target"] == "all-apis"
    services = read(gcp, "BACKEND_SERVICE")
    assert services["global/backendServices/web"].document["isIapEnabled"] is True
    assert services["regions/europe-west1/backendServices/inside"].document["region"] == "europe-west1"
