"""A clear 4xx for everything that is wrong, with the error body, and nothing half-written."""

import logging
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import ACCOUNT, ARN, BASE, World
from nephoscope.settings import Settings

Client = TestClient[Litestar]
JSON = {"content-type": "application/json"}
CONNECTORS = f"{BASE}/aws/connectors"
REGEX = f"{BASE}/aws/evaluations/list/resources"
LISTS = [
    CONNECTORS,
    f"{BASE}/controls/metadata/list",
    f"{BASE}/aws/evaluations/{ACCOUNT}",
    f"{BASE}/aws/evaluations/{ACCOUNT}/resources/322",
    f"{BASE}/resource/EC2_INSTANCE/AWS",
    f"{BASE}/exceptions/list",
]


def refused(answer: Any, status: int) -> str:
    """The message of a refusal, after a look at its body."""
    assert answer.status_code == status, (answer.status_code, answer.text[:300])
    body = answer.json()
    assert list(body) == ["timestamp", "status", "error", "errorCode", "message", "path"]
    assert body["timestamp"] == "2026-01-01T00:00:00.000+00:00"
    assert body["status"] == status
    assert all(isinstance(body[key], str) and body[key] for key in body if key != "status")
    assert "Traceback" not in body["message"]
    assert answer.headers["x-ratelimit-limit"]
    message: str = body["message"]
    return message


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("pageNo=-1", "pageNo"),
        ("pageNo=x", "pageNo"),
        ("pageNo=1e3", "pageNo"),
        ("pageNo=" + "9" * 5000, "pageNo"),
        ("pageNo=\N{ARABIC-INDIC DIGIT ONE}", "pageNo"),
        ("pageSize=0", "pageSize"),
        ("pageSize=-5", "pageSize"),
        ("pageSize=ten", "pageSize"),
        ("PAGESIZE=1.5", "pageSize"),
        ("sort=teapot:asc", "teapot"),
        ("sort=lastSyncedOn:sideways", "sideways"),
        ("filter=teapot:1", "teapot"),
        ("filter=cid:1 and", "position 9"),
        ("filter=cid:1 cid:2", "'or'"),
        ("filter=(cid:1", "position 6"),
        ("filter=:::", "position 0"),
        ("filter=cid:", "position"),
        ("filter=" + "a" * 60_000, "characters"),
        ("filter=" + " and ".join(["cid:1"] * 600), "terms"),
        ("filter=%ff%fe", "UTF-8"),
        ("filter=" + "%28" * 5000, "nested deeper"),
        ("&".join(f"p{number}=1" for number in range(300)), "parameters"),
    ],
)
def test_lists_name_what_is_wrong_with_a_request(still: Client, path: str, query: str, named: str) -> None:
    assert named in refused(still.get(f"{path}?{query}"), 400)


def test_every_wrong_parameter_is_named_at_once(still: Client) -> None:
    message = refused(still.get(f"{CONNECTORS}?pageNo=x&pageSize=y&sort=name:z"), 400)
    assert all(name in message for name in ("pageNo", "pageSize", "sort"))


@pytest.mark.parametrize("value", ["yesterday", "[2024-01-01", "now-1q", "2024-13-01", "x" * 60_000, "1 and name:x"])
def test_a_wrong_date_of_update_is_named(still: Client, value: str) -> None:
    answer = still.get(f"{BASE}/resource/EC2_INSTANCE/AWS", params={"updated": value})
    if value == "1 and name:x":
        assert "updated" in refused(answer, 400)
    else:
        refused(answer, 400)


BODIED = [
    ("POST", REGEX),
    ("POST", CONNECTORS),
    ("DELETE", CONNECTORS),
    ("POST", f"{BASE}/exceptions/create"),
    ("DELETE", f"{BASE}/exceptions/delete"),
    ("POST", "/api/exceptions/preview"),
]
BODIES = [
    (b"", "needs a JSON body"),
    (b"   ", "needs a JSON body"),
    (b"{", "not JSON"),
    (b"regex=.*", "not JSON"),
    (b'{"regex": "\xff"}', "not JSON"),
    (b'{"regex": "\\ud800"}', "not JSON"),
    (b"[" * 100_000, "not"),
    (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "nested"),
]


@pytest.mark.parametrize(("body", "named"), BODIES)
@pytest.mark.parametrize(("method", "path"), BODIED)
def test_bodies_that_are_no_json_are_refused(still: Client, method: str, path: str, body: bytes, named: str) -> None:
    assert named in refused(still.request(method, path, content=body, headers=JSON), 400)


@pytest.mark.parametrize(
    "body",
    ['"text"', "[]", "null", "17", "{}", '{"regex": null}', '{"regex": ""}', '{"regex": 5}', '{"regex": [".*"]}'],
)
def test_a_regex_is_needed(still: Client, body: str) -> None:
    refused(still.post(REGEX, content=body, headers=JSON), 400)


@pytest.mark.parametrize(
    "regex", ["(", "[a-", "*", "a{2,1}", r"(?=x)", r"(a)\1", "(?P<n", "a)|(b", "x{1000}{1000}", "a" * 100_000]
)
def test_a_regex_that_cannot_be_used_is_explained(still: Client, regex: str) -> None:
    assert "regex" in refused(still.post(REGEX, json={"regex": regex}), 400)


def test_a_refused_regex_gives_its_bench_back(still: Client) -> None:
    for _ in range(20):
        refused(still.post(REGEX, json={"regex": "("}), 400)
    assert still.post(REGEX, json={"regex": ".*"}).status_code == 200


@pytest.mark.parametrize("body", ["5", "null", '"x"', "{}", "[]", '{"connectorIds": "x"}', "[1]", '["nonsense"]'])
@pytest.mark.parametrize(("method", "path"), [("DELETE", ""), ("POST", "/run")])
def test_lists_of_connectors_are_checked(still: Client, method: str, path: str, body: str) -> None:
    message = refused(still.request(method, CONNECTORS + path, content=body, headers=JSON), 400)
    assert "connectorIds" in message


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "text/plain", "application/xml", "multipart/form-data; boundary=x", "a/b/c",
     "application/json; charset=utf-16"],
)  # fmt: skip
@pytest.mark.parametrize(("method", "path"), [("POST", REGEX), ("POST", CONNECTORS), ("POST", f"{CONNECTORS}/run")])
def test_a_wrong_content_type_is_a_415(still: Client, method: str, path: str, content_type: str) -> None:
    answer = still.request(method, path, content=b'{"regex": ".*"}', headers={"content-type": content_type})
    refused(answer, 415)


def test_a_compressed_body_is_a_415(still: Client) -> None:
    refused(still.post(REGEX, content=b"x", headers={**JSON, "content-encoding": "gzip"}), 415)


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json;charset=UTF-8", 'application/json; charset="utf-8"', "", None,
     "application/vnd.api+json"],
)  # fmt: skip
def test_json_comes_under_several_names(still: Client, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    assert still.post(REGEX, content=b'{"regex": "ann"}', headers=headers).status_code == 200


def test_a_body_beyond_the_limit_is_a_413(still: Client) -> None:
    body = b'{"regex": "' + b"a" * 1_100_000 + b'"}'
    refused(still.post(REGEX, content=body, headers=JSON), 413)
    refused(still.post(REGEX, content=iter([body]), headers=JSON), 413)


@pytest.mark.parametrize("path", ["/nowhere", "/cloudview-api", BASE, f"{BASE}/aws", f"{BASE}/aws/teapots", "/a/../b"])
def test_unknown_addresses_are_a_404(still: Client, path: str) -> None:
    answer = still.get(path)
    assert "nothing at" in refused(answer, 404)


def test_the_path_is_shown_as_it_was_asked_for(still: Client) -> None:
    answer = still.get("http://testserver.local//cloudview-api//rest/1.5/AWS/teapots/")
    assert answer.json()["path"] == "//cloudview-api//rest/1.5/AWS/teapots/"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", CONNECTORS),
        ("POST", f"{BASE}/controls/metadata/list"),
        ("DELETE", f"{BASE}/resource/EC2_INSTANCE/AWS"),
        ("GET", REGEX),
        ("PUT", "/msp/about.php"),
    ],
)
def test_a_wrong_method_is_a_405_that_says_what_is_possible(still: Client, method: str, path: str) -> None:
    answer = still.request(method, path)
    message = refused(answer, 405)
    assert method in message
    assert answer.headers["allow"]


@pytest.mark.parametrize("provider", ["oci", "ibm", "a" * 3000, "%00", "aws%2fx"])
def test_an_unknown_provider_is_a_404(still: Client, provider: str) -> None:
    for path in (f"{provider}/connectors", f"{provider}/evaluations/1", f"resource/EC2_INSTANCE/{provider}"):
        refused(still.get(f"{BASE}/{path}"), 404)


def test_refused_creations_leave_nothing_behind(client: Client) -> None:
    before = client.get(CONNECTORS).json()
    for body in ({"name": "x"}, {"arn": ARN}, {"name": "Production", "awsAccountId": "000011112222"}, {}):
        assert client.post(CONNECTORS, json=body).status_code in {400, 409}
    assert client.get(CONNECTORS).json() == before


def test_an_unknown_token_may_mean_an_empty_page(world: World) -> None:
    world.settings = Settings(data=None, unknown_token_is_empty=True)
    with TestClient(world.application()) as client:
        client.auth = ("alice", "correct horse")
        for path in LISTS:
            answer = client.get(f"{path}?filter=teapot:1")
            assert answer.status_code == 200
            assert not answer.json().get("content", answer.json().get("control"))
        assert "position" in refused(client.get(f"{CONNECTORS}?filter=name:"), 400)


def test_a_path_without_end_is_not_said_back_whole(client: Client) -> None:
    answer = client.get(f"/{'a' * 50_000}")
    assert answer.status_code == 404
    assert len(answer.content) < 10_000


def test_an_unforeseen_failure_says_nothing_of_the_inside(
    client: Client, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.catalogue.controls.clear()
    with caplog.at_level(logging.ERROR, "nephoscope.api"):
        answer = client.get(f"{BASE}/controls/metadata/list?filter=cid:1")
    message = refused(answer, 500)
    assert answer.json()["errorCode"] == "INTERNAL_SERVER_ERROR"
    assert answer.headers["x-request-id"] in message
    assert "KeyError" not in answer.text
    assert answer.headers["x-request-id"] in caplog.text
    assert "KeyError" in caplog.text


def test_a_lost_database_is_a_503(client: Client, world: World, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/msp/about.php")
    world.store.close()
    with caplog.at_level(logging.ERROR, "nephoscope.api"):
        answers = [client.get(CONNECTORS)]
        answers.append(client.post(CONNECTORS, json={"name": "New", "awsAccountId": "000011112222"}))
    for answer in answers:
        assert "database" in refused(answer, 503)
        assert "unable to open" not in answer.text
        assert answer.headers["x-request-id"] in caplog.text
    assert "Traceback" not in caplog.text
    assert client.get("/healthz").status_code == 200, "the process answers: who restarts it mends nothing"
