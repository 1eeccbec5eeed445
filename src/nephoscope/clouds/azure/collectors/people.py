"""People of the directory, as several types ask for them: each listing is read once."""

from collections.abc import Iterable
from typing import Any

from nephoscope.clouds.azure.collecting import Calls, Raw
from nephoscope.errors import GoneError

USERS, REGISTRATIONS, MEMBERS = "User.Read.All", "AuditLog.Read.All", "GroupMember.Read.All"
"""Application permissions of Microsoft Graph."""
_PERSON = "#microsoft.graph.user"


def users(calls: Calls, condition: str) -> list[str]:
    """Object ids of those that a condition of Graph is true of."""
    query = f"$filter={condition.replace(' ', '%20')}&$select=id&$top=999"

    def ask() -> list[str]:
        return [row["id"] for row in calls.directory_items("v1.0/users", query, permission=USERS)]

    found: list[str] = calls.shared(f"users {condition}", ask)
    return found


def registrations(calls: Calls) -> list[Raw]:
    """What everybody registered to sign in with."""
    path = "v1.0/reports/authenticationMethods/userRegistrationDetails"
    found: list[Raw] = calls.shared(
        "registrations", lambda: list(calls.directory_items(path, permission=REGISTRATIONS))
    )
    return found


def with_second_factor(calls: Calls) -> frozenset[str]:
    """Object ids."""

    def ask() -> frozenset[str]:
        return frozenset(row["id"] for row in registrations(calls) if row["isMfaRegistered"])

    found: frozenset[str] = calls.shared("second factors", ask)
    return found


def members(calls: Calls, group: str) -> Iterable[str]:
    """Object ids of the people in a group and in the groups within; none when the group was deleted."""

    def ask() -> list[str]:
        rows = calls.directory_items(f"v1.0/groups/{group}/transitiveMembers", "$select=id&$top=999", MEMBERS)
        try:
            return [row["id"] for row in rows if _is_person(row)]
        except GoneError:
            return []

    found: list[str] = calls.shared(f"members {group}", ask)
    return found


def _is_person(row: dict[str, Any]) -> bool:
    return row.get("@odata.type") == _PERSON
