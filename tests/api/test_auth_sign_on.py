"""Single sign-on against a provider on loopback: who is let in, as whom, and that all else is refused."""

from collections.abc import Iterator

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import BASE, USER, World, basic
from fake_provider import CLIENT_ID, CLIENT_SECRET, FakeProvider, serving
from nephoscope.audit import trail
from nephoscope.audit.trail import Wanted
from nephoscope.errors import SettingsError
from nephoscope.kit.pages import PageRequest
from nephoscope.model.audit import AuditEntry
from nephoscope.model.identities import Identity
from nephoscope.settings import SignOn, from_environment
from worlds import FakeClock

Client = TestClient[Litestar]
LIST = f"{BASE}/aws/connectors"


@pytest.fixture
def provider(clock: FakeClock) -> Iterator[FakeProvider]:
    with serving(FakeProvider(clock)) as opened:
        yield opened


@pytest.fixture
def browser(world: World, provider: FakeProvider) -> Iterator[Client]:
    sign_on = SignOn(
        issuer=provider.issuer,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        public_url="http://testserver.local",
        roles=(("admins", "Manager"), ("audit", "Auditor")),
    )
    world.use(msgspec.structs.replace(world.settings, sign_ons=(sign_on,)))
    with TestClient(world.application(), raise_server_exceptions=False) as opened:
        opened.follow_redirects = False
        yield opened


def begun(browser: Client, onward: str = "/openapi") -> str:
    answer = browser.get("/api/sso/login", params={"next": onward})
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def came_back(browser: Client, provider: FakeProvider) -> int:
    state, code = provider.visit(begun(browser))
    return browser.get("/api/sso/callback", params={"state": state, "code": code}).status_code


def test_whoever_the_provider_vouches_for_gets_a_session(browser: Client, provider: FakeProvider, world: World) -> None:
    state, code = provider.visit(begun(browser))
    answer = browser.get("/api/sso/callback", params={"state": state, "code": code})
    assert (answer.status_code, answer.headers["location"]) == (302, "/openapi")
    said = browser.get("/api/me").json()
    assert said["name"] == "ann"
    assert "audit:read" in said["permissions"]
    assert "users:write" not in said["permissions"]
    assert world.access.accounts.get("ann").subject == "u-1"


def test_a_role_follows_the_claim_at_each_login(browser: Client, provider: FakeProvider) -> None:
    came_back(browser, provider)
    provider.says["groups"] = ["admins"]
    came_back(browser, provider)
    assert "users:write" in browser.get("/api/me").json()["permissions"]
    provider.says["groups"] = ["nothing of ours"]
    assert came_back(browser, provider) == 403


def test_whoever_has_no_role_any_more_loses_the_one_he_had(
    browser: Client, provider: FakeProvider, world: World
) -> None:
    came_back(browser, provider)
    with TestClient(world.application(), raise_server_exceptions=False) as elsewhere:
        elsewhere.cookies.update(browser.cookies)
        assert elsewhere.get("/api/audit").status_code == 200
        provider.says["groups"] = ["nothing of ours"]
        assert came_back(browser, provider) == 403
        world.clock.forward(seconds=2)
        assert elsewhere.get("/api/me").json()["permissions"] == ["portal"]
        assert elsewhere.get("/api/audit").status_code == 403
    newest = trail_of(world)[0]
    assert (newest.who, newest.action, newest.detail) == ("single sign-on", "user.take", {"role": "Auditor"})


def trail_of(world: World) -> tuple[AuditEntry, ...]:
    with world.store.read() as reader:
        return trail.page(reader, Wanted(), PageRequest(0, 10)).rows


def test_the_name_is_only_what_one_is_called(browser: Client, provider: FakeProvider) -> None:
    came_back(browser, provider)
    provider.says["preferred_username"] = "renamed"
    came_back(browser, provider)
    assert browser.get("/api/me").json()["name"] == "ann"
    provider.says |= {"sub": "u-2", "preferred_username": USER}
    assert came_back(browser, provider) == 403
    for taken in (USER.upper(), "local", "Single Sign-On"):
        provider.says |= {"sub": "u-2", "preferred_username": taken}
        assert came_back(browser, provider) == 403
    provider.says |= {"sub": "u-3", "preferred_username": "ann"}
    assert came_back(browser, provider) == 403


def test_there_is_no_password_to_come_in_with(browser: Client, provider: FakeProvider) -> None:
    came_back(browser, provider)
    browser.cookies.clear()
    for password in ("", "a", "correct horse"):
        assert browser.get(LIST, headers=basic(f"ann:{password}")).status_code == 401


def test_whoever_is_disabled_here_stays_outside(browser: Client, provider: FakeProvider, world: World) -> None:
    came_back(browser, provider)
    world.access.accounts.switch("ann", Identity("root"), is_disabled=True)
    assert browser.get(LIST).status_code == 401
    assert came_back(browser, provider) == 403


@pytest.mark.parametrize(
    "spoiled",
    [
        {"iss": "http://127.0.0.1:1"},
        {"aud": "somebody else"},
        {"aud": [CLIENT_ID, "another"]},
        {"azp": "another"},
        {"exp": 1},
        {"iat": 2**33},
        {"nbf": 2**33},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"exp": "soon"},
    ],
)
def test_a_token_that_is_not_right_in_every_point_is_refused(
    browser: Client, provider: FakeProvider, spoiled: dict[str, object]
) -> None:
    provider.spoil = spoiled
    assert came_back(browser, provider) == 401
    assert browser.get(LIST).status_code == 401


def test_a_token_signed_with_a_shared_secret_is_refused(browser: Client, provider: FakeProvider) -> None:
    provider.key, provider.algorithm = CLIENT_SECRET * 3, "HS256"
    assert came_back(browser, provider) == 401
    provider.key, provider.algorithm = None, "none"
    assert came_back(browser, provider) == 401


def test_a_key_that_is_not_published_is_refused_and_a_new_one_is_learnt(
    browser: Client, provider: FakeProvider, clock: FakeClock
) -> None:
    assert came_back(browser, provider) == 302
    provider.replace_key()
    assert came_back(browser, provider) == 401, "keys are not asked for all the time"
    clock.forward(seconds=31)
    assert came_back(browser, provider) == 302
    del provider.published["k2"]
    clock.forward(hours=2)
    assert came_back(browser, provider) == 401


def test_keys_that_are_not_for_us_keep_nobody_out(browser: Client, provider: FakeProvider) -> None:
    provider.odd_keys = [
        {"kty": "RSA", "kid": "enc", "alg": "RSA-OAEP", "n": "AQAB", "e": "AQAB"},
        {"kty": "EC", "kid": "new", "crv": "P-9000", "x": "AA", "y": "AA"},
        {"kty": "OKP", "kid": "x", "crv": "X448"},
        {"kty": "RSA", "kid": "cut"},
        {"kty": "oct", "kid": "shared", "k": "AAAA"},
        "no key",
        None,
    ]
    assert came_back(browser, provider) == 302


def test_only_the_browser_that_began_may_finish(browser: Client, provider: FakeProvider, clock: FakeClock) -> None:
    state, code = provider.visit(begun(browser))
    kept = browser.cookies["nephoscope_sso"]
    for cookie, said in (("", state), (kept, "another"), (kept[:-8] + "AAAAAAA=", state)):
        browser.cookies.clear()
        browser.cookies.set("nephoscope_sso", cookie)
        answer = browser.get("/api/sso/callback", params={"state": said, "code": code})
        assert answer.status_code == 401
    clock.forward(minutes=10)
    browser.cookies.clear()
    browser.cookies.set("nephoscope_sso", kept)
    assert browser.get("/api/sso/callback", params={"state": state, "code": code}).status_code == 401
    assert "/token" not in provider.asked


def test_over_tls_a_neighbour_begins_no_login_for_somebody_else(
    world: World, provider: FakeProvider, browser: Client
) -> None:
    browser.get("/api/sso/providers")
    with TestClient(world.application(), "https://testserver.local", raise_server_exceptions=False) as secure:
        secure.follow_redirects = False
        state, code = provider.visit(begun(secure))
        (cookie,) = secure.cookies.jar
        assert (cookie.name, cookie.path, cookie.secure, cookie.domain_specified) == (
            "__Host-nephoscope_sso", "/", True, False
        )  # fmt: skip
        value = cookie.value or ""
        secure.cookies.clear()
        secure.cookies.set("nephoscope_sso", value, domain="testserver.local", path="/api/sso")
        assert secure.get("/api/sso/callback", params={"state": state, "code": code}).status_code == 401
        secure.cookies.set("__Host-nephoscope_sso", value, domain="testserver.local", path="/")
        assert secure.get("/api/sso/callback", params={"state": state, "code": code}).status_code == 302


def test_a_code_counts_once(browser: Client, provider: FakeProvider) -> None:
    state, code = provider.visit(begun(browser))
    kept = browser.cookies["nephoscope_sso"]
    assert browser.get("/api/sso/callback", params={"state": state, "code": code}).status_code == 302
    browser.cookies.set("nephoscope_sso", kept)
    assert browser.get("/api/sso/callback", params={"state": state, "code": code}).status_code == 401


@pytest.mark.parametrize(
    "onward", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "x", ""]
)
def test_one_goes_on_to_this_server_only(browser: Client, provider: FakeProvider, onward: str) -> None:
    answer = browser.get("/api/sso/login", params={"next": onward})
    assert answer.status_code == (302 if not onward else 400)
    assert provider.issuer


def test_groups_may_be_told_apart_from_the_token(browser: Client, provider: FakeProvider) -> None:
    del provider.says["groups"]
    provider.userinfo = {"sub": "u-1", "groups": ["audit"]}
    assert came_back(browser, provider) == 302
    provider.userinfo["sub"] = "somebody else"
    assert came_back(browser, provider) == 403


def test_without_a_provider_there_is_no_such_page(stranger: Client) -> None:
    assert stranger.get("/api/sso/login").status_code == 404


def test_half_a_provider_is_named_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEPHOSCOPE_OIDC_ISSUER", "https://login.example")
    with pytest.raises(SettingsError, match="NEPHOSCOPE_OIDC_CLIENT_ID and NEPHOSCOPE_PUBLIC_URL"):
        from_environment(data=None)
    monkeypatch.setenv("NEPHOSCOPE_OIDC_CLIENT_ID", "x")
    monkeypatch.setenv("NEPHOSCOPE_PUBLIC_URL", "https://me.example/")
    monkeypatch.setenv("NEPHOSCOPE_OIDC_ROLES", "a=Manager, b = Auditor")
    (found,) = from_environment(data=None).sign_ons
    assert (found.callback, found.roles) == (
        "https://me.example/api/sso/callback",
        (("a", "Manager"), ("b", "Auditor")),
    )
    monkeypatch.setenv("NEPHOSCOPE_OIDC_ROLES", "a:Manager")
    with pytest.raises(SettingsError, match="NEPHOSCOPE_OIDC_ROLES"):
        from_environment(data=None)
