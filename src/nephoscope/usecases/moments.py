"""Days and moments as people write them at the doors."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from nephoscope.errors import BadRequestError
from nephoscope.qql.dates import span

_LOST_PLUS = re.compile(r"(?<=now) (?=\d)|(?<=:\d\d) (?=\d\d:\d\d\Z)")
_FIRST, _LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)
"""Beyond these, the same moment has no date in some time zones."""


def day_of(text: str, name: str) -> date:
    """`2027-01-31`. BadRequestError under the name of the field or parameter."""
    found = _day(text)
    if found is None:
        problem = f"{name}: {text[:40]!r} is not a day; expected YYYY-MM-DD"
        raise BadRequestError(f"{problem}.", [problem])
    return found


def moment_of(text: str, name: str, now: datetime, zone: ZoneInfo) -> datetime:
    """A day stands for its first second in the tenant's zone; else what filters take for a moment, also where a plus
    was taken for a space on its way. BadRequestError as above."""
    text = _LOST_PLUS.sub("+", text)
    day = _day(text)
    try:
        found = datetime.combine(day, time(), zone) if day else span(text, now)[0]
    except BadRequestError as error:
        raise BadRequestError(f"{name}: {error.message}", [f"{name}: {error.message}"]) from None
    if not _FIRST <= found <= _LAST:
        problem = f"{name}: {text[:40]!r} lies outside the years 1970 to 9998"
        raise BadRequestError(f"{problem}.", [problem])
    return found


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None
