"""How the project is read: what it says itself, and what it inherits where that may be seen; and its API keys."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from nephoscope.clouds.gcp.collecting import BINDINGS, Calls, Collector, Detail, Place, Raw, assets
from nephoscope.clouds.gcp.shaping import data_of, iso, last, resource
from nephoscope.errors import GoneError, UnavailableError
from nephoscope.model.resources import Document, Observed
from nephoscope.resource_types.gcp import project as types

_PROJECT = "cloudresourcemanager.googleapis.com/Project"
_MANAGER = "cloudresourcemanager"
_PAGE = 200
CONSTRAINTS = (
    "compute.disableSerialPortAccess",
    "compute.requireOsLogin",
    "compute.requireShieldedVm",
    "compute.restrictVpcPeering",
    "compute.skipDefaultNetworkCreation",
    "compute.vmExternalIpAccess",
    "gcp.resourceLocations",
    "iam.allowedPolicyMemberDomains",
    "iam.automaticIamGrantsForDefaultServiceAccounts",
    "iam.disableServiceAccountKeyCreation",
    "sql.restrictPublicIp",
    "storage.publicAccessPrevention",
    "storage.uniformBucketLevelAccess",
)
"""The organisation policies that are asked for: those that keep what controls look for from coming into being."""


def _shape_project(raw: Raw, place: Place) -> Observed:
    """The inventory answers projects as either version of the API spells them."""
    data = data_of(raw)
    project_id = str(data.get("projectId") or last(raw["name"]))
    told = str(data.get("name") or "")
    shown = data.get("displayName") or (told if told and not told.startswith("projects/") else project_id)
    known = {
        "displayName": shown,
        "projectId": project_id,
        "projectNumber": str(data.get("projectNumber") or last(raw["name"])),
        "state": data.get("state") or data.get("lifecycleState"),
        "createTime": iso(data.get("createTime")),
        "ancestors": list(raw.get("ancestors") or ()),
    }
    return resource(types.PROJECT, raw, known, resource_id=project_id or place.account_id, name=str(shown))


def _project(calls: Calls) -> str:
    return f"projects/{calls.place.account_id}"


def _audit_configs(policy: Raw) -> list[Document]:
    return [
        {
            "service": row.get("service"),
            "auditLogConfigs": [
                {"logType": one.get("logType"), "exemptedMembers": list(one.get("exemptedMembers") or ())}
                for one in row.get("auditLogConfigs") or ()
            ],
        }
        for row in policy.get("auditConfigs") or ()
    ]


def _policy(calls: Calls, path: str, permission: str) -> Raw:
    return calls.post(_MANAGER, f"{path}:getIamPolicy", {"options": {"requestedPolicyVersion": 3}}, permission)


def _read_audit(calls: Calls, _: Raw) -> Document:
    policy = _policy(calls, f"v1/{_project(calls)}", "resourcemanager.projects.getIamPolicy")
    return {"auditConfigs": _audit_configs(policy)}


def _ancestors(raw: Raw) -> Iterable[str]:
    """`folders/9`, `organizations/7`."""
    return (str(one) for one in raw.get("ancestors") or () if not str(one).startswith("projects/"))


def _read_inherited_audit(calls: Calls, raw: Raw) -> Document:
    found: list[Document] = []
    for name in _ancestors(raw):
        kind = name.partition("/")[0]
        found += _audit_configs(_policy(calls, f"v3/{name}", f"resourcemanager.{kind}.getIamPolicy"))
    return {"inheritedAuditConfigs": found}


def _read_contacts(calls: Calls, _: Raw) -> Document:
    rows = calls.items(
        "essentialcontacts",
        f"v1/{_project(calls)}/contacts:compute",
        "contacts",
        permission="essentialcontacts.contacts.list",
        query="notificationCategories=ALL",
    )
    return {
        "essentialContacts": [
            {
                "email": row.get("email"),
                "notificationCategories": list(row.get("notificationCategorySubscriptions") or ()),
                "validationState": row.get("validationState"),
            }
            for row in rows
        ]
    }


def _read_policies(calls: Calls, _: Raw) -> Document:
    return {"orgPolicies": [_effective(calls, name) for name in CONSTRAINTS]}


def _effective(calls: Calls, constraint: str) -> Document:
    path = f"v2/{_project(calls)}/policies/{constraint}:getEffectivePolicy"
    try:
        answer = calls.get("orgpolicy", path, permission="orgpolicy.policy.get")
    except GoneError:  # the constraint has no policy anywhere above
        answer = {}
    rules = (answer.get("spec") or {}).get("rules") or ()
    return {"constraint": constraint, "isEnforced": any(map(_enforces, rules))}


def _enforces(rule: Mapping[str, Any]) -> bool:
    """A boolean constraint is enforced; a list constraint leaves not everything allowed."""
    values = rule.get("values") or {}
    return bool(rule.get("enforce") or rule.get("denyAll") or values.get("allowedValues") or values.get("deniedValues"))


def _read_services(calls: Calls, _: Raw) -> Document:
    rows = calls.items(
        "serviceusage",
        f"v1/{_project(calls)}/services",
        "services",
        permission="serviceusage.services.list",
        query=urlencode({"filter": "state:ENABLED", "pageSize": _PAGE}),
    )
    return {"enabledServices": sorted(last(str(row["name"])) for row in rows)}


def _read_approval(calls: Calls, _: Raw) -> Document:
    path = f"v1/{_project(calls)}/accessApprovalSettings"
    try:
        found = calls.get("accessapproval", path, permission="accessapproval.settings.get")
    except GoneError:  # nobody ever set it up
        return {"accessApproval": None}
    services = [str(row.get("cloudProduct")) for row in found.get("enrolledServices") or ()]
    is_above = found.get("enrolledAncestor") is True
    known = {
        "isEnrolled": bool(services) or is_above,
        "enrolledAncestor": is_above,
        "enrolledServices": services,
        "notificationEmails": list(found.get("notificationEmails") or ()),
    }
    return {"accessApproval": known}


def _read_perimeters(calls: Calls, raw: Raw) -> Document:
    """Those that the project is inside of; what is not in an organisation has none."""
    mine = next((str(one) for one in raw.get("ancestors") or () if str(one).startswith("projects/")), "")
    found: list[Document] = []
    for above in _ancestors(raw):
        if above.startswith("organizations/"):
            found += [row for row in _perimeters(calls, above) if mine in row.pop("resources")]
    return {"servicePerimeters": found}


def _perimeters(calls: Calls, organization: str) -> Iterable[Document]:
    service = "accesscontextmanager"
    policies = calls.items(
        service,
        "v1/accessPolicies",
        "accessPolicies",
        permission="accesscontextmanager.policies.list",
        query=urlencode({"parent": organization}),
    )
    for policy in policies:
        for row in calls.items(
            service,
            f"v1/{policy['name']}/servicePerimeters",
            "servicePerimeters",
            permission="accesscontextmanager.servicePerimeters.list",
        ):
            status = row.get("status") or {}
            yield {
                "name": row.get("title") or last(str(row["name"])),
                "restrictedServices": list(status.get("restrictedServices") or ()),
                "resources": list(status.get("resources") or ()),
            }


def _fetch_keys(calls: Calls) -> Iterable[Raw]:
    path = f"v2/{_project(calls)}/locations/global/keys"
    return calls.items("apikeys", path, "keys", permission="apikeys.keys.list")


def _shape_key(raw: Raw, _: Place) -> Observed:
    restrictions = raw.get("restrictions") or {}
    known = {
        "displayName": raw.get("displayName"),
        "serviceAccountEmail": raw.get("serviceAccountEmail"),
        "createTime": iso(raw.get("createTime")),
        "updateTime": iso(raw.get("updateTime")),
        "applicationRestrictions": sorted(name for name in restrictions if name != "apiTargets" and restrictions[name]),
        "allowedReferrers": _listed(restrictions, "browserKeyRestrictions", "allowedReferrers"),
        "allowedIps": _listed(restrictions, "serverKeyRestrictions", "allowedIps"),
        "apiTargets": [str(row.get("service")) for row in restrictions.get("apiTargets") or ()],
    }
    return resource(types.API_KEY, raw, known, name=str(raw.get("displayName") or last(raw["name"])))


def _listed(restrictions: Mapping[str, Any], kind: str, name: str) -> list[str]:
    return [str(value) for value in (restrictions.get(kind) or {}).get(name) or ()]


def _detail(name: str, permissions: tuple[str, ...], read: Callable[[Calls, Raw], Document]) -> Detail:
    """Of one field. A setting that is not found does not mean that the project is gone."""

    def stay(calls: Calls, raw: Raw) -> Document:
        try:
            return read(calls, raw)
        except GoneError as error:
            raise UnavailableError(error.message) from None

    return Detail((name,), permissions, stay)


COLLECTORS = (
    Collector(
        "PROJECT",
        assets(_PROJECT),
        _shape_project,
        (
            BINDINGS,
            _detail("auditConfigs", ("resourcemanager.projects.getIamPolicy",), _read_audit),
            _detail(
                "inheritedAuditConfigs",
                ("resourcemanager.folders.getIamPolicy", "resourcemanager.organizations.getIamPolicy"),
                _read_inherited_audit,
            ),
            _detail("essentialContacts", ("essentialcontacts.contacts.list",), _read_contacts),
            _detail("orgPolicies", ("orgpolicy.policy.get",), _read_policies),
            _detail("enabledServices", ("serviceusage.services.list",), _read_services),
            _detail("accessApproval", ("accessapproval.settings.get",), _read_approval),
            _detail(
                "servicePerimeters",
                ("accesscontextmanager.policies.list", "accesscontextmanager.servicePerimeters.list"),
                _read_perimeters,
            ),
        ),
    ),
    Collector("API_KEY", _fetch_keys, _shape_key),
)
ASSET_KINDS = (_PROJECT,)
