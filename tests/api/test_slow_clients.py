"""Clients that are slow on purpose, headers without end, TLS, and whose word counts on who the client is."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import msgspec
import pytest
import uvicorn
from litestar import Litestar, Request, get
from litestar.datastructures import State

from nephoscope.app.listening import LARGEST_HEADERS, PatientProtocol, server_config
from nephoscope.errors import SettingsError
from nephoscope.settings import Settings
from served import self_signed


class Impatient(PatientProtocol):
    header_seconds = 0.05


@get("/", sync_to_thread=False)
def who(request: Request[None, None, State]) -> str:
    client = request.client
    return f"{request.url.scheme} {client.host if client else ''}"


@contextmanager
def listening(settings: Settings, protocol: type[PatientProtocol] = PatientProtocol) -> Iterator[int]:
    application = Litestar([who], logging_config=None)
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


def test_a_quick_client_is_served_by_an_impatient_server(settings: Settings) -> None:
    with listening(settings, Impatient) as port, socket.create_connection(("127.0.0.1", port), 10) as connection:
        assert asked(connection).endswith("http 127.0.0.1")


def test_headers_without_end_are_refused(settings: Settings) -> None:
    with listening(settings) as port, socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX-Long: " + b"x" * (LARGEST_HEADERS + 1))
        assert connection.recv(100).startswith(b"HTTP/1.1 431 ")


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
