"""The socket that the program serves on."""

import socket
from pathlib import Path

import pytest

from nephoscope.app.serving import address_of, bound
from nephoscope.errors import SettingsError
from nephoscope.settings import Settings


def test_connections_send_small_answers_at_once(tmp_path: Path) -> None:
    with bound(Settings(data=tmp_path, port=0)) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.skipif(not socket.has_ipv6, reason="the machine has no IPv6")
@pytest.mark.parametrize(("host", "callers"), [("::1", ["::1"]), ("::", ["::1", "127.0.0.1"])])
def test_it_listens_on_both_families(tmp_path: Path, host: str, callers: list[str]) -> None:
    with bound(Settings(data=tmp_path, host=host, port=0)) as listener:
        port = listener.getsockname()[1]
        assert address_of(listener) == f"http://[{host}]:{port}"
        for caller in callers:
            socket.create_connection((caller, port), 5).close()


def test_an_address_of_somebody_else_is_spelled_as_it_was_given(tmp_path: Path) -> None:
    with (
        pytest.raises(SettingsError, match=r"Cannot listen on \[2001:db8::1\]:0: "),
        bound(Settings(data=tmp_path, host="2001:db8::1", port=0)),
    ):
        raise AssertionError
