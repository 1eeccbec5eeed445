"""A report is made: from a request to a file in the store, in one step that may be repeated at any time.

The whole of it is read in one session, so it is of one moment while scans go on writing. The file is written beside it
in small transactions, under an attempt of its own, and becomes the report only when it is whole. Whoever makes a report
looks now and then whether it still should: somebody may have cancelled it, asked for it anew, or begun it again
elsewhere.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from nephoscope.controls.catalogue import Catalogue
from nephoscope.errors import NephoscopeError, StoreError
from nephoscope.evaluation.facts import ControlFacts
from nephoscope.kit.clock import Clock
from nephoscope.model.reports import Report
from nephoscope.policies.policies import Policies
from nephoscope.reports.bodies import Draft
from nephoscope.reports.content import Content
from nephoscope.reports.renderers.table import RENDERINGS
from nephoscope.reports.resolving import resolved
from nephoscope.store import reports
from nephoscope.store.session import Store

PIECE = 1 << 20
"""Bytes of the file that are compressed and written at once."""
_LOOK_SECONDS = 0.5


class Made(StrEnum):
    """How an attempt ended."""

    DONE = "done"
    OVER = "over"
    """There was nothing to make any more, or it failed for a reason that stands on the report."""
    AGAIN = "again"
    """The process is on its way out."""


class _EndedError(Exception):
    def __init__(self, made: Made) -> None:
        super().__init__(made)
        self.made = made


class Maker:
    """One for each process. Thread-safe. `days` is how long a report is kept once it is there."""

    def __init__(
        self, store: Store, clock: Clock, catalogue: Catalogue, policies: Policies, days: Callable[[], int]
    ) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._policies = policies
        self._days = days

    def make(self, uuid: UUID, turn: int, is_leaving: Callable[[], bool]) -> Made:
        """StoreError, and whatever nobody has thought of, is for whoever calls to try again."""
        with self._store.write() as writer:
            report = reports.begin(writer, uuid, turn, self._clock())
        if report is None:
            return Made.OVER
        try:
            self._make(report, is_leaving)
        except _EndedError as ended:
            return ended.made
        except StoreError:
            raise
        except NephoscopeError as error:
            self.fail(uuid, turn, error.message)
            return Made.OVER
        return Made.DONE

    def complete(self, uuid: UUID, turn: int) -> None:
        """Repeating it changes nothing."""
        with self._store.write() as writer:
            reports.complete(writer, uuid, turn, self._clock() + timedelta(days=self._days()))

    def fail(self, uuid: UUID, turn: int, reason: str) -> None:
        """One that has ended stays as it is."""
        with self._store.write() as writer:
            reports.fail(writer, uuid, turn, reason, self._clock())

    def _make(self, report: Report, is_leaving: Callable[[], bool]) -> None:
        moment = self._clock().replace(microsecond=0)
        facts = ControlFacts(self._catalogue, self._policies.book())
        attempt = _Attempt(self._store, report, is_leaving)
        with self._store.read(at=moment, reach=report.reach) as reader:
            selection = resolved(reader, facts, Draft(report.request, ()), moment)
            content = Content(reader, facts, report, selection, attempt.watch)
            attempt.write(RENDERINGS[report.request.format].render(content))
            done = msgspec.structs.replace(
                report, moment=moment, rows=content.listed, size=attempt.size, chunks=attempt.chunks
            )
        attempt.publish(done, self._clock)


class _Attempt:
    """The file of one attempt."""

    def __init__(self, store: Store, report: Report, is_leaving: Callable[[], bool]) -> None:
        self.size = 0
        self.chunks = 0
        self._store = store
        self._report = report
        self._is_leaving = is_leaving
        self._looked = time.monotonic()

    def watch(self, done: int, total: int) -> None:
        """Say how far it is, now and then, and look whether it goes on."""
        if self._is_leaving():
            raise _EndedError(Made.AGAIN)
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        with self._store.write() as writer:
            self._insist(reports.is_current(writer, self._report))
            reports.progress(writer, self._report, min(99, 100 * done // max(1, total)))

    def write(self, pieces: Iterable[bytes]) -> None:
        for piece in even(pieces, PIECE):
            compressed = reports.compress(piece)
            with self._store.write() as writer:
                self._insist(reports.is_current(writer, self._report))
                reports.add_chunk(writer, self._report, self.chunks, compressed)
            self.size += len(piece)
            self.chunks += 1

    def publish(self, done: Report, clock: Clock) -> None:
        with self._store.write() as writer:
            self._insist(reports.is_current(writer, done))
            reports.publish(writer, done, clock())

    @staticmethod
    def _insist(is_current: bool) -> None:
        if not is_current:
            raise _EndedError(Made.OVER)


def even(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of one size, but for the last."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= size:
            yield bytes(waiting[:size])
            del waiting[:size]
    if waiting:
        yield bytes(waiting)
