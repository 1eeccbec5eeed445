"""The directory as Microsoft Graph answers it: people and groups, how they sign in, and what users may do alone."""

from nephoscope.simulation.azure.cloud import AzureCloud, Document
from nephoscope.simulation.azure.estate.words import WORKSPACE

ANN, BEN, CAM, EVE, GUS = (f"0000000{number}-1111-4222-8333-444455556666" for number in range(1, 6))
PLATFORM, RESPONDERS, READERS = (f"000000a{number}-1111-4222-8333-444455556666" for number in range(1, 4))
PEOPLE = {ANN: "ann", BEN: "ben", CAM: "cam", EVE: "eve", GUS: "gus_partner.example#EXT#"}
GROUPS = {PLATFORM: (ANN, CAM), RESPONDERS: (ANN, EVE), READERS: (ANN, BEN, CAM, EVE)}
WITH_SECOND_FACTOR = (ANN, EVE)
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
TENANT_CREATOR = "112ca1a2-15ad-4102-995e-45b0bc479a6a"
GUEST_USER = "10dae51f-b6af-4016-8d66-8c2a99b929b3"
"""The role that guests have unless somebody takes more away."""
POLICY = "v1.0/policies/authorizationPolicy"
CONDITIONAL = "v1.0/identity/conditionalAccess/policies"
REVIEWS = "v1.0/identityGovernance/accessReviews/definitions"
_ADMINISTRATION = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
_MEMBERS = "GroupMember.Read.All"
_READ_POLICIES = "Policy.Read.All"


def fill(cloud: AzureCloud) -> None:
    _people(cloud)
    _users_may(cloud)
    _locations(cloud)
    _conditional_access(cloud)
    _methods(cloud)
    _settings(cloud)
    _roles(cloud)
    _reviews(cloud)
    _logs(cloud)


def _put(cloud: AzureCloud, path: str, permission: str, document: Document) -> None:
    cloud.directory[path] = document
    cloud.directory_permissions[path] = permission


def _list(cloud: AzureCloud, path: str, permission: str, rows: list[Document]) -> None:
    cloud.directory_listings[path] = rows
    cloud.directory_permissions[path] = permission


def _people(cloud: AzureCloud) -> None:
    users = [_user(identity) for identity in PEOPLE]
    _list(cloud, "v1.0/users", "User.Read.All", users)
    path = "v1.0/reports/authenticationMethods/userRegistrationDetails"
    _list(cloud, path, "AuditLog.Read.All", [_registration(identity) for identity in PEOPLE])
    for group, members in GROUPS.items():
        inside: Document = {"@odata.type": "#microsoft.graph.group", "id": f"{group[:-1]}9"}
        rows = [{"@odata.type": "#microsoft.graph.user", "id": member} for member in members]
        _list(cloud, f"v1.0/groups/{group}/transitiveMembers", _MEMBERS, [inside, *rows])


def _name(identity: str) -> str:
    return f"{PEOPLE[identity]}@meridian.example"


def _user(identity: str) -> Document:
    return {
        "id": identity,
        "displayName": PEOPLE[identity].partition("_")[0].title(),
        "userPrincipalName": _name(identity),
        "accountEnabled": identity != BEN,
        "userType": "Guest" if identity == GUS else "Member",
    }


def _registration(identity: str) -> Document:
    is_registered = identity in WITH_SECOND_FACTOR
    return {
        "id": identity,
        "userPrincipalName": _name(identity),
        "userDisplayName": PEOPLE[identity].partition("_")[0].title(),
        "userType": "guest" if identity == GUS else "member",
        "isAdmin": identity in (ANN, CAM),
        "isSsprRegistered": is_registered,
        "isSsprEnabled": True,
        "isSsprCapable": is_registered,
        "isMfaRegistered": is_registered,
        "isMfaCapable": is_registered,
        "isPasswordlessCapable": identity == ANN,
        "methodsRegistered": ["microsoftAuthenticatorPush"] if is_registered else [],
        "lastUpdatedDateTime": "2026-01-05T06:14:21Z",
    }


def _users_may(cloud: AzureCloud) -> None:
    """Closed: applications and tenants. Open: groups, consent, guests."""
    consent = ["ManagePermissionGrantsForSelf.microsoft-user-default-low"]
    document: Document = {
        "id": "authorizationPolicy",
        "displayName": "Authorization Policy",
        "allowInvitesFrom": "everyone",
        "allowedToSignUpEmailBasedSubscriptions": False,
        "allowedToUseSSPR": True,
        "allowEmailVerifiedUsersToJoinOrganization": False,
        "blockMsolPowerShell": True,
        "guestUserRoleId": GUEST_USER,
        "defaultUserRolePermissions": {
            "allowedToCreateApps": False,
            "allowedToCreateSecurityGroups": True,
            "allowedToCreateTenants": False,
            "allowedToReadBitlockerKeysForOwnedDevice": True,
            "allowedToReadOtherUsers": True,
            "permissionGrantPoliciesAssigned": consent,
        },
    }
    _put(cloud, POLICY, _READ_POLICIES, document)
    defaults: Document = {"id": "00000000-0000-0000-0000-000000000005", "isEnabled": False}
    _put(cloud, "v1.0/policies/identitySecurityDefaultsEnforcementPolicy", _READ_POLICIES, defaults)
    devices: Document = {
        "id": "deviceRegistrationPolicy",
        "userDeviceQuota": 50,
        "multiFactorAuthConfiguration": "notRequired",
        "azureADJoin": {"isAdminConfigurable": True},
    }
    _put(cloud, "v1.0/policies/deviceRegistrationPolicy", "Policy.Read.DeviceConfiguration", devices)


def _locations(cloud: AzureCloud) -> None:
    office: Document = {
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        "id": "0aa1",
        "displayName": "Offices",
        "isTrusted": True,
        "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "192.0.2.0/24"}],
    }
    abroad: Document = {
        "@odata.type": "#microsoft.graph.countryNamedLocation",
        "id": "0aa2",
        "displayName": "Where nobody works",
        "countriesAndRegions": ["KP"],
        "includeUnknownCountriesAndRegions": False,
    }
    path = "v1.0/identity/conditionalAccess/namedLocations"
    _list(cloud, path, _READ_POLICIES, [office, abroad])


def policy(
    name: str,
    *,
    state: str = "enabled",
    users: Document | None = None,
    applications: str = "All",
    grants: tuple[str, ...] = ("mfa",),
    session: Document | None = None,
    strength: Document | None = None,
    **conditions: object,
) -> Document:
    """A policy of conditional access; `conditions` beside users and applications."""
    return {
        "id": f"policy-{name}".replace(" ", "-").lower(),
        "displayName": name,
        "state": state,
        "conditions": {
            "clientAppTypes": ["all"],
            "signInRiskLevels": [],
            "userRiskLevels": [],
            "applications": {"includeApplications": [applications], "excludeApplications": []},
            "users": {"includeUsers": ["All"], "excludeUsers": [], "includeGroups": [], **(users or {})},
            "locations": None,
            "authenticationFlows": None,
            **conditions,
        },
        "grantControls": {"operator": "OR", "builtInControls": list(grants), "authenticationStrength": strength},
        "sessionControls": session,
    }


def _conditional_access(cloud: AzureCloud) -> None:
    """Administration asks everybody for a second factor; the rest is half done."""
    administrators: Document = {"includeUsers": [], "includeRoles": [GLOBAL_ADMINISTRATOR]}
    rows = [
        policy("Management", applications=_ADMINISTRATION),
        policy(
            "Administrators",
            users=administrators,
            grants=(),
            strength={"id": "00000000-0000-0000-0000-000000000004", "displayName": "Phishing-resistant MFA"},
        ),
        policy("Everybody", state="enabledForReportingButNotEnforced"),
        policy(
            "Not from there", grants=("block",), locations={"includeLocations": ["0aa2"], "excludeLocations": ["0aa1"]}
        ),
        policy("Device codes", grants=("block",), authenticationFlows={"transferMethods": "deviceCodeFlow"}),
        policy("Risky sign-ins", state="disabled", signInRiskLevels=["high", "medium"]),
    ]
    _list(cloud, CONDITIONAL, _READ_POLICIES, rows)


def _methods(cloud: AzureCloud) -> None:
    states = {"Fido2": "enabled", "MicrosoftAuthenticator": "enabled", "Sms": "enabled", "X509Certificate": "disabled"}
    document: Document = {
        "id": "authenticationMethodsPolicy",
        "displayName": "Authentication Methods Policy",
        "policyMigrationState": "migrationComplete",
        "reconfirmationInDays": 180,
        "authenticationMethodConfigurations": [{"id": name, "state": state} for name, state in states.items()],
    }
    _put(cloud, "v1.0/policies/authenticationMethodsPolicy", "Policy.Read.AuthenticationMethod", document)


def _settings(cloud: AzureCloud) -> None:
    passwords = {
        "BannedPasswordCheckOnPremisesMode": "Audit",
        "EnableBannedPasswordCheckOnPremises": "False",
        "EnableBannedPasswordCheck": "True",
        "LockoutDurationInSeconds": "30",
        "LockoutThreshold": "8",
        "BannedPasswordList": "meridian\tharbour\tlighthouse",
    }
    groups = {"EnableGroupCreation": "true", "AllowGuestsToBeGroupOwner": "false", "EnableMIPLabels": ""}
    rows = [_setting("Password Rule Settings", passwords), _setting("Group.Unified", groups)]
    _list(cloud, "v1.0/groupSettings", "GroupSettings.Read.All", rows)


def _setting(name: str, values: dict[str, str]) -> Document:
    rows = [{"name": key, "value": value} for key, value in values.items()]
    return {"id": f"setting-{name}", "displayName": name, "templateId": f"template-{name}", "values": rows}


def _roles(cloud: AzureCloud) -> None:
    """Ann by herself, she and Eve as responders; Cam may make tenants."""
    rows = [
        _held(GLOBAL_ADMINISTRATOR, ANN, "user"),
        _held(GLOBAL_ADMINISTRATOR, RESPONDERS, "group"),
        _held(TENANT_CREATOR, CAM, "user"),
    ]
    _list(cloud, "v1.0/roleManagement/directory/roleAssignments", "RoleManagement.Read.Directory", rows)


def _held(role: str, principal: str, kind: str) -> Document:
    return {
        "id": f"{role[:8]}-{principal[:8]}",
        "principalId": principal,
        "directoryScopeId": "/",
        "roleDefinitionId": role,
        "principal": {"@odata.type": f"#microsoft.graph.{kind}", "id": principal},
    }


def review(
    name: str, scope: Document, *, status: str = "InProgress", repeats: str | None = "absoluteMonthly"
) -> Document:
    """A review of access; `repeats` is the kind of its recurrence."""
    pattern: Document = {"type": repeats, "interval": 3, "month": 0, "dayOfMonth": 0, "daysOfWeek": []}
    span: Document = {"type": "noEnd", "numberOfOccurrences": 0, "startDate": "2025-03-01", "endDate": None}
    return {
        "id": f"review-{name}".replace(" ", "-").lower(),
        "displayName": name,
        "status": status,
        "scope": scope,
        "instanceEnumerationScope": None,
        "reviewers": [{"query": f"/v1.0/users/{ANN}", "queryType": "MicrosoftGraph"}],
        "settings": {
            "instanceDurationInDays": 14,
            "autoApplyDecisionsEnabled": True,
            "recurrence": {"pattern": pattern, "range": span} if repeats else None,
        },
    }


def of_role(role: str) -> Document:
    return {
        "@odata.type": "#microsoft.graph.principalResourceMembershipsScope",
        "principalScopes": [_query("/v1.0/users"), _query("/v1.0/groups")],
        "resourceScopes": [_query(f"/beta/roleManagement/directory/roleDefinitions/{role}")],
    }


def of_guests(group: str) -> Document:
    return _query(f"/v1.0/groups/{group}/transitiveMembers/microsoft.graph.user/?$filter=(userType eq 'Guest')")


def _query(text: str) -> Document:
    return {"@odata.type": "#microsoft.graph.accessReviewQueryScope", "query": text, "queryType": "MicrosoftGraph"}


def _reviews(cloud: AzureCloud) -> None:
    """Guests every quarter; who may make tenants was looked at once."""
    rows = [
        review("Guests", of_guests(READERS)),
        review("Makers of tenants", of_role(TENANT_CREATOR), status="Completed", repeats=None),
    ]
    _list(cloud, REVIEWS, "AccessReview.Read.All", rows)


def _logs(cloud: AzureCloud) -> None:
    """Sign-ins go to the workspace, what applications ask of Graph goes nowhere; of Intune one half."""
    names = (
        *("AuditLogs", "SignInLogs", "NonInteractiveUserSignInLogs", "ServicePrincipalSignInLogs"),
        *("ManagedIdentitySignInLogs", "ProvisioningLogs", "RiskyUsers", "UserRiskEvents"),
    )
    off = ("MicrosoftGraphActivityLogs",)
    _send(cloud, "microsoft.aadiam", names, off)
    _send(cloud, "microsoft.intune", ("AuditLogs",), ("OperationalLogs",))


def _send(cloud: AzureCloud, provider: str, on: tuple[str, ...], off: tuple[str, ...]) -> None:
    logs = [{"category": name, "enabled": name in on, "retentionPolicy": None} for name in (*on, *off)]
    row = {
        "id": f"/providers/{provider}/diagnosticSettings/to-workspace",
        "name": "to-workspace",
        "type": f"{provider}/diagnosticSettings",
        "properties": {"workspaceId": WORKSPACE, "storageAccountId": None, "logs": logs, "metrics": []},
    }
    cloud.put_listing(f"/providers/{provider}/diagnosticSettings", [row])
