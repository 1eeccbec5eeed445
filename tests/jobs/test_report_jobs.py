"""Reports carried for real: made by whoever serves the store, given up, expired; and whole after every `kill -9`."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NoReturn
from uuid import UUID

import msgspec
import pytest

from jobs.job_world import BRISK, Place, Worker, wait_until
from jobs.report_jobs import ASKER, CATALOGUE, ask, content, filled, reports_of, state
from nephoscope.controls.catalogue import Catalogue
from nephoscope.errors import ConflictError, NotFoundError
from nephoscope.jobs.jobs import Jobs, open_jobs
from nephoscope.kit.clock import system_clock
from nephoscope.model.providers import Provider
from nephoscope.model.reports import ReportStatus
from nephoscope.store import reports
from nephoscope.store.session import Store
from nephoscope.store.tables.reports import report_chunks

ENDED = (ReportStatus.COMPLETED, ReportStatus.FAILED)
HIRE = Callable[..., Worker]


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    with place.open() as store:
        yield store


@pytest.fixture
def jobs(place: Place, store: Store) -> Iterator[Jobs]:
    with open_jobs(place.settings, store, CATALOGUE, system_clock, pace=BRISK) as jobs:
        jobs.start()
        yield jobs


def ended(store: Store, uuid: UUID) -> ReportStatus:
    wait_until(lambda: state(store, uuid).status in ENDED)
    return state(store, uuid).status


def chunks(store: Store) -> int:
    with store.read() as reader:
        return len(reader.connection.execute(report_chunks.select()).all())


@pytest.mark.parametrize("place", ["sqlite", "postgres"], indirect=True)
def test_a_report_is_made_and_made_once_more(store: Store, jobs: Jobs) -> None:
    rows = filled(store, 3)
    report = ask(store)
    jobs.wake()
    assert ended(store, report.uuid) is ReportStatus.COMPLETED
    assert state(store, report.uuid).rows == rows > 0
    first = content(store, report.uuid)
    reports_of(store).rerun(report.uuid, ASKER)
    assert ended(store, report.uuid) is ReportStatus.COMPLETED
    assert (content(store, report.uuid), state(store, report.uuid).turn) == (first, 2)


class Broken(Catalogue):
    def of_provider(self, provider: Provider) -> NoReturn:
        raise RuntimeError(f"half a catalogue for {provider}")


def test_what_nobody_foresaw_fails_the_report_with_its_words(place: Place, store: Store) -> None:
    filled(store, 1)
    report = ask(store)
    broken = Broken(CATALOGUE.controls.values(), CATALOGUE.policies)
    with open_jobs(place.settings, store, broken, system_clock, pace=BRISK) as jobs:
        jobs.start()
        assert ended(store, report.uuid) is ReportStatus.FAILED
    assert "half a catalogue for AWS" in state(store, report.uuid).reason


def test_reports_whose_days_are_over_go_with_their_files(place: Place, store: Store) -> None:
    filled(store, 1)
    report = ask(store)
    reports_of(store).make(report)
    assert chunks(store) == 1

    def ahead() -> datetime:
        return system_clock() + timedelta(days=8)

    with open_jobs(place.settings, store, CATALOGUE, ahead, pace=BRISK) as jobs:
        jobs.start()
        wait_until(lambda: chunks(store) == 0)
    with pytest.raises(NotFoundError):
        state(store, report.uuid)


@pytest.mark.slow
@pytest.mark.parametrize("place", ["sqlite", "postgres"], indirect=True)
def test_a_report_survives_kills_and_is_whole(place: Place, hire: HIRE) -> None:
    with place.open() as store:
        rows = filled(store, 5_000)
        report = ask(store)

        def has_written(more: int) -> Callable[[], bool]:
            return lambda: state(store, report.uuid).attempt >= more and chunks(store) > 0

        for number in (1, 2):
            worker = hire()
            wait_until(has_written(number))
            assert state(store, report.uuid).status is ReportStatus.PROCESSING
            worker.kill()
            with pytest.raises(ConflictError, match="has no file"):
                content(store, report.uuid)
        hire()
        assert ended(store, report.uuid) is ReportStatus.COMPLETED
        found = state(store, report.uuid)
        assert (found.rows, found.attempt) == (rows, 3)
        with store.read() as reader:
            assert reports.unfinished(reader) == ()
        assert chunks(store) == found.chunks
        text = content(store, report.uuid).decode()
        read = list(csv.DictReader(io.StringIO(text, newline="")))
        assert len(text.encode()) == found.size
        assert len({(row["resourceId"], row["controlId"]) for row in read}) == len(read) == rows


@pytest.mark.slow
def test_a_report_that_kills_its_workers_is_given_up(place: Place, hire: HIRE) -> None:
    with place.open() as store:
        filled(store, 5_000)
        report = ask(store)
        worker = hire()
        wait_until(lambda: chunks(store) > 0)
        worker.kill()
        unforgiving = msgspec.structs.replace(BRISK, takeovers=0)
        with open_jobs(place.settings, store, CATALOGUE, system_clock, pace=unforgiving) as jobs:
            jobs.start()
            assert ended(store, report.uuid) is ReportStatus.FAILED
        assert "The report was given up" in state(store, report.uuid).reason
        assert chunks(store) == 0
