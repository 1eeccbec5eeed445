"""Whatever is sent to whatever route of our own OpenAPI document: never a failure of the server, and every refusal in
the shape of the contract."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import PASSWORD, USER, World
from worlds import FakeClock

METHODS = ("get", "post", "put", "patch", "delete")
LOCKS_OUT = ("/api/users", "/api/me/", "/api/sessions", "/api/tokens", "/api/grants", "/auth")
"""What changes or throttles whoever fuzzes: it is read, and not written."""
OAUTH = ("/auth", "/api/sso", "/msp")
"""Errors of these have the shapes of their own standards."""
ERROR_KEYS = {"timestamp", "status", "error", "errorCode", "message", "path"}

words = st.sampled_from(
    ["", "0", "-1", "1", "99999999999999999999", "aws", "azure", "AWS", "nan", "true", "null", "'", '"', "\x00", "%",
     "é", "../..", "a:b", "name:web", "cid:1 or (", "2026-13-40", "00000000-0000-0000-0000-000000000000", "\u202e",
     "x" * 3000]
)  # fmt: skip
texts = words | st.text(max_size=20)
names = st.sampled_from(
    ["name", "awsAccountId", "connectorIds", "cid", "cids", "uuids", "filter", "resourceIds", "type"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | texts, inner, max_size=4),
    max_leaves=8,
)


class Operation(NamedTuple):
    method: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    schema: dict[str, Any]


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Litestar]]:
    world = World(tmp_path_factory.mktemp("fuzzed"), FakeClock(datetime(2026, 1, 1, tzinfo=UTC)))
    world.populate()
    with TestClient(world.application(), raise_server_exceptions=False) as client:
        client.auth = (USER, PASSWORD)
        yield client
    world.store.close()


@pytest.fixture(scope="module")
def operations(fuzzed: TestClient[Litestar]) -> list[Operation]:
    document = fuzzed.get("/openapi/openapi.json").json()
    return [
        Operation(
            method,
            path,
            tuple((one["in"], one["name"]) for one in operation.get("parameters", ())),
            operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {}),
        )
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS and not (method != "get" and path.startswith(LOCKS_OUT))
    ]


def body(data: st.DataObject, operation: Operation) -> bytes:
    """JSON with the document's own keys now and then, JSON of any kind, or no JSON."""
    known = sorted(operation.schema.get("properties", ()))
    keyed = st.dictionaries(st.sampled_from(known), values, max_size=6) if known else values
    sent = data.draw(keyed | values | st.binary(max_size=40))
    return sent if isinstance(sent, bytes) else json.dumps(sent).encode()


def test_there_is_something_to_fuzz(operations: list[Operation]) -> None:
    assert len(operations) > 100


@settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_request_makes_the_server_fail(
    data: st.DataObject, fuzzed: TestClient[Litestar], operations: list[Operation]
) -> None:
    operation = data.draw(st.sampled_from(operations))
    path = operation.path
    for place, name in operation.parameters:
        if place == "path":
            path = path.replace("{" + name + "}", quote(data.draw(texts) or "x", safe=""))
    assume("{" not in path)
    asked = [name for place, name in operation.parameters if place == "query" and data.draw(st.booleans())]
    query = {name: data.draw(texts) for name in asked}
    sent = body(data, operation) if operation.method != "get" else None
    kind = data.draw(st.sampled_from(["application/json"] * 4 + ["text/xml", "application/x-www-form-urlencoded", "x"]))
    headers = {"Content-Type": kind, "Accept": data.draw(st.sampled_from(["*/*", "application/json", "text/csv"]))}
    answer = fuzzed.request(operation.method, path, params=query, content=sent, headers=headers, follow_redirects=False)
    assert answer.status_code < 500, (operation.method, path, query, sent, answer.text[:500])
    if answer.status_code >= 400 and not operation.path.startswith(OAUTH) and "json" in answer.headers["content-type"]:
        assert set(answer.json()) == ERROR_KEYS, (operation.method, path, answer.text[:500])
        assert answer.json()["status"] == answer.status_code
