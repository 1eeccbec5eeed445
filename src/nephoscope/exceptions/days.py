"""Days of the tenant's time zone as seconds: where clocks are put forward at midnight a day begins later, where they
are put back it lasts longer, and its last second is the one before the next day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LAST = date(9998, 12, 31)
"""The last day that has a day after it in every time zone."""


def first_second(day: date, zone: ZoneInfo) -> datetime:
    """In UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def last_second(day: date, zone: ZoneInfo) -> datetime:
    """In UTC. Not for days after `LAST`."""
    return first_second(day + timedelta(days=1), zone) - timedelta(seconds=1)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
