"""The ten facts that break real clients if wrong, as far as this API goes, and the aliases, over a real connection."""

import re
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import ACCOUNT, BASE, PASSWORD, USER, World, basic
from served import serve

Client = TestClient[Litestar]


class Answer(msgspec.Struct):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class Wire:
    """Requests exactly as they are written here."""

    def __init__(self, address: str) -> None:
        self._host = str(urlsplit(address).netloc)

    def ask(self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        connection = HTTPConnection(self._host, timeout=30)
        try:
            connection.request(method, target, body, {**basic(f"{USER}:{PASSWORD}"), **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def wire(still_world: World) -> Iterator[Wire]:
    with serve(still_world.application()) as address:
        yield Wire(address)


def test_2_connector_dates_are_javas(client: Client, world: World) -> None:
    row = client.get(f"{BASE}/aws/connectors/{world.production.uuid}").json()
    assert re.fullmatch(r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC \d{4}", row["nextSyncedOn"])


def test_3_a_healthy_connector_has_an_empty_error(wire: Wire) -> None:
    assert [row["error"] for row in wire.ask("GET", f"{BASE}/aws/connectors").json["content"]] == ["", ""]


def test_4_the_portal_says_its_limits_in_whole_numbers(wire: Wire) -> None:
    answer = wire.ask("GET", "/msp/about.php")
    assert answer.status == 200
    assert answer.body.startswith(b"<?xml")
    assert int(answer.headers["x-ratelimit-limit"]) > 0
    assert int(answer.headers["x-concurrency-limit-limit"]) > 0


@pytest.mark.parametrize("target", ["/msp/about.php", f"{BASE}/aws/connectors", "/nowhere", "/healthz", "/openapi"])
@pytest.mark.parametrize("login", [True, False])
def test_6_every_answer_has_all_limits_and_leaves_plenty(wire: Wire, target: str, *, login: bool) -> None:
    answer = wire.ask("GET", target, headers={} if login else {"Authorization": ""})
    names = [
        "x-ratelimit-limit",
        "x-ratelimit-window-sec",
        "x-ratelimit-remaining",
        "x-ratelimit-towait-sec",
        "x-concurrency-limit-limit",
        "x-concurrency-limit-running",
    ]
    assert all(answer.headers[name].isdigit() for name in names)
    assert int(answer.headers["x-ratelimit-remaining"]) > 1000
    assert answer.headers["x-ratelimit-towait-sec"] == "0"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.headers["x-request-id"]) == 32


@pytest.mark.parametrize(
    "target", [f"{BASE}/aws/connectors", f"{BASE}/aws/evaluations/{ACCOUNT}", f"{BASE}/resource/EC2_INSTANCE/AWS"]
)
def test_7_pages_have_what_clients_read(wire: Wire, target: str) -> None:
    page = wire.ask("GET", target).json
    assert {"content", "last", "empty", "totalPages", "totalElements", "numberOfElements"} <= set(page)
    assert not {"error", "errorCode"} & set(page)


def test_8_controls_come_under_a_singular_and_warn_of_more(wire: Wire) -> None:
    first = wire.ask("GET", f"{BASE}/controls/metadata/list?pageSize=4").json
    assert len(first["control"]) == 4
    assert first["warning"]["url"].endswith("?pageNo=1&pageSize=4")
    assert "warning" not in wire.ask("GET", f"{BASE}/controls/metadata/list?pageSize=4&pageNo=1").json


def test_10_junk_parameters_and_bodiless_json_are_borne(wire: Wire) -> None:
    target = f"{BASE}/aws/evaluations/{ACCOUNT}/resources/322?evaluatedOn:now-8h...now-1s&pageNo=0"
    answer = wire.ask("GET", target, headers={"Content-Type": "application/json"})
    assert answer.status == 200
    assert answer.json["totalElements"] == 2


RESOURCE = "resource/EC2_INSTANCE/AWS"
ALIASES = [
    f"{BASE}/{RESOURCE}",
    f"/{BASE}/{RESOURCE}",
    f"//{BASE}//{RESOURCE}//",
    f"{BASE}/{RESOURCE}/",
    f"/cloudview-ap/rest/v1/{RESOURCE}",
    f"/cloudview-api/rest/v2/{RESOURCE}",
    f"/cloudview-api/rest/1.5/{RESOURCE}",
    f"{BASE}/resource/EC2_INSTANCE/aws",
    f"{BASE}/resource/ec2_instance/Aws",
]


@pytest.mark.parametrize("target", ALIASES)
@pytest.mark.parametrize("query", ["", "?pageNo=0&pageSize=1", "?PageNo=1&PageSize=1&FILTER=name:web"])
def test_every_alias_answers_like_its_route(wire: Wire, target: str, query: str) -> None:
    answer = wire.ask("GET", target + query)
    assert answer.status == 200, answer.body
    assert answer.body == wire.ask("GET", ALIASES[0] + query).body


@pytest.mark.parametrize(
    ("alias", "route"),
    [
        ("//cloudview-api/rest/v1/azure/connectors?pageNo=0&pageSize=50", f"{BASE}/azure/connectors"),
        ("/cloudview/rest/1.0/azure/connectors", f"{BASE}/azure/connectors"),
        ("/cloudview-api/rest/1.5/aws/connectors", f"{BASE}/aws/connectors"),
        (f"{BASE}/AWS/evaluations/{ACCOUNT}/", f"{BASE}/aws/evaluations/{ACCOUNT}"),
        ("//msp//about.php", "/msp/about.php"),
        ("/cloudview-api/swagger-ui.html", "/openapi"),
    ],
)
def test_the_other_aliases_answer_like_theirs(wire: Wire, alias: str, route: str) -> None:
    answer = wire.ask("GET", alias)
    assert answer.status == 200
    assert answer.body == wire.ask("GET", route).body


def test_filters_may_be_as_raw_as_clients_write_them(wire: Wire) -> None:
    spellings = [
        "filter=provider%3AAWS%20and%20cid%3A1",
        "filter=provider:AWS+and+cid:1",
        "filter=provider:AWS%20AND%20cid:1",
    ]
    for query in spellings:
        rows = wire.ask("GET", f"{BASE}/controls/metadata/list?{query}").json["control"]
        assert [row["cid"] for row in rows] == [1]


@pytest.mark.parametrize("size", [20_000, 60_000, 100_000])
def test_a_huge_filter_is_refused_and_the_server_lives(wire: Wire, size: int) -> None:
    answer = wire.ask("GET", f"{BASE}/aws/connectors?filter=name:{'a' * size}")
    assert 400 <= answer.status < 500
    assert wire.ask("GET", "/healthz").status == 200


def test_head_is_get_without_the_body(wire: Wire) -> None:
    got, headed = wire.ask("GET", "/msp/about.php"), wire.ask("HEAD", "/msp/about.php")
    assert headed.status == 200
    assert headed.body == b""
    assert headed.headers["content-length"] == got.headers["content-length"]


def test_a_chunked_body_beyond_the_limit_is_refused(wire: Wire) -> None:
    target = f"{BASE}/aws/evaluations/list/resources"
    answer = wire.ask("POST", target, b"[" + b" " * 2_000_000, {"Content-Type": "application/json"})
    assert answer.status == 413
    assert answer.json["errorCode"] == "TOO_LARGE"
