import asyncio
from base64 import b64encode
from threading import Event

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import BASE, PASSWORD, USER, World, basic
from nephoscope.api.authentication import Hashing
from nephoscope.errors import TooManyRequestsError

CLOSED = [
    ("GET", "/msp/about.php"),
    ("GET", f"{BASE}/aws/connectors"),
    ("POST", f"{BASE}/aws/connectors"),
    ("DELETE", f"{BASE}/aws/connectors"),
    ("POST", f"{BASE}/aws/connectors/run"),
    ("GET", f"{BASE}/controls/metadata/list"),
    ("GET", f"{BASE}/aws/evaluations/111122223333"),
    ("POST", f"{BASE}/aws/evaluations/list/resources"),
    ("GET", f"{BASE}/resource/EC2_INSTANCE/AWS"),
    ("OPTIONS", f"{BASE}/aws/connectors"),
    ("HEAD", f"{BASE}/aws/connectors"),
]
OPEN = [
    "/.well-known/jwks.json",
    "/healthz",
    "/readyz",
    "/openapi",
    "/openapi/openapi.json",
    f"{BASE}/controls/metadata/metadata.dtd",
    "/",
]

OPEN_LOGINS = [
    "/api/sso/login",
    "/api/sso/providers",
    "/api/sso/callback",
    "/api/sessions",
    "/auth",
    "/auth/oidc",
    "/auth/oauth",
]


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_without_credentials_there_is_a_401(stranger: TestClient[Litestar], method: str, path: str) -> None:
    answer = stranger.request(method, path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith('Basic realm="')
    if method != "HEAD":
        assert answer.json()["errorCode"] == "UNAUTHORIZED"
        assert answer.json()["path"] == path


@pytest.mark.parametrize("path", OPEN)
def test_some_pages_need_no_password(stranger: TestClient[Litestar], path: str) -> None:
    assert stranger.get(path).status_code == 200


def test_every_route_is_closed_unless_it_is_one_of_these(still_world: World) -> None:
    application = still_world.application()
    unlocked = {
        route.path
        for route in application.routes
        for handler in route.route_handlers  # type: ignore[union-attr]  # plain HTTP routes all of them
        if handler.opt.get("open")
    }
    assert unlocked - {"/openapi/{path:str}"} == {*OPEN, *OPEN_LOGINS}


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Basic"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Bearer abc.def.ghi"},
        {"Authorization": "Basic " + b64encode(b"no colon").decode()},
        basic(f"{USER}:wrong password"),
        basic(f"nobody:{PASSWORD}"),
        basic(f"{USER}:{PASSWORD} "),
        basic(":"),
    ],
)
def test_anything_but_the_right_password_is_a_401(stranger: TestClient[Litestar], header: dict[str, str]) -> None:
    assert stranger.get("/msp/about.php", headers=header).status_code == 401


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_the_scheme_is_written_in_any_case(stranger: TestClient[Litestar], scheme: str) -> None:
    token = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    assert stranger.get("/msp/about.php", headers={"Authorization": f"{scheme} {token}"}).status_code == 200


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_both_encodings_of_clients_are_understood(
    stranger: TestClient[Litestar], still_world: World, encoding: str
) -> None:
    name = f"zoé {encoding}"
    still_world.access.add_user(name, "pässwörd:with colon")
    answer = stranger.get("/msp/about.php", headers=basic(f"{name}:pässwörd:with colon", encoding))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://elsewhere.example", 403), ("null", 403), ("http://testserver.local", 200), (None, 200)],
)
def test_pages_of_other_sites_change_nothing(still: TestClient[Litestar], origin: str | None, status: int) -> None:
    headers = {"Origin": origin} if origin else {}
    answer = still.post(f"{BASE}/aws/evaluations/list/resources", content=b'{"regex": "x"}', headers=headers)
    assert answer.status_code == status
    assert still.get("/msp/about.php", headers=headers).status_code == 200


def test_whoever_is_known_may_ask_which_methods_there_are(
    still: TestClient[Litestar], stranger: TestClient[Litestar]
) -> None:
    paths = still.get("/openapi/openapi.json").json()["paths"]
    assert len(paths) > 100
    for path, operations in paths.items():
        answer = still.options(path)
        assert (answer.status_code, answer.content) == (204, b""), path
        every = {method.upper() for method in operations} | {"OPTIONS"}
        assert set(answer.headers["allow"].split(", ")) == every | ({"HEAD"} if "GET" in every else set()), path
    assert stranger.options(f"{BASE}/aws/connectors").status_code == 401
    assert stranger.request("TRACE", f"{BASE}/aws/connectors").status_code == 405


def test_a_provider_that_does_not_answer_keeps_no_password_waiting() -> None:
    answered = Event()

    async def story() -> None:
        hashing = Hashing()
        asking = [asyncio.create_task(hashing.asked(answered.wait)) for _ in range(64)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyRequestsError):
            await hashing.asked(answered.wait)
        assert await hashing.done(lambda: "hashed") == "hashed"
        answered.set()
        assert all(await asyncio.gather(*asking))

    asyncio.run(story())
