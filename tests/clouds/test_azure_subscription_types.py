"""The subscription, its groups and its roles, as they are read from the simulation and judged."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from azure_world import CONTROLS, collect, read, refusals, swept
from cloud_world import Verdicts
from nephoscope.errors import CloudError
from nephoscope.kit.clock import system_clock
from nephoscope.model.evaluations import Status
from nephoscope.model.resources import Document, Observed
from nephoscope.model.scopes import Outcome
from nephoscope.simulation.azure.cloud import SUBSCRIPTION, TENANT, AzureCloud
from nephoscope.simulation.azure.estate import defender, directory, monitoring, storage
from nephoscope.simulation.azure.estate import subscription as estate
from nephoscope.simulation.azure.estate.words import ROOT, WORKSPACE
from nephoscope.simulation.rest.serving import Answered

KIND, GROUP, ASSIGNMENT, DEFINITION = "SUBSCRIPTION", "RESOURCE_GROUP", "ROLE_ASSIGNMENT", "ROLE_DEFINITION"
KINDS = {
    KIND: "Microsoft.Resources/subscriptions/read",
    GROUP: "Microsoft.Resources/subscriptions/resourceGroups/read",
    ASSIGNMENT: "Microsoft.Authorization/roleAssignments/read",
    DEFINITION: "Microsoft.Authorization/roleDefinitions/read",
}
ACCOUNTS = f"{ROOT}/resourceGroups/rg-lab/providers/Microsoft.Storage/storageAccounts"
BASTIONS = 56113
"""Of networks, of which there are none here."""
MINE = sorted(cid for cid, control in CONTROLS.items() if control.resource_type == KIND and cid != BASTIONS)


@pytest.fixture(scope="module")
def azure() -> Iterator[AzureCloud]:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        directory.fill(cloud)
        monitoring.fill(cloud)
        storage.fill(cloud)
        yield cloud


@pytest.fixture(scope="module")
def known(azure: AzureCloud) -> Document:
    (row,) = read(azure, KIND).values()
    return row.document


@pytest.fixture(scope="module")
def assigned(azure: AzureCloud) -> dict[int, Observed]:
    """By the number in the estate."""
    return {int(name[7]): row for name, row in read(azure, ASSIGNMENT).items()}


def test_a_subscription_is_called_by_its_id(azure: AzureCloud) -> None:
    (row,) = read(azure, KIND).values()
    assert (row.resource_id, row.name, row.document["displayName"]) == (SUBSCRIPTION, *("Meridian Production",) * 2)
    assert (row.document["tenantId"], row.document["state"]) == (TENANT, "Enabled")
    assert (row.document["quotaId"], row.document["spendingLimit"]) == ("EnterpriseAgreement_2014-09-01", "Off")


def test_plans_of_defender_with_what_is_on_in_them(known: Document) -> None:
    plans = {row["name"]: row for row in known["defenderPlans"]}
    assert list(plans) == sorted(plans)
    assert plans["VirtualMachines"] == {
        "name": "VirtualMachines",
        "pricingTier": "Standard",
        "subPlan": "P2",
        "deprecated": False,
        "extensions": ["AgentlessVmScanning", "MdeDesignatedSubscription"],
    }
    assert (plans["Dns"]["pricingTier"], plans["Dns"]["deprecated"]) == ("Free", True)
    assert len(plans) == 15


def test_whom_defender_tells_and_what_it_is_joined_with(known: Document) -> None:
    assert known["securityContacts"] == [
        {
            "name": "default",
            "emails": "security@meridian.example",
            "phone": "",
            "isEnabled": True,
            "roleState": "Off",
            "roles": ["Owner"],
            "alertSeverity": "High",
            "attackPathRisk": None,
        }
    ]
    assert {row["name"]: row["enabled"] for row in known["securitySettings"]} == {
        "WDATP": True,
        "MCAS": False,
        "Sentinel": False,
    }
    assert known["autoProvisioning"] == [{"name": "default", "autoProvision": "Off"}]
    assert known["vulnerabilityAssessmentProvider"] == "MdeTvm"
    assert known["iotSecuritySolutions"] == [
        {"name": "harbour", "status": "Enabled", "iotHubs": [f"{monitoring.HUBS}/iot-harbour".lower()]}
    ]


def test_where_the_activity_log_goes(known: Document) -> None:
    rows = {row["name"]: row for row in known["activityLogSettings"]}
    assert rows["to-workspace"]["workspaceId"] == WORKSPACE
    assert rows["to-workspace"]["categories"] == ["Administrative", "Security"]
    assert rows["to-account"]["storageAccountName"] == "stmeridianshop"
    (profile,) = known["logProfiles"]
    assert profile["locations"][0] == "global"
    assert (profile["retentionEnabled"], profile["retentionDays"]) == (True, 90)


def test_policies_that_are_gone_are_not_missed(known: Document) -> None:
    rows = {row["name"]: row for row in known["policyAssignments"]}
    assert rows["SecurityCenterBuiltIn"]["disabledParameters"] == ["diskEncryption"]
    assert rows["tags"]["disabledParameters"] == []
    assert known["tenantPolicy"] == {
        "blockSubscriptionsLeavingTenant": True,
        "blockSubscriptionsIntoTenant": False,
        "exemptedPrincipals": [],
    }


def test_the_initiative_is_asked_for_only_where_it_is_assigned() -> None:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        cloud.put_listing(estate.POLICIES, [])
        (row,) = read(cloud, KIND).values()
        assert row.document["policyAssignments"] == []
        assert not [path for path in cloud.asked if "policySetDefinitions" in path]


def test_roles_that_are_looked_at_again_and_again(known: Document) -> None:
    assert known["reviewedRoles"] == sorted([estate.OWNER, estate.CONTRIBUTOR])
    assert {row["roleGuid"]: (row["status"], row["isRecurring"]) for row in known["accessReviews"]} == {
        estate.OWNER: ("InProgress", True),
        estate.CONTRIBUTOR: ("InProgress", True),
        estate.ACCESS_ADMINISTRATOR: ("Applied", False),
    }


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        (estate.reviewed(estate.READER), True),
        (estate.reviewed(estate.READER, whom="user"), True),
        (estate.reviewed(estate.READER, whom="guestUser"), False),
        (estate.reviewed(estate.READER, whom="servicePrincipal"), False),
        (estate.reviewed(estate.READER, repeats=None), False),
        (estate.reviewed(estate.READER, status="Completed"), False),
    ],
)
def test_only_a_review_of_everybody_that_repeats_counts(row: Document, counts: bool) -> None:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        cloud.put_listing(estate.REVIEWS, [row])
        (found,) = read(cloud, KIND).values()
    assert found.document["reviewedRoles"] == ([estate.READER] if counts else [])


def test_alerts_about_storage_that_nobody_dealt_with(known: Document) -> None:
    assert [row["name"] for row in known["openStorageAlerts"]] == ["2518-b", "2518-a"]
    assert known["openStorageAlertCount"] == 2
    oldest = known["openStorageAlerts"][0]
    assert oldest["about"].endswith("/stmeridianlab")
    assert system_clock() - datetime.fromisoformat(oldest["since"]) > timedelta(days=30)


def test_of_many_alerts_the_oldest_are_kept_and_all_are_counted() -> None:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        rows = [defender.alert(f"alert-{days:03}", f"{ACCOUNTS}/a", days) for days in range(1, 121)]
        cloud.put_listing(f"{defender.SECURITY}/alerts", rows)
        (found,) = read(cloud, KIND).values()
    shown = [row["name"] for row in found.document["openStorageAlerts"]]
    assert shown == [f"alert-{days:03}" for days in range(120, 70, -1)]
    assert found.document["openStorageAlertCount"] == 120


def test_a_tenant_that_never_said_anything_of_subscriptions_has_no_policy() -> None:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        del cloud.documents[estate.TENANT_POLICY.lower()]
        (row,) = read(cloud, KIND).values()
    assert row.document["tenantPolicy"] is None


def test_a_setting_that_is_not_found_does_not_remove_the_subscription() -> None:
    with AzureCloud() as cloud:
        (row,) = read(cloud, KIND).values()
    details = {name for kind, fields, _ in refusals({KIND}) for name in fields}
    assert set(row.unread) == details - {"tenantPolicy"}
    assert all(reason.startswith("failed: ") for reason in row.unread.values())


def test_of_a_provider_that_was_never_switched_on_there_is_nothing() -> None:
    error = {"code": "MissingSubscriptionRegistration", "message": "The subscription is not registered."}
    with AzureCloud() as cloud:
        estate.fill(cloud)
        cloud.disturb("/providers/Microsoft.Security/", Answered({"error": error}, 409), times=100)
        (row,) = read(cloud, KIND).values()
    assert (
        row.document["defenderPlans"] == row.document["securityContacts"] == row.document["iotSecuritySolutions"] == []
    )
    assert row.document["vulnerabilityAssessmentProvider"] is None
    assert not row.unread


def test_every_page_of_a_listing_is_read() -> None:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        rows = [estate.policy_assignment(f"policy-{number:03}", "/x", {}) for number in range(120)]
        cloud.put_listing(estate.POLICIES, rows)
        (row,) = read(cloud, KIND).values()
    assert len(row.document["policyAssignments"]) == 120


def test_groups_know_the_locks_on_them(azure: AzureCloud) -> None:
    found = read(azure, GROUP)
    assert set(found) == {"rg-core", "rg-shop", "rg-data", "rg-lab"}
    core = found["rg-core"].document
    assert [(row["name"], row["level"], row["isInherited"]) for row in core["locks"]] == [
        ("keep", "CanNotDelete", False)
    ]
    assert (core["region"], core["resourceGroupName"], core["provisioningState"]) == (
        "westeurope",
        "rg-core",
        "Succeeded",
    )
    assert found["rg-lab"].document["locks"] == []
    assert [(tag.key, tag.value) for tag in found["rg-lab"].tags] == [("stage", "lab")]


def test_where_a_role_holds(assigned: dict[int, Observed]) -> None:
    kinds = {number: row.document["scopeKind"] for number, row in assigned.items()}
    assert kinds == {
        **dict.fromkeys((1, 2, 3, 4, 9), "subscription"),
        5: "tenant",
        6: "resourceGroup",
        7: "resource",
        8: "resourceGroup",
    }
    first = assigned[1].document
    assert (first["roleGuid"], first["principalId"], first["principalType"]) == (estate.OWNER, directory.ANN, "User")
    assert first["createdOn"] == "2025-01-02T03:04:05Z"
    assert assigned[5].resource_id == assigned[5].arn
    assert assigned[6].document["resourceGroupName"] == "rg-shop"


def test_who_may_not_sign_in_any_more(assigned: dict[int, Observed]) -> None:
    assert [number for number, row in assigned.items() if row.document["principalIsDisabled"]] == [2]


def test_how_many_people_without_a_second_factor_an_assignment_reaches(assigned: dict[int, Observed]) -> None:
    """Through groups too: Ann and Eve have one, Ben and Cam have none."""
    found = {number: row.document["peopleWithoutMfa"] for number, row in assigned.items()}
    assert found == {1: 0, 2: 1, 3: 1, 4: 0, 5: 1, 6: 2, 7: 1, 8: 0, 9: 1}


def test_each_listing_of_people_is_read_once(azure: AzureCloud) -> None:
    azure.asked.clear()
    read(azure, ASSIGNMENT)
    graph = {path: count for path, count in azure.asked.items() if "/v1.0/" in path}
    assert len(graph) == 4
    assert set(graph.values()) == {1}


def test_a_group_that_was_deleted_reaches_nobody() -> None:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        directory.fill(cloud)
        del cloud.directory_listings[f"v1.0/groups/{directory.READERS}/transitiveMembers"]
        found = {int(name[7]): row for name, row in read(cloud, ASSIGNMENT).items()}
    assert found[6].document["peopleWithoutMfa"] == 0


def test_custom_roles_with_what_they_allow(azure: AzureCloud) -> None:
    found = read(azure, DEFINITION)
    assert set(found) == {"Locksmith", "Does everything"}
    smith = found["Locksmith"].document
    assert smith["actions"] == ["*/read", "Microsoft.Authorization/locks/*"]
    assert (smith["actionCount"], smith["roleType"], smith["roleGuid"]) == (2, "CustomRole", estate.LOCKSMITH)
    assert smith["assignableScopes"] == [ROOT]
    assert smith["createdOn"] == "2024-05-06T07:08:09Z"


def test_roles_of_azure_itself_are_not_asked_for() -> None:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        path = f"{ROOT}/providers/Microsoft.Authorization/roleDefinitions"
        reader = {"id": f"{path}/{estate.READER}", "name": estate.READER, "properties": {"type": "BuiltInRole"}}
        cloud.put_listing(path, [*cloud.listings[path.lower()], reader])
        assert set(read(cloud, DEFINITION)) == {"Locksmith", "Does everything"}


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {KIND}))
def test_a_refused_kind_is_denied(azure: AzureCloud, kind: str) -> None:
    with azure.refusing(KINDS[kind]):
        found = collect(azure, kind)
    assert (found.report.outcome, found.report.permission) == (Outcome.DENIED, KINDS[kind])
    assert found.resources == ()


def test_without_the_subscription_itself_nothing_is_entered(azure: AzureCloud) -> None:
    with azure.refusing(KINDS[KIND]), pytest.raises(CloudError, match=re.escape(KINDS[KIND])):
        collect(azure, KIND)


@pytest.mark.parametrize(("kind", "fields", "permission"), refusals(KINDS))
def test_a_refused_detail_is_unread_and_never_empty(
    azure: AzureCloud, kind: str, fields: tuple[str, ...], permission: str
) -> None:
    """Of Graph as well: it is said which permission of the application is missing."""
    with azure.refusing(permission):
        found = collect(azure, kind)
    assert found.report.permission == permission
    unread = [row for row in found.resources if set(fields) <= set(row.unread)]
    assert unread
    assert {row.unread[fields[0]] for row in unread} == {f"denied: {permission}"}
    assert not any(set(fields) & set(row.document) for row in unread)
    assert kind == ASSIGNMENT or len(unread) == len(found.resources)


def improve(cloud: AzureCloud) -> None:
    """Everything that a subscription can do well."""
    every = ("Administrative", "Security", "Alert", "Policy")
    extensions = (
        *("AgentlessVmScanning", "FileIntegrityMonitoring", "AgentlessDiscoveryForKubernetes"),
        *("ContainerRegistriesVulnerabilityAssessments", "OnUploadMalwareScanning"),
    )
    names = [row["name"] for row in cloud.listings[defender.PLANS.lower()]]
    cloud.put_listing(defender.PLANS, [defender.plan(name, on=extensions) for name in names])
    sources = [
        {"sourceType": "Alert", "minimalSeverity": "Low"},
        {"sourceType": "AttackPath", "minimalRiskLevel": "High"},
    ]
    contact = defender.contact(notificationsByRole={"state": "On", "roles": ["Owner"]}, notificationsSources=sources)
    cloud.put_listing(f"{defender.SECURITY}/securityContacts", [contact])
    joined = [{"name": name, "properties": {"enabled": True}} for name in ("WDATP", "MCAS")]
    cloud.put_listing(f"{defender.SECURITY}/settings", joined)
    agent = {"name": "default", "properties": {"autoProvision": "On"}}
    cloud.put_listing(f"{defender.SECURITY}/autoProvisioningSettings", [agent])
    cloud.put_listing(f"{defender.SECURITY}/alerts", [defender.alert("new", f"{ACCOUNTS}/a", 1)])
    account = f"{ROOT}/resourceGroups/rg-shop/providers/Microsoft.Storage/storageAccounts/stmeridianshop"
    cloud.put_listing(estate.LOG_SETTINGS, [estate.log_setting("all", *every, account=account)])
    cloud.put_listing(estate.PROFILES, [estate.profile(365, "Write", "Delete", "Action")])
    cloud.put_listing(estate.POLICIES, [estate.policy_assignment("benchmark", estate.BENCHMARK, {})])
    closed = {"blockSubscriptionsLeavingTenant": True, "blockSubscriptionsIntoTenant": True}
    cloud.put(estate.TENANT_POLICY, {"name": "default", "properties": closed})
    roles = {row["properties"]["roleDefinitionId"].rpartition("/")[2] for row in _assignments(cloud)}
    cloud.put_listing(estate.REVIEWS, [estate.reviewed(role) for role in roles])
    for operation in (
        *("Microsoft.Network/networkSecurityGroups/delete", "Microsoft.Security/securitySolutions/delete"),
        *("Microsoft.Sql/servers/firewallRules/delete", "Microsoft.Network/publicIPAddresses/delete"),
    ):
        monitoring.add_alert(cloud, operation.replace("/", "-"), monitoring.doing(operation))


def _assignments(cloud: AzureCloud) -> list[Document]:
    return list(cloud.listings[estate.ASSIGNMENTS.lower()])


def neglect(cloud: AzureCloud) -> None:
    """A subscription in which nobody ever did anything, apart from sending its log to an account with Azure's key."""
    for path in (
        *(defender.PLANS, estate.LOG_SETTINGS, estate.PROFILES, estate.POLICIES, estate.REVIEWS),
        *(f"{ROOT}/providers/Microsoft.Authorization/roleDefinitions", f"{defender.SECURITY}/securityContacts"),
        *(f"{defender.SECURITY}/{name}" for name in ("settings", "autoProvisioningSettings", "alerts")),
        f"{defender.SECURITY}/serverVulnerabilityAssessmentsSettings",
    ):
        cloud.put_listing(path, [])
    cloud.resources[:] = [row for row in cloud.resources if row["type"] == "microsoft.storage/storageaccounts"]
    cloud.put_listing(estate.ASSIGNMENTS, [row for row in _assignments(cloud) if estate.OWNER not in str(row)])
    account = f"{ACCOUNTS}/stmeridianlab"
    cloud.put_listing(estate.LOG_SETTINGS, [estate.log_setting("nothing", account=account)])
    cloud.put(estate.TENANT_POLICY, {"name": "default", "properties": {"blockSubscriptionsLeavingTenant": False}})


def _judged(change: Callable[[AzureCloud], None] = lambda _: None) -> Verdicts:
    with AzureCloud() as cloud:
        for fill in (estate.fill, directory.fill, monitoring.fill, storage.fill):
            fill(cloud)
        change(cloud)
        return swept(cloud, {KIND}).verdicts


@pytest.fixture(scope="module")
def verdicts() -> list[Verdicts]:
    """Of the estate as it is, of one that is kept well, and of one that is not."""
    return [_judged(), _judged(improve), _judged(neglect)]


PASSING = {56000, 56002, 56004, 56006, 56007, 56008, 56010, 56013, 56014, 56015, 56018, 56023, 56024, 56026, 56028}
PASSING |= {56033, 56035, 56080, 56082, 56083, 56084, 56085, 56087, 56089, 56091, 56093, 56096}


@pytest.mark.parametrize("cid", MINE)
def test_every_control_tells_good_from_bad(verdicts: list[Verdicts], cid: int) -> None:
    found = [judged.get((SUBSCRIPTION, cid)) for judged in verdicts]
    assert found == [Status.PASS if cid in PASSING else Status.FAIL, Status.PASS, Status.FAIL]
