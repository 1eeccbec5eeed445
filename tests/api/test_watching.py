"""What operators see: readiness, metrics, log lines, headers; and what they never see."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import BASE, PASSWORD, USER, World, basic
from nephoscope.api.meters import Meters
from nephoscope.api.routes.metrics import MetricsMiddleware
from nephoscope.errors import SettingsError
from nephoscope.kit import logs

Client = TestClient[Litestar]


def test_readiness_names_what_is_not_well(client: Client, world: World) -> None:
    assert client.get("/readyz", headers={"Authorization": ""}).json() == {
        "status": "ok",
        "checks": {"store": True, "schema": True, "jobs": True},
    }
    world.runs.is_carrying = False
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (503, {"store": True, "schema": True, "jobs": False})
    with world.store.write() as writer:
        writer.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert client.get("/readyz").json()["checks"] == {"store": True, "schema": False, "jobs": False}
    world.store.close()
    assert client.get("/readyz").json()["checks"] == {"store": False, "schema": False, "jobs": False}


def test_metrics_count_requests_by_route_and_tell_of_the_house(client: Client) -> None:
    for _ in range(3):
        client.get(f"{BASE}/aws/connectors?filter=name:secret-name")
    client.get(f"{BASE}/no/such/place")
    text = client.get("/metrics").text
    route = f"{BASE}/{{provider}}/connectors"
    assert f'nephoscope_requests_total{{method="GET",route="{route}",status="200"}} 3.0' in text
    assert 'route="none",status="404"' in text
    assert 'nephoscope_connectors{state="PENDING"} 2.0' in text
    assert 'nephoscope_scopes{outcome="complete"}' in text
    assert "secret-name" not in text
    assert "such/place" not in text


def asked_from(door: MetricsMiddleware, address: str, path: str = "/metrics") -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    scope: Any = {"type": "http", "path": path, "method": "GET", "client": (address, 5000)}
    asyncio.run(door(scope, receive, send))
    return sent


def test_metrics_take_an_identity_or_a_named_network(world: World) -> None:
    assert TestClient(world.application()).get("/metrics").status_code == 401

    async def behind(_scope: Any, _receive: Any, send: Any) -> None:
        await send("behind")

    door = MetricsMiddleware(behind, Meters(world.store), ("10.0.0.0/8", "::1"))
    assert asked_from(door, "10.1.2.3")[0]["status"] == 200
    assert asked_from(door, "::1")[0]["status"] == 200
    for address, path in (("10.1.2.3", "/healthz"), ("192.168.1.1", "/metrics"), ("testclient", "/metrics")):
        assert asked_from(door, address, path) == ["behind"]
    world.use(msgspec.structs.replace(world.settings, metrics_networks=("ten",)))
    with pytest.raises(SettingsError, match="NEPHOSCOPE_METRICS_NETWORKS"):
        world.application()


def test_every_answer_carries_the_headers_that_browsers_need(client: Client) -> None:
    for path in ("/healthz", f"{BASE}/aws/connectors", "/nowhere"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers
        assert "strict-transport-security" not in headers


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    logger, stream = logging.getLogger("nephoscope"), io.StringIO()
    before = (logger.handlers[:], logger.level, logger.propagate)
    logs.configure("json")
    logger.handlers[0].setStream(stream)  # type: ignore[attr-defined]  # a StreamHandler, as configured
    yield stream
    logger.handlers[:], logger.level, logger.propagate = before


def test_a_request_is_one_line_without_what_people_typed(world: World, lines: io.StringIO) -> None:
    client = TestClient(world.application())
    answer = client.get(f"{BASE}/aws/connectors?filter=name:hunter2", headers=basic(f"{USER}:{PASSWORD}"))
    client.get(f"{BASE}/aws/connectors", headers=basic(f"{USER}:wrong-password"))
    found: list[dict[str, Any]] = [json.loads(line) for line in lines.getvalue().splitlines()]
    first, second = (line for line in found if line["message"] == "request")
    assert first["request_id"] == answer.headers["x-request-id"]
    assert (first["status"], first["identity"], first["path"]) == (200, USER, f"{BASE}/aws/connectors")
    assert (second["status"], second["identity"]) == (401, None)
    assert not any(word in lines.getvalue() for word in ("hunter2", PASSWORD, "wrong-password", "Basic"))


def test_text_lines_are_for_people() -> None:
    record = logging.LogRecord("nephoscope.x", logging.INFO, "", 1, "request", (), None)
    record.nephoscope_facts = {"status": 200}
    assert logs.TextLines().format(record).endswith("info    request status=200")
    assert json.loads(logs.JsonLines().format(record))["status"] == 200


@pytest.mark.parametrize("end", ["\n", "\r", "\x85", "\u2028", "\x1b[2J"])
def test_a_path_makes_no_line_of_its_own_and_gives_no_orders(end: str) -> None:
    record = logging.LogRecord("nephoscope.x", logging.INFO, "", 1, "request%s", (end,), None)
    record.nephoscope_facts = {"path": f"/{end}2026-01-01T00:00:00+00:00 info    request identity=admin"}
    shown = logs.TextLines().format(record)
    assert len(shown.splitlines()) == 1
    assert "\x1b" not in shown


def test_whoever_goes_away_within_a_body_leaves_no_story(world: World, caplog: pytest.LogCaptureFixture) -> None:
    sent: list[Any] = []
    coming: list[Any] = [
        {"type": "http.request", "body": b"username", "more_body": True},
        {"type": "http.disconnect"},
    ]
    scope: Any = {
        "type": "http", "method": "POST", "path": "/auth", "raw_path": b"/auth", "root_path": "", "scheme": "http",
        "query_string": b"", "headers": [], "client": ("192.0.2.1", 1), "server": ("x", 80), "http_version": "1.1",
    }  # fmt: skip

    async def receive() -> Any:
        return coming.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    with TestClient(world.application()) as client:
        asyncio.run(client.app(scope, receive, send))
    assert [one["status"] for one in sent if one["type"] == "http.response.start"] == [400]
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []
