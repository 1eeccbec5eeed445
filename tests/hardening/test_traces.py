"""Traces reach a collector when there is one, and say nothing that people typed; without one, nothing is loaded."""

import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from litestar.testing import TestClient

from apiworld import BASE, PASSWORD, USER, World, basic
from nephoscope.kit.tracing import TRACING, Tracing

trace_service = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")


class Collector(ThreadingHTTPServer):
    """Keeps what it is sent: (path, body)."""

    sent: list[tuple[str, bytes]]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        assert isinstance(self.server, Collector)
        self.server.sent.append((self.path, body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the library
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector(("127.0.0.1", 0), _Handler)
    server.sent = []
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def spans(collector: Collector) -> dict[str, dict[str, Any]]:
    """Name → attributes."""
    found: dict[str, dict[str, Any]] = {}
    for path, body in collector.sent:
        assert path == "/v1/traces"
        request = trace_service.ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    told = {one.key: one.value.string_value or one.value.int_value for one in span.attributes}
                    found[span.name] = {**told, "events": len(span.events), "status": span.status.message}
    return found


def test_a_request_is_a_span_without_what_was_typed(world: World, collector: Collector) -> None:
    TRACING.open(f"http://127.0.0.1:{collector.server_port}/")
    try:
        client = TestClient(world.application())
        client.get(f"{BASE}/aws/connectors?filter=name:hunter2", headers=basic(f"{USER}:{PASSWORD}"))
        client.get(f"{BASE}/nowhere/hunter2")
    finally:
        TRACING.close()
    route = f"{BASE}/{{provider}}/connectors"
    found = spans(collector)
    assert found[f"GET {route}"]["http.route"] == route
    assert found[f"GET {route}"]["http.response.status_code"] == 200
    assert found["GET "]["http.response.status_code"] == 404
    assert not any(b"hunter2" in body or PASSWORD.encode() in body for _, body in collector.sent)


def test_what_fails_is_told_without_its_message(collector: Collector) -> None:
    tracing = Tracing()
    tracing.open(f"http://127.0.0.1:{collector.server_port}")
    with pytest.raises(ValueError, match="hunter2"), tracing.span("broken"):
        raise ValueError("hunter2")
    tracing.close()
    assert spans(collector) == {"broken": {"events": 0, "status": ""}}
    assert not any(b"hunter2" in body for _, body in collector.sent)


def test_without_a_collector_nothing_is_loaded() -> None:
    code = (
        "import sys, nephoscope.api.application, nephoscope.jobs.jobs\n"
        "from nephoscope.kit.tracing import TRACING\n"
        "with TRACING.span('x') as span: span.tell('y', {})\n"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry.sdk')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - ours
