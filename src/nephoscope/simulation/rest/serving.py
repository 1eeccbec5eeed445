"""A cloud of JSON on a free port of loopback: what Azure's and Google's fakes have in common.

It can be disturbed as real clouds are: throttled, broken for a while, refusing one permission, forgetting a token.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

_LARGEST_BODY = 1024 * 1024


class Asked(msgspec.Struct, frozen=True):
    """One request. `query` holds the last value of each parameter, `queries` all."""

    method: str
    path: str
    queries: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def query(self) -> Mapping[str, str]:
        return {name: values[-1] for name, values in self.queries.items()}

    def json(self) -> Any:
        return json.loads(self.body or b"null")

    def form(self) -> Mapping[str, str]:
        return {name: values[-1] for name, values in parse_qs(self.body.decode()).items()}


class Answered(msgspec.Struct, frozen=True):
    body: Any
    status: int = 200
    headers: Mapping[str, str] = {}


class Trouble(msgspec.Struct):
    """Answers `answered` to requests whose path contains `path`, `times` times, once `after` of them went well.
    `is_late`: what was asked is done all the same, and only the answer got lost."""

    path: str
    answered: Answered
    times: int = 1
    is_late: bool = False
    after: int = 0

    def strikes(self, path: str) -> bool:
        """Whether this request is the one; asked of each request once."""
        if not self.times or self.path not in path:
            return False
        if self.after:
            self.after -= 1
            return False
        self.times -= 1
        return True


class RestCloud:
    """Subclasses answer. Thread-safe as long as nobody fills it while it is asked."""

    def __init__(self) -> None:
        self.refused: set[str] = set()
        """Permissions that nobody has, in lower case."""
        self.tokens: set[str] = set()
        """Those that open it."""
        self.asked: Counter[str] = Counter()
        """`METHOD /path` → how often."""
        self._troubles: list[Trouble] = []
        self._given = 0
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.cloud = self
        self.endpoint_url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def answer(self, asked: Asked) -> Answered:
        raise NotImplementedError

    def new_token(self) -> str:
        with self._lock:
            self._given += 1
            token = f"token-{self._given}"
            self.tokens.add(token)
            return token

    def forget_tokens(self) -> None:
        """As if they had expired."""
        self.tokens.clear()

    def is_known(self, asked: Asked) -> bool:
        return asked.headers.get("authorization", "").removeprefix("Bearer ") in self.tokens

    def disturb(self, path: str, answered: Answered, times: int = 1, *, is_late: bool = False, after: int = 0) -> None:
        self._troubles.append(Trouble(path, answered, times, is_late, after))

    @contextmanager
    def refusing(self, *permissions: str) -> Iterator[None]:
        """Nobody has these permissions meanwhile."""
        self.refused |= {name.lower() for name in permissions}
        try:
            yield
        finally:
            self.refused.clear()

    def respond(self, asked: Asked) -> Answered:
        with self._lock:
            self.asked[f"{asked.method} {asked.path}"] += 1
            trouble = next((one for one in self._troubles if one.strikes(asked.path)), None)
        if trouble is None or trouble.is_late:
            answered = self.answer(asked)
        return trouble.answered if trouble is not None else answered

    def stop(self) -> None:
        """Repeating it does nothing."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._server.server_close()
            self._thread.join(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    cloud: RestCloud

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        size = min(int(self.headers.get("Content-Length") or 0), _LARGEST_BODY)
        asked = Asked(
            self.command,
            unquote(parts.path),
            parse_qs(parts.query, keep_blank_values=True),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(size),
        )
        answered = self.server.cloud.respond(asked)
        body = answered.body if isinstance(answered.body, bytes) else json.dumps(answered.body).encode()
        self.send_response(answered.status)
        for name, value in {"Content-Type": "application/json", **answered.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """A simulation keeps no log."""
