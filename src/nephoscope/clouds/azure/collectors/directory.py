"""How the directory is read: from Microsoft Graph, each part with the application permission that it takes."""

from collections.abc import Iterator, Mapping
from typing import Any

from nephoscope.clouds.azure.collecting import Calls, Collector, Detail, Place, Raw
from nephoscope.clouds.azure.collectors.diagnostics import setting
from nephoscope.clouds.azure.shaping import picked, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.azure import directory as types

_POLICIES = "Policy.Read.All"
_SHOWN = 50
"""Names that a document holds of a list of people; their number is always whole."""
_GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
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


def _read_administrators(calls: Calls, _: Raw) -> Mapping[str, Any]:
    query = f"$filter=roleDefinitionId%20eq%20'{_GLOBAL_ADMINISTRATOR}'"
    path = "v1.0/roleManagement/directory/roleAssignments"
    rows = calls.directory_items(path, query, permission="RoleManagement.Read.Directory")
    return {"globalAdministratorCount": len({row["principalId"] for row in rows})}


def _read_registrations(calls: Calls, _: Raw) -> Mapping[str, Any]:
    path = "v1.0/reports/authenticationMethods/userRegistrationDetails"
    bare = [row for row in calls.directory_items(path, permission="AuditLog.Read.All") if not row["isMfaRegistered"]]
    admins = sorted(row["userPrincipalName"] for row in bare if row.get("isAdmin"))
    others = sorted(row["userPrincipalName"] for row in bare if not row.get("isAdmin"))
    return {
        "adminsWithoutMfa": admins[:_SHOWN],
        "adminsWithoutMfaCount": len(admins),
        "usersWithoutMfa": others[:_SHOWN],
        "usersWithoutMfaCount": len(others),
    }


def _settings_of(provider: str, field: str, version: str) -> Detail:
    def read(calls: Calls, _: Raw) -> Mapping[str, Any]:
        rows = calls.items(f"/providers/{provider}/diagnosticSettings", version)
        return {field: [setting(row) for row in rows]}

    return Detail((field,), (f"{provider}/diagnosticSettings/read",), read)


_SETTINGS = (
    *("lockoutThreshold", "lockoutDurationInSeconds", "bannedPasswordListEnforced", "bannedPasswordCount"),
    *("bannedPasswordMode", "groupCreationByUsers"),
)
_PEOPLE = ("adminsWithoutMfa", "adminsWithoutMfaCount", "usersWithoutMfa", "usersWithoutMfaCount")
_METHODS = ("passwordlessMethods", "hasPasswordlessMethod", "reconfirmationInDays")

COLLECTORS = (
    Collector(
        "ENTRA_TENANT",
        _fetch,
        _shape,
        (
            Detail(
                ("guestUserRoleId", "allowInvitesFrom", "defaultUserRolePermissions"), (_POLICIES,), _read_authorization
            ),
            Detail(("securityDefaultsEnabled",), (_POLICIES,), _read_defaults),
            Detail(("conditionalAccessPolicies",), (_POLICIES,), _read_conditional),
            Detail(("namedLocations",), (_POLICIES,), _read_locations),
            Detail(("deviceRegistrationMfa",), ("Policy.Read.DeviceConfiguration",), _read_devices),
            Detail(_SETTINGS, ("GroupSettings.Read.All",), _read_settings),
            Detail(_METHODS, ("Policy.Read.AuthenticationMethod",), _read_methods),
            Detail(("globalAdministratorCount",), ("RoleManagement.Read.Directory",), _read_administrators),
            Detail(_PEOPLE, ("AuditLog.Read.All",), _read_registrations),
            _settings_of(_WITHIN_ENTRA, "directoryDiagnosticSettings", "2017-04-01"),
            _settings_of(_WITHIN_INTUNE, "intuneDiagnosticSettings", "2017-04-01-preview"),
        ),
    ),
)
