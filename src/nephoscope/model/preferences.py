"""What people set while the server runs: for everybody, and each for himself."""

from zoneinfo import ZoneInfo

import msgspec

FOREVER = 0
"""Days of what is kept without end."""


class TenantSettings(msgspec.Struct, frozen=True):
    """For everybody. Days say how long something is kept."""

    time_zone: str = "UTC"
    """Of days that nobody in particular names, and of users without a zone of their own."""
    needs_approval: bool = False
    """Exceptions take effect only when somebody else than who asked for them has approved them."""
    report_days: int = 7
    """Never forever."""
    run_days: int = 365
    """Of runs that have ended; the latest of each connector stays."""
    audit_days: int = FOREVER

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class UserSettings(msgspec.Struct, frozen=True):
    """Of one user. None takes the tenant's."""

    time_zone: str | None = None
