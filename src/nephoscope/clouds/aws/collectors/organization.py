"""What an account tells of its organization.

Any member may ask which organization it is in. The rest is asked in the management account only and is null
elsewhere: members are refused, and what the organization does is not theirs to fail.
"""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from nephoscope.clouds.aws.collecting import Calls, Detail, Raw
from nephoscope.clouds.aws.shaping import camel
from nephoscope.errors import GoneError
from nephoscope.model.resources import Document

_MOST = 50
"""Policies and delegated administrators that are looked into one by one."""


def _organization(calls: Calls) -> Raw | None:
    """Null when the account is in none."""
    try:
        found: Raw = calls.shared("organizations", "describe_organization")["Organization"]
    except GoneError:
        return None
    return found


def _is_management(calls: Calls) -> bool:
    found = _organization(calls)
    return found is not None and found["MasterAccountId"] == calls.place.account_id


def _read_organization(calls: Calls, _item: Raw) -> Document:
    found = _organization(calls)
    kept = found and {name: found.get(name) for name in ("Id", "Arn", "FeatureSet", "MasterAccountId")}
    return {"organization": camel(kept), "isManagementAccount": _is_management(calls)}


def _in_management(
    fields: tuple[str, ...], permissions: tuple[str, ...], read: Callable[[Calls], Mapping[str, Any]]
) -> Detail:
    """A detail that is null outside the management account."""

    def guarded(calls: Calls, _item: Raw) -> Mapping[str, Any]:
        return read(calls) if _is_management(calls) else dict.fromkeys(fields)

    return Detail(fields, ("organizations:DescribeOrganization", *permissions), guarded)


def _read_root_features(calls: Calls) -> Document:
    """Trusted access that was never switched on means that nothing is centralized."""
    try:
        features = calls.call("iam", "list_organizations_features").get("EnabledFeatures", [])
    except GoneError:
        features = []
    return {"centralizedRootFeatures": sorted(features)}


def _read_guardrails(calls: Calls) -> Document:
    return {
        "organizationRoots": [_root(row) for row in calls.shared("organizations", "list_roots", "Roots")],
        "serviceControlPolicies": _policies(calls, "SERVICE_CONTROL_POLICY"),
        "resourceControlPolicies": _policies(calls, "RESOURCE_CONTROL_POLICY"),
    }


def _root(raw: Raw) -> Document:
    return {"id": raw["Id"], "policyTypes": camel(raw.get("PolicyTypes", []))}


def _policies(calls: Calls, kind: str) -> list[Document]:
    """With the targets of those that are not AWS's own."""
    rows = list(islice(calls.items("organizations", "list_policies", "Policies", Filter=kind), _MOST))
    return [
        {
            **{name: row.get(key) for name, key in (("id", "Id"), ("name", "Name"), ("awsManaged", "AwsManaged"))},
            "targets": [] if row.get("AwsManaged") else _targets(calls, row["Id"]),
        }
        for row in rows
    ]


def _targets(calls: Calls, policy: str) -> list[Document]:
    found = calls.items("organizations", "list_targets_for_policy", "Targets", PolicyId=policy)
    return [{"targetId": row["TargetId"], "type": row["Type"]} for row in found]


def _read_structure(calls: Calls) -> Document:
    """The units and accounts right below the root."""
    units: list[Raw] = []
    accounts: list[Raw] = []
    for root in calls.shared("organizations", "list_roots", "Roots"):
        below = {"ParentId": root["Id"]}
        units += calls.items("organizations", "list_organizational_units_for_parent", "OrganizationalUnits", **below)
        accounts += calls.items("organizations", "list_accounts_for_parent", "Accounts", **below)
    return {
        "organizationalUnits": [{"id": row["Id"], "name": row["Name"]} for row in units],
        "accountsAtRoot": [{"id": row["Id"], "name": row.get("Name"), "status": row.get("Status")} for row in accounts],
    }


def _read_resource_policy(calls: Calls) -> Document:
    try:
        found = calls.call("organizations", "describe_resource_policy")["ResourcePolicy"]
    except GoneError:
        return {"organizationResourcePolicy": None}
    return {"organizationResourcePolicy": found["Content"]}


def _read_delegation(calls: Calls) -> Document:
    trusted = calls.items("organizations", "list_aws_service_access_for_organization", "EnabledServicePrincipals")
    administrators = calls.items("organizations", "list_delegated_administrators", "DelegatedAdministrators")
    delegated = {
        row["ServicePrincipal"]
        for one in islice(administrators, _MOST)
        for row in calls.items(
            "organizations", "list_delegated_services_for_account", "DelegatedServices", AccountId=one["Id"]
        )
    }
    return {
        "trustedServices": sorted(row["ServicePrincipal"] for row in trusted),
        "delegatedServices": sorted(delegated),
    }


DETAILS: tuple[Detail, ...] = (
    Detail(("organization", "isManagementAccount"), ("organizations:DescribeOrganization",), _read_organization),
    _in_management(("centralizedRootFeatures",), ("iam:ListOrganizationsFeatures",), _read_root_features),
    _in_management(
        ("organizationRoots", "serviceControlPolicies", "resourceControlPolicies"),
        ("organizations:ListRoots", "organizations:ListPolicies", "organizations:ListTargetsForPolicy"),
        _read_guardrails,
    ),
    _in_management(
        ("organizationalUnits", "accountsAtRoot"),
        (
            "organizations:ListRoots",
            "organizations:ListOrganizationalUnitsForParent",
            "organizations:ListAccountsForParent",
        ),
        _read_structure,
    ),
    _in_management(("organizationResourcePolicy",), ("organizations:DescribeResourcePolicy",), _read_resource_policy),
    _in_management(
        ("trustedServices", "delegatedServices"),
        (
            "organizations:ListAWSServiceAccessForOrganization",
            "organizations:ListDelegatedAdministrators",
            "organizations:ListDelegatedServicesForAccount",
        ),
        _read_delegation,
    ),
)
