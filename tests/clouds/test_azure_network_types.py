"""Networks, their filters and their watchers, as they are read from the simulation."""

from collections.abc import Iterator
from typing import Any

import pytest

from azure_world import assert_denied, assert_unread, named, read, refusals, swept
from nephoscope.model.evaluations import Status
from nephoscope.resource_types.azure import network as types
from nephoscope.simulation.azure.cloud import AzureCloud
from nephoscope.simulation.azure.estate import network as estate
from nephoscope.simulation.azure.estate.words import ROOT, WORKSPACE, network_id

KINDS = {row.name: row.permissions for row in types.TYPES}


@pytest.fixture(scope="module")
def azure() -> Iterator[AzureCloud]:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        yield cloud


def documents(azure: AzureCloud, kind: str) -> dict[str, dict[str, Any]]:
    return {name: dict(row.document) for name, row in read(azure, kind).items()}


def test_a_network_tells_of_its_subnets_and_peers(azure: AzureCloud) -> None:
    found = documents(azure, "VIRTUAL_NETWORK")
    shop, lab = found["vnet-shop"], found["vnet-lab"]
    assert (shop["addressPrefixes"], shop["dnsServers"]) == (["10.10.0.0/16"], ["10.10.0.4"])
    assert (shop["enableDdosProtection"], lab["enableDdosProtection"]) == (True, False)
    assert shop["ddosProtectionPlanId"] == network_id("ddosProtectionPlans", "plan").lower()
    assert shop["encryption"] == {"enabled": True, "enforcement": "AllowUnencrypted"}
    assert [row["remoteNetworkId"] for row in shop["peerings"]] == [network_id("virtualNetworks", "vnet-hub").lower()]
    app, data, gateway = shop["subnets"]
    assert app == {
        "name": "app",
        "addressPrefixes": ["10.10.1.0/24"],
        "networkSecurityGroupId": network_id("networkSecurityGroups", "nsg-web", "rg-shop").lower(),
        "routeTableId": None,
        "natGatewayId": network_id("natGateways", "nat-shop", "rg-shop").lower(),
        "delegations": [],
        "serviceEndpoints": ["Microsoft.Storage"],
        "defaultOutboundAccess": False,
        "privateEndpointNetworkPolicies": "Disabled",
    }
    assert (data["delegations"], data["natGatewayId"]) == (["Microsoft.DBforPostgreSQL/flexibleServers"], None)
    assert (gateway["networkSecurityGroupId"], gateway["defaultOutboundAccess"]) == (None, None)
    assert lab["subnets"][0]["addressPrefixes"] == ["10.20.0.0/24", "10.20.1.0/24"]
    assert (lab["region"], lab["resourceGroupName"], lab["peerings"]) == ("eastus", "rg-lab", [])


def test_rules_are_in_the_order_in_which_azure_looks_at_them(azure: AzureCloud) -> None:
    found = documents(azure, "NETWORK_SECURITY_GROUP")
    rules = [(row["name"], row["sources"], row["ports"]) for row in found["nsg-web"]["securityRules"]]
    assert rules == [
        ("office", ["203.0.113.0/24"], ["443"]),
        ("machines", [], ["8080"]),
        ("nobody", ["Internet"], ["*"]),
        ("out", ["*"], ["*"]),
    ]
    lab = {row["name"]: row for row in found["nsg-lab"]["securityRules"]}
    assert lab["web"]["ports"] == ["80", "443"]
    assert lab["data"]["sources"] == ["0.0.0.0/1", "128.0.0.0/1"]
    assert len(found["nsg-web"]["subnetIds"]) == 2
    assert found["nsg-lab"]["networkInterfaceIds"] == [network_id("networkInterfaces", "nic-lab", "rg-lab").lower()]
    assert (found["nsg-idle"]["securityRules"], found["nsg-idle"]["subnetIds"]) == ([], [])


def test_where_a_group_sends_its_logs(azure: AzureCloud) -> None:
    found = documents(azure, "NETWORK_SECURITY_GROUP")
    (setting,) = found["nsg-web"]["diagnosticSettings"]
    assert (setting["workspaceId"], setting["storageAccountId"]) == (WORKSPACE, None)
    assert setting["categories"] == ["NetworkSecurityGroupEvent", "NetworkSecurityGroupRuleCounter"]
    assert found["nsg-lab"]["diagnosticSettings"] == []


def test_addresses_know_what_holds_them(azure: AzureCloud) -> None:
    found = documents(azure, "PUBLIC_IP")
    keys = ("skuName", "ipAddress", "zones", "publicIPAllocationMethod")
    assert {name: tuple(row[key] for key in keys) for name, row in found.items()} == {
        "pip-nat": ("Standard", "20.50.1.10", ["1", "2", "3"], "Static"),
        "pip-lab": ("Standard", "20.50.1.20", [], "Static"),
        "pip-old": ("Basic", None, [], "Dynamic"),
    }
    assert found["pip-nat"]["attachedTo"] == network_id("natGateways", "nat-shop", "rg-shop").lower()
    assert found["pip-lab"]["attachedTo"].endswith("/networkinterfaces/nic-lab/ipconfigurations/ipconfig1")
    assert (found["pip-old"]["attachedTo"], found["pip-lab"]["ddosProtectionMode"]) == (None, "VirtualNetworkInherited")


def test_interfaces_belong_to_machines_or_endpoints(azure: AzureCloud) -> None:
    found = documents(azure, "NETWORK_INTERFACES")
    lab, endpoint = found["nic-lab"], found["pe-shop.nic"]
    assert lab["virtualMachineId"] == estate.machine_id("vm-lab", "rg-lab").lower()
    assert lab["publicIpAddressIds"] == [network_id("publicIPAddresses", "pip-lab", "rg-lab").lower()]
    assert (lab["enableIPForwarding"], lab["privateIpAddresses"]) == (True, ["10.10.1.5"])
    assert (endpoint["virtualMachineId"], endpoint["publicIpAddressIds"]) == (None, [])
    assert endpoint["privateEndpointId"] == network_id("privateEndpoints", "pe-shop", "rg-shop").lower()


def test_flow_logs_name_what_they_look_at_as_it_names_itself(azure: AzureCloud) -> None:
    logs, groups = documents(azure, "AZURE_FLOW_LOG"), documents(azure, "NETWORK_SECURITY_GROUP")
    keys = ("targetKind", "enabled", "retentionEnabled", "retentionDays", "analyticsEnabled")
    assert {name: tuple(row[key] for key in keys) for name, row in logs.items()} == {
        "flow-vnet-shop": ("VNET", True, False, 0, True),
        "flow-vnet-lab": ("VNET", False, True, 30, False),
        "flow-nsg-web": ("NSG", True, True, 120, True),
        "flow-nsg-lab": ("NSG", True, True, 7, False),
    }
    assert logs["flow-nsg-web"]["targetId"] == groups["nsg-web"]["lookupId"]
    assert (logs["flow-nsg-web"]["formatVersion"], logs["flow-nsg-web"]["workspaceId"]) == (2, WORKSPACE)
    assert {row["location"] for row in documents(azure, "NETWORK_WATCHER").values()} == {"westeurope", "northeurope"}


def test_ids_are_whole(azure: AzureCloud) -> None:
    row = read(azure, "VIRTUAL_NETWORK")["vnet-shop"]
    assert (
        row.resource_id
        == row.arn
        == f"{ROOT}/resourceGroups/rg-shop/providers/Microsoft.Network/virtualNetworks/vnet-shop"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_refused_kind_is_denied(azure: AzureCloud, kind: str) -> None:
    for permission in KINDS[kind]:
        assert_denied(azure, kind, permission)


@pytest.mark.parametrize(("kind", "fields", "permission"), refusals(KINDS))
def test_a_refused_detail_is_unread(azure: AzureCloud, kind: str, fields: tuple[str, ...], permission: str) -> None:
    assert_unread(azure, kind, fields, permission)


BAD = {
    ("nsg-lab", "nsg-wide"): (50029, 56100, 56101, 56102, 56104, 56105),
    ("nsg-wide",): (56103,),
    ("nsg-idle", "nsg-wide"): (56143,),
    ("nsg-idle", "nsg-lab", "nsg-wide"): (56131,),
    ("nsg-lab",): (56108,),
    ("flow-nsg-lab",): (56106,),
    ("flow-vnet-lab",): (56107,),
    ("vnet-lab",): (56109, 56110, 56111, 56112, 56142),
    ("pip-old",): (56125, 56127),
    ("nic-lab",): (56128, 56129),
}


def test_what_is_bad_fails_and_the_rest_passes(azure: AzureCloud) -> None:
    verdicts = swept(azure, KINDS).verdicts
    assert set(verdicts.values()) == {Status.PASS, Status.FAIL}
    assert named(verdicts, Status.FAIL) == {cid: set(names) for names, cids in BAD.items() for cid in cids}
    assert all(named(verdicts, Status.PASS).values())
