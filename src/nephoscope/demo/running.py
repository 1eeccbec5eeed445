"""The demo from end to end: simulate, fill, connect, scan, serve; and leave nothing behind.

It is given what it needs by the composition root: the demo knows neither how the API is built nor how jobs are carried.
"""

import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from nephoscope.cli import codes
from nephoscope.cli.printing import complain
from nephoscope.demo.disks import look_inside
from nephoscope.demo.estates import Estates, simulated
from nephoscope.demo.scanning import scan_all
from nephoscope.demo.telling import problems, tell_run, tell_scan, tell_what_to_try
from nephoscope.errors import UnauthenticatedError
from nephoscope.jobs.jobs import Jobs
from nephoscope.model.providers import Provider
from nephoscope.settings import Settings
from nephoscope.usecases.usecases import UseCases

UNCHANGED = "unchanged"
"""Stands for the password of an administrator who was there before and whose password we do not know."""


@dataclass(frozen=True)
class Hosting:
    """How the composition root opens and serves things."""

    bound: Callable[[Settings], AbstractContextManager[socket.socket]]
    opened: Callable[[Settings], AbstractContextManager[tuple[UseCases, Jobs]]]
    answer: Callable[[UseCases, socket.socket, Callable[[], None]], None]
    """Until SIGINT or SIGTERM."""
    address_of: Callable[[socket.socket], str]


def run_demo(settings: Settings, hosting: Hosting, *, once: bool) -> int:
    """Answers the exit code: 0 when the scans went well (and, without `once`, serving ended by a signal)."""
    with ExitStack() as stack:
        stack.enter_context(terminable())
        listener = None if once else stack.enter_context(hosting.bound(settings))  # a taken port is said at once
        settings = stack.enter_context(_with_directory(settings))
        estates = stack.enter_context(simulated())
        usecases, jobs = stack.enter_context(hosting.opened(settings))
        password = _admin(usecases)
        if not _has_shown(usecases, jobs, estates):
            return codes.FAILURES
        if listener is not None:
            address, name = hosting.address_of(listener), usecases.settings.admin_name
            hosting.answer(usecases, listener, lambda: _ready(address, name, password))
    return codes.FINE


def _has_shown(usecases: UseCases, jobs: Jobs, estates: Estates) -> bool:
    """Whether everything could be scanned, and then also told."""
    runs = scan_all(usecases, jobs, estates.drafts)
    wrong = list(problems(usecases, runs.values()))
    scans = () if wrong else look_inside(usecases, usecases.connectors.get(runs[Provider.AWS].connector_uuid))
    wrong += problems(usecases, (), scans)
    for problem in wrong:
        complain(problem)
    if wrong:
        return False
    for run in runs.values():
        tell_run(usecases, run)
    for scan in scans:
        tell_scan(usecases, scan)
    return True


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM ends the demo as Ctrl-C does, so that everything is put away."""

    def on_signal(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, on_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _with_directory(settings: Settings) -> Iterator[Settings]:
    """The samples of advisories never go where somebody keeps real ones."""
    if settings.advisories is not None and not settings.advisories.is_file():
        settings = msgspec.structs.replace(settings, advisories=None)
    if settings.data is not None:
        yield settings
        return
    with tempfile.TemporaryDirectory(prefix="nephoscope-demo-", ignore_cleanup_errors=True) as directory:
        yield msgspec.structs.replace(settings, data=Path(directory))


def _admin(usecases: UseCases) -> str:
    """The administrator's password, or `unchanged` for one who was there before with another."""
    wanted = usecases.settings.admin_password
    made = usecases.access.ensure_admin(usecases.settings.admin_name, wanted)
    if made is not None:
        return made
    try:
        usecases.access.authenticate(usecases.settings.admin_name, wanted)
    except UnauthenticatedError:
        return UNCHANGED
    return wanted


def _ready(address: str, name: str, password: str) -> None:
    """One line for programs on stdout, what to try for people on stderr."""
    sys.stdout.write(f"ready {address} user={name} password={password}\n")
    sys.stdout.flush()
    tell_what_to_try(address, f"{name}:{'PASSWORD' if password == UNCHANGED else password}")
