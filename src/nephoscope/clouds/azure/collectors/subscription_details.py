"""What completes a subscription: Defender, contacts, where the activity log goes, policies, and what is reviewed."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.azure.collecting import Calls, Detail, Raw
from nephoscope.clouds.azure.collectors.staying import Read, staying
from nephoscope.clouds.azure.shaping import iso, picked, properties
from nephoscope.errors import GoneError, NotApplicableError

_BENCHMARK = "1f3afdf9-d0c9-4c3d-847f-89da613e70a8"
"""The initiative `Microsoft cloud security benchmark`."""
_SET_DEFINITION = f"/providers/Microsoft.Authorization/policySetDefinitions/{_BENCHMARK}"
_POLICIES = "2022-06-01"
_ON = "true"
_ACTIVE = "active"
_STORAGE = "/providers/microsoft.storage/storageaccounts/"
_SHOWN = 50
"""Alerts that a document holds, the oldest; their number is always whole."""
_ENDED = frozenset({"completed", "applied", "applying", "completing"})
_EVERYBODY = frozenset({"", "user", "user,group"})
"""Whom reviews of all holders of a role are about; others are about guests or applications alone."""


def _listed(calls: Calls, path: str, version: str) -> list[Raw]:
    """Of a provider that was never switched on in the subscription there is nothing."""
    try:
        return list(calls.items(f"providers/{path}", version))
    except NotApplicableError:
        return []


def _read_plans(calls: Calls, _: Raw) -> Mapping[str, Any]:
    rows = _listed(calls, "Microsoft.Security/pricings", "2024-01-01")
    return {"defenderPlans": sorted(map(_plan, rows), key=lambda row: str(row["name"]))}


def _plan(raw: Raw) -> dict[str, Any]:
    known = properties(raw)
    extensions = known.get("extensions") or ()
    return {
        "name": raw["name"],
        **picked(known, ("pricingTier", "subPlan")),
        "deprecated": bool(known.get("deprecated")),
        "extensions": sorted(row["name"] for row in extensions if str(row.get("isEnabled")).lower() == _ON),
    }


def _read_contacts(calls: Calls, _: Raw) -> Mapping[str, Any]:
    rows = _listed(calls, "Microsoft.Security/securityContacts", "2023-12-01-preview")
    return {"securityContacts": [_contact(row) for row in rows]}


def _contact(raw: Raw) -> dict[str, Any]:
    known = properties(raw)
    by_role = known.get("notificationsByRole") or {}
    sources = {row["sourceType"]: row for row in known.get("notificationsSources") or ()}
    return {
        "name": raw["name"],
        **picked(known, ("emails", "phone", "isEnabled")),
        "roleState": by_role.get("state"),
        "roles": by_role.get("roles") or [],
        "alertSeverity": sources.get("Alert", {}).get("minimalSeverity"),
        "attackPathRisk": sources.get("AttackPath", {}).get("minimalRiskLevel"),
    }


def _read_settings(calls: Calls, _: Raw) -> Mapping[str, Any]:
    rows = _listed(calls, "Microsoft.Security/settings", "2022-05-01")
    found = [{"name": row["name"], "kind": row.get("kind"), "enabled": properties(row).get("enabled")} for row in rows]
    return {"securitySettings": found}


def _read_provisioning(calls: Calls, _: Raw) -> Mapping[str, Any]:
    rows = _listed(calls, "Microsoft.Security/autoProvisioningSettings", "2017-08-01-preview")
    found = [{"name": row["name"], "autoProvision": properties(row).get("autoProvision")} for row in rows]
    return {"autoProvisioning": found}


def _read_assessment(calls: Calls, _: Raw) -> Mapping[str, Any]:
    """`MdeTvm` when machines are looked through for vulnerabilities; null when nobody does."""
    rows = _listed(calls, "Microsoft.Security/serverVulnerabilityAssessmentsSettings", "2023-05-01")
    return {"vulnerabilityAssessmentProvider": properties(rows[0]).get("selectedProvider") if rows else None}


def _read_iot(calls: Calls, _: Raw) -> Mapping[str, Any]:
    rows = _listed(calls, "Microsoft.Security/iotSecuritySolutions", "2019-08-01")
    return {"iotSecuritySolutions": [_solution(row) for row in rows]}


def _solution(raw: Raw) -> dict[str, Any]:
    known = properties(raw)
    hubs = [str(hub).lower() for hub in known.get("iotHubs") or ()]
    return {"name": raw["name"], "status": known.get("status"), "iotHubs": hubs}


def _read_activity_log(calls: Calls, _: Raw) -> Mapping[str, Any]:
    rows = _listed(calls, "Microsoft.Insights/diagnosticSettings", "2021-05-01-preview")
    return {"activityLogSettings": [_activity_setting(row) for row in rows]}


def _activity_setting(raw: Raw) -> dict[str, Any]:
    known = properties(raw)
    account = known.get("storageAccountId")
    logs = known.get("logs") or ()
    names = ("workspaceId", "eventHubAuthorizationRuleId", "marketplacePartnerId")
    return {
        "name": raw["name"],
        "storageAccountName": str(account).rpartition("/")[2].lower() if account else None,
        **picked(known, names),
        "categories": sorted(
            str(log.get("category") or log.get("categoryGroup")) for log in logs if log.get("enabled")
        ),
    }


def _read_profiles(calls: Calls, _: Raw) -> Mapping[str, Any]:
    rows = _listed(calls, "Microsoft.Insights/logprofiles", "2016-03-01")
    return {"logProfiles": [_profile(row) for row in rows]}


def _profile(raw: Raw) -> dict[str, Any]:
    known = properties(raw)
    retention = known.get("retentionPolicy") or {}
    return {
        "name": raw["name"],
        "locations": [str(place).lower() for place in known.get("locations") or ()],
        "categories": list(known.get("categories") or ()),
        "retentionEnabled": bool(retention.get("enabled")),
        "retentionDays": retention.get("days") or 0,
        "storageAccountId": known.get("storageAccountId"),
    }


def _read_assignments(calls: Calls, _: Raw) -> Mapping[str, Any]:
    rows = _listed(calls, "Microsoft.Authorization/policyAssignments", _POLICIES)
    is_assigned = any(_BENCHMARK in str(properties(row).get("policyDefinitionId")).lower() for row in rows)
    deprecated = _deprecated(calls) if is_assigned else frozenset()
    return {"policyAssignments": [_assignment(row, deprecated) for row in rows]}


def _deprecated(calls: Calls) -> frozenset[str]:
    """Parameters of the initiative whose policies are gone."""
    known = properties(calls.get(_SET_DEFINITION, _POLICIES))
    found = (known.get("parameters") or {}).items()
    return frozenset(name for name, row in found if (row.get("metadata") or {}).get("deprecated"))


def _assignment(raw: Raw, deprecated: frozenset[str]) -> dict[str, Any]:
    known = properties(raw)
    given = (known.get("parameters") or {}).items()
    disabled = [name for name, row in given if str(row.get("value")).lower() == "disabled" and name not in deprecated]
    return {
        "name": raw["name"],
        **picked(known, ("displayName", "enforcementMode")),
        "policyDefinitionId": str(known.get("policyDefinitionId")).lower(),
        "disabledParameters": sorted(disabled),
    }


def _read_tenant_policy(calls: Calls, _: Raw) -> Mapping[str, Any]:
    """What the tenant says about subscriptions that come and go; null where it never said anything."""
    try:
        known = properties(calls.get("/providers/Microsoft.Subscription/policies/default", "2021-10-01"))
    except GoneError:
        return {"tenantPolicy": None}
    names = ("blockSubscriptionsLeavingTenant", "blockSubscriptionsIntoTenant", "exemptedPrincipals")
    return {"tenantPolicy": picked(known, names)}


def _read_reviews(calls: Calls, _: Raw) -> Mapping[str, Any]:
    """Reviews of roles in the subscription. `reviewedRoles` are those whose holders are looked at again and again."""
    rows = _listed(calls, "Microsoft.Authorization/accessReviewScheduleDefinitions", "2021-12-01-preview")
    found = [_review(row) for row in rows]
    live = (row for row in found if row["isRecurring"] and str(row["status"]).lower() not in _ENDED)
    roles = {row["roleGuid"] for row in live if str(row["principalType"] or "").lower() in _EVERYBODY}
    return {"accessReviews": found, "reviewedRoles": sorted(roles)}


def _review(raw: Raw) -> dict[str, Any]:
    known = properties(raw)
    scope, settings = known.get("scope") or {}, known.get("settings") or {}
    pattern = (settings.get("recurrence") or {}).get("pattern") or {}
    return {
        **picked(known, ("displayName", "status")),
        "roleGuid": str(scope.get("roleDefinitionId")).rpartition("/")[2].lower(),
        "principalType": scope.get("principalType"),
        "isRecurring": bool(pattern.get("type")),
    }


def _read_alerts(calls: Calls, _: Raw) -> Mapping[str, Any]:
    """Alerts about storage accounts that nobody has dealt with."""
    rows = (_alert(row) for row in _listed(calls, "Microsoft.Security/alerts", "2022-01-01"))
    found = sorted((row for row in rows if row is not None), key=lambda row: (row["since"] or "", row["name"]))
    return {"openStorageAlerts": found[:_SHOWN], "openStorageAlertCount": len(found)}


def _alert(raw: Raw) -> dict[str, Any] | None:
    known = properties(raw)
    about = (str(row.get("azureResourceId")) for row in known.get("resourceIdentifiers") or ())
    account = next((one for one in about if _STORAGE in one.lower()), None)
    if account is None or str(known.get("status")).lower() != _ACTIVE:
        return None
    since = iso(known.get("timeGeneratedUtc") or known.get("startTimeUtc"))
    return {"name": raw["name"], **picked(known, ("alertDisplayName", "severity")), "about": account, "since": since}


def _detail(fields: tuple[str, ...], permissions: tuple[str, ...], read: Read) -> Detail:
    return Detail(fields, permissions, staying(read))


DETAILS = (
    _detail(("defenderPlans",), ("Microsoft.Security/pricings/read",), _read_plans),
    _detail(("securityContacts",), ("Microsoft.Security/securityContacts/read",), _read_contacts),
    _detail(("securitySettings",), ("Microsoft.Security/settings/read",), _read_settings),
    _detail(("autoProvisioning",), ("Microsoft.Security/autoProvisioningSettings/read",), _read_provisioning),
    _detail(
        ("vulnerabilityAssessmentProvider",),
        ("Microsoft.Security/serverVulnerabilityAssessmentsSettings/read",),
        _read_assessment,
    ),
    _detail(("iotSecuritySolutions",), ("Microsoft.Security/iotSecuritySolutions/read",), _read_iot),
    _detail(("activityLogSettings",), ("Microsoft.Insights/diagnosticSettings/read",), _read_activity_log),
    _detail(("logProfiles",), ("Microsoft.Insights/logprofiles/read",), _read_profiles),
    _detail(
        ("policyAssignments",),
        ("Microsoft.Authorization/policyAssignments/read", "Microsoft.Authorization/policySetDefinitions/read"),
        _read_assignments,
    ),
    _detail(("tenantPolicy",), ("Microsoft.Subscription/Policies/default/read",), _read_tenant_policy),
    _detail(
        ("accessReviews", "reviewedRoles"),
        ("Microsoft.Authorization/accessReviewScheduleDefinitions/read",),
        _read_reviews,
    ),
    _detail(("openStorageAlerts", "openStorageAlertCount"), ("Microsoft.Security/alerts/read",), _read_alerts),
)
