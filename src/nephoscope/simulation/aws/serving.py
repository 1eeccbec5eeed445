"""The simulation's HTTP server, and the child process that runs it until its parent goes.

`python -m nephoscope.simulation.aws.serving` prints its port on one line and serves until its standard input ends: when
the parent dies, however it dies, the pipe closes and so does the simulation.
"""

import argparse
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import ThreadedWSGIServer

from nephoscope.simulation.aws.gateway import Gateway, SilenceError


class _Handler(MotoRequestHandler):  # type: ignore[misc] # moto comes without types here
    """Keeps connections alive, as the clouds do (werkzeug closes each one, which would cost the scanner dearly)."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: "Server"

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").lower().strip() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        try:
            body = b"".join(self.server.app(self.make_environ(), self._start))
        except SilenceError:
            self.close_connection = True
            return
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def _start(self, status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        return self.wfile.write  # type: ignore[no-any-return] # likewise

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's own name
        """A simulation keeps no log."""


class Server(ThreadedWSGIServer):
    """On loopback, on a port that the system chooses. `stop` closes every connection."""

    daemon_threads = True

    def __init__(self) -> None:
        self._open: set[socket.socket] = set()
        super().__init__("127.0.0.1", 0, Gateway(), handler=_Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; a mistake of our own is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def serve(self) -> None:
        self.serve_forever(poll_interval=0.1)

    def stop(self) -> None:
        """From another thread than `serve`."""
        self.shutdown()
        self.server_close()
        for connection in tuple(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it stops us
    server = Server()
    threading.Thread(target=server.serve, daemon=True).start()
    print(server.server_port, flush=True)  # noqa: T201 - how the parent learns it
    sys.stdin.buffer.read()
    server.stop()


if __name__ == "__main__":
    main()
