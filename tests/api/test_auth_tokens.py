"""Where tokens come from, what they say, and what they are good for."""

from typing import cast

import jwt
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from litestar.types import Receive, Scope, Send

from apiworld import BASE, PASSWORD, USER, World, basic
from nephoscope.access.clients import ClientDraft
from nephoscope.model.identities import Grant, Identity, Permission

Client = TestClient[Litestar]
FORM = {"username": USER, "password": PASSWORD, "token": "true"}


@pytest.fixture
def door(world: World) -> Client:
    """Not logged in."""
    return TestClient(world.application(), raise_server_exceptions=False)


def token_of(door: Client) -> str:
    answer = door.post("/auth", data=FORM)
    assert answer.status_code == 201, answer.text
    return answer.text


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def claims(token: str) -> dict[str, object]:
    found: dict[str, object] = jwt.decode(token, options={"verify_signature": False})
    return found


def test_a_user_gets_a_bare_token_and_comes_in_with_it(door: Client, world: World) -> None:
    answer = door.post("/auth", data=FORM)
    assert answer.status_code == 201
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.count(".") == 2
    assert door.get(f"{BASE}/aws/connectors", headers=bearer(answer.text)).status_code == 200
    said = claims(answer.text)
    assert said.keys() >= {"sub", "scopes", "iss", "aud", "iat", "exp", "jti"}
    assert said["sub"] == USER
    assert said["scopes"] == sorted(Permission)
    assert said["exp"] == int(world.clock().timestamp()) + 4 * 3600
    assert jwt.get_unverified_header(answer.text)["alg"] == "RS256"


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "application/json"},
        {"Content-Type": "application/json"},
        {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"},
    ],
)
def test_the_token_is_bare_whatever_a_client_says_it_accepts(door: Client, headers: dict[str, str]) -> None:
    content = f"username={USER}&password={PASSWORD.replace(' ', '+')}&token=true&permissions=true"
    answer = door.post("/auth", content=content, headers=headers)
    assert answer.status_code == 201
    assert answer.text.count(".") == 2


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({**FORM, "password": "wrong horse battery"}, 401),
        ({**FORM, "username": "nobody"}, 401),
        ({"username": USER}, 400),
        ({}, 400),
        ({f"f{number}": "x" for number in range(50)}, 400),
        ({**FORM, "password": "x" * 20_000}, 400),
    ],
)
def test_a_login_that_will_not_do_is_refused(door: Client, form: dict[str, str], status: int) -> None:
    answer = door.post("/auth", data=form)
    assert answer.status_code == status
    assert PASSWORD not in answer.text
    assert "x" * 100 not in answer.text


def test_the_key_set_verifies_what_was_signed(door: Client) -> None:
    token = token_of(door)
    (row,) = door.get("/.well-known/jwks.json").json()["keys"]
    assert row.keys() == {"kty", "use", "alg", "kid", "n", "e"}
    key = jwt.PyJWK(row)
    options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
    assert jwt.decode(token, key, algorithms=["RS256"], audience="nephoscope", options=options)["sub"] == USER  # type: ignore[arg-type]  # a plain dict will do


def test_a_token_ends_after_four_hours(door: Client, world: World) -> None:
    token = token_of(door)
    world.clock.forward(hours=4, seconds=-1)
    assert door.get("/msp/about.php", headers=bearer(token)).status_code == 200
    world.clock.forward(seconds=1)
    assert door.get("/msp/about.php", headers=bearer(token)).status_code == 401


def made(world: World, role: str = "Reader", **draft: object) -> tuple[str, str]:
    wanted = ClientDraft(**{"name": "ci", **draft})  # type: ignore[arg-type]  # as the test wrote it
    found = world.access.clients.create(wanted, Identity("root"), Grant(role))
    return str(found.client.uuid), found.secret


@pytest.mark.parametrize("path", ["/auth/oidc", "/auth/oauth"])
def test_an_api_client_gets_a_bare_token_for_its_headers(door: Client, world: World, path: str) -> None:
    client_id, secret = made(world)
    answer = door.post(path, headers={"clientId": client_id, "clientSecret": secret, "Accept": "application/json"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert claims(answer.text)["sub"] == client_id
    assert door.get(f"{BASE}/aws/connectors", headers=bearer(answer.text)).status_code == 200
    refused = door.post(f"{BASE}/aws/connectors/run", headers=bearer(answer.text), json=[])
    assert refused.status_code == 403
    assert "client:ci may not" in refused.json()["message"]


def test_json_is_answered_to_whoever_posts_a_grant_type(door: Client, world: World) -> None:
    client_id, secret = made(world)
    form = {"grant_type": "client_credentials", "clientId": client_id, "clientSecret": secret}
    body = door.post("/auth/oauth", data=form).json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 14_400)
    assert claims(body["access_token"])["sub"] == client_id
    grant = {"grant_type": "client_credentials"}
    standard = door.post("/auth/oidc", data=grant, headers=basic(f"{client_id}:{secret}"))
    assert claims(standard.json()["access_token"])["sub"] == client_id
    assert door.post("/auth/oauth", data={**form, "grant_type": "password"}).status_code == 400


@pytest.mark.parametrize("wrong", ["id", "secret", "none", "swapped"])
def test_a_client_that_is_not_known_is_refused(door: Client, world: World, wrong: str) -> None:
    client_id, secret = made(world)
    headers = {
        "id": {"clientId": "123e4567-e89b-12d3-a456-426614174000", "clientSecret": secret},
        "secret": {"clientId": client_id, "clientSecret": secret[:-1] + "x"},
        "none": {},
        "swapped": {"clientId": secret, "clientSecret": client_id},
    }[wrong]
    answer = door.post("/auth/oidc", headers=headers)
    assert answer.status_code == 401
    assert secret not in answer.text


@pytest.mark.parametrize(("address", "status"), [("10.1.2.3", 200), ("::ffff:10.1.2.3", 200), ("10.2.0.1", 403)])
def test_a_client_comes_only_from_where_it_may(world: World, address: str, status: int) -> None:
    client_id, secret = made(world, networks=("10.1.0.0/16",))
    headers = {"clientId": client_id, "clientSecret": secret}
    home, elsewhere = placed(world, "10.1.0.1"), placed(world, address)
    token = home.post("/auth/oidc", headers=headers).text
    assert elsewhere.post("/auth/oidc", headers=headers).status_code == status
    assert elsewhere.get("/msp/about.php", headers=bearer(token)).status_code == status


def placed(world: World, address: str) -> Client:
    """A client at this address."""
    application = world.application()
    inner = application.asgi_handler

    async def moved(scope: Scope, receive: Receive, send: Send) -> None:
        cast("dict[str, object]", scope)["client"] = (address, 1234)
        await inner(scope, receive, send)

    application.asgi_handler = moved
    return TestClient(application, raise_server_exceptions=False)
