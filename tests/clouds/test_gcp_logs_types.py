"""Sinks, log buckets, metrics, alerts and channels, as they are read from the simulation."""

from collections.abc import Iterator

import pytest

from gcp_world import read
from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud
from nephoscope.simulation.gcp.estate import fill_gcp
from nephoscope.simulation.gcp.estate.logs import CHANNEL, FIREWALLS, ROLES


@pytest.fixture(scope="module")
def gcp() -> Iterator[GcpCloud]:
    with GcpCloud() as cloud:
        fill_gcp(cloud)
        yield cloud


def test_sinks_say_what_they_take_and_where_to(gcp: GcpCloud) -> None:
    found = read(gcp, "LOG_SINK")
    assert {name: row.document["bucketName"] for name, row in found.items()} == {
        "everything": "meridian-audit",
        "errors": "meridian-errors",
        "_Default": None,
    }
    assert (found["everything"].document["filter"], found["errors"].document["filter"]) == ("", "severity>=ERROR")


def test_log_buckets_of_all_places_are_read(gcp: GcpCloud) -> None:
    found = read(gcp, "LOG_BUCKET")
    assert {name: row.document["retentionDays"] for name, row in found.items()} == {
        "locations/global/buckets/_Required": 400,
        "locations/global/buckets/_Default": 30,
        "locations/europe-west1/buckets/security": 365,
    }
    assert found["locations/global/buckets/_Default"].document["region"] is None
    assert found["locations/europe-west1/buckets/security"].document["region"] == "europe-west1"


def test_metrics_alerts_and_channels_can_be_joined(gcp: GcpCloud) -> None:
    metrics, policies = read(gcp, "LOG_METRIC"), read(gcp, "ALERT_POLICY")
    assert metrics["firewalls"].document["filter"] == FIREWALLS
    assert metrics["firewalls"].document["metricType"] == "logging.googleapis.com/user/firewalls"
    assert metrics["routes"].document["disabled"] is True
    assert policies["11"].document["conditions"] == [
        {"displayName": "any", "kind": "log", "filter": ROLES, "query": None}
    ]
    assert (policies["10"].name, policies["10"].document["notificationChannels"]) == ("Firewall changes", [CHANNEL])
    (channel,) = read(gcp, "NOTIFICATION_CHANNEL").values()
    assert (channel.document["channelName"], channel.document["enabled"]) == (CHANNEL, True)


def test_the_name_of_the_project_is_asked_for(gcp: GcpCloud) -> None:
    read(gcp, "LOG_METRIC")
    assert gcp.asked[f"GET /logging/v2/projects/{PROJECT}/metrics"]
