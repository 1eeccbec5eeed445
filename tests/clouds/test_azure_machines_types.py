"""Virtual machines and scale sets of a simulated subscription: what is read of them, what is said when it may not be
read, and that every control tells good from bad."""

from collections.abc import Iterator

import pytest

from azure_world import CONTROLS, collect, named, read, refusals, swept
from cloud_world import Swept
from nephoscope.clouds.azure.collectors import machines
from nephoscope.clouds.collecting import Place
from nephoscope.model.evaluations import Status
from nephoscope.model.scopes import Outcome
from nephoscope.resource_types.azure import machines as types
from nephoscope.simulation.azure.cloud import AzureCloud
from nephoscope.simulation.azure.estate import fill_azure
from nephoscope.simulation.azure.estate.words import network_id

KINDS = {row.name: row for row in types.TYPES}
MINE = sorted(cid for cid, control in CONTROLS.items() if control.resource_type in KINDS)


@pytest.fixture(scope="module")
def azure() -> Iterator[AzureCloud]:
    with AzureCloud() as cloud:
        fill_azure(cloud)
        yield cloud


@pytest.fixture(scope="module")
def whole(azure: AzureCloud) -> Swept:
    return swept(azure, KINDS)


def test_a_machine_is_read_with_all_that_belongs_to_it(azure: AzureCloud) -> None:
    found = read(azure, "VIRTUAL_MACHINE")["vm-jump"]
    document = found.document
    assert found.resource_id.endswith("/resourceGroups/rg-core/providers/Microsoft.Compute/virtualMachines/vm-jump")
    assert {name: document[name] for name in types.VIRTUAL_MACHINE.wire} == {
        "arsScore": None,
        "vulnerabilityStats": None,
        "computerName": "vm-jump",
        "primaryPrivateIPAddress": "10.0.9.4",
        "primaryPublicIPAddress": "20.50.7.7",
        "primaryPublicIPAddressId": network_id("publicIPAddresses", "pip-nic-jump").lower(),
        "statuses": [
            {
                "code": "PowerState/deallocated",
                "level": "Info",
                "displayStatus": "VM deallocated",
                "message": None,
                "time": None,
            }
        ],
        "criticalityScore": None,
        "availabilitySetId": document["lookupId"].replace("virtualmachines/vm-jump", "availabilitysets/one"),
        "provisioningState": "Succeeded",
        "licenseType": None,
        "size": "Standard_D2s_v5",
        "osType": "Windows",
        "networkSecurityGroupId": network_id("networkSecurityGroups", "nsg-jump").lower(),
        "imageData": [
            {
                "id": None,
                "offer": "WindowsServer",
                "publisher": "MicrosoftWindowsServer",
                "version": "1.2.3",
                "sku": "2022-datacenter-azure-edition",
            }
        ],
    }
    assert (document["justInTimePorts"], document["updatesAssessment"]) == ([3389], "NotApplicable")
    assert [row["type"] for row in document["extensions"]] == ["IaaSAntimalware"]
    assert document["remoteManagementProtocols"] == ["https"]


def test_what_azure_does_not_know_is_null(azure: AzureCloud) -> None:
    """A machine that was made of a disk has no profile of its system."""
    document = read(azure, "VIRTUAL_MACHINE")["vm-restored"].document
    unknown = ("passwordLogin", "patchMode", "assessmentMode", "updatesAssessment", "primaryPublicIPAddress")
    assert [document[name] for name in unknown] == [None] * len(unknown)
    assert (document["osType"], document["imageData"], document["extensions"]) == ("Linux", [], [])


@pytest.mark.parametrize(
    ("name", "patching"),
    [
        ("vm-shop", ("AutomaticByPlatform", "AutomaticByPlatform")),
        ("vm-lab", ("ImageDefault", "ImageDefault")),
        ("vm-jump", ("AutomaticByOS", "ImageDefault")),
        ("vm-bench", ("Manual", "ImageDefault")),
    ],
)
def test_what_is_not_said_about_patching_is_the_default(
    azure: AzureCloud, name: str, patching: tuple[str, str]
) -> None:
    document = read(azure, "VIRTUAL_MACHINE")[name].document
    assert (document["patchMode"], document["assessmentMode"]) == patching


def test_metadata_is_protected_when_both_endpoints_enforce() -> None:
    def shaped(agent: dict[str, object]) -> object:
        raw = {
            "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/m",
            "properties": {"securityProfile": {"proxyAgentSettings": agent}},
        }
        collector = machines.COLLECTORS[0]
        return collector.shape(raw, Place("", "s", "global")).document["metadataProtected"]

    assert shaped({"enabled": True, "mode": "Enforce"}) is True
    assert shaped({"enabled": True, "imds": {"mode": "Enforce"}, "wireServer": {"mode": "Enforce"}}) is True
    assert shaped({"enabled": True, "imds": {"mode": "Enforce"}, "wireServer": {"mode": "Audit"}}) is False
    assert shaped({"enabled": False, "mode": "Enforce"}) is False
    assert shaped({}) is False


def test_a_scale_set_is_read_from_its_model(azure: AzureCloud) -> None:
    found = {name: row.document for name, row in read(azure, "VIRTUAL_MACHINE_SCALE_SET").items()}
    good, bad, nodes = (found[name] for name in ("vmss-web", "vmss-batch", "aks-nodes-vmss"))
    assert (good["capacity"], good["zones"], good["automaticOsUpgrades"]) == (3, ["1", "2", "3"], True)
    assert (good["managedBy"], nodes["managedBy"]) == (None, "kubernetes:nodes")
    assert (good["hasPublicAddresses"], bad["hasPublicAddresses"]) == (False, True)
    assert (good["unmanagedDisks"], bad["unmanagedDisks"]) == ([], ["os"])
    assert [row["type"] for row in good["extensions"]] == ["AzureMonitorLinuxAgent"]


def test_reading_machines_takes_few_calls(azure: AzureCloud) -> None:
    """One each for what Defender says; and for all: what may be read, what there is, its pages (which are small), and
    two regions."""
    collected = collect(azure, "VIRTUAL_MACHINE")
    assert len(collected.resources) == 7
    assert collected.report.calls <= len(collected.resources) + 12


@pytest.mark.parametrize(("kind", "fields", "permission"), refusals(KINDS))
def test_a_refused_detail_is_unread_and_never_empty(
    azure: AzureCloud, kind: str, fields: tuple[str, ...], permission: str
) -> None:
    with azure.refusing(permission):
        collected = collect(azure, kind)
    assert collected.resources
    for row in collected.resources:
        assert not row.document.keys() & set(fields)
        assert {row.unread[field] for field in fields} == {f"denied: {permission}"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_refused_kind_is_denied(azure: AzureCloud, kind: str) -> None:
    with azure.refusing(*KINDS[kind].permissions):
        assert collect(azure, kind).report.outcome is Outcome.DENIED


@pytest.mark.parametrize("cid", MINE)
def test_every_control_tells_good_from_bad(whole: Swept, cid: int) -> None:
    found = {status for (_, row), status in whole.verdicts.items() if row == cid} - {Status.UNKNOWN}
    assert found == {Status.PASS, Status.FAIL}


def test_good_machines_pass_and_what_clusters_made_is_not_judged(whole: Swept) -> None:
    failed, unknown = named(whole.verdicts, Status.FAIL), named(whole.verdicts, Status.UNKNOWN)
    assert not [cid for cid, names in (*failed.items(), *unknown.items()) if "vm-shop" in names]
    assert not [key for key in whole.verdicts if key[0].endswith("aks-nodes-vmss")]
    assert {cid for cid, names in unknown.items() if "vm-restored" in names} == {56805, 56806, 56807, 56815}


def test_the_internet_gets_in_when_nothing_filters_it(whole: Swept) -> None:
    """At the interface of `vm-lab` all is open, at its subnet nothing."""
    assert named(whole.verdicts, Status.FAIL)[56812] == {"vm-bench"}
    assert named(whole.verdicts, Status.PASS)[56812] == {"vm-jump", "vm-lab"}


def test_an_interface_that_is_not_shown_leaves_its_questions_open() -> None:
    with AzureCloud() as cloud:
        fill_azure(cloud)
        cloud.resources[:] = [row for row in cloud.resources if row["name"] != "nic-jump"]
        found = {one.name: one for one in collect(cloud, "VIRTUAL_MACHINE").resources}
    assert (
        found["vm-jump"].unread["publicIpAddressIds"].endswith("does not show nic-jump, an interface of the machine.")
    )
    assert "publicIpAddressIds" in found["vm-bench"].document
