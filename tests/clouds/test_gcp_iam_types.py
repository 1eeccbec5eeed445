"""Identities and keys, as they are read from the simulation."""

from collections.abc import Iterator

import pytest

from gcp_world import read
from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud
from nephoscope.simulation.gcp.estate import fill_gcp
from nephoscope.simulation.gcp.estate.words import DEFAULT_ACCOUNT, KEY, WEB_ACCOUNT


@pytest.fixture(scope="module")
def gcp() -> Iterator[GcpCloud]:
    with GcpCloud() as cloud:
        fill_gcp(cloud)
        yield cloud


def test_service_accounts_have_keys_roles_and_members(gcp: GcpCloud) -> None:
    found = read(gcp, "SERVICE_ACCOUNT")
    assert len(found) == 5
    old, default = found[f"old@{PROJECT}.iam.gserviceaccount.com"].document, found[DEFAULT_ACCOUNT].document
    assert [key["validAfterTime"] for key in old["userManagedKeys"]] == ["2024-01-01T00:00:00Z"]
    assert old["bindings"] == [{"role": "roles/iam.serviceAccountUser", "members": ["allUsers"]}]
    assert default["isDefault"] is True
    assert default["projectRoles"] == [{"role": "roles/editor", "condition": None}]
    assert found[WEB_ACCOUNT].document["userManagedKeys"] == []
    assert found[f"retired@{PROJECT}.iam.gserviceaccount.com"].document["disabled"] is True


def test_custom_roles_list_their_permissions(gcp: GcpCloud) -> None:
    found = read(gcp, "IAM_CUSTOM_ROLE")
    assert found["deployer"].document["includedPermissions"] == ["run.services.update", "iam.serviceAccounts.actAs"]
    assert (found["reader"].name, found["reader"].document["stage"]) == ("Reader", "GA")


def test_keys_are_read_with_the_policies_of_their_rings(gcp: GcpCloud) -> None:
    found = read(gcp, "CRYPTO_KEY")
    good = found[KEY.partition(f"{PROJECT}/")[2]].document
    assert (good["rotationPeriod"], good["protectionLevel"], good["keyRing"]) == ("7776000s", "HSM", "main")
    assert (good["region"], good["keyRingBindings"]) == ("europe-west1", [])
    legacy = found["locations/europe-west1/keyRings/open/cryptoKeys/legacy"].document
    assert legacy["rotationPeriod"] is None
    assert legacy["keyRingBindings"][0]["members"] == ["allUsers"]


def test_secrets_are_described_and_never_read(gcp: GcpCloud) -> None:
    found = read(gcp, "SECRET")
    good, bad = found["database"].document, found["shared"].document
    assert (good["kmsKeyNames"], bad["kmsKeyNames"], bad["rotation"]) == ([KEY], [], None)
    assert good["rotation"] == {"rotationPeriod": "7776000s", "nextRotationTime": "2027-01-01T00:00:00Z"}
    assert not [asked for asked in gcp.asked if "versions" in asked and "secret" in asked]
