"""What the durable sweep of one run does, step by step, and what it tells of itself on the way.

Every step may be repeated after a crash: recording is diff, then write, and a run that has ended stays as it ended.
A run is cancelled by saying so on its row; whoever carries it notices within a second.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cached_property
from threading import Lock
from typing import Any
from uuid import UUID

import msgspec

from nephoscope.clouds.doors import OpenAccount
from nephoscope.controls.catalogue import Catalogue
from nephoscope.errors import CloudError, NotFoundError, StoreError
from nephoscope.jobs import sweep as parts
from nephoscope.jobs.engine import Steps, StoppedError
from nephoscope.jobs.sweep import Sweep
from nephoscope.kit.clock import Clock
from nephoscope.kit.logs import told
from nephoscope.kit.sealing import NO_KEYS, Sealer
from nephoscope.kit.tidying import tidy
from nephoscope.kit.tracing import TRACING
from nephoscope.model.connectors import CREDENTIAL, Connector
from nephoscope.model.runs import Progress, RunState
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.store import connectors, runs, sealed
from nephoscope.store.session import Reader, Store

_LOG = logging.getLogger(__name__)

_REPORT_SECONDS = 0.5
_KEPT_RUNS = 20
OPEN_STATES = frozenset({RunState.QUEUED, RunState.RUNNING})


class JobContext(msgspec.Struct, frozen=True):
    """What runs are carried with. `workers`: cloud calls at the same time."""

    store: Store
    catalogue: Catalogue
    clock: Clock
    workers: int
    sealer: Sealer = NO_KEYS
    """Opens the credentials of connectors."""


async def carry(context: JobContext, run: str, steps: Steps) -> None:
    """The job of one run."""
    carrier = Carrier(context, UUID(run), steps.stop.is_set)
    _LOG.info("run carried", extra=told(run=run))
    try:
        with TRACING.span("run", {"nephoscope.run": run}):
            await _carry(carrier, steps)
    except (StoppedError, NotFoundError):
        _LOG.info("run stopped", extra=told(run=run))
        return  # cancelled, or the connector was deleted and the run with it
    finally:
        await asyncio.to_thread(carrier.close)
    seen = carrier.progress
    facts = told(run=run, resources=seen.resources, calls=seen.calls, problems=seen.problems)
    _LOG.info("run ended", extra=facts)


async def _carry(carrier: "Carrier", steps: Steps) -> None:
    if not await steps.run("start", carrier.start):
        return
    plan = await steps.run("plan", carrier.plan)
    if "problem" in plan:
        await steps.run("fail", carrier.fail, plan["problem"])
        return
    carrier.progress = Progress(scopes_total=len(plan["scopes"]))
    async with _reporting(carrier, steps):
        await steps.each("collect", carrier.collect, plan["scopes"], carrier.count)
        carrier.progress = msgspec.structs.replace(carrier.progress, phase="evaluating")
        for resource_type in plan["types"]:
            await steps.run("evaluate", carrier.evaluate, resource_type)
    await steps.run("finish", carrier.finish, plan["scopes"])


@asynccontextmanager
async def _reporting(carrier: "Carrier", steps: Steps) -> AsyncIterator[None]:
    """Write the progress now and then, and stop the job when the run's row says that it is over."""

    async def report() -> None:
        is_open = True
        while is_open:
            await asyncio.sleep(_REPORT_SECONDS)
            is_open = await asyncio.to_thread(carrier.report)
        steps.stop.set()

    task = asyncio.create_task(report())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


class Carrier:
    """The steps of one job on this worker. The account is entered when a step first needs it: after a crash, that is
    in the middle of the run."""

    def __init__(self, context: JobContext, run: UUID, is_stopped: Callable[[], bool]) -> None:
        self.progress = Progress()
        self._context = context
        self._run = run
        self._is_stopped = is_stopped
        self._entering = Lock()
        self._account: OpenAccount | None = None
        self._barred: CloudError | None = None
        self._reported: Progress | None = None

    def start(self) -> bool:
        """Whether there is something to do."""
        with self._context.store.write() as writer:
            if not _is_open(writer, self._run):
                return False
            runs.start(writer, self._run, self._context.clock())
        return True

    def plan(self) -> dict[str, Any]:
        """`scopes` as [type, region] and `types` to evaluate, or `problem`: why the account cannot be entered."""
        sweep = self._sweep
        try:
            scopes = parts.plan(sweep, self._enter(sweep.connector))
        except CloudError as error:
            return {"problem": error.message}
        return {
            "scopes": [[scope.resource_type, scope.region] for scope in scopes],
            "types": list(parts.evaluated_types(sweep)),
        }

    def collect(self, place: list[str]) -> list[Any]:
        """The scope's [outcome, resources, calls]."""
        scope = Scope(*place)
        with TRACING.span("collect", {"nephoscope.type": scope.resource_type, "cloud.region": scope.region}) as span:
            try:
                report = parts.collect(self._sweep, self._enter(self._sweep.connector), scope, self._is_stopped)
            except CloudError as error:
                # The plan was made before a crash, and now the account cannot be entered any more.
                report = parts.record_unreadable(self._sweep, scope, error.message)
            span.tell("collect", {"nephoscope.outcome": report.outcome.value, "nephoscope.calls": report.calls})
        return [report.outcome.value, report.resources, report.calls]

    def count(self, ended: list[Any]) -> None:
        outcome, found, calls = ended
        report = ScopeReport(Scope("", ""), Outcome(outcome), resources=found, calls=calls)
        self.progress = parts.counted(self.progress, report)

    def evaluate(self, resource_type: str) -> int:
        """Rows written."""
        with TRACING.span("evaluate", {"nephoscope.type": resource_type}):
            return parts.evaluate(self._sweep, resource_type).rows_written

    def finish(self, places: list[list[str]]) -> None:
        sweep = self._sweep
        with self._context.store.write() as writer:
            if not _is_open(writer, self._run):
                return
            parts.settle(writer, sweep, frozenset(Scope(*place) for place in places))
            runs.progress(writer, self._run, self.progress)
            runs.finish(writer, self._run, RunState.FINISHED, "", self._context.clock())
            runs.prune(writer, sweep.connector.uuid, _KEPT_RUNS)

    def fail(self, problem: str) -> None:
        fail_run(self._context.store, self._context.clock, self._run, problem)

    def report(self) -> bool:
        """Write the progress when it moved. False when the run is over, cancelled or gone."""
        moved = self.progress
        if moved == self._reported:
            with self._context.store.read() as reader:
                return _is_open(reader, self._run)
        with self._context.store.write() as writer:
            if not _is_open(writer, self._run):
                return False
            runs.progress(writer, self._run, moved)
        self._reported = moved
        return True

    def close(self) -> None:
        if self._account is not None:
            self._account.close()
            self._account = None
            tidy()

    @cached_property
    def _sweep(self) -> Sweep:
        with self._context.store.read() as reader:
            run = runs.get(reader, self._run)
            connector = connectors.get(reader, run.connector_uuid) if run else None
        if connector is None:
            raise NotFoundError("The connector was deleted.")
        return parts.prepare(
            self._context.store, self._context.catalogue, self._context.clock, connector, with_wire=True
        )

    def _secret(self, connector: Connector) -> str:
        try:
            with self._context.store.read() as reader:
                return sealed.get(reader, self._context.sealer, connector.uuid, CREDENTIAL)
        except StoreError as error:
            raise CloudError(error.message) from error

    def _enter(self, connector: Connector) -> OpenAccount:
        """Once for all steps, and a failure counts for all as well: seven hundred scopes would wait for it in turn."""
        with self._entering:
            if self._barred is not None:
                raise self._barred
            if self._account is None:
                try:
                    self._account = parts.enter(
                        connector, secret=self._secret(connector), workers=self._context.workers
                    )
                except CloudError as error:
                    self._barred = error
                    raise
            return self._account


def _is_open(reader: Reader, run: UUID) -> bool:
    found = runs.get(reader, run)
    return found is not None and found.state in OPEN_STATES


def fail_run(store: Store, clock: Clock, run: UUID, problem: str) -> None:
    """Close a run that could not be carried through, and say so on its connector. One that has ended stays so."""
    with store.write() as writer:
        found = runs.get(writer, run)
        if found is None or found.state not in OPEN_STATES:
            return
        connector = connectors.get(writer, found.connector_uuid)
        if connector is not None:
            parts.settle_failed(writer, connector, problem, clock)
        runs.finish(writer, run, RunState.FAILED, problem, clock())
        runs.prune(writer, found.connector_uuid, _KEPT_RUNS)
