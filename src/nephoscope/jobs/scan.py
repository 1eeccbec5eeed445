"""A whole sweep in one call, many scopes at once: for scans in memory, where nothing has to survive a crash."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager

import msgspec

from nephoscope.clouds.doors import OpenAccount
from nephoscope.evaluation.evaluating import Judged
from nephoscope.jobs import sweep as steps
from nephoscope.jobs.sweep import Sweep, never
from nephoscope.model.runs import Progress
from nephoscope.model.scopes import Scope, ScopeReport

SCOPES_AT_ONCE = 16
_CANCEL_SECONDS = 0.2


class Planned(msgspec.Struct, frozen=True):
    """The sweep knows its scopes."""

    scopes: tuple[Scope, ...]
    progress: Progress


class ScopeEnded(msgspec.Struct, frozen=True):
    report: ScopeReport
    progress: Progress


class TypeEvaluated(msgspec.Struct, frozen=True):
    resource_type: str
    judged: Judged
    progress: Progress


Event = Planned | ScopeEnded | TypeEvaluated


class SweepResult(msgspec.Struct, frozen=True):
    """`reports` are in the order of the plan. A cancelled sweep has the scopes that ended before and no judgement."""

    reports: tuple[ScopeReport, ...]
    judged: dict[str, Judged]
    progress: Progress
    error: str = ""
    is_cancelled: bool = False


def _ignore(_: Event) -> None:
    pass


def run(
    sweep: Sweep,
    account: OpenAccount,
    *,
    scopes_at_once: int = SCOPES_AT_ONCE,
    on_event: Callable[[Event], None] = _ignore,
    is_cancelled: Callable[[], bool] = never,
) -> SweepResult:
    """Plan, collect, evaluate, settle. `on_event` is called in the caller's thread, one event after the other.
    CloudError when the account cannot be entered at all."""
    planned = steps.plan(sweep, account)
    progress = Progress(scopes_total=len(planned))
    on_event(Planned(planned, progress))
    reports: dict[Scope, ScopeReport] = {}
    for report in _collect(sweep, account, planned, scopes_at_once, is_cancelled):
        reports[report.scope] = report
        progress = steps.counted(progress, report)
        on_event(ScopeEnded(report, progress))
    ordered = tuple(reports[scope] for scope in planned if scope in reports)
    if is_cancelled():
        return SweepResult(ordered, {}, progress, is_cancelled=True)
    progress = msgspec.structs.replace(progress, phase="evaluating")
    judged = {}
    for resource_type in steps.evaluated_types(sweep):
        judged[resource_type] = steps.evaluate(sweep, resource_type)
        on_event(TypeEvaluated(resource_type, judged[resource_type], progress))
    with sweep.store.write() as writer:
        error = steps.settle(writer, sweep, frozenset(planned))
    return SweepResult(ordered, judged, progress, error=error)


def _collect(
    sweep: Sweep,
    account: OpenAccount,
    planned: Iterable[Scope],
    scopes_at_once: int,
    is_cancelled: Callable[[], bool],
) -> Iterator[ScopeReport]:
    """Reports as scopes end; after a cancellation no further scope begins."""
    with _pool(scopes_at_once) as pool:
        pending = {pool.submit(steps.collect, sweep, account, scope, is_cancelled) for scope in planned}
        while pending and not is_cancelled():
            done, pending = wait(pending, timeout=_CANCEL_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()


@contextmanager
def _pool(size: int) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(size, thread_name_prefix="scope")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
