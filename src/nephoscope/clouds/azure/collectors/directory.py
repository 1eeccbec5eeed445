"""How the directory is read: from Microsoft Graph, each part with the application permission that it takes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from nephoscope.clouds.azure.collecting import Calls, Collector, Detail, Place, Raw
from nephoscope.clouds.azure.collectors import people
from nephoscope.clouds.azure.collectors.diagnostics import setting
from nephoscope.clouds.azure.collectors.staying import Read, staying
from nephoscope.clouds.azure.shaping import picked, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.azure import directory as types

_POLICIES, _ROLES, _REVIEWS = "Policy.Read.All", "RoleManagement.Read.Directory", "AccessReview.Read.All"
_SHOWN = 50
"""Names that a document holds of a list of people; their number is always whole."""
_GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
_TENANT_CREATOR = "112ca1a2-15ad-4102-995e-45b0bc479a6a"
_A_GROUP = "#microsoft.graph.group"
_OF_GUESTS = re.compile(r"userType\s+eq\s+'Guest'", re.IGNORECASE)
_OF_ROLE = re.compile(r"roleDefinition(?:s/|Id\s+eq\s+')([0-9a-f-]{36})", re.IGNORECASE)
_LONGEST = 4_000
"""Characters of a query that are looked at."""
_PASSWORDLESS = frozenset({"Fido2", "MicrosoftAuthenticator", "WindowsHelloForBusiness", "X509Certificate"})
_WITHIN_ENTRA, _WITHIN_INTUNE = "Microsoft.AadIam", "Microsoft.Intune"


def _fetch(calls: Calls) -> Iterator[Raw]:
    """The directory that the subscription trusts."""
    found = calls.get(f"/subscriptions/{calls.place.account_id}", "2022-12-01")
    yield {"id": f"/tenants/{found['tenantId']}", "tenantId": found["tenantId"]}


def _shape(raw: Raw, _: Place) -> Observed:
    return resource(types.ENTRA_TENANT, raw, raw, resource_id=raw["tenantId"])


def _read_authorization(calls: Calls, _: Raw) -> Mapping[str, Any]:
    found = calls.directory("v1.0/policies/authorizationPolicy", permission=_POLICIES)
    return picked(found, ("guestUserRoleId", "allowInvitesFrom", "defaultUserRolePermissions"))


def _read_defaults(calls: Calls, _: Raw) -> Mapping[str, Any]:
    found = calls.directory("v1.0/policies/identitySecurityDefaultsEnforcementPolicy", permission=_POLICIES)
    return {"securityDefaultsEnabled": found["isEnabled"]}


def _read_conditional(calls: Calls, _: Raw) -> Mapping[str, Any]:
    rows = calls.directory_items("v1.0/identity/conditionalAccess/policies", permission=_POLICIES)
    return {"conditionalAccessPolicies": [_conditional(row) for row in rows]}


def _conditional(raw: Raw) -> dict[str, Any]:
    """One policy without its depth. An authentication strength counts as `mfa`: every built-in one demands it."""
    conditions = raw.get("conditions") or {}
    users, places = conditions.get("users") or {}, conditions.get("locations") or {}
    flows = (conditions.get("authenticationFlows") or {}).get("transferMethods") or ""
    grant, session = raw.get("grantControls") or {}, raw.get("sessionControls") or {}
    grants = [*(grant.get("builtInControls") or ()), *(["mfa"] if grant.get("authenticationStrength") else [])]
    names = ("includeUsers", "excludeUsers", "includeGroups", "includeRoles")
    return {
        **picked(raw, ("displayName", "state")),
        **{name: list(users.get(name) or ()) for name in names},
        "includeApplications": list((conditions.get("applications") or {}).get("includeApplications") or ()),
        "includeLocations": list(places.get("includeLocations") or ()),
        "excludeLocations": list(places.get("excludeLocations") or ()),
        "signInRiskLevels": list(conditions.get("signInRiskLevels") or ()),
        "userRiskLevels": list(conditions.get("userRiskLevels") or ()),
        "transferMethods": [name for name in str(flows).split(",") if name],
        "grants": sorted(set(grants)),
        "grantOperator": grant.get("operator"),
        "hasTokenProtection": bool((session.get("secureSignInSession") or {}).get("isEnabled")),
    }


def _read_locations(calls: Calls, _: Raw) -> Mapping[str, Any]:
    rows = calls.directory_items("v1.0/identity/conditionalAccess/namedLocations", permission=_POLICIES)
    return {"namedLocations": [_location(row) for row in rows]}


def _location(raw: Raw) -> dict[str, Any]:
    kind = str(raw.get("@odata.type", "")).rpartition(".")[2]
    return {"displayName": raw.get("displayName"), "isTrusted": bool(raw.get("isTrusted")), "kind": kind}


def _read_devices(calls: Calls, _: Raw) -> Mapping[str, Any]:
    permission = "Policy.Read.DeviceConfiguration"
    found = calls.directory("v1.0/policies/deviceRegistrationPolicy", permission=permission)
    return {"deviceRegistrationMfa": found["multiFactorAuthConfiguration"]}


def _read_settings(calls: Calls, _: Raw) -> Mapping[str, Any]:
    """Settings that nobody ever changed are not listed: Entra's defaults hold then."""
    rows = calls.directory_items("v1.0/groupSettings", permission="GroupSettings.Read.All")
    given = {value["name"]: str(value["value"]) for row in rows for value in row.get("values") or ()}
    banned = [word for word in given.get("BannedPasswordList", "").split("\t") if word]
    return {
        "lockoutThreshold": int(given.get("LockoutThreshold") or 10),
        "lockoutDurationInSeconds": int(given.get("LockoutDurationInSeconds") or 60),
        "bannedPasswordListEnforced": given.get("EnableBannedPasswordCheck", "false").lower() == "true",
        "bannedPasswordCount": len(banned),
        "bannedPasswordMode": given.get("BannedPasswordCheckOnPremisesMode"),
        "groupCreationByUsers": given.get("EnableGroupCreation", "true").lower() == "true",
    }


def _read_methods(calls: Calls, _: Raw) -> Mapping[str, Any]:
    found = calls.directory("v1.0/policies/authenticationMethodsPolicy", permission="Policy.Read.AuthenticationMethod")
    rows = found.get("authenticationMethodConfigurations") or ()
    enabled = sorted(row["id"] for row in rows if row.get("state") == "enabled" and row["id"] in _PASSWORDLESS)
    return {
        "passwordlessMethods": enabled,
        "hasPasswordlessMethod": bool(enabled),
        "reconfirmationInDays": found.get("reconfirmationInDays"),
    }


def _read_holders(calls: Calls, _: Raw) -> Mapping[str, Any]:
    return {
        "globalAdministratorCount": len(_holders(calls, _GLOBAL_ADMINISTRATOR)),
        "tenantCreatorCount": len(_holders(calls, _TENANT_CREATOR)),
    }


def _holders(calls: Calls, role: str) -> set[str]:
    """Object ids of who holds a role of the directory now, those who hold it through a group too."""
    query = f"$filter=roleDefinitionId%20eq%20'{role}'&$expand=principal"
    path = "v1.0/roleManagement/directory/roleAssignments"
    found: set[str] = set()
    for row in calls.directory_items(path, query, permission=_ROLES):
        is_group = (row.get("principal") or {}).get("@odata.type") == _A_GROUP
        found.update(people.members(calls, row["principalId"]) if is_group else [row["principalId"]])
    return found


def _read_registrations(calls: Calls, _: Raw) -> Mapping[str, Any]:
    bare = [row for row in people.registrations(calls) if not row["isMfaRegistered"]]
    admins = sorted(row["userPrincipalName"] for row in bare if row.get("isAdmin"))
    others = sorted(row["userPrincipalName"] for row in bare if not row.get("isAdmin"))
    return {
        "adminsWithoutMfa": admins[:_SHOWN],
        "adminsWithoutMfaCount": len(admins),
        "usersWithoutMfa": others[:_SHOWN],
        "usersWithoutMfaCount": len(others),
    }


def _read_guests(calls: Calls, _: Raw) -> Mapping[str, Any]:
    return {"guestCount": len(people.users(calls, "userType eq 'Guest'"))}


def _read_reviews(calls: Calls, _: Raw) -> Mapping[str, Any]:
    rows = calls.directory_items("v1.0/identityGovernance/accessReviews/definitions", permission=_REVIEWS)
    return {"accessReviews": [_review(row) for row in rows]}


def _review(raw: Raw) -> dict[str, Any]:
    """What a review is about stands in queries: of guests, of roles of the directory."""
    queries = [query for name in ("scope", "instanceEnumerationScope") for query in _queries(raw.get(name) or {})]
    pattern = ((raw.get("settings") or {}).get("recurrence") or {}).get("pattern") or {}
    return {
        **picked(raw, ("displayName", "status")),
        "isRecurring": bool(pattern.get("type")),
        "isOfGuests": any(_OF_GUESTS.search(query) for query in queries),
        "roleIds": sorted({role.lower() for query in queries for role in _OF_ROLE.findall(query)}),
    }


def _queries(scope: Mapping[str, Any]) -> Iterator[str]:
    parts = [*(scope.get("principalScopes") or ()), *(scope.get("resourceScopes") or ())]
    yield from (str(part["query"])[:_LONGEST] for part in (scope, *parts) if part.get("query"))


def _settings_of(provider: str, field: str, version: str) -> Detail:
    def read(calls: Calls, _: Raw) -> Mapping[str, Any]:
        rows = calls.items(f"/providers/{provider}/diagnosticSettings", version)
        return {field: [setting(row) for row in rows]}

    return _detail((field,), f"{provider}/diagnosticSettings/read", read)


def _detail(fields: tuple[str, ...], permissions: str | tuple[str, ...], read: Read) -> Detail:
    return Detail(fields, (permissions,) if isinstance(permissions, str) else permissions, staying(read))


_AUTHORIZATION = ("guestUserRoleId", "allowInvitesFrom", "defaultUserRolePermissions")
_SETTINGS = (
    *("lockoutThreshold", "lockoutDurationInSeconds", "bannedPasswordListEnforced", "bannedPasswordCount"),
    *("bannedPasswordMode", "groupCreationByUsers"),
)
_PEOPLE = ("adminsWithoutMfa", "adminsWithoutMfaCount", "usersWithoutMfa", "usersWithoutMfaCount")
_HOLDERS = ("globalAdministratorCount", "tenantCreatorCount")
_METHODS = ("passwordlessMethods", "hasPasswordlessMethod", "reconfirmationInDays")

COLLECTORS = (
    Collector(
        "ENTRA_TENANT",
        _fetch,
        _shape,
        (
            _detail(_AUTHORIZATION, _POLICIES, _read_authorization),
            _detail(("securityDefaultsEnabled",), _POLICIES, _read_defaults),
            _detail(("conditionalAccessPolicies",), _POLICIES, _read_conditional),
            _detail(("namedLocations",), _POLICIES, _read_locations),
            _detail(("deviceRegistrationMfa",), "Policy.Read.DeviceConfiguration", _read_devices),
            _detail(_SETTINGS, "GroupSettings.Read.All", _read_settings),
            _detail(_METHODS, "Policy.Read.AuthenticationMethod", _read_methods),
            _detail(_HOLDERS, (_ROLES, people.MEMBERS), _read_holders),
            _detail(_PEOPLE, people.REGISTRATIONS, _read_registrations),
            _detail(("guestCount",), people.USERS, _read_guests),
            _detail(("accessReviews",), _REVIEWS, _read_reviews),
            _settings_of(_WITHIN_ENTRA, "directoryDiagnosticSettings", "2017-04-01"),
            _settings_of(_WITHIN_INTUNE, "intuneDiagnosticSettings", "2017-04-01-preview"),
        ),
    ),
)
