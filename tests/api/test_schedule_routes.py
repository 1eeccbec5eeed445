"""Schedules over our own API: made, listed, run, switched, removed; wrong ones named."""

from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient

Client = TestClient[Litestar]

SCHEDULES = "/api/report-schedules"
BODY: dict[str, Any] = {
    "name": "Weekly",
    "cron": "0 6 * * MON",
    "timeZone": "Europe/Berlin",
    "report": {"cloudType": "AWS", "format": "pdf"},
    "deliveries": [{"folder": "weekly"}, {"url": "https://example.com/hook"}, {"to": ["ciso@example.com"]}],
}


def test_a_schedule_is_made_and_its_secret_shown_once(client: Client) -> None:
    answer = client.post(SCHEDULES, json=BODY)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert len(made["secret"]) > 40
    assert (made["nextOn"], made["format"]) == ("2026-01-05T05:00:00Z", "pdf")
    assert made["deliveries"] == [{"folder": "weekly"}, {"url": "https://example.com/…"}, {"to": ["ciso@example.com"]}]
    shown = client.get(f"{SCHEDULES}/{made['scheduleId']}").json()
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    assert client.get(SCHEDULES).json() == [shown]


def test_it_is_run_switched_and_removed(client: Client) -> None:
    address = f"{SCHEDULES}/{client.post(SCHEDULES, json=BODY).json()['scheduleId']}"
    report = client.post(f"{address}/run").json()["lastReportId"]
    listed = client.get("/cloudview-api/rest/v1/report/assessment/list", params={"reportId": report}).json()
    assert listed["content"][0]["reportName"] == "Weekly"
    sent = client.get(f"{address}/deliveries").json()
    assert [(row["state"], row["reportId"]) for row in sent] == [("WAITING", report)] * 3
    assert client.post(f"{address}/disable").json()["nextOn"] is None
    assert client.post(f"{address}/enable").json()["nextOn"] == "2026-01-05T05:00:00Z"
    assert client.post(f"{address}/explode").status_code == 404
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cron": "soon", "name": ""}, ["cron", "name"]),
        ({"report": {"cloudType": "SKY"}}, ["report.cloudType"]),
        ({"report": "x", "deliveries": {}}, ["report", "deliveries"]),
        ({"name": 7, "timeZone": ["UTC"]}, ["name", "timeZone"]),
    ],
)
def test_what_is_wrong_is_a_400_that_names_it(client: Client, change: dict[str, Any], words: list[str]) -> None:
    answer = client.post(SCHEDULES, json={**BODY, **change})
    assert answer.status_code == 400
    assert all(word in answer.json()["message"] for word in words)
    assert client.get(SCHEDULES).json() == []


def test_nobody_elses_and_nothing_is_a_404(client: Client) -> None:
    for name in (str(uuid4()), "x"):
        assert client.get(f"{SCHEDULES}/{name}").status_code == 404
        assert client.delete(f"{SCHEDULES}/{name}").status_code == 404
