"""Settings of the tenant and of users on the wire."""

from collections.abc import Mapping
from typing import Any

import msgspec

from nephoscope.errors import refuse
from nephoscope.model.preferences import TenantSettings, UserSettings

_TEXTS = {"timeZone": "time_zone"}
_FLAGS = {"exceptionsNeedApproval": "needs_approval"}
_NUMBERS = {"keepReportsDays": "report_days", "keepRunsDays": "run_days", "keepAuditDays": "audit_days"}


class TenantBody(msgspec.Struct, frozen=True, rename="camel"):
    """Days: 0 is forever."""

    time_zone: str
    exceptions_need_approval: bool
    keep_reports_days: int
    keep_runs_days: int
    keep_audit_days: int


class UserBody(msgspec.Struct, frozen=True, rename="camel"):
    """`time_zone` is null for whoever takes the tenant's."""

    time_zone: str | None
    effective_time_zone: str


def tenant(found: TenantSettings) -> TenantBody:
    return TenantBody(found.time_zone, found.needs_approval, found.report_days, found.run_days, found.audit_days)


def user(found: UserSettings, effective: str) -> UserBody:
    return UserBody(found.time_zone, effective)


def read_tenant(body: Mapping[str, Any]) -> dict[str, Any]:
    """By the names of the fields; null goes back to what the program was started with. BadRequestError names every
    field that is unknown or of a wrong kind."""
    return _read(body, {"text": _TEXTS, "flag": _FLAGS, "number": _NUMBERS})


def read_user(body: Mapping[str, Any]) -> dict[str, Any]:
    """Like `read_tenant`; null goes back to the tenant's."""
    return _read(body, {"text": _TEXTS})


def _read(body: Mapping[str, Any], fields: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    kinds = {name: (kind, field) for kind, named in fields.items() for name, field in named.items()}
    found: dict[str, Any] = {}
    problems: list[str] = []
    for name, value in body.items():
        kind, field = kinds.get(name, ("", ""))
        if not kind:
            problems.append(f"{name[:60]}: there is no such setting; there are {', '.join(kinds)}")
        elif value is not None and type(value) is not _KINDS[kind][0]:
            problems.append(f"{name}: {_KINDS[kind][1]} is expected")
        else:
            found[field] = value
    refuse("The settings cannot be accepted", problems)
    return found


_KINDS: Mapping[str, tuple[type, str]] = {
    "text": (str, "a text"),
    "flag": (bool, "true or false"),
    "number": (int, "a whole number"),
}
