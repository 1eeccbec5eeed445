"""Reports as a kind of durable work: made in one step that may be repeated, and gone when their days are over."""

from collections.abc import Sequence
from uuid import UUID

from nephoscope.jobs.engine import Steps, StoppedError
from nephoscope.jobs.kinds import Expected
from nephoscope.kit.clock import Clock
from nephoscope.model.reports import Report, ReportStatus
from nephoscope.reports.making import Made, Maker
from nephoscope.store import reports
from nephoscope.store.session import Store

KIND = "report"
_REMOVED_AT_ONCE = 20
"""Expired reports of one transaction: their files may be large."""


class ReportJobs:
    """A job is `report:<uuid>:<turn>`: a report that is made once more has another job."""

    noun = "report"

    def __init__(self, store: Store, clock: Clock, maker: Maker) -> None:
        self._store = store
        self._clock = clock
        self._maker = maker

    async def carry(self, job: str, steps: Steps) -> None:
        uuid, turn = _parts(job)

        def make() -> str:
            return self._maker.make(uuid, turn, lambda: steps.is_leaving).value

        def complete() -> None:
            self._maker.complete(uuid, turn)

        try:
            while await steps.run("make", make) == Made.AGAIN:
                pass  # on its way out the process holds the next step back, and another one begins with it
            await steps.run("complete", complete)
        except StoppedError:
            return

    def unfinished(self) -> Sequence[Expected]:
        with self._store.read() as reader:
            return [
                Expected(job_of(report), report.status is not ReportStatus.ACCEPTED)
                for report in reports.unfinished(reader)
            ]

    def fail(self, job: str, problem: str) -> None:
        self._maker.fail(*_parts(job), problem)

    def forget(self) -> None:
        """Reports whose days are over, with their files."""
        while True:
            with self._store.write() as writer:
                over = reports.expired(writer, self._clock(), _REMOVED_AT_ONCE)
                reports.remove(writer, over)
            if len(over) < _REMOVED_AT_ONCE:
                return


def job_of(report: Report) -> str:
    return f"{KIND}:{report.uuid}:{report.turn}"


def _parts(job: str) -> tuple[UUID, int]:
    _, uuid, turn = job.split(":")
    return UUID(uuid), int(turn)
