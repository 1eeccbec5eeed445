"""How the server listens: with TLS or behind proxies that are named, and patient only to a point with slow clients."""

import ssl
from asyncio import TimerHandle
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import uvicorn
from litestar import Litestar
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from nephoscope.app.certificates import tls_context
from nephoscope.errors import SettingsError
from nephoscope.kit.networks import unwrapped
from nephoscope.settings import Settings

KEEP_ALIVE = 30
"""Seconds an idle connection stays open."""
HEADER_SECONDS = 15.0
"""From the first byte of a request, or from the connection, until its headers are whole."""
BODY_SECONDS = 300.0
"""Until a body is whole, whoever reads it; also one that nobody reads, because the request was refused."""
STALL_SECONDS = 60.0
"""That a client may take nothing of an answer that is being sent."""
LARGEST_HEADERS = 64 * 1024
"""Bytes."""
_GRACE = 10
"""Seconds that requests under way have when the server ends."""
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class PatientProtocol(HttpToolsProtocol):
    """Lets go of clients whose headers or bodies take too long or never end, and of those that do not take their
    answer: a thousand of them must not keep others out."""

    header_seconds = HEADER_SECONDS
    body_seconds = BODY_SECONDS
    stall_seconds = STALL_SECONDS

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._timer: TimerHandle | None = None
        self._stall: TimerHandle | None = None
        self._head = 0
        self._is_in_head = True

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if self.client:  # a socket for both families shows the old one wrapped
            self.client = (unwrapped(self.client[0]), self.client[1])
        self._wait(self.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        self._move_on()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Piece by piece: headers that come all at once are bounded as well."""
        while data and not self.transport.is_closing():
            room = LARGEST_HEADERS + 1 - self._head if self._is_in_head else LARGEST_HEADERS
            piece, data = data[:room], data[room:]
            if self._is_in_head:
                self._head += len(piece)
            super().data_received(piece)
            if self._is_in_head and self._head > LARGEST_HEADERS and not self.transport.is_closing():
                self.transport.write(_TOO_LARGE)
                self.transport.close()

    def on_message_begin(self) -> None:
        self._is_in_head = True
        self._wait(self.header_seconds)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._wait(self.body_seconds)
        self._is_in_head, self._head = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """What comes next belongs to another request."""
        self._stop()
        super().on_message_complete()
        self._is_in_head, self._head = True, 0

    def pause_writing(self) -> None:
        """The client takes less than it is sent."""
        super().pause_writing()
        self._move_on()
        self._stall = self.loop.call_later(self.stall_seconds, self._give_up)

    def resume_writing(self) -> None:
        self._move_on()
        super().resume_writing()

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing to log: what was asked is answered in HTTP, and strangers fill no logs."""

    def _wait(self, seconds: float) -> None:
        self._stop()
        self._timer = self.loop.call_later(seconds, self._give_up)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _move_on(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def _give_up(self) -> None:
        """At once: closing in good order would wait until the client has taken the rest."""
        self.transport.abort()


def server_config(
    application: Litestar, settings: Settings, *, protocol: type[PatientProtocol] = PatientProtocol
) -> uvicorn.Config:
    """SettingsError for a certificate or a proxy that cannot be used."""
    proxies = _proxies(settings)
    return uvicorn.Config(
        application,
        http=protocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE,
        ssl_context_factory=_tls(settings),
        h11_max_incomplete_event_size=LARGEST_HEADERS,
    )


def _proxies(settings: Settings) -> list[str]:
    """Whose word on the client's address and scheme counts."""
    for text in settings.trusted_proxies:
        try:
            ip_network(text, strict=False)
        except ValueError:
            raise SettingsError(
                f"NEPHOSCOPE_TRUSTED_PROXIES holds {text[:60]!r}; expected addresses or networks such as 10.0.0.0/24."
            ) from None
    return list(settings.trusted_proxies)


def _tls(settings: Settings) -> Callable[[uvicorn.Config, Callable[[], ssl.SSLContext]], ssl.SSLContext] | None:
    if settings.tls_certificate is None:
        if settings.tls_key is not None:
            raise SettingsError("--tls-key needs --tls-cert, the certificate that it belongs to.")
        return None
    context = tls_context(settings.tls_certificate, settings.tls_key)
    return lambda _config, _usual: context
