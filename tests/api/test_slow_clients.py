"""Clients that are slow on purpose, headers without end, TLS, and whose word counts on who the client is."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging import WARNING
from pathlib import Path
from threading import Event, Thread
from typing import Any

import msgspec
import pytest
import uvicorn
from litestar import Litestar, Request, get, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException, PermissionDeniedException

from apiworld import World
from nephoscope.api.edge import EdgeMiddleware
from nephoscope.api.meters import Meters
from nephoscope.app.listening import LARGEST_HEADERS, PatientProtocol, server_config
from nephoscope.errors import SettingsError
from nephoscope.settings import Settings
from served import self_signed


class Impatient(PatientProtocol):
    header_seconds = body_seconds = stall_seconds = 0.05


@get("/", sync_to_thread=False)
def who(request: Request[None, None, State]) -> str:
    client = request.client
    return f"{request.url.scheme} {client.host if client else ''}"


LARGE = 32 * 1024 * 1024
"""Bytes: more than the kernels on both sides keep for a client who does not read."""


@get("/large", sync_to_thread=False)
def large() -> bytes:
    return bytes(LARGE)


@post("/", sync_to_thread=False)
def refuse() -> None:
    raise PermissionDeniedException


@contextmanager
def listening(settings: Settings, protocol: type[PatientProtocol] = PatientProtocol) -> Iterator[int]:
    application = Litestar([who, large, refuse], logging_config=None)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(server_config(application, settings, protocol=protocol))
        thread = Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


def asked(connection: socket.socket, headers: str = "") -> str:
    connection.sendall(f"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n".encode())
    return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_whoever_does_not_finish_the_headers_is_let_go(settings: Settings, sent: bytes) -> None:
    with listening(settings, Impatient) as port, socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(sent)
        assert connection.recv(100) == b""


@pytest.mark.parametrize("part", [b"", b"x"])
def test_a_body_that_nobody_reads_does_not_keep_the_connection(settings: Settings, part: bytes) -> None:
    with listening(settings, Impatient) as port, socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + part)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 403 ")


def test_whoever_does_not_take_the_answer_is_let_go(settings: Settings) -> None:
    lost = Event()

    class Watched(Impatient):
        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            lost.set()

    with listening(settings, Watched) as port, socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        assert lost.wait(10)


def test_a_quick_client_is_served_by_an_impatient_server(settings: Settings) -> None:
    class Hasty(PatientProtocol):
        header_seconds = body_seconds = stall_seconds = 2.0  # a machine under load is slow too

    with listening(settings, Hasty) as port, socket.create_connection(("127.0.0.1", port), 10) as connection:
        assert asked(connection).endswith("http 127.0.0.1")


def test_headers_without_end_are_refused(settings: Settings) -> None:
    with listening(settings) as port, socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX-Long: " + b"x" * (LARGEST_HEADERS + 1))
        assert connection.recv(100).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("ahead", [b"", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"])
def test_headers_that_come_all_at_once_are_bounded_too(settings: Settings, ahead: bytes) -> None:
    """The kernel hands over as much as there is: all of it in one piece."""
    long = b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * (2 * LARGEST_HEADERS) + b"\r\n\r\n"
    with listening(settings) as port, socket.create_connection(("127.0.0.1", port), 10) as connection:
        with suppress(ConnectionError):  # what was not read of it ends the connection at once
            connection.sendall(ahead + long)
        answer = b""
        with suppress(ConnectionError):
            while piece := connection.recv(65536):
                answer += piece
    assert b" 200 " not in answer


def test_who_asks_for_another_protocol_gets_this_one_and_fills_no_log(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n"
    with listening(settings) as port, socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(f"GET / HTTP/1.1\r\nHost: x\r\n{wanted}\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 200 ")
    assert [record.message for record in caplog.records if record.levelno >= WARNING] == []


def test_headers_within_the_bound_are_read_in_whatever_pieces_they_come(settings: Settings) -> None:
    with listening(settings) as port, socket.create_connection(("127.0.0.1", port), 10) as connection:
        assert asked(connection, f"X-Long: {'x' * (LARGEST_HEADERS - 200)}\r\n").endswith("http 127.0.0.1")


def test_only_named_proxies_say_who_the_client_is(settings: Settings) -> None:
    said = "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n"
    with listening(settings) as port, socket.create_connection(("127.0.0.1", port), 10) as connection:
        assert asked(connection, said).endswith("http 127.0.0.1")
    trusting = msgspec.structs.replace(settings, trusted_proxies=("127.0.0.0/8",))
    with listening(trusting) as port, socket.create_connection(("127.0.0.1", port), 10) as connection:
        assert asked(connection, said).endswith("https 203.0.113.7")


def test_it_speaks_tls_and_nothing_old(settings: Settings, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    with listening(msgspec.structs.replace(settings, tls_certificate=certificate)) as port:
        trust = ssl.create_default_context(cafile=certificate)
        with (
            socket.create_connection(("127.0.0.1", port), 10) as plain,
            trust.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
        ):
            assert (secure.version() or "") >= "TLSv1.2"
            assert asked(secure).endswith("https 127.0.0.1")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"tls_certificate": Path("/nowhere.pem")}, "No such file"),
        ({"tls_key": Path("/nowhere.key")}, "--tls-cert"),
        ({"trusted_proxies": ("proxy.example",)}, "NEPHOSCOPE_TRUSTED_PROXIES"),
    ],
)
def test_what_cannot_be_used_is_said(settings: Settings, change: dict[str, object], word: str) -> None:
    with pytest.raises(SettingsError, match=word):
        server_config(Litestar([who]), msgspec.structs.replace(settings, **change))


def edge_over(application: Any, world: World, **patience: float) -> EdgeMiddleware:
    return EdgeMiddleware(application, Meters(world.store), **patience)


def through(door: EdgeMiddleware, receive: Any) -> list[Any]:
    """What is sent to the client."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {"type": "http", "path": "/", "method": "POST", "client": ("127.0.0.1", 5000)}
    asyncio.run(door(scope, receive, send))
    return sent


def test_whoever_pauses_within_a_body_is_told(world: World) -> None:
    async def reads(_scope: Any, receive: Any, _send: Any) -> None:
        while (await receive())["more_body"]:
            pass

    pieces = iter([{"type": "http.request", "body": b"x", "more_body": True}])

    async def receive() -> Any:
        piece = next(pieces, None)
        if piece is None:
            await asyncio.Event().wait()
        return piece

    with pytest.raises(HTTPException, match="in time") as caught:
        through(edge_over(reads, world, body_seconds=0.05), receive)
    assert caught.value.status_code == 408


def test_an_answer_may_take_longer_than_a_body(world: World) -> None:
    """Whoever streams an answer waits meanwhile for the client to go away."""

    async def streams(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(receive(), 0.2)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    pieces = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Any:
        piece = next(pieces, None)
        if piece is None:
            await asyncio.Event().wait()
        return piece

    (start,) = through(edge_over(streams, world, body_seconds=0.01), receive)
    assert start["status"] == 200
