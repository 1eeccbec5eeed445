"""Progress of a scan on stderr: a bar per service, gone when the scan is done; nothing where no person looks."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from nephoscope.cli.printing import err
from nephoscope.jobs.scan import Event, Planned, ScopeEnded, TypeEvaluated
from nephoscope.model.runs import Run
from nephoscope.resource_types.table import RESOURCE_TYPES


@contextmanager
def scan_progress() -> Iterator[Callable[[Event], None]]:
    """What to call with each event of the scan."""
    if not sys.stderr.isatty():
        yield lambda _event: None
        return
    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=err(), transient=True) as progress:
        yield _Bars(progress).hear


class _Bars:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._resources: Counter[str] = Counter()

    def hear(self, event: Event) -> None:
        if isinstance(event, Planned):
            self._plan(event)
        elif isinstance(event, ScopeEnded):
            service = service_of(event.report.scope.resource_type)
            self._resources[service] += event.report.resources
            note = f"{self._resources[service]} resources"
            self._progress.update(self._tasks[service], advance=1, note=note)
        elif isinstance(event, TypeEvaluated):
            self._evaluated(event)

    def _plan(self, event: Planned) -> None:
        totals = Counter(service_of(scope.resource_type) for scope in event.scopes)
        for service, total in sorted(totals.items()):
            self._tasks[service] = self._progress.add_task(service, total=total, note="")

    def _evaluated(self, event: TypeEvaluated) -> None:
        if "" not in self._tasks:
            self._tasks[""] = self._progress.add_task("Evaluating", total=None, note="")
        self._progress.update(self._tasks[""], note=RESOURCE_TYPES[event.resource_type].title)


def service_of(resource_type: str) -> str:
    return RESOURCE_TYPES[resource_type].service_type


@contextmanager
def run_progress() -> Iterator[Callable[[Run], None]]:
    """What to call with the state of a run that somebody else carries."""
    if not sys.stderr.isatty():
        yield lambda _run: None
        return
    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=err(), transient=True) as progress:
        task = progress.add_task("Queued", total=None, note="")

        def hear(run: Run) -> None:
            now = run.progress
            title = run.state.capitalize() if run.state != "RUNNING" else now.phase.capitalize()
            note = f"{now.resources} resources"
            progress.update(
                task, description=title, total=now.scopes_total or None, completed=now.scopes_done, note=note
            )

        yield hear
