"""The OpenAPI document teaches, and its page needs nothing from outside."""

import re
from base64 import b64encode
from hashlib import sha256

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from lxml import html

from apiworld import BASE

Client = TestClient[Litestar]


def test_every_operation_says_what_it_is(stranger: Client) -> None:
    document = stranger.get("/openapi/openapi.json").json()
    operations = [
        (path, verb, operation)
        for path, item in document["paths"].items()
        for verb, operation in item.items()
        if verb in {"get", "post", "put", "delete"}
    ]
    assert len(operations) >= 18
    for path, verb, operation in operations:
        assert operation["summary"], (path, verb)
        assert operation["tags"], (path, verb)
        for parameter in operation.get("parameters", ()):
            assert parameter["in"] == "path" or parameter["description"]
    assert document["components"]["securitySchemes"]["basic"]["scheme"] == "basic"


def test_lists_describe_their_parameters_and_bodies(stranger: Client) -> None:
    paths = stranger.get("/openapi/openapi.json").json()["paths"]
    listing = paths[f"{BASE}/{{provider}}/connectors"]
    assert {row["name"] for row in listing["get"]["parameters"]} == {"provider", "pageNo", "pageSize", "filter", "sort"}
    assert listing["post"]["requestBody"]["content"]["application/json"]["example"]["arn"]
    regex = paths[f"{BASE}/{{provider}}/evaluations/list/resources"]["post"]
    assert regex["requestBody"]["content"]["application/json"]["example"] == {"regex": ".*prod.*"}


@pytest.mark.parametrize("path", ["/openapi", "/openapi/", "/cloudview-api/swagger-ui.html"])
def test_the_page_needs_nothing_from_outside(stranger: Client, path: str) -> None:
    answer = stranger.get(path)
    assert answer.headers["content-type"].startswith("text/html")
    page = html.fromstring(answer.text)
    assert not page.xpath("//script | //img | //link | //iframe | //*[@src]")
    assert page.xpath("//a/@href") == ["/openapi/openapi.json"]
    assert "url(" not in answer.text
    assert "@import" not in answer.text


def test_the_policy_of_the_page_allows_its_own_style_only(stranger: Client) -> None:
    answer = stranger.get("/openapi")
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style is not None
    digest = b64encode(sha256(style.group(1).encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert f"style-src 'sha256-{digest}'" in policy


def test_the_page_shows_every_operation(stranger: Client) -> None:
    page = stranger.get("/openapi").text
    for path in stranger.get("/openapi/openapi.json").json()["paths"]:
        assert f"<code>{path}</code>" in page


def test_an_unknown_page_beside_it_is_a_404(stranger: Client) -> None:
    assert stranger.get("/openapi/nowhere").status_code == 404


def test_the_front_door_leads_to_the_page(stranger: Client) -> None:
    answer = stranger.get("/", follow_redirects=False)
    assert answer.status_code in {302, 307}
    assert answer.headers["location"] == "/openapi"
