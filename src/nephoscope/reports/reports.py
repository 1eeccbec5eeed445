"""What people do with reports: ask for one, see how it is doing, read it, have it made once more, stop it, remove it.

Who sees a part of the inventory sees their own reports and has them made of that part; who sees everything sees all of
them. Every decision is recorded by the transaction that takes it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from nephoscope.audit import trail
from nephoscope.controls.catalogue import Catalogue
from nephoscope.errors import BadRequestError, ConflictError, NotFoundError
from nephoscope.evaluation.facts import ControlFacts
from nephoscope.kit.clock import Clock
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.identities import Identity, Reach
from nephoscope.model.reports import Report, ReportFormat, ReportRequest
from nephoscope.policies.policies import Policies
from nephoscope.qql.bound import Bound
from nephoscope.reports.bodies import FORMAT, Draft, draft_of
from nephoscope.reports.making import Maker
from nephoscope.reports.renderers.table import RENDERINGS
from nephoscope.reports.resolving import resolved
from nephoscope.store import reports
from nephoscope.store.session import Store, Writer

__all__ = ["Document", "Draft", "Reports", "draft_of", "file_name"]

_UNSAFE = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')
MOST_WAITING = 1_000
"""Reports that are waiting or being made."""


class Document(msgspec.Struct, frozen=True):
    """The file of a report. `pieces` are its bytes in order; when the report goes meanwhile they end with a
    NotFoundError."""

    report: Report
    name: str
    media_type: str
    size: int
    pieces: Iterator[bytes]


class Reports:
    """`on_waiting` is told that there is a report to be made."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        catalogue: Catalogue,
        policies: Policies,
        *,
        days: Callable[[], int],
        on_waiting: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._policies = policies
        self._days = days
        self._on_waiting = on_waiting

    def create(self, draft: Draft, asker: Identity) -> Report:
        """BadRequestError with every problem at once; ConflictError when too many are waiting already."""
        self._check(draft, asker.reach)
        now = self._clock()
        wanted = Report(
            uuid=uuid4(),
            request=draft.request,
            created_by=asker.name,
            created_on=now,
            expires_on=now + timedelta(days=self._days()),
            reach=asker.reach,
        )
        with self._store.write() as writer:
            if len(reports.unfinished(writer)) >= MOST_WAITING:
                raise ConflictError(f"{MOST_WAITING:,} reports are waiting to be made already; try again later.")
            made = reports.create(writer, wanted)
            self._record(writer, asker, "report.create", made, _told(made.request))
        self._on_waiting()
        return made

    def check(self, draft: Draft, asker: Identity) -> None:
        """Whether such a report could be asked for: BadRequestError with every problem at once."""
        self._check(draft, asker.reach)

    def make(self, report: Report) -> None:
        """Here and now, for a program that nobody serves beside. It changes nothing about a report that somebody else
        makes or has made."""
        maker = Maker(self._store, self._clock, self._catalogue, self._policies, self._days)
        maker.make(report.uuid, report.turn, lambda: False)
        maker.complete(report.uuid, report.turn)

    def list(self, asker: Identity, conditions: Bound, request: PageRequest) -> Page[Report]:
        """The newest first unless the request says otherwise."""
        with self._store.read() as reader:
            return reports.page(reader, asker, conditions, request)

    def get(self, uuid: UUID, asker: Identity) -> Report:
        """NotFoundError also for one that has expired, and for one that is somebody else's."""
        with self._store.read() as reader:
            return _found(reports.get(reader, uuid, asker), uuid)

    def rerun(self, uuid: UUID, asker: Identity) -> Report:
        """Made once more, of what is there now. Errors as for `create`; ConflictError while it is being made."""
        before = self.get(uuid, asker)
        self._check(Draft(before.request, ()), before.reach)
        with self._store.write() as writer:
            report = _found(reports.get(writer, uuid, asker), uuid)
            if report.is_open:
                raise ConflictError(f"The report is being made ({report.status}); cancel it first.")
            again = reports.restart(writer, report, self._clock() + timedelta(days=self._days()))
            self._record(writer, asker, "report.rerun", again, {})
        self._on_waiting()
        return again

    def change(self, uuid: UUID, draft: Draft, asker: Identity) -> Report:
        """Ask for something else under the same id; it is made once more, unless only its name or description differs.
        Errors as for `rerun`; ConflictError also for a report of another kind than the draft."""
        before = self.get(uuid, asker)
        if before.request.kind is not draft.request.kind:
            raise ConflictError(
                f"The report is of the kind {before.request.kind}; one of the kind {draft.request.kind} is made anew."
            )
        self._check(draft, before.reach)
        with self._store.write() as writer:
            report = _found(reports.get(writer, uuid, asker), uuid)
            if report.is_open:
                raise ConflictError(f"The report is being made ({report.status}); cancel it first.")
            is_renamed = _unnamed(report.request) == _unnamed(draft.request)
            changed = msgspec.structs.replace(report, request=draft.request)
            reports.rewrite(writer, changed)
            if not is_renamed:
                changed = reports.restart(writer, changed, self._clock() + timedelta(days=self._days()))
            self._record(writer, asker, "report.change", changed, _told(changed.request))
        if not is_renamed:
            self._on_waiting()
        return changed

    def cancel(self, uuid: UUID, asker: Identity) -> Report:
        """It has failed from now on; whoever makes it notices within a second. ConflictError for one that has
        ended."""
        with self._store.write() as writer:
            report = _found(reports.get(writer, uuid, asker), uuid)
            reason = f"It was cancelled by {asker.name}."
            if not reports.fail(writer, uuid, report.turn, reason, self._clock()):
                raise ConflictError(f"The report has ended: {report.status}.")
            self._record(writer, asker, "report.cancel", report, {})
            return _found(reports.get(writer, uuid, asker), uuid)

    def delete(self, uuids: Sequence[UUID], asker: Identity) -> None:
        """All or none, with their files; what is being made ends. NotFoundError names the unknown ones."""
        with self._store.write() as writer:
            found = {uuid: reports.get(writer, uuid, asker) for uuid in sorted(set(uuids))}
            missing = [str(uuid) for uuid, report in found.items() if report is None]
            if missing:
                raise NotFoundError(f"There is no report {', no report '.join(missing[:20])}.")
            gone = [report for report in found.values() if report]
            reports.remove(writer, [report.key for report in gone])
            for report in gone:
                self._record(writer, asker, "report.delete", report, {})

    def document(self, uuid: UUID, asker: Identity, wanted: ReportFormat | None = None) -> Document:
        """NotFoundError as for `get`; ConflictError while there is no file; BadRequestError when the file is of
        another format than is wanted."""
        report = self.get(uuid, asker)
        made_as = report.request.format
        if wanted not in (None, made_as):
            raise BadRequestError(f"The report was made as {made_as}; create another one for {wanted}.")
        if not report.is_readable:
            reason = f": {report.reason}" if report.reason else ""
            raise ConflictError(f"The report has no file; it is {report.status}{reason}")
        rendering = RENDERINGS[made_as]
        return Document(
            report, file_name(report, rendering.extension), rendering.media_type, report.size, self._pieces(report)
        )

    def _pieces(self, report: Report) -> Iterator[bytes]:
        """A session for each, so that a slow reader holds none."""
        for number in range(report.chunks):
            with self._store.read() as reader:
                piece = reports.chunk(reader, report, number)
            if piece is None:
                raise NotFoundError(f"The report {report.uuid} is gone.")
            yield piece

    def _check(self, draft: Draft, reach: Reach | None) -> None:
        now = self._clock()
        wanted = draft.request.format
        if draft.is_read(FORMAT) and wanted not in RENDERINGS:
            problem = f"{FORMAT}: {wanted} is not made here; one of {', '.join(RENDERINGS)} is"
            draft = Draft(draft.request, (*draft.problems, problem))
        facts = ControlFacts(self._catalogue, self._policies.book())
        with self._store.read(reach=reach) as reader:
            resolved(reader, facts, draft, now)

    def _record(self, writer: Writer, asker: Identity, action: str, report: Report, detail: Mapping[str, Any]) -> None:
        told = {"name": report.request.name, **detail}
        trail.record(writer, asker.name, action, str(report.uuid), told, self._clock())


def file_name(report: Report, extension: str) -> str:
    """The report's name without what leads elsewhere or what some system refuses."""
    plain = _UNSAFE.sub("_", report.request.name).strip(". ") or "report"
    return f"{plain}.{extension}"


def _unnamed(request: ReportRequest) -> ReportRequest:
    return msgspec.structs.replace(request, name="", description="")


def _told(request: ReportRequest) -> dict[str, Any]:
    facts = msgspec.structs.asdict(request)
    return {name: value for name, value in facts.items() if value and name not in {"name", "description"}}


def _found(report: Report | None, uuid: UUID) -> Report:
    if report is None:
        raise NotFoundError(f"There is no report {uuid}.")
    return report
