"""What happens to every request before routing and to every answer after it, whoever gives it.

Addresses become canonical, HEAD is answered as GET without the body, each answer carries the same headers, each request
is measured, logged and traced, and whoever pauses within a body is told so. Others who are slow, the listener lets go.
"""

import asyncio
import logging
import time
from typing import Any, cast
from uuid import uuid4

from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from nephoscope.api.addresses import canonical
from nephoscope.api.meters import Meters
from nephoscope.api.wire.portal import LIMIT_HEADERS
from nephoscope.kit.logs import told
from nephoscope.kit.tracing import TRACING

_LOG = logging.getLogger("nephoscope.access")

_ASKED_PATH, _REQUEST_ID, _IS_GONE = "nephoscope.asked_path", "nephoscope.request_id", "nephoscope.is_gone"

BODY_SECONDS = 30.0
"""Between two pieces of a body."""

_REQUEST_TIMEOUT = 408

_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    *((name.lower().encode(), value.encode()) for name, value in LIMIT_HEADERS),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_SECURE = (b"strict-transport-security", b"max-age=31536000")
"""Only said over TLS: whoever serves plain HTTP on purpose would lock himself out."""


class EdgeMiddleware:
    """The outermost ASGI application: everything else, routing included, happens inside of it."""

    def __init__(
        self,
        app: ASGIApp,
        meters: Meters,
        *,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._app = app
        self._meters = meters
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        own = cast("dict[str, Any]", scope)
        if own["type"] != "http":
            await self._app(scope, receive, send)
            return
        own[_ASKED_PATH], own[_REQUEST_ID] = scope["path"], uuid4().hex
        own["path"] = canonical(scope["path"])
        asked = own["method"]
        if asked == "HEAD":
            own["method"] = "GET"
        answer = _Answer(send, own, is_head=asked == "HEAD")
        started = time.perf_counter()
        with TRACING.span(asked, {"http.request.method": asked}) as span:
            try:
                await self._app(scope, self._receiving(receive, own), answer.send)
            finally:
                seconds = time.perf_counter() - started
                route = str(own.get("path_template") or "")
                span.tell(f"{asked} {route}", {"http.route": route, "http.response.status_code": answer.status})
                self._meters.answered(asked, route, answer.status, seconds)
                _log(own, asked, answer.status, seconds)

    def _receiving(self, receive: Receive, scope: dict[str, Any]) -> Receive:
        """Who waits for more than the body waits for the client to go away: that may take as long as the answer."""
        is_whole = False

        async def received() -> Any:
            nonlocal is_whole
            try:
                async with asyncio.timeout(None if is_whole else self._body_seconds):
                    message = await receive()
            except TimeoutError:
                raise HTTPException("The body did not come in time.", status_code=_REQUEST_TIMEOUT) from None
            scope[_IS_GONE] = not is_whole and message["type"] == "http.disconnect"
            is_whole = message["type"] != "http.request" or not message["more_body"]
            return message

        return received


class _Answer:
    """What goes out, with what every answer carries. `status` is 500 until something was sent."""

    def __init__(self, send: Send, scope: dict[str, Any], *, is_head: bool) -> None:
        self._send = send
        self._scope = scope
        self._is_head = is_head
        self.status = 500

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            said = {name.lower() for name, _ in message["headers"]}
            usual = [header for header in self._usual() if header[0] not in said]
            await self._send({**message, "headers": [*message["headers"], *usual]})
        elif message["type"] == "http.response.body" and self._is_head:
            await self._send({**message, "body": b""})
        else:
            await self._send(message)

    def _usual(self) -> list[tuple[bytes, bytes]]:
        secure = [_SECURE] if self._scope.get("scheme") == "https" else []
        return [*_HEADERS, *secure, (b"x-request-id", self._scope[_REQUEST_ID].encode())]


def _log(scope: dict[str, Any], method: str, status: int, seconds: float) -> None:
    """The path as it was asked for, bounded, without the query: that may hold anything."""
    if not _LOG.isEnabledFor(logging.INFO):
        return
    identity, client = scope.get("user"), scope.get("client")
    _LOG.info(
        "request",
        extra=told(
            request_id=scope[_REQUEST_ID],
            method=method,
            path=scope[_ASKED_PATH][:300],
            status=status,
            milliseconds=round(seconds * 1000, 1),
            identity=getattr(identity, "name", None),
            address=client[0] if client else None,
        ),
    )


def asked_path(scope: Scope) -> str:
    """The path as the client wrote it."""
    return str(cast("dict[str, Any]", scope).get(_ASKED_PATH, scope["path"]))


def request_id(scope: Scope) -> str:
    return str(cast("dict[str, Any]", scope).get(_REQUEST_ID, ""))


def is_gone(scope: Scope) -> bool:
    """Whether the client went away before its request had come whole."""
    return bool(cast("dict[str, Any]", scope).get(_IS_GONE))
