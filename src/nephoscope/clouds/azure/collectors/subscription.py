"""How the subscription, its resource groups and its roles are read."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nephoscope.clouds.azure.collecting import Calls, Collector, Detail, Place, Raw, listed
from nephoscope.clouds.azure.collectors import people
from nephoscope.clouds.azure.collectors.locks import LOCKS
from nephoscope.clouds.azure.collectors.subscription_details import DETAILS
from nephoscope.clouds.azure.shaping import iso, picked, properties, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.azure import subscription as types

_ROLES = "2022-04-01"
_USER, _GROUP = "User", "Group"


def _fetch_subscription(calls: Calls) -> Iterator[Raw]:
    yield calls.get(f"/subscriptions/{calls.place.account_id}", "2022-12-01")


def _shape_subscription(raw: Raw, place: Place) -> Observed:
    policies = raw.get("subscriptionPolicies") or {}
    known = {**raw, **picked(policies, ("quotaId", "spendingLimit"))}
    return resource(types.SUBSCRIPTION, raw, known, resource_id=place.account_id, name=raw.get("displayName") or "")


def _shape_group(raw: Raw, _: Place) -> Observed:
    known = {**properties(raw), "managedBy": raw.get("managedBy"), "resourceGroupName": raw["name"]}
    return resource(types.RESOURCE_GROUP, raw, known)


def _scope_kind(scope: str) -> str:
    """Where a role holds, in one word."""
    parts = scope.lower().strip("/").split("/")
    if parts == [""]:
        return "tenant"
    if parts[0] == "providers":
        return "managementGroup"
    return {2: "subscription", 4: "resourceGroup"}.get(len(parts), "resource")


def _shape_assignment(raw: Raw, _: Place) -> Observed:
    known = properties(raw)
    role = str(known["roleDefinitionId"])
    more = {
        "scopeKind": _scope_kind(known["scope"]),
        "roleGuid": role.rpartition("/")[2].lower(),
        "createdOn": iso(known.get("createdOn")),
        "updatedOn": iso(known.get("updatedOn")),
    }
    return resource(types.ROLE_ASSIGNMENT, raw, {**known, **more})


def _read_principal(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    known = properties(raw)
    is_user = known.get("principalType") == _USER
    return {"principalIsDisabled": is_user and known["principalId"] in people.users(calls, "accountEnabled eq false")}


def _read_factors(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """How many people the assignment reaches who never registered a second factor. Whoever the directory's report does
    not name counts."""
    known = properties(raw)
    kind, principal = known.get("principalType"), known["principalId"]
    if kind not in (_USER, _GROUP):
        return {"peopleWithoutMfa": 0}
    reached = {principal} if kind == _USER else set(people.members(calls, principal))
    return {"peopleWithoutMfa": len(reached - people.with_second_factor(calls))}


def _fetch_definitions(calls: Calls) -> Iterable[Raw]:
    query = "$filter=type%20eq%20'CustomRole'"
    return calls.items("providers/Microsoft.Authorization/roleDefinitions", _ROLES, query)


def _shape_definition(raw: Raw, _: Place) -> Observed:
    known = properties(raw)
    permissions = known.get("permissions") or ()
    gathered = {
        name: sorted({action for row in permissions for action in row.get(name) or ()})
        for name in ("actions", "notActions", "dataActions")
    }
    more = {
        "roleType": known.get("type"),
        "roleGuid": raw["name"].lower(),
        "actionCount": len(gathered["actions"]),
        "createdOn": iso(known.get("createdOn")),
        "updatedOn": iso(known.get("updatedOn")),
    }
    return resource(types.ROLE_DEFINITION, raw, {**known, **gathered, **more}, name=known.get("roleName") or "")


COLLECTORS = (
    Collector("SUBSCRIPTION", _fetch_subscription, _shape_subscription, DETAILS),
    Collector("RESOURCE_GROUP", listed("resourcegroups", "2021-04-01"), _shape_group, (LOCKS,)),
    Collector(
        "ROLE_ASSIGNMENT",
        listed("providers/Microsoft.Authorization/roleAssignments", _ROLES),
        _shape_assignment,
        (
            Detail(("principalIsDisabled",), (people.USERS,), _read_principal),
            Detail(("peopleWithoutMfa",), (people.REGISTRATIONS, people.MEMBERS), _read_factors),
        ),
    ),
    Collector("ROLE_DEFINITION", _fetch_definitions, _shape_definition),
)
