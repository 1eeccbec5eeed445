"""Progress of a scan on stderr: a bar per service, gone when the scan is done; nothing where no person looks."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol
from uuid import UUID

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
        yield _Bars(progress, max(3, progress.console.height - 6)).hear


class _Bars:
    """A bar for the whole and one for each service that is not through, as many as there is room for."""

    def __init__(self, progress: Progress, room: int) -> None:
        self._progress = progress
        self._room = room
        self._whole = progress.add_task("Connecting", total=None, note="")
        self._services: dict[str, TaskID] = {}
        self._resources: Counter[str] = Counter()

    def hear(self, event: Event) -> None:
        if isinstance(event, Planned):
            self._plan(event)
        elif isinstance(event, ScopeEnded):
            self._ended(event)
        elif isinstance(event, TypeEvaluated):
            title = RESOURCE_TYPES[event.resource_type].title
            self._progress.update(self._whole, description="Evaluating", total=None, note=title)

    def _plan(self, event: Planned) -> None:
        totals = Counter(service_of(scope.resource_type) for scope in event.scopes)
        self._progress.update(self._whole, description="Reading", total=len(event.scopes))
        for service, total in sorted(totals.items()):
            self._services[service] = self._progress.add_task(service, total=total, note="", visible=False)
        self._reveal()

    def _ended(self, event: ScopeEnded) -> None:
        service = service_of(event.report.scope.resource_type)
        self._resources[service] += event.report.resources
        note = f"{self._resources[service]} resources"
        self._progress.update(self._services[service], advance=1, note=note)
        whole = f"{event.progress.resources} resources, {event.progress.calls} calls"
        self._progress.update(self._whole, completed=event.progress.scopes_done, note=whole)
        self._reveal()

    def _reveal(self) -> None:
        unfinished = {task.id for task in self._progress.tasks if not task.finished}
        shown = [task for task in self._services.values() if task in unfinished][: self._room]
        for task in self._services.values():
            self._progress.update(task, visible=task in shown)


def service_of(resource_type: str) -> str:
    return RESOURCE_TYPES[resource_type].service_type


class HearRun(Protocol):
    def __call__(self, run: Run, title: str = "", /) -> None: ...


@contextmanager
def run_progress() -> Iterator[HearRun]:
    """What to call with the state of a run that somebody else carries, and with its title where there are several."""
    if not sys.stderr.isatty():
        yield lambda _run, _title="": None
        return
    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=err(), transient=True) as progress:
        tasks: dict[UUID, TaskID] = {}

        def hear(run: Run, title: str = "", /) -> None:
            if run.uuid not in tasks:
                tasks[run.uuid] = progress.add_task("Queued", total=None, note="")
            now = run.progress
            phase = run.state.capitalize() if run.state != "RUNNING" else now.phase.capitalize()
            note = f"{phase}, {now.resources} resources" if title else f"{now.resources} resources"
            progress.update(
                tasks[run.uuid],
                description=title or phase,
                total=now.scopes_total or None,
                completed=now.scopes_done,
                note=note,
            )

        yield hear
