"""Tags over the API: the seed's sample, its parameter table good and bad, rules that stand, and where tags show."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import BASE, World, instance

Client = TestClient[Litestar]
APPLY = f"{BASE}/aws/evaluations/applyTags"
NOBODY = "0d5f7c1e-7c0b-4a53-9d3e-000000000000"


def tags_of(client: Client, resource_id: str) -> list[dict[str, str]]:
    rows = client.get(f"{BASE}/resource/EC2_INSTANCE/AWS").json()["content"]
    found: list[dict[str, str]] = next(row["qualysTags"] for row in rows if row["resourceId"] == resource_id)
    return found


def test_the_sample_of_the_documentation(client: Client) -> None:
    listed = client.post(f"{BASE}/aws/evaluations/list/resources", json={"regex": "i-0.*"}).json()
    answer = client.post(f"{APPLY}?pageNo=0&pageSize=1000000", json={"tagNames": ["MARIADB_SERVER"], "regex": "i-0.*"})
    assert answer.status_code == 200
    assert list(answer.json()) == ["controlIds", "message"]
    assert sorted(answer.json()["controlIds"]) == sorted({row["cid"] for row in listed["content"]})
    assert answer.json()["message"] == f"Tag applied successfully to {listed['totalElements']} evaluations"


@pytest.mark.parametrize(
    "body",
    [
        {"tagNames": ["a", "b"], "regex": "i-0bbb"},
        {"tagNames": "a, b", "regex": "i-0bbb"},
        {"TagNames": "a,b", "Regex": "i-0bbb"},
        {"tagNames": ["a", "b"], "regex": r"i\-0bbb"},
    ],
)
def test_every_spelling_of_the_parameters(client: Client, body: dict[str, Any]) -> None:
    assert client.post(APPLY, json=body).status_code == 200
    assert tags_of(client, "i-0bbb") == [{"tagName": "a"}, {"tagName": "b"}]
    assert tags_of(client, "i-0aaa") == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, ("tagNames", "regex")),
        ({"regex": ".*"}, ("tagNames",)),
        ({"tagNames": ["a"]}, ("regex",)),
        ({"tagNames": [], "regex": ".*"}, ("tagNames",)),
        ({"tagNames": ["a"], "regex": "(?=x)"}, ("look-around",)),
        ({"tagNames": ["a"], "regex": r"(a)\1"}, ("back-reference",)),
        ({"tagNames": ["a"], "regex": "["}, ("regex",)),
        ({"tagNames": ["a"], "regex": "a" * 3000}, ("2,048",)),
        ({"tagNames": [1], "regex": ".*"}, ("tagNames",)),
        ({"tagNames": ["a" * 300], "regex": ".*"}, ("tagNames",)),
        ({"tagNames": ["a"], "regex": 5}, ("regex",)),
    ],
)
def test_what_is_wrong_is_said_at_once_and_nothing_is_left_behind(
    client: Client, body: dict[str, Any], words: tuple[str, ...]
) -> None:
    answer = client.post(APPLY, json=body)
    assert answer.status_code == 400
    assert all(word in answer.json()["message"] for word in words)
    assert client.get("/api/tag-rules").json()["totalElements"] == 0
    assert client.get("/api/tags").json()["totalElements"] == 0


def test_an_unknown_provider_is_not_found(client: Client) -> None:
    assert client.post(APPLY.replace("/aws/", "/mars/"), json={"tagNames": ["a"], "regex": "x"}).status_code == 404


def test_the_rule_stands_for_what_is_recorded_later(client: Client, world: World) -> None:
    client.post(APPLY, json={"tagNames": ["web"], "regex": "i-0.*"})
    world.record("EC2_INSTANCE", "us-east-1", [instance("i-0bbb"), instance("i-0new"), instance("i-1other")])
    assert tags_of(client, "i-0new") == [{"tagName": "web"}]
    assert tags_of(client, "i-1other") == []


def test_rules_are_listed_with_what_they_matched_and_removed(client: Client) -> None:
    client.post(APPLY, json={"tagNames": ["web"], "regex": "i-0.*"})
    (rule,) = client.get("/api/tag-rules").json()["content"]
    assert (rule["kind"], rule["text"], rule["tagNames"], rule["matched"]) == ("regex", "i-0.*", ["web"], 2)
    matched = client.get(f"/api/tag-rules/{rule['ruleId']}/resources").json()["content"]
    assert [row["resourceId"] for row in matched] == ["i-0aaa", "i-0bbb"]
    assert client.delete(f"/api/tag-rules/{rule['ruleId']}").status_code in {200, 204}
    assert client.get("/api/tag-rules").json()["content"] == []
    assert tags_of(client, "i-0bbb") == []


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "cloud_tag", "text": "team"},
        {"kind": "qql", "text": "resource.id:i-0bbb"},
        {"kind": "qql", "text": "instance.state:running", "resourceType": "EC2_INSTANCE"},
    ],
)
def test_rules_of_the_other_kinds(client: Client, rule: dict[str, str]) -> None:
    answer = client.post("/api/tag-rules", json={"provider": "AWS", "tagNames": ["found"], **rule})
    assert answer.status_code == 201, answer.text
    assert answer.json()["matched"] == len([one for one in ("i-0aaa", "i-0bbb") if tags_of(client, one)])


def test_tags_by_hand_show_on_resources_and_connectors(client: Client, world: World) -> None:
    resource, connector = str(world.uuids["i-0bbb"]), str(world.production.uuid)
    body = {"tagNames": ["crown"], "resources": [resource], "connectors": [connector]}
    assert client.post("/api/tags/assign", json=body).json()["resources"] == 1
    assert tags_of(client, "i-0bbb") == [{"tagName": "crown"}]
    detail = client.get(f"{BASE}/resource/EC2_INSTANCE/uuid/{resource}/AWS").json()
    assert detail["qualysTags"] == [{"tagName": "crown"}]
    shown = client.get(f"{BASE}/aws/connectors/{connector}").json()["qualysTags"]
    assert [tag["tagName"] for tag in shown] == ["crown"]
    assert client.post("/api/tags/remove", json=body).status_code == 200
    assert tags_of(client, "i-0bbb") == []


@pytest.mark.parametrize("path", ["/api/tags/assign", "/api/tags/remove"])
def test_what_does_not_exist_is_named(client: Client, path: str) -> None:
    client.post("/api/tags/assign", json={"tagNames": ["x"], "connectors": []})
    answer = client.post(path, json={"tagNames": ["x"], "resources": [NOBODY]})
    assert answer.status_code == 404
    assert NOBODY in answer.json()["message"]
    assert client.delete(f"/api/tag-rules/{NOBODY}").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", APPLY),
        ("GET", "/api/tags"),
        ("POST", "/api/tags/assign"),
        ("POST", "/api/tags/remove"),
        ("GET", "/api/tag-rules"),
        ("POST", "/api/tag-rules"),
        ("DELETE", f"/api/tag-rules/{NOBODY}"),
        ("GET", "/api/audit"),
        ("GET", "/api/audit/verify"),
    ],
)
def test_strangers_are_refused(stranger: Client, method: str, path: str) -> None:
    assert stranger.request(method, path, json={} if method == "POST" else None).status_code == 401
