"""How much one identity may ask for: so many requests a minute, so many at the same time. Off unless the operator sets
a number; the headers are there always (contract §5). What is counted is counted by each process.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, cast

import msgspec
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from nephoscope.api.wire.portal import counted_headers
from nephoscope.errors import TooManyRequestsError
from nephoscope.model.identities import person_of

WINDOW = 60
"""Seconds. Clients wait as long as this when they are refused and do not look at `Retry-After`."""
COUNTED = "nephoscope.counted"
"""Where the scope of a refused request holds the headers with the limits."""
_COUNTED_AT_MOST = 10_000


class _Count(msgspec.Struct):
    """`began` is when the window did."""

    began: float
    requests: int = 0
    running: int = 0


class Limits(ASGIMiddleware):
    """After authentication: what is counted is counted by name, that of a user also for the programs that act as he
    does. Runs on the event loop alone."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, rate: int, concurrency: int, now: Callable[[], float] = time.monotonic) -> None:
        """Requests in a window, and at the same time; 0 is no limit."""
        self._rate = rate
        self._concurrency = concurrency
        self._now = now
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        identity = scope.get("user")
        if identity is None or not (self._rate or self._concurrency):
            await next_app(scope, receive, send)
            return
        try:
            count = self._enter(person_of(identity.name))
        except TooManyRequestsError:
            self._tell(cast("dict[str, Any]", scope), person_of(identity.name))
            raise
        try:
            await next_app(scope, receive, self._dressed(send, count))
        finally:
            count.running -= 1

    def _tell(self, scope: dict[str, Any], name: str) -> None:
        """What the limits are, for whoever answers that they are reached."""
        running = self._count(name).running
        scope[COUNTED] = dict(
            counted_headers(limit=self._rate, remaining=0, concurrency=self._concurrency, running=running)
        )

    def _enter(self, name: str) -> _Count:
        count = self._count(name)
        if self._concurrency and count.running >= self._concurrency:
            raise TooManyRequestsError(f"At most {self._concurrency} requests at the same time, please.", 1)
        if self._rate and count.requests >= self._rate:
            wait = max(1, int(count.began + WINDOW - self._now()) + 1)
            raise TooManyRequestsError(f"At most {self._rate} requests in {WINDOW} seconds, please.", wait)
        count.requests += 1
        count.running += 1
        return count

    def _count(self, name: str) -> _Count:
        now = self._now()
        count = self._counts.get(name)
        if count is None:
            count = self._counts[name] = _Count(now)
            self._forget_idle()
        elif now - count.began >= WINDOW:
            count.began, count.requests = now, 0
        self._counts.move_to_end(name)
        return count

    def _forget_idle(self) -> None:
        """The oldest that nothing runs for."""
        while len(self._counts) > _COUNTED_AT_MOST:
            idle = next((name for name, count in self._counts.items() if not count.running), None)
            if idle is None:
                return
            del self._counts[idle]

    def _dressed(self, send: Send, count: _Count) -> Send:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                counted = counted_headers(
                    limit=self._rate,
                    remaining=self._rate - count.requests,
                    concurrency=self._concurrency,
                    running=count.running,
                )
                headers = [(name.lower().encode(), value.encode()) for name, value in counted]
                said = {name for name, _ in headers}
                kept = [header for header in message["headers"] if header[0].lower() not in said]
                message = {**message, "headers": [*kept, *headers]}
            await send(message)

        return dressed
