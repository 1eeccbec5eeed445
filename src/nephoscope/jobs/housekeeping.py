"""What has to happen again and again in every process: heartbeats, due connectors, the dead workers' jobs, and
forgetting. All of it may be done by several workers at once and repeated at any time.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from nephoscope.errors import ConflictError
from nephoscope.jobs.carrying import JobContext
from nephoscope.jobs.engine import Engine, Job
from nephoscope.jobs.kinds import JobKinds, kind_of
from nephoscope.jobs.rounds import Duty, Rounds
from nephoscope.model.connectors import Connector
from nephoscope.model.runs import Run, RunState
from nephoscope.store import connectors, runs
from nephoscope.store.changelog import changes
from nephoscope.store.session import Writer

_LOG = logging.getLogger(__name__)


class Pace(msgspec.Struct, frozen=True):
    """Seconds between two rounds of each duty. A worker that was silent for `silence` counts as dead."""

    dispatch: float = 1.0
    beat: float = 5.0
    silence: float = 20.0
    recover: float = 5.0
    schedule: float = 10.0
    forget: float = 60.0
    keep_jobs: float = 3600.0
    """How long ended jobs are kept, for who wants to look."""
    keep_changes: float = 30 * 86_400.0
    """How long the log of changes goes back: a cursor of an export that is older begins anew."""
    takeovers: int = 10
    """After so many dead workers a job is given up: it is what kills them."""


def queue_run(writer: Writer, connector: Connector, now: datetime) -> Run:
    """A new run, queued. ConflictError while one is queued or running. The connector is not due again meanwhile."""
    # The connector first, as everywhere: two writers that lock in another order would wait for each other.
    connectors.settle(writer, connector.key, next_sync_on=now + timedelta(minutes=connector.polling_minutes))
    run = Run(uuid=uuid4(), connector_uuid=connector.uuid, state=RunState.QUEUED, queued_on=now)
    runs.create(writer, run)
    return run


def queue_due(writer: Writer, connector: UUID, now: datetime) -> None:
    """Queue a run of a connector if it is still due: another worker may have been faster, or a person."""
    found = connectors.get(writer, connector)
    if found and not found.is_disabled and found.next_sync_on and found.next_sync_on <= now:
        queue_run(writer, found, now)


class Silence:
    """Who has died, by the watcher's own clock: a worker is dead when its heartbeat has not moved for a while, or when
    it has none. Clocks of other machines are not compared."""

    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._seen: dict[str, tuple[datetime, float]] = {}

    def living(self, heartbeats: dict[str, datetime]) -> frozenset[str]:
        now = self._monotonic()
        before = self._seen
        self._seen = {
            worker: before[worker] if worker in before and before[worker][0] == beat else (beat, now)
            for worker, beat in heartbeats.items()
        }
        return frozenset(worker for worker, (_, since) in self._seen.items() if now - since <= self._seconds)


class Housekeeping:
    def __init__(
        self,
        context: JobContext,
        engine: Engine,
        pace: Pace,
        kinds: JobKinds,
        others: Mapping[Duty, float] | None = None,
    ) -> None:
        """`others` are duties of other rooms, with the seconds between their rounds."""
        self._context = context
        self._engine = engine
        self._pace = pace
        self._kinds = kinds
        self._silence = Silence(pace.silence)
        self._dispatched: set[str] = set()
        self._idle: dict[str, float] = {}
        # Apart, so that the heart beats on while ten thousand connectors are being queued.
        self._heart = Rounds({self.beat: pace.beat})
        self._house = Rounds(
            {
                self.recover: pace.recover,
                self.schedule: pace.schedule,
                self.dispatch: pace.dispatch,
                self.forget: pace.forget,
                **(others or {}),
            },
            rest=10,
        )
        # Apart as well: what calls out to others may wait for them, and runs do not wait for it.
        self._others = [Rounds({duty: seconds}, rest=1) for duty, seconds in (others or {}).items()]

    def start(self) -> None:
        self._heart.start()
        self._house.start()
        for rounds in self._others:
            rounds.start()

    @property
    def is_alive(self) -> bool:
        return self._heart.is_alive and self._house.is_alive

    def stop(self) -> None:
        for rounds in self._others:
            rounds.stop()
        self._house.stop()
        self._heart.stop()

    def wake(self) -> None:
        """There is something new to be carried."""
        self._house.hurry(self.dispatch)

    def beat(self) -> None:
        with self._context.store.write() as writer:
            runs.beat(writer, self._engine.worker, self._context.clock())

    def dispatch(self) -> None:
        """Whatever waits gets its job. What a process that died in between left, or what was queued by a program
        that carries none, is found here."""
        waiting = [one.job for kind in self._kinds.values() for one in kind.unfinished() if not one.has_begun]
        for job in waiting:
            if job not in self._dispatched:
                self._engine.enqueue(job)
        self._dispatched = set(waiting)

    def schedule(self) -> None:
        """Queue the connectors that are due and have no run."""
        now = self._context.clock()
        with self._context.store.read() as reader:
            busy = {run.connector_uuid for run in runs.unfinished(reader)}
            due = [connector.uuid for connector in connectors.due(reader, now) if connector.uuid not in busy]
        for connector in due:
            with suppress(ConflictError), self._context.store.write() as writer:
                queue_due(writer, connector, now)
        if due:
            self.dispatch()

    def recover(self) -> None:
        """Take over what dead workers carried, and close what has a job that ended without a word."""
        with self._context.store.read() as reader:
            living = self._silence.living(runs.heartbeats(reader)) | {self._engine.worker}
        for job in self._lost(self._engine.carried(), living):
            self._take_over(job)
        unfinished = [one for kind in self._kinds.values() for one in kind.unfinished()]
        jobs = self._engine.find([one.job for one in unfinished])
        for job in jobs.values():
            if job.is_ended:
                self._close(job)
        for one in unfinished:
            if one.has_begun and one.job not in jobs:
                self._engine.enqueue(one.job)  # the engine's own database was lost: from the beginning

    def _lost(self, carried: Sequence[Job], living: frozenset[str]) -> list[Job]:
        """Jobs of dead workers, and those that this one took from the queue and then never began or let go of: after
        an error of the database in just that moment."""
        now = time.monotonic()
        idle = {job.id for job in carried if job.worker == self._engine.worker and not self._engine.is_active(job.id)}
        self._idle = {run: self._idle.get(run, now) for run in idle}
        return [
            job for job in carried if job.worker not in living or now - self._idle.get(job.id, now) > self._pace.silence
        ]

    def _take_over(self, job: Job) -> None:
        if job.takeovers >= self._pace.takeovers:
            self._engine.abandon(job.id)
            self._fail(job, f"was given up: its worker was lost {job.takeovers + 1} times.")
            return
        _LOG.info("Taking over %s, which worker %s lost.", job.id, job.worker)
        self._engine.take_over(job)

    def _close(self, job: Job) -> None:
        self._fail(job, f"broke off: {job.error or 'its workflow was ended from outside.'}")

    def _fail(self, job: Job, problem: str) -> None:
        kind = self._kinds[kind_of(job.id)]
        kind.fail(job.id, f"The {kind.noun} {problem}")

    def forget(self) -> None:
        """Ended jobs, what is over and workers long gone leave no trace."""
        for kind in self._kinds.values():
            kind.forget()
        now = self._context.clock()
        self._engine.delete_ended(now - timedelta(seconds=self._pace.keep_jobs))
        with self._context.store.write() as writer:
            for worker in runs.silent_since(writer, now - timedelta(days=1)):
                runs.forget(writer, worker)
            changes.forget(writer, now - timedelta(seconds=self._pace.keep_changes))
