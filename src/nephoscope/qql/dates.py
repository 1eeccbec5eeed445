"""Dates in filters: `now`, `now-8h`, whole days, ISO moments (contract §8.1)."""

import re
from datetime import UTC, datetime, timedelta

from nephoscope.errors import BadRequestError

_RELATIVE = re.compile(r"now(?:([+-])(\d{1,6})([smhdwMy]))?\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_SPANS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "M": timedelta(days=30),
    "y": timedelta(days=365),
}


def span(text: str, now: datetime) -> tuple[datetime, datetime]:
    """First and last second that the text means: a whole day for `2024-01-31`, else one second.

    BadRequestError for anything else; `M` is 30 days and `y` 365.
    """
    if relative := _RELATIVE.match(text):
        at = _shift(now, *relative.groups()).replace(microsecond=0)
        return at, at
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequestError(
            f"{text!r} is not a date: write 2024-01-31, 2024-01-31T08:00:00Z or now-8h (s, m, h, d, w, M, y)."
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if _DAY.match(text):
        return moment, moment + timedelta(days=1, seconds=-1)
    return moment, moment


def _shift(now: datetime, sign: str | None, count: str | None, unit: str | None) -> datetime:
    if sign is None or count is None or unit is None:
        return now
    step = _SPANS[unit] * int(count)
    try:
        return now + step if sign == "+" else now - step
    except OverflowError:
        raise BadRequestError(f"now{sign}{count}{unit} is outside the calendar.") from None
