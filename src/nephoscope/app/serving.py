"""Processes that stay: the server (API and jobs in one), and the worker (jobs alone)."""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from nephoscope.api.application import build_api
from nephoscope.app.listening import server_config
from nephoscope.app.opening import opened_usecases
from nephoscope.errors import SettingsError
from nephoscope.kit import logs
from nephoscope.kit.tidying import settle, share_heaps
from nephoscope.kit.tracing import TRACING
from nephoscope.settings import Settings
from nephoscope.usecases.usecases import UseCases

_BACKLOG = 512


@contextmanager
def bound(settings: Settings) -> Iterator[socket.socket]:
    """The listening socket, before anything else is started: a taken port is said at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    is_both = settings.host == "::" and socket.has_dualstack_ipv6()
    try:
        listener = socket.create_server(
            (settings.host, settings.port), family=family, backlog=_BACKLOG, dualstack_ipv6=is_both
        )
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]  # what follows are host and port once more
        raise SettingsError(
            f"Cannot listen on {_spelled(settings.host)}:{settings.port}: {reason}. Choose another --port, or --host."
        ) from error
    # Inherited by every connection: without it a small answer waits 40 ms for the client's acknowledgement, and asyncio
    # only sets it by itself on sockets that were made with the protocol named.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with listener:
        yield listener


def serve(settings: Settings, *, on_ready: Callable[[str, str | None], None]) -> None:
    """API and jobs until SIGINT or SIGTERM. `on_ready` hears the address, and the administrator's password when it
    was generated just now."""
    with watched(settings), bound(settings) as listener, opened_usecases(settings) as (usecases, jobs):
        password = usecases.access.ensure_admin(settings.admin_name, settings.admin_password)
        settle()
        jobs.start()
        answer(
            usecases,
            listener,
            lambda: on_ready(address_of(listener, is_secure=settings.tls_certificate is not None), password),
        )


def work(settings: Settings, *, on_ready: Callable[[], None]) -> None:
    """Jobs alone, beside other processes on the same PostgreSQL, until SIGINT or SIGTERM."""
    if not settings.database_url:
        raise SettingsError("A worker joins a database that others use too: give --database postgresql://…")
    with watched(settings), opened_usecases(settings, is_upgraded=False) as (_, jobs):
        settle()
        jobs.start()
        on_ready()
        wait_for_signal()


@contextmanager
def watched(settings: Settings) -> Iterator[None]:
    """Heaps, logs and traces, as a process that stays wants them."""
    share_heaps()
    logs.configure(settings.log)
    if settings.tracing_endpoint:
        TRACING.open(settings.tracing_endpoint)
    try:
        yield
    finally:
        TRACING.close()


def serve_demo(settings: Settings, *, once: bool) -> int:
    """The demo, served as everything else is; answers the exit code."""
    from nephoscope.demo.running import Hosting, run_demo  # noqa: PLC0415 - servers do without

    hosting = Hosting(bound=bound, opened=opened_usecases, answer=answer, address_of=address_of)
    return run_demo(settings, hosting, once=once)


def answer(usecases: UseCases, listener: socket.socket, on_ready: Callable[[], None]) -> None:
    """Answer requests on a listening socket until a signal; requests under way are finished."""
    config = server_config(build_api(usecases), usecases.settings)
    # The server raises the signal again once it has let go, for whoever stood before it: that is us, and we go on to
    # put things in order.
    with signals_handled_by(lambda: None):
        _Server(config, on_ready).run(sockets=[listener])


def address_of(listener: socket.socket, *, is_secure: bool = False) -> str:
    host, port = listener.getsockname()[:2]
    return f"{'https' if is_secure else 'http'}://{_spelled(host)}:{port}"


def _spelled(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class _Server(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def wait_for_signal() -> None:
    stop = threading.Event()
    with signals_handled_by(stop.set):
        stop.wait()


@contextmanager
def signals_handled_by(action: Callable[[], None]) -> Iterator[None]:
    """SIGINT and SIGTERM call the action instead of ending the process."""
    previous = {number: signal.signal(number, lambda *_: action()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
