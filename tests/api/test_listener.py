"""The socket that the program serves on."""

import socket
from pathlib import Path

from nephoscope.app.serving import bound
from nephoscope.settings import Settings


def test_connections_send_small_answers_at_once(tmp_path: Path) -> None:
    with bound(Settings(data=tmp_path, port=0)) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
