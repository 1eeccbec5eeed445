"""The directory, as it is read from a simulated Microsoft Graph and judged."""

from collections.abc import Callable, Iterator

import msgspec
import pytest

from azure_world import CONTROLS, collect, read, refusals, swept
from cloud_world import Verdicts
from nephoscope.clouds.azure.answers import AzureDialect
from nephoscope.clouds.rest.desk import Request
from nephoscope.clouds.rest.http import Answer
from nephoscope.errors import DeniedError
from nephoscope.model.evaluations import Status
from nephoscope.model.resources import Document
from nephoscope.model.scopes import Outcome
from nephoscope.simulation.azure.cloud import TENANT, AzureCloud
from nephoscope.simulation.azure.estate import directory as estate
from nephoscope.simulation.azure.estate.words import WORKSPACE
from nephoscope.simulation.rest.serving import Answered

KIND = "ENTRA_TENANT"
MINE = sorted(cid for cid, control in CONTROLS.items() if control.resource_type == KIND)
USERS, GROUP_SETTINGS = "v1.0/users", "v1.0/groupSettings"
ROLES = "v1.0/roleManagement/directory/roleAssignments"
METHODS = "v1.0/policies/authenticationMethodsPolicy"


@pytest.fixture(scope="module")
def azure() -> Iterator[AzureCloud]:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        yield cloud


@pytest.fixture(scope="module")
def known(azure: AzureCloud) -> Document:
    return tenant(azure)


def tenant(cloud: AzureCloud) -> Document:
    (row,) = read(cloud, KIND).values()
    assert (row.resource_id, row.document["tenantId"]) == (TENANT, TENANT)
    return row.document


def test_what_users_and_guests_may(known: Document) -> None:
    assert (known["allowInvitesFrom"], known["guestUserRoleId"]) == ("everyone", estate.GUEST_USER)
    may = known["defaultUserRolePermissions"]
    assert (may["allowedToCreateApps"], may["allowedToCreateSecurityGroups"]) == (False, True)
    assert known["securityDefaultsEnabled"] is False
    assert known["deviceRegistrationMfa"] == "notRequired"
    assert known["namedLocations"] == [
        {"displayName": "Offices", "isTrusted": True, "kind": "ipNamedLocation"},
        {"displayName": "Where nobody works", "isTrusted": False, "kind": "countryNamedLocation"},
    ]


def test_policies_of_conditional_access_are_flat(known: Document) -> None:
    rows = {row["displayName"]: row for row in known["conditionalAccessPolicies"]}
    assert rows["Administrators"] == {
        "displayName": "Administrators",
        "state": "enabled",
        "includeUsers": [],
        "excludeUsers": [],
        "includeGroups": [],
        "includeRoles": [estate.GLOBAL_ADMINISTRATOR],
        "includeApplications": ["All"],
        "includeLocations": [],
        "excludeLocations": [],
        "signInRiskLevels": [],
        "userRiskLevels": [],
        "transferMethods": [],
        "grants": ["mfa"],
        "grantOperator": "OR",
        "hasTokenProtection": False,
    }
    assert rows["Not from there"]["includeLocations"] == ["0aa2"]
    assert rows["Device codes"]["transferMethods"] == ["deviceCodeFlow"]
    assert rows["Risky sign-ins"]["signInRiskLevels"] == ["high", "medium"]


def test_a_policy_that_only_has_a_session_is_understood() -> None:
    """Graph answers null for what a policy does not have."""
    session = {"secureSignInSession": {"isEnabled": True}}
    row = estate.policy("Tokens", session=session) | {"grantControls": None}
    row["conditions"]["users"] = None
    with AzureCloud() as cloud:
        estate.fill(cloud)
        cloud.directory_listings[estate.CONDITIONAL] = [row]
        (found,) = tenant(cloud)["conditionalAccessPolicies"]
    assert (found["hasTokenProtection"], found["grants"], found["includeUsers"]) == (True, [], [])


def test_settings_of_passwords_and_groups(known: Document) -> None:
    assert (known["lockoutThreshold"], known["lockoutDurationInSeconds"]) == (8, 30)
    assert (known["bannedPasswordListEnforced"], known["bannedPasswordCount"]) == (True, 3)
    assert (known["bannedPasswordMode"], known["groupCreationByUsers"]) == ("Audit", True)


def test_settings_that_nobody_changed_are_those_of_entra() -> None:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        cloud.directory_listings[GROUP_SETTINGS] = []
        found = tenant(cloud)
    assert (found["lockoutThreshold"], found["lockoutDurationInSeconds"]) == (10, 60)
    assert (found["bannedPasswordListEnforced"], found["bannedPasswordCount"]) == (False, 0)
    assert found["groupCreationByUsers"] is True


def test_people_without_a_second_factor(known: Document) -> None:
    assert known["adminsWithoutMfa"] == ["cam@meridian.example"]
    assert known["usersWithoutMfa"] == ["ben@meridian.example", "gus_partner.example#EXT#@meridian.example"]
    assert (known["adminsWithoutMfaCount"], known["usersWithoutMfaCount"]) == (1, 2)
    assert (known["passwordlessMethods"], known["reconfirmationInDays"]) == (["Fido2", "MicrosoftAuthenticator"], 180)


def test_of_many_people_all_are_counted_and_some_are_named() -> None:
    rows = [
        {"id": f"{number}", "userPrincipalName": f"u{number:03}@x", "isMfaRegistered": False, "isAdmin": False}
        for number in range(120)
    ]
    with AzureCloud() as cloud:
        estate.fill(cloud)
        cloud.directory_listings["v1.0/reports/authenticationMethods/userRegistrationDetails"] = rows
        found = tenant(cloud)
    assert found["usersWithoutMfaCount"] == 120
    assert found["usersWithoutMfa"] == [f"u{number:03}@x" for number in range(50)]


def test_who_holds_a_role_through_a_group_counts(known: Document) -> None:
    """Ann holds it twice, Eve through the group of responders."""
    assert (known["globalAdministratorCount"], known["tenantCreatorCount"]) == (2, 1)


def test_guests_are_counted_page_by_page() -> None:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        guests = [{"id": f"{number}", "userType": "Guest", "accountEnabled": True} for number in range(120)]
        cloud.directory_listings[USERS] = [*guests, {"id": "x", "userType": "Member", "accountEnabled": True}]
        assert tenant(cloud)["guestCount"] == 120


def test_what_reviews_are_about(known: Document) -> None:
    assert known["guestCount"] == 1
    assert known["accessReviews"] == [
        {"displayName": "Guests", "status": "InProgress", "isRecurring": True, "isOfGuests": True, "roleIds": []},
        {
            "displayName": "Makers of tenants",
            "status": "Completed",
            "isRecurring": False,
            "isOfGuests": False,
            "roleIds": [estate.TENANT_CREATOR],
        },
    ]


@pytest.mark.parametrize(
    ("query", "is_of_guests"),
    [
        ("/groups/a/transitiveMembers/microsoft.graph.user/?$count=true&$filter=(userType eq 'Guest')", True),
        ("./members/microsoft.graph.user/?$filter=(usertype  eq  'guest')", True),
        ("/groups/a/transitiveMembers/microsoft.graph.user", False),
        ("/users?$filter=(userType eq 'Member')", False),
    ],
)
def test_whether_a_review_is_of_guests_stands_in_its_query(query: str, is_of_guests: bool) -> None:
    everywhere = {"query": "/groups?$filter=(groupTypes/any(c:c eq 'Unified'))"}
    row = estate.review("Any", {"query": query}) | {"instanceEnumerationScope": everywhere}
    with AzureCloud() as cloud:
        estate.fill(cloud)
        cloud.directory_listings[estate.REVIEWS] = [row]
        (found,) = tenant(cloud)["accessReviews"]
    assert found["isOfGuests"] is is_of_guests


def test_where_the_logs_of_the_directory_go(known: Document) -> None:
    (entra,), (intune,) = known["directoryDiagnosticSettings"], known["intuneDiagnosticSettings"]
    assert entra["workspaceId"] == WORKSPACE
    assert "SignInLogs" in entra["categories"]
    assert "MicrosoftGraphActivityLogs" not in entra["categories"]
    assert intune["categories"] == ["AuditLogs"]


def test_what_is_not_found_does_not_remove_the_directory() -> None:
    with AzureCloud() as cloud:
        (row,) = read(cloud, KIND).values()
    assert set(row.unread) == {name for _, fields, _ in refusals({KIND}) for name in fields}
    assert all(reason.startswith("failed: ") for reason in row.unread.values())


@pytest.mark.parametrize(("kind", "fields", "permission"), refusals({KIND}))
def test_a_refused_permission_of_graph_is_said(
    azure: AzureCloud, kind: str, fields: tuple[str, ...], permission: str
) -> None:
    with azure.refusing(permission):
        found = collect(azure, kind)
    (row,) = found.resources
    assert found.report.outcome is Outcome.COMPLETE
    assert found.report.permission == permission
    assert permission in found.report.message
    assert {row.unread[name] for name in fields} == {f"denied: {permission}"}
    assert not set(fields) & set(row.document)


def test_a_refused_permission_of_graph_passes_and_fails_nothing() -> None:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        with cloud.refusing("Policy.Read.All"):
            found = swept(cloud, {KIND}).verdicts
    unknown = {cid for (_, cid), status in found.items() if status is Status.UNKNOWN}
    assert unknown == set(range(56040, 56067)) - {56041, 56042, 56043, *range(56054, 56058), *range(56064, 56067)}


@pytest.mark.parametrize(
    ("path", "field", "code", "message"),
    [
        (
            "userRegistrationDetails",
            "usersWithoutMfaCount",
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
            "Neither tenant is B2C or tenant doesn't have premium license",
        ),
        ("accessReviews", "accessReviews", "AadPremiumLicenseRequired", "The tenant needs Microsoft Entra ID P2."),
        ("conditionalAccess/policies", "conditionalAccessPolicies", "AccessDenied", "You are not licensed for this."),
    ],
)
def test_what_a_tenant_did_not_buy_is_no_missing_permission(path: str, field: str, code: str, message: str) -> None:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        cloud.disturb(path, Answered({"error": {"code": code, "message": message}}, 403))
        (row,) = read(cloud, KIND).values()
    assert row.unread[field].startswith("failed: ")
    assert code in row.unread[field]


def test_a_resource_that_is_called_premium_may_still_be_denied() -> None:
    message = "The client does not have authorization to perform action 'Microsoft.Web/sites/read' over '/premium'."
    body = msgspec.json.encode({"error": {"code": "AuthorizationFailed", "message": message}})
    found = AzureDialect().trouble(Request("Web", "GET", "http://x/premium"), Answer(403, {}, body))
    assert found is not None
    assert isinstance(found.error, DeniedError)
    assert found.error.permission == "Microsoft.Web/sites/read"


OPEN = {"allowedToCreateApps": True, "allowedToCreateSecurityGroups": True, "allowedToCreateTenants": True}
CLOSED = dict.fromkeys(OPEN, False)
SIGN_INS = (
    *("AuditLogs", "SignInLogs", "NonInteractiveUserSignInLogs", "ServicePrincipalSignInLogs", "RiskyUsers"),
    *("ManagedIdentitySignInLogs", "ProvisioningLogs", "UserRiskEvents", "MicrosoftGraphActivityLogs"),
)


def _say(cloud: AzureCloud, invites: str, guests: str, consent: str, may: Document) -> None:
    permissions = {**may, "permissionGrantPoliciesAssigned": [consent]}
    document = {"allowInvitesFrom": invites, "guestUserRoleId": guests, "defaultUserRolePermissions": permissions}
    cloud.directory[estate.POLICY] = document


def _set(cloud: AzureCloud, **values: str) -> None:
    rows = [{"name": name, "value": value} for name, value in values.items()]
    cloud.directory_listings[GROUP_SETTINGS] = [{"displayName": "All", "values": rows}]


def _register(cloud: AzureCloud, *, is_registered: bool) -> None:
    path = "v1.0/reports/authenticationMethods/userRegistrationDetails"
    rows = cloud.directory_listings[path]
    cloud.directory_listings[path] = [{**row, "isMfaRegistered": is_registered} for row in rows]


def _log(cloud: AzureCloud, provider: str, *names: str) -> None:
    logs = [{"category": name, "enabled": True} for name in names]
    row = {"name": "x", "properties": {"workspaceId": WORKSPACE, "logs": logs}}
    cloud.put_listing(f"/providers/{provider}/diagnosticSettings", [row])


def improve(cloud: AzureCloud) -> None:
    """A directory in which everything is closed that can be."""
    _say(cloud, "none", "2af84b1e-32c8-42b7-82bc-daa82404023b", "ManagePermissionGrantsForOwnedResource.x", CLOSED)
    cloud.directory["v1.0/policies/deviceRegistrationPolicy"] = {"multiFactorAuthConfiguration": "required"}
    _register(cloud, is_registered=True)
    cloud.directory_listings[estate.CONDITIONAL] = [
        estate.policy("Everybody"),
        estate.policy("Risky", signInRiskLevels=["high"]),
        estate.policy("Tokens", session={"secureSignInSession": {"isEnabled": True}}),
        estate.policy("Places", grants=("block",), locations={"includeLocations": ["All"], "excludeLocations": ["a"]}),
        estate.policy("Codes", grants=("block",), authenticationFlows={"transferMethods": "deviceCodeFlow"}),
    ]
    _set(
        cloud,
        LockoutThreshold="5",
        LockoutDurationInSeconds="120",
        EnableBannedPasswordCheck="true",
        BannedPasswordList="a\tb",
        EnableGroupCreation="false",
    )
    makers = estate.review("Makers", estate.of_role(estate.TENANT_CREATOR))
    cloud.directory_listings[estate.REVIEWS] = [makers, estate.review("Guests", estate.of_guests("a"))]
    _log(cloud, "microsoft.aadiam", *SIGN_INS)
    _log(cloud, "microsoft.intune", "allLogs")


def neglect(cloud: AzureCloud) -> None:
    """A directory that is open wherever it can be."""
    _say(cloud, "everyone", "a0b1b346-4d3e-4e8b-98f8-753987be4970", "ManagePermissionGrantsForSelf.legacy", OPEN)
    _register(cloud, is_registered=False)
    for path in ("v1.0/identity/conditionalAccess/namedLocations", estate.CONDITIONAL, estate.REVIEWS):
        cloud.directory_listings[path] = []
    _set(cloud, LockoutThreshold="20", LockoutDurationInSeconds="5")
    cloud.directory[METHODS] = {"reconfirmationInDays": 0, "authenticationMethodConfigurations": []}
    holders = [
        {"roleDefinitionId": estate.GLOBAL_ADMINISTRATOR, "principalId": f"{number}", "principal": None}
        for number in range(6)
    ]
    maker = {"roleDefinitionId": estate.TENANT_CREATOR, "principalId": "7", "principal": None}
    cloud.directory_listings[ROLES] = [*holders, maker]
    _log(cloud, "microsoft.aadiam")
    _log(cloud, "microsoft.intune")


def _judged(change: Callable[[AzureCloud], None] = lambda _: None) -> Verdicts:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        change(cloud)
        return swept(cloud, {KIND}).verdicts


@pytest.fixture(scope="module")
def verdicts() -> list[Verdicts]:
    """Of the directory as it is, of one that is kept well, and of one that is not."""
    return [_judged(), _judged(improve), _judged(neglect)]


PASSING = {56044, 56045, 56046, 56048, 56050, 56053, 56054, 56056, 56057, 56059, 56060, 56065, 56066, 56068, 56144}


@pytest.mark.parametrize("cid", MINE)
def test_every_control_tells_good_from_bad(verdicts: list[Verdicts], cid: int) -> None:
    found = [judged[TENANT, cid] for judged in verdicts]
    assert found == [Status.PASS if cid in PASSING else Status.FAIL, Status.PASS, Status.FAIL]
