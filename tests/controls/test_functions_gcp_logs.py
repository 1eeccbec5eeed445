"""Filters of Cloud Logging: what they match, what they leave, and what cannot be read; and who hears of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nephoscope.controls.functions.gcp_logs import log_alerted
from nephoscope.controls.functions.log_queries import LONGEST, read_query

ENTRY: dict[str, Any] = {
    "resource": {"type": "gce_route", "labels": {"project_id": "p"}},
    "severity": "NOTICE",
    "labels": {"a.b": "x1"},
    "protoPayload": {
        "methodName": "v1.compute.routes.insert",
        "size": 12,
        "done": True,
        "deltas": [{"action": "ADD", "role": "roles/viewer"}, {"action": "REMOVE", "role": "roles/owner"}],
    },
}
HITS = [
    "",
    "-- all of them",
    'resource.type="gce_route"',
    "resource.type=GCE_ROUTE",
    'protoPayload.methodName:"compute.routes.insert"',
    'protoPayload.methodName =~ "^v1\\\\.compute"',
    'resource.type="gce_route" protoPayload.methodName:insert',
    'resource.type="gce_route" AND NOT protoPayload.methodName:"delete"',
    'resource.type="gce_route" AND -protoPayload.methodName:"delete"',
    'resource.type="x" OR resource.type="gce_route" AND severity>=NOTICE',
    'severity="x" OR severity=NOTICE resource.type="gce_route" OR resource.type="y"',
    'protoPayload.methodName=("v1.compute.routes.delete" OR "v1.compute.routes.insert")',
    "protoPayload.methodName:(compute AND insert)",
    'labels."a.b"=x1',
    "protoPayload.deltas:*",
    'protoPayload.deltas.role="roles/owner"',
    "protoPayload.size>9 AND protoPayload.size<=12",
    "protoPayload.done=true",
    "roles/owner",
    '"compute.routes"',
    "(resource.type=gce_route) AND (insert OR delete) OR nothing",
    'resource.type!="gce_network"',
    'resource.type="gce_route" -- only these\nAND severity=NOTICE',
    "NOT (severity=ERROR OR severity=ALERT)",
]
MISSES = [
    'resource.type="gce_network"',
    'resource.type="gce_rout"',
    'resource.type="gce_route" AND protoPayload.methodName:"delete"',
    "resource.type=gce_route severity>NOTICE",
    "resource.type=gce_route OR severity=NOTICE AND nothing-like-it",
    "protoPayload.missing:*",
    'protoPayload.methodName!~"insert"',
    'protoPayload.methodName=("a" OR "b")',
    'protoPayload.methodName=~"["',
    "NOT roles/owner",
]
BROKEN = [
    "(resource.type=a",
    "resource.type=",
    "=a",
    "a AND",
    "OR a",
    "a)",
    'resource.type="a',
    'log_id("x")',
    "NOT",
    "()",
    "a" * (LONGEST + 1),
]


@pytest.mark.parametrize("text", HITS)
def test_a_filter_finds_the_entry(text: str) -> None:
    query = read_query(text)
    assert query is not None
    assert query.matches(ENTRY)


@pytest.mark.parametrize("text", MISSES)
def test_a_filter_leaves_near_misses_alone(text: str) -> None:
    query = read_query(text)
    assert query is not None
    assert not query.matches(ENTRY)


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_no_filter_cannot_be_read(text: str) -> None:
    assert read_query(text) is None


@given(st.lists(st.sampled_from([*'()=:-"\n', "AND", "OR", "NOT", " a ", " b.c ", "=~"]), max_size=40).map("".join))
def test_whatever_stands_there_is_an_answer(text: str) -> None:
    query = read_query(text)
    assert query is None or query.matches(ENTRY) in (True, False)


def test_deep_nesting_needs_no_stack() -> None:
    depth = 5_000
    query = read_query("(" * depth + "insert" + ")" * depth)
    assert query is not None
    assert query.matches(ENTRY)


METRIC = {
    "metricType": "logging.googleapis.com/user/routes/all",
    "filter": 'resource.type="gce_route" AND protoPayload.methodName:"compute.routes"',
    "disabled": False,
}
CHANNEL = {"channelName": "projects/p/notificationChannels/1", "enabled": True}
CONDITION = {"kind": "threshold", "filter": 'metric.type="logging.googleapis.com/user/routes/all" AND x', "query": None}
POLICY = {"enabled": True, "conditions": [CONDITION], "notificationChannels": [CHANNEL["channelName"]]}
LOOKS_ITSELF = {"kind": "log", "filter": 'resource.type="gce_route"'}
PROMETHEUS = {"kind": "query", "query": "rate(logging_googleapis_com:user_routes_all[5m]) > 0"}
OTHER = {"kind": "threshold", "filter": 'metric.type="logging.googleapis.com/user/routes"'}
DELETED = {"resource": {"type": "gce_route"}, "protoPayload": {"methodName": "v1.compute.routes.delete"}}


@pytest.mark.parametrize(
    ("metric", "policy", "channel", "entries", "expected"),
    [
        ({}, {}, {}, [ENTRY, DELETED], True),
        ({"disabled": True}, {}, {}, [ENTRY], False),
        ({"filter": 'protoPayload.methodName:"routes.insert"'}, {}, {}, [ENTRY, DELETED], False),
        ({"filter": "(broken"}, {}, {}, [ENTRY], False),
        ({}, {"enabled": False}, {}, [ENTRY], False),
        ({}, {"notificationChannels": []}, {}, [ENTRY], False),
        ({}, {}, {"enabled": False}, [ENTRY], False),
        ({}, {"conditions": [OTHER]}, {}, [ENTRY], False),
        ({}, {"conditions": [PROMETHEUS]}, {}, [ENTRY], True),
        ({"disabled": True}, {"conditions": [LOOKS_ITSELF]}, {}, [ENTRY], True),
        ({}, {}, {}, [], False),
        ({}, {"conditions": None}, {}, [ENTRY], False),
    ],
)
def test_an_entry_is_followed_to_somebody(
    metric: dict[str, Any], policy: dict[str, Any], channel: dict[str, Any], entries: list[Any], expected: bool
) -> None:
    assert log_alerted([METRIC | metric], [POLICY | policy], [CHANNEL | channel], entries) is expected


def test_rows_that_are_none_are_passed_over() -> None:
    assert log_alerted([1, None], ["x"], [None], [ENTRY]) is False
