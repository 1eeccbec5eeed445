"""What somebody who is not logged in learns: that there is a nephoscope, and how to talk to it."""

import re
from importlib.metadata import version

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import BASE, World

Client = TestClient[Litestar]

PAGES = (
    "/", "/openapi", "/openapi/openapi.json", "/openapi/nowhere", "/healthz", "/readyz", "/metrics", "/nowhere",
    "/.well-known/jwks.json", "/msp/about.php", f"{BASE}/aws/connectors", f"{BASE}/aws/connectors?filter=:::",
    f"{BASE}/controls/metadata/metadata.dtd", "/static/", "/.git/config", "/..%2f..%2fetc/passwd",
)  # fmt: skip
_STACK = re.compile(
    r"litestar|uvicorn|msgspec|starlette|sqlalchemy|sqlite|postgres|python|traceback|site-packages", re.IGNORECASE
)
_DIGITS = re.compile(rf"\b{re.escape(version('nephoscope'))}\b")


@pytest.fixture
def stranger(world: World) -> Client:
    return TestClient(world.application(), raise_server_exceptions=False)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_tells_a_version_or_what_it_is_made_of(stranger: Client, path: str) -> None:
    answer = stranger.get(path, follow_redirects=False)
    told = f"{answer.text} {dict(answer.headers)}"
    assert answer.status_code < 500
    assert not _STACK.search(told), _STACK.search(told)
    assert not _DIGITS.search(told)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "DELETE", "X" * 1000])
def test_odd_methods_are_refused_in_the_same_way(stranger: Client, method: str) -> None:
    answer = stranger.request(method, f"{BASE}/aws/connectors")
    assert answer.status_code in {401, 405}
    assert not _STACK.search(answer.text)
