"""Reports by policies and by mandates: asked for, refused, made, changed."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import BASE, PASSWORD, USER, World
from nephoscope.kit.ids import stable_uuid
from nephoscope.model.identities import Identity
from worlds import FakeClock

PCI = str(stable_uuid("mandate", "PCI DSS 4.0.1"))
PLAIN = str(stable_uuid("policy", "AWS Best Practices Policy"))
LOCAL = Identity.local()
BY_MANDATE = {"title": "PCI", "type": "MANDATE_BASED", "cloudType": "AWS", "mandateId": PCI, "format": "json"}
BY_POLICY = {
    "title": "Practice",
    "type": "POLICY_BASED",
    "policies": [{"cloudType": "AWS", "policyId": PLAIN}],
    "format": "csv",
}
Client = TestClient[Litestar]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, FakeClock(datetime(2026, 1, 1, tzinfo=UTC)))
    made.populate()
    yield made
    made.store.close()


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    with TestClient(world.application(), raise_server_exceptions=False) as opened:
        opened.auth = (USER, PASSWORD)
        yield opened


def created(client: Client, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"{BASE}/reports", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def made(world: World, report_id: str) -> bytes:
    """Made here and now, and read."""
    reports = world.usecases.reports
    reports.make(reports.get(UUID(report_id), LOCAL))
    return b"".join(reports.document(UUID(report_id), LOCAL).pieces)


def test_a_report_by_mandate_counts_by_requirement(world: World, client: Client) -> None:
    body = created(client, BY_MANDATE)
    assert list(body) == [
        "reportId", "status", "title", "description", "cloudType", "type", "mandateId", "policies", "connectorIds",
        "format",
    ]  # fmt: skip
    assert (body["status"], body["mandateId"], body["policies"]) == ("Accepted", PCI, [])
    found = json.loads(made(world, body["reportId"]))
    assert found["report"]["mandate"] == {"mandateId": PCI, "name": "PCI DSS 4.0.1", "version": "4.0.1"}
    requirements = {row["number"]: row for row in found["summary"]["requirements"]}
    assert len(requirements) == 24
    assert (requirements["8.4"]["passedResources"], requirements["8.4"]["failedResources"]) == (2, 1)
    assert (requirements["2.2"]["passedResources"], requirements["2.2"]["failedResources"]) == (1, 1)
    assert requirements["12.10"]["failedResources"] == 0
    rows = {row["controlId"]: row["requirements"] for row in found["evaluations"]}
    assert rows[1] == ["8.4"]
    assert rows[322] == ["2.2"]


def test_a_report_by_policy_shows_its_controls_alone(world: World, client: Client) -> None:
    body = created(client, BY_POLICY)
    assert (body["cloudType"], body["policies"]) == ("AWS", [{"cloudType": "AWS", "policyId": PLAIN}])
    text = made(world, body["reportId"]).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {row["controlId"] for row in rows[:2]} == {"322"}
    assert "requirements" not in text.splitlines()[0]


@pytest.mark.parametrize("style", ["csv", "xlsx", "ON_SCREEN"])
def test_every_format_tells_the_requirements(world: World, client: Client, style: str) -> None:
    found = made(world, created(client, BY_MANDATE | {"format": style})["reportId"])
    if style == "csv":
        header, first, *_ = found.decode().splitlines()
        assert header.endswith(',"requirements"')
        assert first.endswith(',"2.2"')
        assert '"requirement","title"' in found.decode()
    assert found


def test_policies_and_a_mandate_narrow_together(world: World, client: Client) -> None:
    body = created(client, BY_MANDATE | {"policies": [{"cloudType": "AWS", "policyId": PLAIN}]})
    found = json.loads(made(world, body["reportId"]))
    assert {row["controlId"] for row in found["evaluations"]} == {322}


def test_what_is_changed_is_made_once_more_and_a_name_is_not(world: World, client: Client) -> None:
    body = created(client, BY_MANDATE)
    path = f"{BASE}/reports/{body['reportId']}"
    assert client.patch(path, json={"format": "csv"}).status_code == 409
    before = made(world, body["reportId"])
    renamed = client.patch(path, json={"title": "PCI in production"}).json()
    assert (renamed["title"], renamed["status"], renamed["mandateId"]) == ("PCI in production", "Completed", PCI)
    assert b"".join(world.usecases.reports.document(UUID(body["reportId"]), LOCAL).pieces) == before
    changed = client.patch(path, json={"FORMAT": "csv", "connectorIds": [str(world.production.uuid)]}).json()
    assert (changed["status"], changed["format"], changed["connectorIds"]) == (
        "Accepted",
        "csv",
        [str(world.production.uuid)],
    )
    assert made(world, body["reportId"]).startswith(b'"controlId"')
    (row,) = client.get(f"{BASE}/report/assessment/list").json()["content"]
    assert (row["reportId"], row["reportName"], row["format"]) == (body["reportId"], "PCI in production", "csv")
    download = client.get(f"{BASE}/report/assessment/{body['reportId']}/download")
    assert download.content.startswith(b'"controlId"')


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ({}, ["type: one of", "cloudType: one of AWS, AZURE, GCP is expected", "title: missing"]),
        (BY_MANDATE | {"type": "ASSESSMENT"}, ["type: one of MANDATE_BASED, POLICY_BASED is expected"]),
        (BY_MANDATE | {"mandateId": ""}, ["mandateId: missing"]),
        (BY_MANDATE | {"mandateId": "x"}, ["mandateId: 'x' is not a uuid"]),
        (BY_MANDATE | {"mandateId": str(UUID(int=7))}, ["mandateId: there is no mandate 00000000"]),
        (BY_POLICY | {"policies": []}, ["policies: at least one policy is needed"]),
        (BY_POLICY | {"policies": {}}, ["policies: a list of"]),
        (
            BY_POLICY | {"policies": [{"policyId": 7}, "x"]},
            ["policies: [0].policyId: '7'", "policies: [1].policyId: 'x'"],
        ),
        (BY_POLICY | {"policies": [str(UUID(int=7))], "cloudType": "AWS"}, ["there is no policy 00000000"]),
        (BY_POLICY | {"mandateId": PCI}, ["mandateId: only a report of the type MANDATE_BASED has a mandate"]),
        (BY_POLICY | {"cloudType": "GCP"}, ["cloudType: one cloud is expected; AWS, GCP are named"]),
        (BY_POLICY | {"policies": [{"cloudType": "IBM", "policyId": PLAIN}]}, ["policies: cloudType: 'IBM' is none"]),
        (BY_MANDATE | {"connectorIds": ["x", str(UUID(int=7))]}, ["connectorIds: 'x'", "connectorIds: there is no"]),
        (BY_MANDATE | {"format": "doc"}, ["format: 'doc' is none of them"]),
    ],
)
def test_everything_wrong_is_said_at_once(client: Client, body: dict[str, Any], problems: list[str]) -> None:
    answer = client.post(f"{BASE}/reports", json=body)
    assert answer.status_code == 400
    for problem in problems:
        assert problem in answer.json()["message"]


def test_what_is_no_such_report_cannot_be_changed(client: Client) -> None:
    assert client.patch(f"{BASE}/reports/{uuid4()}", json={"title": "A"}).status_code == 404
    assert client.patch(f"{BASE}/reports/x", json={"title": "A"}).status_code == 404
    assessment = client.post(f"{BASE}/report/assessment/create", json={"reportName": "A", "cloudType": "AWS"}).json()
    answer = client.patch(f"{BASE}/reports/{assessment['reportId']}", json={"title": "B"})
    assert answer.status_code in (400, 409)
