"""Names, times and tags in the API's spelling."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nephoscope.clouds.aws.session import _moment
from nephoscope.clouds.aws.shaping import camel, iso, lower_first, tags_of
from nephoscope.model.resources import Tag


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("MetadataOptions", "metadataOptions"),
        ("DBInstanceArn", "dbInstanceArn"),
        ("ARN", "arn"),
        ("KMSKeyId", "kmsKeyId"),
        ("VpcId", "vpcId"),
        ("already", "already"),
        ("X", "x"),
        ("", ""),
    ],
)
def test_names_begin_small(name: str, spelled: str) -> None:
    assert lower_first(name) == spelled


@given(st.from_regex(r"[A-Za-z0-9_-]*", fullmatch=True))
def test_spelling_twice_is_spelling_once(name: str) -> None:
    assert lower_first(lower_first(name)) == lower_first(name)


def test_answers_are_respelled_all_the_way_down() -> None:
    raw = {"Groups": [{"GroupId": "sg-1", "Since": datetime(2026, 1, 2, 3, 4, 5, 678, UTC)}], "Count": 1, "On": None}
    assert camel(raw) == {"groups": [{"groupId": "sg-1", "since": "2026-01-02T03:04:05Z"}], "count": 1, "on": None}


def test_times_are_universal_and_whole() -> None:
    east = timezone(timedelta(hours=2))
    assert iso(datetime(2026, 1, 2, 3, 4, 5, 999999, east)) == "2026-01-02T01:04:05Z"


@pytest.mark.parametrize(
    "raw",
    [
        [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}],
        [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}],
        {"b": "2", "a": "1"},
    ],
)
def test_tags_of_any_spelling_are_in_order(raw: Any) -> None:
    assert tags_of(raw) == (Tag("a", "1"), Tag("b", "2"))


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("2026-01-31T08:00:00Z", datetime(2026, 1, 31, 8, tzinfo=UTC)),
        ("2026-01-31T08:00:00.250Z", datetime(2026, 1, 31, 8, 0, 0, 250000, tzinfo=UTC)),
        ("2026-01-31T10:00:00+02:00", datetime(2026, 1, 31, 8, tzinfo=UTC)),
        ("Sat, 31 Jan 2026 08:00:00 GMT", datetime(2026, 1, 31, 8, tzinfo=UTC)),
        (1769846400, datetime(2026, 1, 31, 8, tzinfo=UTC)),
        ("1769846400.0", datetime(2026, 1, 31, 8, tzinfo=UTC)),
    ],
)
def test_times_of_any_protocol_are_understood(told: Any, moment: datetime) -> None:
    assert _moment(told) == moment
