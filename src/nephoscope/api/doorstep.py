"""What happens to every request before routing and to every answer after it, whoever gives it.

Addresses become canonical, HEAD is answered as GET without the body, and each answer carries the same headers.
"""

from typing import Any, cast
from uuid import uuid4

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from nephoscope.api.addresses import canonical
from nephoscope.api.wire.portal import LIMIT_HEADERS

_ASKED_PATH, _REQUEST_ID = "nephoscope.asked_path", "nephoscope.request_id"

_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    *((name.lower().encode(), value.encode()) for name, value in LIMIT_HEADERS),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)


class Doorstep:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        own = cast("dict[str, Any]", scope)
        if own["type"] != "http":
            await self._app(scope, receive, send)
            return
        own[_ASKED_PATH], own[_REQUEST_ID] = scope["path"], uuid4().hex
        own["path"] = canonical(scope["path"])
        is_head = own["method"] == "HEAD"
        if is_head:
            own["method"] = "GET"
        await self._app(scope, receive, _dressed(send, own[_REQUEST_ID], is_head=is_head))


def _dressed(send: Send, request_id: str, *, is_head: bool) -> Send:
    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            said = {name.lower() for name, _ in message["headers"]}
            usual = (header for header in _HEADERS if header[0] not in said)
            headers = [*message["headers"], *usual, (b"x-request-id", request_id.encode())]
            await send({**message, "headers": headers})
        elif message["type"] == "http.response.body" and is_head:
            await send({**message, "body": b""})
        else:
            await send(message)

    return dressed


def asked_path(scope: Scope) -> str:
    """The path as the client wrote it."""
    return str(cast("dict[str, Any]", scope).get(_ASKED_PATH, scope["path"]))


def request_id(scope: Scope) -> str:
    return str(cast("dict[str, Any]", scope).get(_REQUEST_ID, ""))
