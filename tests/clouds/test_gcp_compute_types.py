"""Machines and disks, as they are read from the simulation."""

from collections.abc import Iterator

import pytest

from gcp_world import read
from nephoscope.model.resources import Document
from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud
from nephoscope.simulation.gcp.estate import fill_gcp
from nephoscope.simulation.gcp.estate.compute import HIDDEN
from nephoscope.simulation.gcp.estate.words import DEFAULT_ACCOUNT, KEY, ZONE


@pytest.fixture(scope="module")
def gcp() -> Iterator[GcpCloud]:
    with GcpCloud() as cloud:
        fill_gcp(cloud)
        yield cloud


def machine(gcp: GcpCloud, name: str) -> Document:
    return read(gcp, "VM_INSTANCE")[f"zones/{ZONE}/instances/{name}"].document


def test_a_machine_is_read_whole(gcp: GcpCloud) -> None:
    web, old = machine(gcp, "web"), machine(gcp, "old")
    assert (web["region"], web["zone"], web["machineType"], web["status"]) == (
        "europe-west1",
        ZONE,
        "e2-medium",
        "RUNNING",
    )
    assert (web["externalIpAddress"], old["externalIpAddress"]) == (None, "203.0.113.7")
    assert web["internalIpAddress"] == "10.0.0.5"
    assert web["disks"] == [
        {
            "deviceName": "boot",
            "boot": True,
            "source": f"projects/{PROJECT}/zones/{ZONE}/disks/boot",
            "kmsKeyName": KEY,
            "sha256": None,
        }
    ]
    assert (web["isConfidential"], old["canIpForward"], old["automaticRestart"]) == (True, True, False)
    assert old["serviceAccounts"][0]["email"] == DEFAULT_ACCOUNT
    assert machine(gcp, "gke-node")["isOfKubernetes"] is True


def test_switches_are_true_false_or_unsaid(gcp: GcpCloud) -> None:
    assert machine(gcp, "web")["switches"] == {
        "blockProjectSshKeys": True,
        "serialPortEnable": False,
        "enableOslogin": None,
        "enableOsconfig": None,
        "enableOslogin2fa": None,
    }
    (settings,) = read(gcp, "COMPUTE_PROJECT").values()
    assert settings.resource_id == PROJECT
    assert (settings.document["switches"]["serialPortEnable"], settings.document["switches"]["enableOslogin"]) == (
        True,
        True,
    )


def test_scripts_and_keys_in_metadata_are_not_kept(gcp: GcpCloud) -> None:
    kept = str(read(gcp, "VM_INSTANCE")) + str(read(gcp, "COMPUTE_PROJECT"))
    assert HIDDEN not in kept
    assert "ssh-rsa" not in kept
    assert "startup-script" in machine(gcp, "old")["metadataKeys"]


def test_reports_of_a_zone_take_one_call(gcp: GcpCloud) -> None:
    gcp.asked.clear()
    found = {name: machine(gcp, name)["vulnerabilityReport"] for name in ("web", "old", "gke-node")}
    assert {name: report and report["vulnerabilityCount"] for name, report in found.items()} == {
        "web": 0,
        "old": 2,
        "gke-node": None,
    }
    assert [count for asked, count in gcp.asked.items() if "osconfig" in asked] == [3]  # three runs


def test_disks_images_and_snapshots(gcp: GcpCloud) -> None:
    disks = read(gcp, "COMPUTE_DISK")
    boot, lone = (disks[f"zones/{ZONE}/disks/{name}"].document for name in ("boot", "forgotten"))
    assert (boot["sizeGb"], boot["diskType"], boot["diskEncryptionKey"]["kmsKeyName"]) == (20, "pd-ssd", KEY)
    assert (lone["users"], lone["diskEncryptionKey"]) == ([], {"kmsKeyName": None, "sha256": None})
    assert read(gcp, "COMPUTE_IMAGE")["shared"].document["bindings"][0]["members"] == ["allUsers"]
    assert read(gcp, "COMPUTE_SNAPSHOT")["nightly"].document["bindings"] == []
