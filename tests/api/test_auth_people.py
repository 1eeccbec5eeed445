"""Users, API clients and sessions over our own API: changes count at once, and nothing secret is shown twice."""

import re
from collections.abc import Iterator
from typing import Any

import jwt
import pyotp
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from apiworld import BASE, PASSWORD, USER, World, basic
from nephoscope.access.clients import MOST_OF_ONE
from nephoscope.store.tables.core import metadata

Client = TestClient[Litestar]
LIST = f"{BASE}/aws/connectors"
NEW = "zebra lantern quilt"


@pytest.fixture
def door(world: World) -> Iterator[Client]:
    """Not logged in."""
    with TestClient(world.application(), raise_server_exceptions=False) as opened:
        yield opened


def added(client: Client, name: str = "bob", role: str = "Reader", **more: object) -> str:
    answer = client.post("/api/users", json={"name": name, "role": role, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["password"])


def ready(client: Client, name: str = "bob", role: str = "Reader") -> dict[str, str]:
    """A user who needs to change nothing, and the header to come in with."""
    added(client, name, role, password=NEW, mustChange=False)
    return basic(f"{name}:{NEW}")


def token(door: Client, name: str, password: str, **more: str) -> str:
    answer = door.post("/auth", data={"username": name, "password": password, "token": "true", **more})
    assert answer.status_code == 201, answer.text
    return answer.text


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def test_a_new_user_chooses_a_password_first(client: Client, door: Client) -> None:
    given = added(client)
    header = basic(f"bob:{given}")
    refused = door.get(LIST, headers=header)
    assert refused.status_code == 403
    assert "PUT /api/me/password" in refused.json()["message"]
    assert door.get(LIST, headers=bearer(token(door, "bob", given))).status_code == 403
    assert door.get("/api/me", headers=header).json()["mustChange"] is True
    assert door.post("/api/me/clients", headers=header, json={"name": "mine"}).status_code == 403
    change = {"currentPassword": given, "newPassword": NEW}
    assert door.put("/api/me/password", headers=header, json=change).status_code == 204
    assert door.get(LIST, headers=header).status_code == 401
    assert door.get(LIST, headers=basic(f"bob:{NEW}")).status_code == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"currentPassword": "not the one", "newPassword": NEW}, 401),
        ({"currentPassword": PASSWORD, "newPassword": "short"}, 400),
        ({"currentPassword": PASSWORD, "newPassword": PASSWORD}, 400),
        ({"newPassword": NEW}, 400),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(client: Client, change: dict[str, str], status: int) -> None:
    assert client.put("/api/me/password", json=change).status_code == status
    assert client.get(LIST).status_code == 200


@pytest.mark.parametrize(
    "body",
    [{}, {"name": "bob"}, {"role": "Reader"}, {"name": "bob", "role": "Nobody"}, {"name": "a/b", "role": "Reader"}],
)
def test_half_a_user_is_refused(client: Client, body: dict[str, str]) -> None:
    assert client.post("/api/users", json=body).status_code == 400
    assert client.get("/api/users").json()["totalElements"] == 1


@pytest.mark.parametrize("end", ["disable", "delete", "password", "sessions"])
def test_what_is_taken_from_a_user_ends_his_tokens_at_once(client: Client, door: Client, end: str) -> None:
    header = ready(client)
    held = bearer(token(door, "bob", NEW))
    assert door.get(LIST, headers=held).status_code == door.get(LIST, headers=header).status_code == 200
    answer = {
        "disable": lambda: client.put("/api/users/bob", json={"isDisabled": True}),
        "delete": lambda: client.delete("/api/users/bob"),
        "password": lambda: client.post("/api/users/bob/password"),
        "sessions": lambda: client.delete("/api/users/bob/sessions"),
    }[end]()
    assert answer.status_code in {200, 204}
    assert door.get(LIST, headers=held).status_code == 401
    assert door.get(LIST, headers=header).status_code == (200 if end == "sessions" else 401)


def test_a_name_that_is_given_again_is_somebody_else(client: Client, door: Client) -> None:
    ready(client)
    held = bearer(token(door, "bob", NEW))
    client.delete("/api/users/bob")
    ready(client)
    assert door.get(LIST, headers=held).status_code == 401


def test_nobody_gives_or_touches_more_than_he_has(client: Client, door: Client) -> None:
    header = ready(client, "reader")
    assert door.post("/api/users", headers=header, json={"name": "x", "role": "Reader"}).status_code == 403
    assert door.get("/api/users", headers=header).status_code == 403


def test_the_last_manager_stays(client: Client) -> None:
    assert client.delete(f"/api/users/{USER}").status_code == 409
    assert client.put(f"/api/users/{USER}", json={"isDisabled": True}).status_code == 409
    assert client.put(f"/api/users/{USER}", json={"role": "Reader"}).status_code == 409
    assert client.get(LIST).status_code == 200


def test_a_role_counts_from_the_next_request(client: Client, door: Client) -> None:
    header = ready(client)
    assert door.get("/api/audit", headers=header).status_code == 403
    body = client.put("/api/users/bob", json={"role": "Auditor", "reach": {"accounts": ["111122223333"]}}).json()
    assert (body["role"], body["reach"]["accounts"]) == ("Auditor", ["111122223333"])
    assert client.get("/api/users/bob").json() == body
    assert "audit:read" in door.get("/api/me", headers=header).json()["permissions"]


def enrolled(door: Client, header: dict[str, str], world: World) -> tuple[pyotp.TOTP, list[str]]:
    answer = door.post("/api/me/totp", headers=header, json={"currentPassword": NEW})
    assert answer.json()["uri"].startswith("otpauth://totp/")
    otp = pyotp.TOTP(answer.json()["secret"])
    wrong = door.post("/api/me/totp/confirm", headers=header, json={"code": "000000"})
    assert wrong.status_code == 400
    right = door.post("/api/me/totp/confirm", headers=header, json={"code": otp.at(world.clock())})
    return otp, right.json()["recoveryCodes"]


def test_a_second_factor_is_asked_for(client: Client, door: Client, world: World) -> None:
    header = ready(client)
    otp, codes = enrolled(door, header, world)
    form = {"username": "bob", "password": NEW}
    assert door.get(LIST, headers=header).status_code == 401
    bare = door.post("/auth", data=form)
    assert bare.status_code == 401
    assert "`code`" in bare.json()["message"]
    used = otp.at(world.clock())
    assert door.post("/auth", data={**form, "code": used}).status_code == 401, "it was used to confirm"
    world.clock.forward(seconds=30)
    fresh = otp.at(world.clock())
    assert token(door, "bob", NEW, code=fresh)
    assert door.post("/auth", data={**form, "code": fresh}).status_code == 401
    world.clock.forward(seconds=30)
    assert token(door, "bob", NEW + otp.at(world.clock()))
    assert token(door, "bob", NEW, code=codes[0].upper())
    assert door.post("/auth", data={**form, "code": codes[0]}).status_code == 401
    assert client.delete("/api/users/bob/totp").status_code == 204
    assert token(door, "bob", NEW)


def test_guesses_of_the_second_factor_are_slowed_down(client: Client, door: Client, world: World) -> None:
    enrolled(door, ready(client), world)
    form = {"username": "bob", "password": NEW}
    answers = [door.post("/auth", data={**form, "code": f"{guess:06}"}).status_code for guess in range(8)]
    assert answers[0] == 401
    assert answers[-1] == 429


def test_a_client_is_made_rotated_disabled_and_deleted(client: Client, door: Client, world: World) -> None:
    made = client.post("/api/clients", json={"name": "siem", "role": "Reader", "networks": ["10.0.0.1/8"]})
    assert made.status_code == 201
    uuid, secret = made.json()["clientId"], made.json()["clientSecret"]
    client.put(f"/api/clients/{uuid}", json={"networks": []})

    def status(one: str) -> int:
        return door.post("/auth/oidc", headers={"clientId": uuid, "clientSecret": one}).status_code

    fresh = client.post(f"/api/clients/{uuid}/rotate", json={"overlapHours": 2}).json()["clientSecret"]
    assert (status(secret), status(fresh)) == (200, 200)
    world.clock.forward(hours=2)
    assert (status(secret), status(fresh)) == (401, 200)
    held = bearer(door.post("/auth/oidc", headers={"clientId": uuid, "clientSecret": fresh}).text)
    assert client.post(f"/api/clients/{uuid}/disable").json()["isDisabled"] is True
    assert (status(fresh), door.get(LIST, headers=held).status_code) == (401, 401)
    client.post(f"/api/clients/{uuid}/enable")
    assert (status(fresh), door.get(LIST, headers=held).status_code) == (200, 401)
    body = client.get("/api/clients").json()["content"][0]
    assert body["lastUsedOn"] is not None
    assert secret not in client.get("/api/clients").text
    assert client.delete(f"/api/clients/{uuid}").status_code == 204
    assert status(fresh) == 401
    assert client.get(f"/api/clients/{uuid}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"role": "Reader"},
        {"name": "x"},
        {"name": "x", "role": "Reader", "networks": ["10.0.0.1"]},
        {"name": "x", "role": "Reader", "expiresOn": "tomorrow"},
        {"name": "x", "role": "Reader", "expiresOn": "2020-01-01T00:00:00Z"},
        {"name": "x", "role": "Reader", "reach": {}},
    ],
)
def test_half_a_client_is_refused(client: Client, body: dict[str, object]) -> None:
    assert client.post("/api/clients", json=body).status_code == 400
    assert client.get("/api/clients").json()["totalElements"] == 0


def test_a_client_expires(client: Client, door: Client, world: World) -> None:
    body = {"name": "x", "role": "Reader", "expiresOn": "2026-01-01T01:00:00Z"}
    made = client.post("/api/clients", json=body).json()
    named = {"clientId": made["clientId"], "clientSecret": made["clientSecret"]}
    held = bearer(door.post("/auth/oidc", headers=named).text)
    world.clock.forward(hours=1)
    assert door.get(LIST, headers=held).status_code == 401
    assert door.post("/auth/oidc", headers=named).status_code == 401


def test_an_own_client_may_what_its_owner_may_as_long_as_he_may(client: Client, door: Client, world: World) -> None:
    header = ready(client)
    made = door.post("/api/me/clients", headers=header, json={"name": "laptop"}).json()
    named = {"clientId": made["clientId"], "clientSecret": made["clientSecret"]}
    held = bearer(door.post("/auth/oauth", headers=named).text)
    assert door.get(LIST, headers=held).status_code == 200
    assert door.get("/api/audit", headers=held).status_code == 403
    assert door.post("/api/me/clients", headers=held, json={"name": "more"}).status_code == 403
    assert client.get("/api/me/clients").json()["totalElements"] == 0
    assert client.delete(f"/api/me/clients/{made['clientId']}").status_code == 404
    client.put("/api/users/bob", json={"role": "Auditor"})
    assert door.get("/api/audit", headers=held).status_code == 200
    client.put("/api/users/bob", json={"isDisabled": True})
    assert door.get(LIST, headers=held).status_code == 401
    assert door.post("/auth/oauth", headers=named).status_code == 401
    assert world.clock() is not None


def test_own_clients_take_nobody_elses_places(client: Client, door: Client) -> None:
    header = ready(client)
    for number in range(MOST_OF_ONE):
        assert door.post("/api/me/clients", headers=header, json={"name": f"p{number}"}).status_code == 201
    assert door.post("/api/me/clients", headers=header, json={"name": "one more"}).status_code == 409
    assert client.post("/api/me/clients", json={"name": "another's"}).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("POST", "/api/users", {"name": "x", "role": "Manager", "reech": {"tags": ["a"]}}, "reech: .*; reach is one"),
        ("PUT", f"/api/users/{USER}", {"role": "Manager", "scope": {}}, "scope: there is no such field"),
        ("POST", "/api/clients", {"name": "x", "role": "Reader", "network": ["10.0.0.0/8"]}, "networks is one"),
        ("POST", "/api/clients", {"name": "x", "role": "Reader", "expires": "never"}, "expiresOn is one"),
        ("POST", "/api/me/clients", {"name": "x", "network": []}, "networks is one"),
        ("PUT", f"/api/grants/user/{USER}", {"role": "Manager", "reech": {}}, "reach is one"),
        ("POST", "/api/roles", {"name": "x", "permission": []}, "permissions is one"),
        (
            "POST", "/api/users", {"name": "x", "role": "Reader", "reach": {"tags": ["a"], "account": ["1"]}},
            "reach.account: there is no such field; accounts is one",
        ),
    ],
)  # fmt: skip
def test_what_is_misspelt_is_no_more_than_was_meant(
    client: Client, method: str, path: str, body: dict[str, Any], problem: str
) -> None:
    answer = client.request(method, path, json=body)
    assert answer.status_code == 400, answer.text
    assert re.search(problem, answer.json()["message"])


def test_what_was_answered_may_be_sent_back(client: Client) -> None:
    ready(client)
    made = client.post("/api/clients", json={"name": "siem", "role": "Reader"}).json()["clientId"]
    client.post("/api/roles", json={"name": "Tagger", "permissions": ["tags:read"]})
    for path in ("/api/users/bob", f"/api/clients/{made}", "/api/roles/Tagger"):
        body = client.get(path).json()
        answer = client.put(path, json=body)
        assert (answer.status_code, answer.json()["name"]) == (200, body["name"]), answer.text


@pytest.mark.parametrize("name", [USER.upper(), "local", "LOCAL", "unknown", "single sign-on"])
def test_nobody_is_called_like_somebody_else(client: Client, name: str) -> None:
    answer = client.post("/api/users", json={"name": name, "role": "Reader", "password": NEW})
    assert answer.status_code == (409 if name.lower() == USER else 400), answer.text


def test_a_session_changes_nothing_without_its_csrf_token(client: Client, door: Client) -> None:
    ready(client, role="Manager")
    answer = door.post("/api/sessions", json={"username": "bob", "password": NEW})
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert door.get(LIST).status_code == 200, "the cookie is sent by itself"
    csrf = {"X-CSRF-Token": answer.json()["csrfToken"]}
    for wrong in ({}, {"X-CSRF-Token": "x" * 43}):
        assert door.post("/api/tags/assign", json={}, headers=wrong).status_code == 403
    assert door.post("/api/tags/assign", json={}, headers=csrf).status_code == 400
    assert door.get("/api/sessions/current").json()["csrfToken"] == csrf["X-CSRF-Token"]
    (row,) = door.get("/api/sessions").json()
    assert row["isCurrent"] is True
    assert door.delete("/api/sessions/current", headers=csrf).status_code == 204
    assert door.get(LIST).status_code == 401


def test_over_tls_a_neighbour_lends_nobody_his_session(client: Client, world: World) -> None:
    ready(client)
    with TestClient(world.application(), "https://testserver.local", raise_server_exceptions=False) as door:
        answer = door.post("/api/sessions", json={"username": "bob", "password": NEW})
        (name, _, value) = answer.headers["set-cookie"].partition(";")[0].partition("=")
        assert (name, door.get(LIST).status_code) == ("__Host-nephoscope_session", 200)
        door.cookies.clear()
        door.cookies.set("nephoscope_session", value, domain="testserver.local")
        assert door.get(LIST).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Origin": "https://elsewhere.example"}, 403), ({"Content-Type": "text/plain"}, 415)],
)
def test_a_foreign_page_logs_nobody_in(door: Client, headers: dict[str, str], status: int) -> None:
    content = f'{{"username": "{USER}", "password": "{PASSWORD}"}}'
    answer = door.post("/api/sessions", content=content, headers={"Content-Type": "application/json", **headers})
    assert answer.status_code == status


def test_a_session_ends_by_itself(client: Client, door: Client, world: World) -> None:
    ready(client)
    door.post("/api/sessions", json={"username": "bob", "password": NEW})
    for _ in range(13):
        world.clock.forward(minutes=50)
        assert door.get(LIST).status_code == 200
    world.clock.forward(minutes=61)
    assert door.get(LIST).status_code == 401
    door.post("/api/sessions", json={"username": "bob", "password": NEW})
    for _ in range(13):
        world.clock.forward(minutes=55)
        door.get(LIST)
    world.clock.forward(minutes=10)
    assert door.get(LIST).status_code == 401, "twelve hours are over"


def test_a_token_is_revoked_by_its_owner_or_by_who_looks_after_users(client: Client, door: Client) -> None:
    header = ready(client)
    mine, other = token(door, "bob", NEW), token(door, USER, PASSWORD)
    assert door.post("/api/tokens/revoke", headers=header, json={"token": other}).status_code == 403
    assert door.post("/api/tokens/revoke", headers=header, json={"token": mine}).status_code == 200
    assert door.get(LIST, headers=bearer(mine)).status_code == 401
    assert client.post("/api/tokens/revoke", json={"token": other}).status_code == 200
    assert door.get(LIST, headers=bearer(other)).status_code == 401


def test_whoever_sees_a_part_or_may_less_revokes_nobody_elses_tokens(client: Client, door: Client) -> None:
    client.post("/api/roles", json={"name": "Doorkeeper", "permissions": ["users:read", "users:write"]})
    keeper = ready(client, "keeper", "Doorkeeper")
    reach = {"groups": [], "accounts": ["123456789012"], "tags": []}
    added(client, "part", "Manager", password=NEW, mustChange=False, reach=reach)
    held = token(door, USER, PASSWORD)
    jti = jwt.decode(held, options={"verify_signature": False})["jti"]
    for header, body, status in (
        (keeper, {"token": held}, 403),
        (basic(f"part:{NEW}"), {"token": held}, 403),
        (basic(f"part:{NEW}"), {"jti": jti}, 400),
    ):
        assert door.post("/api/tokens/revoke", headers=header, json=body).status_code == status
    assert door.get(LIST, headers=bearer(held)).status_code == 200
    ready(client)
    assert door.post("/api/tokens/revoke", headers=keeper, json={"token": token(door, "bob", NEW)}).status_code == 403
    third = added(client, "third", "Doorkeeper")
    assert (
        door.post("/api/tokens/revoke", headers=keeper, json={"token": token(door, "third", third)}).status_code == 200
    )


def test_tokens_of_ones_own_programs_are_revoked_by_oneself(client: Client, door: Client) -> None:
    header = ready(client)
    made = door.post("/api/me/clients", headers=header, json={"name": "laptop"}).json()
    named = {"clientId": made["clientId"], "clientSecret": made["clientSecret"]}
    held = door.post("/auth/oidc", headers=named).text
    assert (
        door.post("/api/tokens/revoke", headers=bearer(held), json={"token": token(door, "bob", NEW)}).status_code
        == 403
    )
    assert door.post("/api/tokens/revoke", headers=header, json={"token": held}).status_code == 200
    assert door.get(LIST, headers=bearer(held)).status_code == 401


def test_a_token_is_revoked_by_its_id(client: Client, door: Client) -> None:
    header = ready(client)
    held = token(door, "bob", NEW)
    jti = jwt.decode(held, options={"verify_signature": False})["jti"]
    assert door.post("/api/tokens/revoke", headers=header, json={"jti": jti}).status_code == 400
    assert client.post("/api/tokens/revoke", json={"jti": "x" * 100}).status_code == 400
    assert client.post("/api/tokens/revoke", json={"jti": jti}).json() == {"jti": jti}
    assert door.get(LIST, headers=bearer(held)).status_code == 401


def test_keys_are_replaced_with_and_without_an_overlap(client: Client, door: Client) -> None:
    first = token(door, USER, PASSWORD)
    fresh = client.post("/api/signing-keys/rotate", json={}).json()["kid"]
    second = token(door, USER, PASSWORD)
    assert {row["kid"] for row in door.get("/.well-known/jwks.json").json()["keys"]} >= {fresh}
    assert [door.get(LIST, headers=bearer(one)).status_code for one in (first, second)] == [200, 200]
    client.post("/api/signing-keys/rotate", json={"revokes": True})
    assert [door.get(LIST, headers=bearer(one)).status_code for one in (first, second)] == [401, 401]
    assert len(client.get("/api/signing-keys").json()) == 1


def test_nothing_secret_is_in_the_database_or_the_trail(client: Client, door: Client, world: World) -> None:
    otp, codes = enrolled(door, ready(client), world)
    made = client.post("/api/clients", json={"name": "x", "role": "Reader"}).json()
    door.post("/api/sessions", json={"username": USER, "password": PASSWORD})
    cookie = door.cookies["nephoscope_session"]
    held = token(door, USER, PASSWORD)
    door.post("/auth", data={"username": "nobody", "password": "planted in a failure"})
    with world.store.read() as reader:
        rows = [repr(row) for table in metadata.tables.values() for row in reader.connection.execute(select(table))]
    for secret in (NEW, PASSWORD, otp.secret, codes[0], made["clientSecret"], cookie, held, "planted", "PRIVATE KEY"):
        assert not [row for row in rows if secret in row], secret
    assert client.get("/api/audit/verify").json()["isWhole"] is True


def test_everything_that_is_wrong_is_said_at_once(client: Client) -> None:
    grant = {"role": "Readr", "reach": {"groups": ["00000000-0000-0000-0000-000000000001"]}}
    user = client.post("/api/users", json={"name": "a/b", "password": "short", **grant}).json()["message"]
    assert all(word in user for word in ("slash", "12 characters", "'Readr'", "there is no group")), user
    body = {"name": "\n", "networks": ["x"], "expiresOn": "yesterday", "description": "x" * 5000, **grant}
    made = client.post("/api/clients", json=body).json()["message"]
    assert all(word in made for word in ("name:", "networks:", "expiresOn:", "description:", "'Readr'", "group")), made
