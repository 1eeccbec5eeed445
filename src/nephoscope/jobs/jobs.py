"""The jobs of one process: what the doors ask of runs, and starting and stopping the carrying of them."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import UUID, uuid4

from nephoscope.access.preferences import Preferences, defaults_of
from nephoscope.audit import trail
from nephoscope.audit.trail import LOCAL
from nephoscope.controls.catalogue import Catalogue
from nephoscope.errors import NotFoundError, SettingsError
from nephoscope.jobs.carrying import OPEN_STATES, JobContext
from nephoscope.jobs.disks import KIND as DISK
from nephoscope.jobs.disks import DiskJobs
from nephoscope.jobs.duties import duties_of
from nephoscope.jobs.engine import Engine, Queue
from nephoscope.jobs.housekeeping import Housekeeping, Pace, queue_run
from nephoscope.jobs.kinds import JobKinds, kind_of
from nephoscope.jobs.lock import exclusive
from nephoscope.jobs.reporting import KIND as REPORT
from nephoscope.jobs.reporting import ReportJobs
from nephoscope.jobs.running import RunJobs
from nephoscope.kit.clock import Clock
from nephoscope.kit.sealing import NO_KEYS, Sealer
from nephoscope.model.runs import Run, RunState
from nephoscope.policies.policies import Policies
from nephoscope.reports.making import Maker
from nephoscope.settings import Settings
from nephoscope.snapshots.scanning import scan_context_of
from nephoscope.store import connectors, runs
from nephoscope.store.session import Store

_QUEUES = {"": Queue("sweeps", 4), REPORT: Queue("reports", 2), DISK: Queue("disks", 2)}
"""What one process carries at the same time, by kind."""


class Jobs:
    """Durable runs. Without `start` it only talks about them: a run that it queues is carried by whoever serves the
    same store, within about a second."""

    def __init__(self, context: JobContext, settings: Settings, pace: Pace) -> None:
        self._context = context
        self._settings = settings
        self._pace = pace
        self._kinds = _kinds(context, settings)
        self._started: ExitStack | None = None
        self._housekeeping: Housekeeping | None = None
        self._duties = duties_of(context, settings, Preferences(context.store, context.clock, defaults_of(settings)))

    def request(self, connector: UUID, by: str = LOCAL) -> Run:
        """Queue a run, on record as the wish of `by`. ConflictError while one is queued or running, NotFoundError for
        an unknown connector."""
        with self._context.store.write() as writer:
            found = connectors.get(writer, connector)
            if found is None:
                raise NotFoundError(f"There is no connector {connector}.")
            run = queue_run(writer, found, self._context.clock())
            trail.record(writer, by, "connector.run", str(connector), {"run": str(run.uuid)}, self._context.clock())
        self.wake()
        return run

    @property
    def is_carrying(self) -> bool:
        """Whether runs are carried in this process, and its keeper of order is alive."""
        return self._housekeeping is not None and self._housekeeping.is_alive

    def wake(self) -> None:
        """There is something new to be carried: whoever carries it in this process need not look for it."""
        if self._housekeeping is not None:
            self._housekeeping.wake()

    def get(self, run: UUID) -> Run:
        """NotFoundError when there is none; ended runs are kept for a while."""
        with self._context.store.read() as reader:
            found = runs.get(reader, run)
        if found is None:
            raise NotFoundError(f"There is no run {run}.")
        return found

    def latest(self, connector: UUID) -> Run | None:
        """The newest run of a connector, in whatever state."""
        with self._context.store.read() as reader:
            return runs.latest(reader, connector)

    def cancel(self, run: UUID) -> None:
        """The connector is free at once; scopes that are being read end within seconds and record nothing. A run that
        has ended stays as it is."""
        with self._context.store.write() as writer:
            found = runs.get(writer, run)
            if found is None:
                raise NotFoundError(f"There is no run {run}.")
            if found.state in OPEN_STATES:
                runs.finish(writer, run, RunState.CANCELLED, "", self._context.clock())

    def start(self) -> None:
        """Carry runs from now on, and keep the schedule. SettingsError when nothing is kept (a store in memory), or
        when another process serves the same directory."""
        with ExitStack() as stack:
            url = self._settings.database_url or stack.enter_context(_own_database(self._settings))
            if not self._settings.database_url:
                # Nobody else serves this directory: whoever left a heartbeat in it is dead.
                self._forget_everyone()
            engine = Engine(
                url=url,
                worker=f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}",
                queues=_QUEUES,
                kind_of=kind_of,
                carry=lambda job, steps: self._kinds[kind_of(job)].carry(job, steps),
            )
            housekeeping = Housekeeping(self._context, engine, self._pace, self._kinds, self._duties)
            # The heartbeat comes before the first job: a carrier without one counts as dead.
            housekeeping.beat()
            stack.callback(self._forget, engine.worker)
            engine.start()
            stack.callback(engine.stop)
            housekeeping.start()
            stack.callback(housekeeping.stop)
            self._housekeeping = housekeeping
            self._started = stack.pop_all()

    def stop(self) -> None:
        """Give the steps under way some seconds, then let go. Runs that are not through stay as they are, for the next
        start or for another worker."""
        self._housekeeping = None
        if self._started is not None:
            self._started.close()
            self._started = None

    def _forget(self, worker: str) -> None:
        with self._context.store.write() as writer:
            runs.forget(writer, worker)

    def _forget_everyone(self) -> None:
        with self._context.store.write() as writer:
            for worker in runs.heartbeats(writer):
                runs.forget(writer, worker)


def _kinds(context: JobContext, settings: Settings) -> JobKinds:
    policies = Policies(context.store, context.clock, context.catalogue.controls, context.catalogue.policies)
    preferences = Preferences(context.store, context.clock, defaults_of(settings))
    maker = Maker(context.store, context.clock, context.catalogue, policies, preferences.report_days)
    scan_context = scan_context_of(context.store, context.clock, context.sealer, settings)
    return {
        "": RunJobs(context, preferences),
        REPORT: ReportJobs(context.store, context.clock, maker),
        DISK: DiskJobs(scan_context, context.catalogue, preferences),
    }


@contextmanager
def open_jobs(
    settings: Settings,
    store: Store,
    catalogue: Catalogue,
    clock: Clock,
    *,
    pace: Pace | None = None,
    sealer: Sealer = NO_KEYS,
) -> Iterator[Jobs]:
    """The jobs of this process, stopped when the block ends. Call `start` to carry runs here."""
    jobs = Jobs(JobContext(store, catalogue, clock, settings.workers, sealer), settings, pace or Pace())
    try:
        yield jobs
    finally:
        jobs.stop()


_PRIVATE = 0o600


@contextmanager
def _own_database(settings: Settings) -> Iterator[str]:
    """The engine's SQLite file beside the store, for one process at a time."""
    if settings.data is None:
        raise SettingsError("Durable runs need a place to be kept: give --data DIR or --database postgresql://…")
    with exclusive(settings.data):
        file = settings.data / "jobs.sqlite"
        file.touch(mode=_PRIVATE)  # the engine itself would let others read it
        file.chmod(_PRIVATE)
        yield f"sqlite:///{file}"
