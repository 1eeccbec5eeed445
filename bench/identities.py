"""What it costs to know who asks: small requests over one connection to a real server, with each kind of credentials
beside none. A password is hashed once a minute, not once a request; what hashing costs stands last."""

import base64
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from urllib.parse import urlencode

from bench.measure import Row, seconds

COMMAND = "make bench ONLY=identities"
ADMIN = "admin"
PASSWORD = "benchmark-plover-tundra"  # noqa: S105 - of a server that lives for one benchmark
_OPEN, _CLOSED = "/cloudview-api/rest/v1/controls/metadata/metadata.dtd", "/msp/about.php"
"""Both answer a few bytes that are there already."""
_REQUESTS, _TIMES, _LOGINS = 1_500, 3, 10


def run() -> list[Row]:
    with server() as port, closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        basic = base64.b64encode(f"{ADMIN}:{PASSWORD}".encode()).decode()
        form = urlencode({"username": ADMIN, "password": PASSWORD, "token": "true"})
        token = _ask(connection, "POST", "/auth", {}, form).decode()
        session = _session(connection)
        anonymous = _rate(connection, _OPEN, {})
        rows = [
            Row(f"requests with {name}", _rate(connection, _CLOSED, headers), "per second", anonymous, "none", COMMAND)
            for name, headers in (
                ("HTTP Basic", {"Authorization": f"Basic {basic}"}),
                ("a token", {"Authorization": f"Bearer {token}"}),
                ("a session", {"Cookie": session}),
            )
        ]
        took = seconds(lambda: [_ask(connection, "POST", "/auth", {}, form) for _ in range(_LOGINS)])
        return [*rows, Row("logins", _LOGINS / took, "per second", anonymous, "requests with none", COMMAND)]


def _rate(connection: HTTPConnection, path: str, headers: Mapping[str, str]) -> float:
    _ask(connection, "GET", path, headers)
    work: Callable[[], object] = lambda: [_ask(connection, "GET", path, headers) for _ in range(_REQUESTS)]  # noqa: E731 - one line
    return _REQUESTS / seconds(work, _TIMES)


def _ask(connection: HTTPConnection, method: str, path: str, headers: Mapping[str, str], body: str = "") -> bytes:
    connection.request(method, path, body or None, dict(headers))
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status < 300, content
    return content


def _session(connection: HTTPConnection) -> str:
    body = f'{{"username": "{ADMIN}", "password": "{PASSWORD}"}}'
    connection.request("POST", "/api/sessions", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    return answer.headers["set-cookie"].partition(";")[0]


@contextmanager
def server() -> Iterator[int]:
    """The port of one that lives as long as the block."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "nephoscope", "serve", "--data", folder, "--port", "0"]
        own = {**os.environ, "NEPHOSCOPE_ADMIN_PASSWORD": PASSWORD}
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=own) as process:
            try:
                assert process.stderr is not None
                found = next(filter(None, (re.search(r"answers on http://\S+:(\d+)", line) for line in process.stderr)))
                yield int(found[1])
            finally:
                process.terminate()
                process.wait()
