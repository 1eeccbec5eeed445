"""Days of the tenant's time zone, on the days when clocks are put forward or back."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given

from nephoscope.exceptions import days
from nephoscope.kit.dates import compact


@pytest.mark.parametrize(
    ("zone", "day", "first", "last"),
    [
        ("UTC", "2026-01-01", "2026-01-01T00:00:00+0000", "2026-01-01T23:59:59+0000"),
        ("Asia/Kolkata", "2023-05-10", "2023-05-09T18:30:00+0000", "2023-05-10T18:29:59+0000"),
        ("Asia/Kolkata", "2023-05-21", "2023-05-20T18:30:00+0000", "2023-05-21T18:29:59+0000"),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00+0000", "2026-03-29T21:59:59+0000"),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00+0000", "2026-10-25T22:59:59+0000"),
        ("Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00+0000", "2024-04-26T20:59:59+0000"),
        ("Africa/Cairo", "2024-04-25", "2024-04-24T22:00:00+0000", "2024-04-25T21:59:59+0000"),
        ("Africa/Cairo", "2024-10-31", "2024-10-30T21:00:00+0000", "2024-10-31T21:59:59+0000"),
        ("America/Havana", "2024-11-03", "2024-11-03T04:00:00+0000", "2024-11-04T04:59:59+0000"),
        ("Pacific/Kiritimati", "2026-01-01", "2025-12-31T10:00:00+0000", "2026-01-01T09:59:59+0000"),
    ],
)
def test_first_and_last_second(zone: str, day: str, first: str, last: str) -> None:
    """Cairo puts its clocks forward and back at midnight, Havana back at one."""
    one = date.fromisoformat(day)
    assert compact(days.first_second(one, ZoneInfo(zone))) == first
    assert compact(days.last_second(one, ZoneInfo(zone))) == last


ZONES = ("UTC", "Europe/Berlin", "Africa/Cairo", "America/Havana", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Beirut")


@given(st.sampled_from(ZONES), st.dates(date(2015, 1, 1), date(2035, 1, 1)))
def test_days_follow_each_other_without_a_gap(zone: str, day: date) -> None:
    there = ZoneInfo(zone)
    first, last = days.first_second(day, there), days.last_second(day, there)
    assert days.day_of(first, there) == days.day_of(last, there) == day
    assert days.day_of(first - timedelta(seconds=1), there) == day - timedelta(days=1)
    assert last + timedelta(seconds=1) == days.first_second(day + timedelta(days=1), there)


@given(st.sampled_from(ZONES))
def test_the_last_day_has_an_end(zone: str) -> None:
    assert days.last_second(days.LAST, ZoneInfo(zone)) > datetime(9998, 12, 30, tzinfo=UTC)
