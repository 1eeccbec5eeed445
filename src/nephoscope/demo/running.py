"""The demo from end to end: simulate, fill, connect, scan, serve; and leave nothing behind.

It is given the house by the composition root: the demo knows neither how the API is built nor how jobs are carried.
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
from nephoscope.cli.connectors import requested, wait
from nephoscope.cli.printing import complain, note
from nephoscope.connectors.connectors import Draft
from nephoscope.errors import NotFoundError, UnauthenticatedError
from nephoscope.jobs.jobs import Jobs
from nephoscope.model.connectors import Connector
from nephoscope.model.providers import Provider
from nephoscope.model.runs import Run, RunState
from nephoscope.settings import Settings, lend_aws_credentials
from nephoscope.simulation import ACCESS_KEY, REGIONS, SECRET_KEY, Simulation, fill_estate, start
from nephoscope.store import evaluations
from nephoscope.usecases.usecases import UseCases

NAME = "Meridian (simulated)"
UNCHANGED = "unchanged"
"""Stands for the password of an administrator who was there before and whose password we do not know."""


@dataclass(frozen=True)
class House:
    """What the composition root lends."""

    bound: Callable[[Settings], AbstractContextManager[socket.socket]]
    opened: Callable[[Settings], AbstractContextManager[tuple[UseCases, Jobs]]]
    answer: Callable[[UseCases, socket.socket, Callable[[], None]], None]
    """Until SIGINT or SIGTERM."""
    address_of: Callable[[socket.socket], str]


def run_demo(settings: Settings, house: House, *, once: bool) -> int:
    """Answers the exit code: 0 when the scan went well (and, without `once`, serving ended by a signal)."""
    with ExitStack() as stack:
        stack.enter_context(terminable())
        listener = None if once else stack.enter_context(house.bound(settings))  # a taken port is said at once
        settings = stack.enter_context(_with_directory(settings))
        simulation = stack.enter_context(_estate())
        usecases, jobs = stack.enter_context(house.opened(settings))
        password = _admin(usecases)
        run = _scan(usecases, jobs, simulation)
        if run.state is not RunState.FINISHED or run.error:
            complain(f"The demo's scan ended as {run.state}: {run.error or 'no reason given'}")
            return codes.FAILURES
        _tell(usecases, run)
        if listener is not None:
            address, name = house.address_of(listener), usecases.settings.admin_name
            house.answer(usecases, listener, lambda: _ready(f"ready {address} user={name} password={password}"))
    return codes.FINE


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
    if settings.data is not None:
        yield settings
        return
    with tempfile.TemporaryDirectory(prefix="nephoscope-demo-", ignore_cleanup_errors=True) as directory:
        yield msgspec.structs.replace(settings, data=Path(directory))


@contextmanager
def _estate() -> Iterator[Simulation]:
    note("Simulating an AWS account on this machine …")
    with start() as simulation:
        lend_aws_credentials(ACCESS_KEY, SECRET_KEY)
        note(f"Filling account {simulation.account_id} in {' and '.join(REGIONS)} …")
        fill_estate(simulation)
        yield simulation


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


def _scan(usecases: UseCases, jobs: Jobs, simulation: Simulation) -> Run:
    connector = _connect(usecases, simulation)
    jobs.start()
    note(f"Scanning through the connector {connector.name!r} …")
    return wait(usecases, requested(usecases, connector))


def _connect(usecases: UseCases, simulation: Simulation) -> Connector:
    """A store that was kept has the connector already; the simulation is at another port now."""
    draft = Draft(name=NAME, account_id=simulation.account_id, endpoint_url=simulation.endpoint_url, regions=REGIONS)
    try:
        found = usecases.connectors.find_account(Provider.AWS, simulation.account_id)
    except NotFoundError:
        return usecases.connectors.create(Provider.AWS, draft)
    return usecases.connectors.update(found.uuid, draft)


def _tell(usecases: UseCases, run: Run) -> None:
    connector = usecases.connectors.get(run.connector_uuid)
    with usecases.store.read() as reader:
        tallies = evaluations.tallies(reader, connector.key)
    failed, passed = sum(row.failed for row in tallies), sum(row.passed for row in tallies)
    note(
        f"{connector.total_assets} resources, {len(tallies)} controls: {failed} evaluations failed, {passed} passed; "
        f"{run.progress.problems} of {run.progress.scopes_total} scopes could not be read."
    )


def _ready(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
