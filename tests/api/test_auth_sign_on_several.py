"""Several providers of single sign-on: each by its name, and none in place of another."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import World
from fake_provider import CLIENT_ID, CLIENT_SECRET, FakeProvider, serving
from nephoscope.errors import SettingsError
from nephoscope.settings import SignOn, from_environment
from worlds import FakeClock

Client = TestClient[Litestar]
NAMES = ("staff", "partners")


@pytest.fixture
def providers(clock: FakeClock) -> Iterator[dict[str, FakeProvider]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(serving(FakeProvider(clock))) for name in NAMES}


def meant(name: str, provider: FakeProvider) -> SignOn:
    return SignOn(
        issuer=provider.issuer,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        public_url="http://testserver.local",
        default_role={"staff": "Analyst", "partners": "Reader"}[name],
        name=name,
    )


@pytest.fixture
def browser(world: World, providers: dict[str, FakeProvider]) -> Iterator[Client]:
    sign_ons = tuple(meant(name, provider) for name, provider in providers.items())
    world.use(msgspec.structs.replace(world.settings, sign_ons=sign_ons))
    with TestClient(world.application(), raise_server_exceptions=False) as opened:
        opened.follow_redirects = False
        yield opened


def begun(browser: Client, **asked: str) -> str:
    return str(browser.get("/api/sso/login", params=asked).headers["location"])


def test_each_is_asked_by_its_name_and_has_its_own_roles(browser: Client, providers: dict[str, FakeProvider]) -> None:
    listed = browser.get("/api/sso/providers").json()
    assert [row["name"] for row in listed] == list(NAMES)
    for row, (name, provider) in zip(listed, providers.items(), strict=True):
        provider.says |= {"sub": f"u of {name}", "preferred_username": f"ann of {name}"}
        location = str(browser.get(row["login"]).headers["location"])
        assert location.startswith(provider.issuer)
        state, code = provider.visit(location)
        assert browser.get("/api/sso/callback", params={"state": state, "code": code}).status_code == 302
        said = browser.get("/api/me").json()
        assert said["name"] == f"ann of {name}"
        assert ("tags:write" in said["permissions"]) is (name == "staff")


def test_the_first_is_meant_without_a_name_and_an_unknown_one_is_a_404(
    browser: Client, providers: dict[str, FakeProvider]
) -> None:
    assert begun(browser).startswith(providers["staff"].issuer)
    answer = browser.get("/api/sso/login", params={"provider": "nobody"})
    assert (answer.status_code, "staff, partners" in answer.json()["message"]) == (404, True)


def test_the_same_subject_of_another_provider_is_somebody_else(
    browser: Client, providers: dict[str, FakeProvider]
) -> None:
    statuses = []
    for name, provider in providers.items():
        state, code = provider.visit(begun(browser, provider=name))
        statuses.append(browser.get("/api/sso/callback", params={"state": state, "code": code}).status_code)
    assert statuses == [302, 403], "the name belongs to whoever came first"


def test_a_code_of_another_provider_goes_nowhere(browser: Client, providers: dict[str, FakeProvider]) -> None:
    staff, partners = providers.values()
    state, code = staff.visit(begun(browser, provider="staff"))
    _, other = partners.visit(begun(browser, provider="partners"))
    assert browser.get("/api/sso/callback", params={"state": state, "code": other}).status_code == 401
    state, code = staff.visit(begun(browser, provider="staff"))
    mixed = {"state": state, "code": code, "iss": partners.issuer}
    assert browser.get("/api/sso/callback", params=mixed).status_code == 401
    assert browser.get("/api/sso/callback", params={**mixed, "iss": staff.issuer}).status_code == 302


def test_two_of_one_name_or_issuer_are_refused(world: World, providers: dict[str, FakeProvider]) -> None:
    one = meant("staff", providers["staff"])
    for other in (one, msgspec.structs.replace(one, issuer="https://other.example")):
        world.use(msgspec.structs.replace(world.settings, sign_ons=(one, other)))
        with pytest.raises(SettingsError, match="the same"):
            world.application()


FILE = """
[partners]
issuer = "https://login.partner.example"
client_id = "us"
client_secret = "planted in a file"
roles = {watchers = "Reader"}
"""


def test_more_of_them_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "providers.toml"
    path.write_text(FILE)
    path.chmod(0o600)
    monkeypatch.setenv("NEPHOSCOPE_OIDC_FILE", str(path))
    with pytest.raises(SettingsError, match="NEPHOSCOPE_PUBLIC_URL"):
        from_environment(data=None)
    monkeypatch.setenv("NEPHOSCOPE_PUBLIC_URL", "https://me.example")
    (found,) = from_environment(data=None).sign_ons
    assert (found.name, found.roles, found.callback) == (
        "partners",
        (("watchers", "Reader"),),
        "https://me.example/api/sso/callback",
    )


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        (FILE, 0o644, "chmod 600"),
        ("[x]\nissuer = 7", 0o600, "is no file of providers"),
        ("[x", 0o600, "is no file of providers"),
        (FILE + 'rolls = "x"', 0o600, "rolls"),
        (None, 0o600, "cannot be read"),
    ],
)
def test_what_is_wrong_with_the_file_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, mode: int, words: str
) -> None:
    path = tmp_path / "providers.toml"
    if text is not None:
        path.write_text(text)
        path.chmod(mode)
    monkeypatch.setenv("NEPHOSCOPE_OIDC_FILE", str(path))
    monkeypatch.setenv("NEPHOSCOPE_PUBLIC_URL", "https://me.example")
    with pytest.raises(SettingsError, match=words) as caught:
        from_environment(data=None)
    assert "planted" not in caught.value.message
