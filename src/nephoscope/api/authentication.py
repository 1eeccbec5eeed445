"""In front of every route but those that say `open`: HTTP Basic, a Bearer token, or the cookie of a session. A new
route is closed unless it says otherwise."""

import asyncio
import binascii
import hmac
from base64 import b64decode
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.cookies import CookieError, SimpleCookie
from typing import Any, TypeVar, cast

import msgspec
from litestar import Request
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from nephoscope.access.access import AccessControl
from nephoscope.access.grants import NOTHING
from nephoscope.access.proofs import Proof
from nephoscope.access.roles import Roles
from nephoscope.api.permissions import OPEN, refusal
from nephoscope.errors import ForbiddenError, TooManyRequestsError, UnauthenticatedError
from nephoscope.model.identities import Identity

_READS = frozenset({"GET", "HEAD", "OPTIONS"})

CHALLENGE = 'Basic realm="nephoscope", charset="UTF-8", Bearer realm="nephoscope"'
COOKIE = "nephoscope_session"
SAFE_COOKIE = "__Host-nephoscope_session"
"""Over TLS: browsers take it from this very host alone, and send it nowhere else."""
CSRF_HEADER = "x-csrf-token"
_WAITING_AT_MOST = 64
"""Passwords to be hashed: beyond it one is asked to come back, and nobody waits for a flood to pass."""

Made = TypeVar("Made")


class _Queue:
    """Threads, and so many who wait for one of them."""

    def __init__(self, name: str, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, name)
        self._waiting = 0

    async def done(self, work: Callable[[], Made]) -> Made:
        if self._waiting >= _WAITING_AT_MOST:
            raise TooManyRequestsError("Too many are logging in just now.", 1)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


class Hashing:
    """Threads of their own for what takes long, so that a flood of wrong passwords leaves the other threads alone; and
    others for asking a provider of single sign-on, which may take its time and must keep no password waiting."""

    def __init__(self) -> None:
        self._passwords = _Queue("password", 2)
        self._providers = _Queue("sign-on", 4)

    async def done(self, work: Callable[[], Made]) -> Made:
        """TooManyRequestsError when too many wait already."""
        return await self._passwords.done(work)

    async def asked(self, work: Callable[[], Made]) -> Made:
        """Of a provider. See `done`."""
        return await self._providers.done(work)


class Authentication(ASGIMiddleware):
    """What is remembered costs microseconds and is checked at once."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = OPEN

    def __init__(self, access: AccessControl, roles: Roles, hashing: Hashing) -> None:
        self._access = access
        self._roles = roles
        self._hashing = hashing

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        own = cast("dict[str, Any]", scope)
        headers: Mapping[bytes, bytes] = dict(scope["headers"])
        refuse_foreign_page(headers, own["method"])
        proof = await self._prove(headers, own)
        scope["auth"] = proof
        scope["user"] = identity = identity_of(self._roles, proof)
        reason = refusal(identity, f"{own['method']} {own['path_template']}")
        if reason:
            raise ForbiddenError(_refusal(proof, reason))
        await next_app(scope, receive, send)

    async def _prove(self, headers: Mapping[bytes, bytes], scope: Mapping[str, Any]) -> Proof:
        header = headers.get(b"authorization", b"").strip()
        scheme, _, rest = header.partition(b" ")
        if scheme.lower() == b"bearer":
            return self._access.recall_token(rest.strip().decode("latin-1"), address_of(scope))
        value = "" if header else session_cookie(headers, is_secure=scope["scheme"] == "https")
        if value:
            proof = self._access.recall_session(value)
            if proof is None:
                proof = await self._hashing.done(lambda: self._access.read_session(value))
            _check_csrf(proof, headers, scope["method"])
            return proof
        return await self._basic(header, address_of(scope))

    async def _basic(self, header: bytes, address: str) -> Proof:
        name, password = _credentials(header)
        known = self._access.recall(name, password)
        if known is not None:
            return known
        self._access.check_pace(name, address)
        return await self._hashing.done(lambda: self._access.authenticate(name, password, address))


def identity_of(roles: Roles, proof: Proof) -> Identity:
    """What the proven principal may do now. Whoever must choose another password may do that, and nothing else."""
    identity = roles.identity(proof.granted, proof.shown_as)
    return msgspec.structs.replace(identity, permissions=NOTHING) if proof.must_change else identity


def proof_of(request: Request[Any, Any, Any]) -> Proof:
    """Of a route that is not open."""
    found: Proof = request.scope["auth"]
    return found


def address_of(scope: Mapping[str, Any]) -> str:
    """Where the request comes from; empty when the server does not know."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def refuse_foreign_page(headers: Mapping[bytes, bytes], method: str) -> None:
    """Browsers add the password they know to what other pages send here. Programs send no Origin."""
    origin = headers.get(b"origin")
    if origin is None or method in _READS:
        return
    if origin.partition(b"://")[2] != headers.get(b"host"):
        raise ForbiddenError("A page of another site may not change anything here.")


def session_cookie(headers: Mapping[bytes, bytes], *, is_secure: bool) -> str:
    """Empty when there is none. Over TLS only that one counts which no neighbour can set: nobody is made to work in
    somebody else's session."""
    return cookie(headers, SAFE_COOKIE if is_secure else COOKIE)


def cookie(headers: Mapping[bytes, bytes], name: str) -> str:
    text = headers.get(b"cookie", b"").decode("latin-1")
    if name not in text:
        return ""
    try:
        found = SimpleCookie(text).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def _check_csrf(proof: Proof, headers: Mapping[bytes, bytes], method: str) -> None:
    shown = headers.get(CSRF_HEADER.encode(), b"")
    if method not in _READS and not hmac.compare_digest(shown, proof.csrf.encode()):
        raise ForbiddenError(f"The header {CSRF_HEADER} with the value that the login answered is missing or wrong.")


def _refusal(proof: Proof, reason: str) -> str:
    return (
        f"{proof.shown_as} must choose another password first: PUT /api/me/password." if proof.must_change else reason
    )


def _credentials(header: bytes) -> tuple[str, str]:
    scheme, _, encoded = header.partition(b" ")
    if scheme.lower() != b"basic":
        raise UnauthenticatedError("HTTP Basic credentials or a Bearer token are needed.")
    return basic_pair(encoded)


def basic_pair(encoded: bytes) -> tuple[str, str]:
    """User name and password. UnauthenticatedError when they cannot be read."""
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
