"""A tiny AWS on loopback that says what a test wants it to say: denied, throttled, broken, slow, in any region.

It speaks the query protocol for STS and EC2 and JSON for the rest; what is asked is told by the signature.
"""

import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from nephoscope.clouds.pacing import Pace

ACCOUNT = "123456789012"
LATER = datetime(2999, 1, 1, tzinfo=UTC)
_SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")


class Ask(NamedTuple):
    key: str
    service: str
    region: str
    operation: str
    arguments: dict[str, Any]


Reply = tuple[int, dict[str, Any] | str]
Answer = Callable[[Ask], Reply]


def error(code: str, message: str = "", status: int = 400) -> Answer:
    return lambda _: (status, {"__type": code, "message": message})


def xml_error(code: str, message: str) -> Answer:
    """As the query protocol sends it; EC2 wraps it a little differently, and both are here."""
    inner = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return lambda ask: (403, f"<R><Errors>{inner}</Errors></R>" if ask.service == "ec2" else f"<R>{inner}</R>")


class FakeAws:
    """`answers` maps an operation to what it says; a list of answers is used up one by one, the last one stays.
    `asks` is what was asked so far, `most` how many were answered at once, `connections` how many were opened."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | list[Answer]] = {
            "GetCallerIdentity": _identity,
            "AssumeRole": role_until(LATER),
            "DescribeRegions": _regions,
        }
        self.asks: list[Ask] = []
        self.most = 0
        self.connections = 0
        self.url = ""
        self._running = 0
        self._lock = threading.Lock()

    def count(self, operation: str) -> int:
        return sum(ask.operation == operation for ask in self.asks)

    def reply(self, ask: Ask) -> Reply:
        with self._lock:
            self.asks.append(ask)
            self._running += 1
            self.most = max(self.most, self._running)
            answer = self.answers.get(ask.operation, error("UnknownOperationException"))
            if isinstance(answer, list):
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
        try:
            return answer(ask)
        finally:
            with self._lock:
                self._running -= 1


def _identity(ask: Ask) -> Reply:
    account = "222222222222" if ask.key == "ROLEKEY" else ACCOUNT
    return 200, (
        f"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::{account}:user/auditor</Arn>"
        f"<UserId>U</UserId><Account>{account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
    )


def role_until(expiry: datetime) -> Answer:
    """Credentials of a role that last until then."""
    return lambda _: (
        200,
        (
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ROLEKEY</AccessKeyId>"
            "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
            f"<Expiration>{expiry:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
        ),
    )


def _regions(_: Ask) -> Reply:
    rows = "".join(f"<item><regionName>{name}</regionName></item>" for name in ("us-east-1", "eu-west-1"))
    return 200, f"<DescribeRegionsResponse><regionInfo>{rows}</regionInfo></DescribeRegionsResponse>"


class _Server(ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the test."""


@contextmanager
def fake_aws(tls: ssl.SSLContext | None = None) -> Iterator[FakeAws]:
    """Speaks HTTPS when it is given a context with a certificate."""
    fake = FakeAws()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            fake.connections += 1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            status, answer = fake.reply(_asked(self.headers, body))
            if status == 0:  # hang up
                self.close_connection = True
                return
            text = answer if isinstance(answer, str) else json.dumps(answer)
            self.send_response(status)
            self.send_header("content-type", "text/xml" if isinstance(answer, str) else "application/x-amz-json-1.1")
            self.send_header("content-length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the library
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    fake.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _asked(headers: Any, body: bytes) -> Ask:
    found = _SCOPE.search(headers["authorization"])
    key, region, service = found.groups() if found else ("", "", "")
    target = headers.get("x-amz-target")
    if target:
        return Ask(key, service, region, target.split(".")[-1], json.loads(body))
    arguments = dict(parse_qsl(body.decode()))
    return Ask(key, service, region, arguments.get("Action", ""), arguments)


def closed_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class FakePace:
    """Time that passes only by being slept through."""

    def __init__(self) -> None:
        self.now = 0.0
        self.naps: list[float] = []
        self._lock = threading.Lock()

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds
            self.naps.append(seconds)

    @property
    def pace(self) -> Pace:
        return self.pace_drawing(1.0)

    def pace_drawing(self, draw: float) -> Pace:
        return Pace(now=lambda: self.now, sleep=self.sleep, draw=lambda: draw)
