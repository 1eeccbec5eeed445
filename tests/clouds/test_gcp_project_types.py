"""The project and its API keys, as they are read from the simulation."""

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


def test_a_project_knows_what_it_has_and_what_it_inherits(gcp: GcpCloud) -> None:
    (row,) = read(gcp, "PROJECT").values()
    found = row.document
    assert (row.resource_id, row.name, found["displayName"]) == (PROJECT, "Meridian Production", "Meridian Production")
    assert found["createTime"] == "2023-02-01T10:00:00Z"
    assert found["state"] == "ACTIVE"
    assert found["ancestors"] == ["projects/481516234200", "folders/9001", "organizations/7001"]
    assert {"role": "roles/owner", "members": ["user:ann@meridian.example"]} in found["bindings"]
    assert found["auditConfigs"] == [
        {"service": "storage.googleapis.com", "auditLogConfigs": [{"logType": "DATA_READ", "exemptedMembers": []}]}
    ]
    (above,) = found["inheritedAuditConfigs"]
    assert [one["logType"] for one in above["auditLogConfigs"]] == ["ADMIN_READ", "DATA_READ", "DATA_WRITE"]
    assert [(tag.key, tag.value) for tag in row.tags] == [("stage", "production")]


def test_effective_policies_of_either_kind_are_told_apart(gcp: GcpCloud) -> None:
    rows = read(gcp, "PROJECT")[PROJECT].document["orgPolicies"]
    assert {row["constraint"] for row in rows if row["isEnforced"]} == {
        "compute.skipDefaultNetworkCreation",
        "iam.allowedPolicyMemberDomains",
        "storage.publicAccessPrevention",
    }
    assert len(rows) == 13


def test_settings_that_other_services_keep_are_read(gcp: GcpCloud) -> None:
    found = read(gcp, "PROJECT")[PROJECT].document
    assert "cloudasset.googleapis.com" in found["enabledServices"]
    assert found["essentialContacts"] == [
        {
            "email": "security@meridian.example",
            "notificationCategories": ["SECURITY", "TECHNICAL"],
            "validationState": "VALID",
        }
    ]
    assert found["accessApproval"]["isEnrolled"] is True
    assert found["servicePerimeters"] == [
        {"name": "data", "restrictedServices": ["storage.googleapis.com", "bigquery.googleapis.com"]}
    ]


def test_access_approval_that_was_never_set_up_is_none() -> None:
    with GcpCloud() as cloud:
        fill_gcp(cloud)
        del cloud.documents[f"accessapproval/v1/projects/{PROJECT}/accessApprovalSettings"]
        assert read(cloud, "PROJECT")[PROJECT].document["accessApproval"] is None


def test_both_spellings_of_a_project_are_understood() -> None:
    """The inventory answers projects of the third version of the API too."""
    with GcpCloud() as cloud:
        data = {"projectId": PROJECT, "name": "projects/481516234200", "displayName": "Shop", "state": "ACTIVE"}
        cloud.add("cloudresourcemanager.googleapis.com/Project", "projects/481516234200", data)
        found = read(cloud, "PROJECT")[PROJECT]
    assert (found.name, found.document["projectNumber"]) == ("Shop", "481516234200")
    assert found.document["accessApproval"] is None
    assert not any(row["isEnforced"] for row in found.document["orgPolicies"])


def test_a_setting_that_is_not_found_does_not_remove_the_project() -> None:
    with GcpCloud() as cloud:
        cloud.add("cloudresourcemanager.googleapis.com/Project", "projects/481516234200", {"projectId": PROJECT})
        found = read(cloud, "PROJECT")[PROJECT]
    assert set(found.unread) == {
        "auditConfigs",
        "enabledServices",
        "essentialContacts",
        "inheritedAuditConfigs",
        "servicePerimeters",
    }
    assert all(reason.startswith("failed: ") for reason in found.unread.values())


def test_api_keys_tell_how_they_are_restricted(gcp: GcpCloud) -> None:
    found = read(gcp, "API_KEY")
    assert set(found) == {"k-web", "k-old", "k-gone"}
    web, old = found["k-web"].document, found["k-old"].document
    assert (web["applicationRestrictions"], web["apiTargets"]) == (
        ["browserKeyRestrictions"],
        ["storage.googleapis.com"],
    )
    assert (web["allowedReferrers"], web["allowedIps"]) == (["https://www.meridian.example/*"], [])
    assert (old["applicationRestrictions"], old["apiTargets"]) == ([], [])
    assert old["createTime"] == "2022-01-01T00:00:00Z"
