"""The workflow engine behind our own words: the only file that knows DBOS.

A *job* is the durable workflow of one piece of work, such as a run; `kinds` says which there are. What it does
is a coroutine made of steps. A step that finished is never repeated, whoever carries the job on after a crash.
Nothing here calls out: no telemetry, no conductor, no admin server; the engine's log joins ours.
"""

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import msgspec

from nephoscope.errors import NephoscopeError, StoreError
from nephoscope.kit.logs import told

Result = TypeVar("Result")

_LOG = logging.getLogger(__name__)

SCHEMA = "nephoscope_jobs"
"""Of the engine's tables on PostgreSQL."""
_VERSION = "nephoscope"
"""Never changed: workers of different releases share the work, and an upgrade leaves no job behind."""
_STEPS_AT_ONCE = 16
"""Of one job: each is a thread that mostly waits for the cloud."""
_POLLING_SECONDS = 0.25
_STOPPING_SECONDS = 15.0
_BATCH = 500
_ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
_WORDS_LENGTH = 500


class StoppedError(NephoscopeError):
    """The run was cancelled: nothing more of its job is done."""


class Queue(msgspec.Struct, frozen=True):
    """Where jobs of one kind wait. `at_once` of them are carried by one process."""

    name: str
    at_once: int


class Job(msgspec.Struct, frozen=True):
    """`worker` is who carries it or carried it last. `takeovers` counts how often a worker died over
    it."""

    id: str
    is_ended: bool
    worker: str
    takeovers: int
    error: str


@cache
def _dbos() -> Any:
    """Most commands open the house and start no work: they do without it, and without the driver of PostgreSQL."""
    from dbos import DBOS  # noqa: PLC0415 - see above

    return DBOS


class Steps:
    """The checkpointed steps of one job. Their ids are drawn in the order of the calls, so a job must call
    them in the same order each time. Results are kept in the engine's database: small and plain ones only.

    `stop` ends the job: steps under way are finished, no other begins, and the caller gets a StoppedError.
    """

    def __init__(self, engine: "Engine", at_once: int) -> None:
        self.stop = threading.Event()
        self._engine = engine
        self._seats = asyncio.Semaphore(at_once)

    @property
    def is_leaving(self) -> bool:
        """The process is on its way out: a long step should come to an end, and be begun again elsewhere."""
        return self._engine.is_stopping

    async def run(self, name: str, step: Callable[..., Result], *arguments: Any) -> Result:
        result: Result = await self._run(_dbos().reserve_step(), name, step, arguments)
        return result

    async def each(
        self, name: str, step: Callable[[Any], Result], items: Sequence[Any], on_result: Callable[[Result], None]
    ) -> None:
        """The step for every item, many at a time. The first error is raised when everything under way has ended."""

        async def one(reservation: Any, item: Any) -> None:
            on_result(await self._run(reservation, name, step, (item,)))

        reserved = [(_dbos().reserve_step(), item) for item in items]
        ended = await asyncio.gather(*(one(*pair) for pair in reserved), return_exceptions=True)
        for error in ended:
            if error is not None:
                raise error

    async def _run(self, reservation: Any, name: str, step: Callable[..., Any], arguments: Sequence[Any]) -> Any:
        async with self._seats:
            await self._engine.gate()
            with self._engine.counted():
                if self.stop.is_set():
                    raise StoppedError("The run was cancelled.")
                return await reservation.run_async(_options(name), step, *arguments)


def _options(name: str) -> dict[str, Any]:
    """A database that is away for a moment is worth another try; what we say ourselves is not."""
    return {
        "name": name,
        "retries_allowed": True,
        "max_attempts": 3,
        "interval_seconds": 0.5,
        "should_retry": lambda error: isinstance(error, StoreError) or not isinstance(error, NephoscopeError),
    }


class Engine:
    """One process's part of the work. `carry` is what a job does; it may end on any worker. `queues` are by kind."""

    def __init__(
        self,
        *,
        url: str,
        worker: str,
        queues: Mapping[str, Queue],
        kind_of: Callable[[str], str],
        carry: Callable[[str, Steps], Awaitable[None]],
    ) -> None:
        self.worker = worker
        self._url = url
        self._queues = queues
        self._kind_of = kind_of
        self._carry = carry
        self._workflow: Any = None
        self._busy = 0
        self._active: Counter[str] = Counter()
        self.is_stopping = False

    def start(self) -> None:
        """Returns when jobs can be enqueued and are being carried."""
        _quieten()
        _dbos()(
            config={
                "name": "nephoscope",
                "system_database_url": self._url,
                "dbos_system_schema": SCHEMA,
                "application_version": _VERSION,
                "executor_id": self.worker,
                "log_level": "WARNING",
                "enable_otlp": False,
                "sys_db_pool_size": 10,
            }
        )

        async def carry_one(job: str) -> None:
            self._active[job] += 1
            try:
                await self._carry(job, Steps(self, _STEPS_AT_ONCE))
            finally:
                self._active[job] -= 1

        self._workflow = _dbos().workflow(name="sweep")(carry_one)
        # In a thread without an event loop: the engine would adopt a running one, which is the API's.
        thread = threading.Thread(target=self._launch, name="jobs-launch")
        thread.start()
        thread.join()

    def _launch(self) -> None:
        _dbos().launch()
        for queue in self._queues.values():
            _dbos().register_queue(queue.name, worker_concurrency=queue.at_once, polling_interval_sec=_POLLING_SECONDS)

    def stop(self) -> None:
        """Let the steps under way end, for a while; what is left is carried on after a restart or by another worker."""
        self.is_stopping = True
        _LOG.info("no step begins any more", extra=told(under_way=self._busy))
        deadline = time.monotonic() + _STOPPING_SECONDS
        while self._busy and time.monotonic() < deadline:
            time.sleep(0.05)
        _dbos().destroy(destroy_registry=True)

    async def gate(self) -> None:
        """Where steps wait for ever once the process is on its way out."""
        if self.is_stopping:
            await asyncio.Event().wait()

    @contextmanager
    def counted(self) -> Iterator[None]:
        """A step under way, so that `stop` can wait for it. On the engine's event loop only."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1

    def enqueue(self, job: str) -> None:
        """Repeating it changes nothing."""
        from dbos import SetWorkflowID  # noqa: PLC0415 - see _dbos

        with SetWorkflowID(job):
            _dbos().enqueue_workflow(self._queue_of(job), self._workflow, job)

    def find(self, jobs: Sequence[str]) -> dict[str, Job]:
        """Those of these ids that the engine knows, by id."""
        found: dict[str, Job] = {}
        for first in range(0, len(jobs), _BATCH):
            rows = _dbos().list_workflows(workflow_ids=list(jobs[first : first + _BATCH]), load_input=False)
            found.update((row.workflow_id, _job(row)) for row in rows)
        return found

    def carried(self) -> tuple[Job, ...]:
        """Jobs that some worker, alive or dead, has taken up."""
        rows = _dbos().list_workflows(status="PENDING", load_input=False, load_output=False)
        return tuple(_job(row) for row in rows)

    def is_active(self, job: str) -> bool:
        """Whether this process is working on it now."""
        return self._active[job] > 0

    def take_over(self, job: Job) -> None:
        """Put the job of a dead worker back into the queue. Were the worker alive after all, its next step would
        find that the job is no longer its own."""
        now = self.find([job.id]).get(job.id)
        if now is None or now.is_ended or now.worker != job.worker:
            return
        _dbos().update_workflow_attributes(job.id, {"takeovers": now.takeovers + 1}, merge=True)
        _dbos().resume_workflow(job.id, queue_name=self._queue_of(job.id))

    def _queue_of(self, job: str) -> str:
        return self._queues[self._kind_of(job)].name

    def abandon(self, job: str) -> None:
        _dbos().cancel_workflow(job)

    def delete_ended(self, before: datetime) -> int:
        """Forget the jobs that ended before a moment; answers how many there were."""
        deleted = 0
        while True:
            rows = _dbos().list_workflows(
                status=_ENDED,
                completed_before=before.isoformat(),
                limit=_BATCH,
                load_input=False,
                load_output=False,
            )
            if not rows:
                return deleted
            _dbos().delete_workflows([row.workflow_id for row in rows])
            deleted += len(rows)


def _job(row: Any) -> Job:
    return Job(
        id=row.workflow_id,
        is_ended=row.status in _ENDED,
        worker=row.executor_id or "",
        takeovers=int((row.attributes or {}).get("takeovers", 0)),
        error=_words(row.error) if row.error else "",
    )


def _words(error: BaseException) -> str:
    """What went wrong, for a person; of a step that was tried several times, the last answer."""
    tried = getattr(error, "errors", None)
    last = tried[-1] if tried else error
    return f"{type(last).__name__}: {last}"[:_WORDS_LENGTH]


def _quieten() -> None:
    """Warnings go to our log, and to the terminal only if that is where ours goes."""
    log = logging.getLogger("dbos")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    log.propagate = True
