"""The audit trail over the API: read, searched and proven, and never written."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import BASE, World

Client = TestClient[Litestar]


@pytest.fixture
def told(client: Client) -> Client:
    """After a few decisions."""
    client.post(f"{BASE}/aws/evaluations/applyTags", json={"tagNames": ["web"], "regex": "i-0.*"})
    (rule,) = client.get("/api/tag-rules").json()["content"]
    client.delete(f"/api/tag-rules/{rule['ruleId']}")
    return client


def test_decisions_are_listed_the_newest_first(told: Client) -> None:
    rows = told.get("/api/audit").json()["content"]
    assert [row["action"] for row in rows[:2]] == ["tag_rule.delete", "tag_rule.create"]
    assert rows[0]["previous"] == rows[1]["hash"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("action=tag_rule.create", 1),
        ("action=tag_rule", 2),
        ("who=nobody", 0),
        ("action=tag_rule&since=2026-01-01&until=2026-01-01", 2),
        ("action=tag_rule&until=2025-12-31", 0),
    ],
)
def test_they_can_be_searched(told: Client, query: str, found: int) -> None:
    assert told.get(f"/api/audit?{query}").json()["totalElements"] == found


def test_a_date_that_is_none_is_named(told: Client) -> None:
    answer = told.get("/api/audit?since=yesterday")
    assert answer.status_code == 400
    assert "since" in answer.json()["message"]


def test_the_chain_is_proven(told: Client) -> None:
    newest = told.get("/api/audit").json()["content"][0]
    body = told.get("/api/audit/verify").json()
    assert body["isWhole"] is True
    assert body["hash"] == newest["hash"]


def test_nothing_in_the_api_can_write_it(world: World) -> None:
    written = {
        (route.path, method)
        for route in world.application().routes
        if "/audit" in route.path
        for method in getattr(route, "methods", ())
    }
    assert written
    assert {method for _, method in written} <= {"GET", "HEAD", "OPTIONS"}
