"""Settings of the tenant and of users, read from the store each time: a change counts at once, in every process."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from nephoscope.audit import trail
from nephoscope.errors import BadRequestError
from nephoscope.kit.clock import Clock
from nephoscope.model.identities import Identity, person_of
from nephoscope.model.preferences import TenantSettings, UserSettings
from nephoscope.settings import Settings
from nephoscope.store import tenant_settings
from nephoscope.store.session import Reader, Store

MOST_DAYS = 36_500
_DAYS = ("report_days", "run_days", "audit_days")


class Preferences:
    """One for each process. Thread-safe. `defaults` is what the program was started with."""

    def __init__(self, store: Store, clock: Clock, defaults: TenantSettings | None = None) -> None:
        self._store = store
        self._clock = clock
        self._defaults = defaults or TenantSettings()

    def tenant(self) -> TenantSettings:
        with self._store.read() as reader:
            return self._tenant(reader)

    def change_tenant(self, changed: Mapping[str, Any], by: Identity) -> TenantSettings:
        """By the names of the fields; None goes back to what the program was started with. BadRequestError with every
        problem at once."""
        _refuse(changed)
        with self._store.write() as writer:
            before = self._tenant(writer)
            tenant_settings.set_for_tenant(writer, changed)
            after = self._tenant(writer)
            if after != before:
                trail.record(writer, by.name, "settings.change", "tenant", _told(before, after), self._clock())
        return after

    def user(self, name: str) -> UserSettings:
        """Of the user, also for a program that acts as he does."""
        with self._store.read() as reader:
            return _user(reader, name)

    def change_user(self, name: str, changed: Mapping[str, Any], by: Identity) -> UserSettings:
        """Like `change_tenant`."""
        _refuse(changed)
        with self._store.write() as writer:
            before, who = _user(writer, name), person_of(name)
            tenant_settings.set_for_user(writer, who, changed)
            after = _user(writer, name)
            if after != before:
                trail.record(writer, by.name, "settings.change", f"user {who}", _told(before, after), self._clock())
        return after

    def zone_of(self, user: str) -> ZoneInfo:
        """The user's own time zone, else the tenant's; also for names that are no user's."""
        with self._store.read() as reader:
            own = _user(reader, user).time_zone if user else None
            return ZoneInfo(own) if own else self._tenant(reader).zone

    def needs_approval(self) -> bool:
        return self.tenant().needs_approval

    def report_days(self) -> int:
        return self.tenant().report_days

    def _tenant(self, reader: Reader) -> TenantSettings:
        return tenant_of(reader, self._defaults)


def defaults_of(settings: Settings) -> TenantSettings:
    """SettingsError for a time zone that there is not."""
    return TenantSettings(settings.zone.key, settings.needs_approval, settings.report_days)


def tenant_of(reader: Reader, defaults: TenantSettings) -> TenantSettings:
    return msgspec.structs.replace(defaults, **tenant_settings.of_tenant(reader))


def _user(reader: Reader, name: str) -> UserSettings:
    return UserSettings(**tenant_settings.of_user(reader, person_of(name)))


def _told(before: msgspec.Struct, after: msgspec.Struct) -> dict[str, Any]:
    """What changed, with both values."""
    old, new = msgspec.structs.asdict(before), msgspec.structs.asdict(after)
    return {name: [old[name], new[name]] for name in old if old[name] != new[name]}


def _refuse(changed: Mapping[str, Any]) -> None:
    zone = changed.get("time_zone")
    is_known = zone is None or _is_zone(zone)
    problems = [] if is_known else [f"timeZone: {str(zone)[:60]!r} is no IANA name of a time zone"]
    for name in _DAYS:
        days, least = changed.get(name), 1 if name == "report_days" else 0
        if days is not None and not least <= days <= MOST_DAYS:
            forever = "" if least else "; 0 is forever"
            problems.append(f"{_WIRE[name]}: a whole number of days from {least} to {MOST_DAYS:,}{forever}")
    if problems:
        raise BadRequestError("The settings cannot be accepted: " + "; ".join(problems) + ".", problems)


_WIRE = {"report_days": "keepReportsDays", "run_days": "keepRunsDays", "audit_days": "keepAuditDays"}


def _is_zone(name: Any) -> bool:
    try:
        ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
