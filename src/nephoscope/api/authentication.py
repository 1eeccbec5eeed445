"""HTTP Basic in front of every route but those that say `open`. A new route is closed unless it says otherwise."""

import asyncio
import binascii
from base64 import b64decode
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from nephoscope.access.access import AccessControl
from nephoscope.access.roles import Roles
from nephoscope.api.permissions import OPEN, PERMISSIONS
from nephoscope.errors import ForbiddenError, UnauthenticatedError
from nephoscope.model.identities import Principal

_READS = frozenset({"GET", "HEAD", "OPTIONS"})

CHALLENGE = 'Basic realm="nephoscope", charset="UTF-8"'


class Authentication(ASGIMiddleware):
    """A remembered password costs microseconds and is checked at once; hashing has threads of its own, so that a flood
    of wrong passwords leaves the other threads alone."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = OPEN

    def __init__(self, access: AccessControl, roles: Roles) -> None:
        self._access = access
        self._roles = roles
        self._hashing = ThreadPoolExecutor(2, "password")

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        headers = dict(scope["headers"])
        _refuse_foreign_page(headers, scope["method"])  # type: ignore[typeddict-item]  # HTTP only, see `scopes`
        name, password = _credentials(headers.get(b"authorization", b""))
        if self._access.recall(name, password) is None:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._hashing, self._access.authenticate, name, password)
        scope["user"] = identity = self._roles.identity(Principal.user(name))
        permission = PERMISSIONS[f"{scope['method']} {scope['path_template']}"]  # type: ignore[typeddict-item]  # HTTP only
        if not identity.may(permission):
            raise ForbiddenError(f"{name} may not do this: it takes the permission {permission}.")
        await next_app(scope, receive, send)


def _refuse_foreign_page(headers: Mapping[bytes, bytes], method: str) -> None:
    """Browsers add the password they know to what other pages send here. Programs send no Origin."""
    origin = headers.get(b"origin")
    if origin is None or method in _READS:
        return
    if origin.partition(b"://")[2] != headers.get(b"host"):
        raise ForbiddenError("A page of another site may not change anything here.")


def _credentials(header: bytes) -> tuple[str, str]:
    scheme, _, encoded = header.strip().partition(b" ")
    if scheme.lower() != b"basic":
        raise UnauthenticatedError("HTTP Basic credentials are needed.")
    try:
        decoded = b64decode(encoded.strip(), validate=True)
    except binascii.Error:
        raise UnauthenticatedError("The Authorization header is not base64.") from None
    name, colon, password = _text(decoded).partition(":")
    if not colon:
        raise UnauthenticatedError("The Authorization header has no colon between user name and password.")
    return name, password


def _text(decoded: bytes) -> str:
    """Clients disagree on the encoding: most send UTF-8, some Latin-1, in which every byte is a character."""
    try:
        return decoded.decode()
    except UnicodeDecodeError:
        return decoded.decode("latin-1")
