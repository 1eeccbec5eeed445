"""Reports as rows: whose attempt counts, who sees what, and what leaves when."""

from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest

from nephoscope.kit.pages import PageRequest
from nephoscope.model.identities import Identity, Reach
from nephoscope.model.providers import Provider
from nephoscope.model.reports import Report, ReportFormat, ReportRequest, ReportStatus
from nephoscope.store import reports
from nephoscope.store.session import Reader, Store
from nephoscope.store.tables.reports import report_chunks
from store.store_world import START, any_of, contains, equals, hours

ALICE = Identity("alice")
WEEK = timedelta(days=7)
WEST, EAST = Reach(accounts=frozenset({"1", "2"})), Reach(accounts=frozenset({"2"}))


def asked(store: Store, name: str = "weekly", by: str = "alice", reach: Reach | None = None) -> Report:
    request = ReportRequest(name=name, provider=Provider.AWS, format=ReportFormat.CSV)
    report = Report(
        uuid=uuid4(), request=request, created_by=by, created_on=START, expires_on=hours(10**6), reach=reach
    )
    with store.write() as writer:
        return reports.create(writer, report)


def begun(store: Store, report: Report) -> Report:
    with store.write() as writer:
        found = reports.begin(writer, report.uuid, report.turn, START)
    assert found is not None
    return found


def written(store: Store, report: Report, *pieces: bytes) -> bool:
    """Whether it was still the one to write."""
    for number, piece in enumerate(pieces):
        with store.write() as writer:
            if not reports.is_current(writer, report):
                return False
            reports.add_chunk(writer, report, number, reports.compress(piece))
    return True


def published(store: Store, report: Report, chunks: int = 1) -> Report:
    with store.write() as writer:
        reports.publish(writer, msgspec.structs.replace(report, chunks=chunks, size=3, rows=1, moment=START), START)
    return got(store, report)


def got(store: Store, report: Report) -> Report:
    with store.read() as reader:
        found = reports.get(reader, report.uuid)
    assert found is not None
    return found


def chunks_of(reader: Reader) -> list[tuple[int, int]]:
    own = report_chunks.c
    rows = reader.connection.execute(report_chunks.select().order_by(own.report_key, own.attempt, own.number))
    return [(row.report_key, row.attempt) for row in rows]


def test_a_report_is_kept_as_it_was_asked_for(store: Store) -> None:
    report = asked(store, reach=WEST)
    assert got(store, report) == report
    assert report.key


def test_only_the_last_attempt_may_write_and_nothing_of_the_others_stays(store: Store) -> None:
    report = asked(store)
    first = begun(store, report)
    assert written(store, first, b"old", b"er")
    second = begun(store, report)
    assert not written(store, first, b"from the dead")
    assert written(store, second, b"new")
    done = published(store, second)
    assert (done.status, done.published, done.progress) == (ReportStatus.GENERATED, 2, 100)
    with store.read() as reader:
        assert chunks_of(reader) == [(report.key, 2)]
        assert reports.chunk(reader, done, 0) == b"new"
        assert reports.chunk(reader, done, 1) is None
    with store.write() as writer:
        assert reports.begin(writer, report.uuid, report.turn, START) is None


def test_a_report_that_failed_is_written_no_more(store: Store) -> None:
    attempt = begun(store, asked(store))
    assert written(store, attempt, b"some")
    with store.write() as writer:
        assert reports.fail(writer, attempt.uuid, attempt.turn, "because", START)
        assert not reports.fail(writer, attempt.uuid, attempt.turn, "again", START)
    assert not written(store, attempt, b"more")
    assert (got(store, attempt).status, got(store, attempt).reason) == (ReportStatus.FAILED, "because")
    with store.read() as reader:
        assert chunks_of(reader) == []


def test_another_turn_begins_with_nothing(store: Store) -> None:
    attempt = begun(store, asked(store))
    written(store, attempt, b"old")
    done = published(store, attempt)
    with store.write() as writer:
        reports.complete(writer, done.uuid, done.turn, START + WEEK)
        again = reports.restart(writer, got(store, done), hours(10**6))
    assert (again.status, again.turn, again.published) == (ReportStatus.ACCEPTED, 2, 0)
    assert got(store, done) == again
    with store.write() as writer:
        assert reports.begin(writer, done.uuid, 1, START) is None
        assert not reports.fail(writer, done.uuid, 1, "of the first turn", START)
        reports.complete(writer, done.uuid, 1, START)
    assert got(store, done).status is ReportStatus.ACCEPTED
    assert begun(store, again).attempt == 2


def test_what_is_over_is_not_there_and_goes(store: Store) -> None:
    attempt = begun(store, asked(store))
    written(store, attempt, b"x")
    done = published(store, attempt)
    with store.write() as writer:
        reports.complete(writer, done.uuid, done.turn, START + WEEK)
    with store.read(at=START + WEEK - timedelta(seconds=1)) as reader:
        assert reports.get(reader, done.uuid, ALICE) is not None
    with store.read(at=START + WEEK) as reader:
        assert reports.get(reader, done.uuid, ALICE) is None
        assert reports.page(reader, ALICE, (), PageRequest(0, 9)).total == 0
    with store.write() as writer:
        assert reports.expired(writer, START + WEEK - timedelta(seconds=1), 9) == []
        assert reports.expired(writer, START + WEEK, 9) == [done.key]
        reports.remove(writer, [done.key])
        assert chunks_of(writer) == []


def test_a_part_of_the_house_shows_the_own_reports_of_that_part(store: Store) -> None:
    mine, others, wider = (
        asked(store, "mine", "bob", WEST),
        asked(store, "others", "eve", WEST),
        asked(store, "wider", "bob"),
    )
    narrower = asked(store, "narrower", "bob", EAST)
    bob = Identity("bob", reach=Reach(accounts=frozenset({"2", "1"})))
    with store.read() as reader:
        assert [row.request.name for row in reports.page(reader, bob, (), PageRequest(0, 9)).rows] == ["mine"]
        assert reports.get(reader, mine.uuid, bob) == mine
        for hidden in (others, wider, narrower):
            assert reports.get(reader, hidden.uuid, bob) is None
            assert reports.get(reader, hidden.uuid, ALICE) is not None


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (equals("name", "WEEKLY"), ["weekly"]),
        (contains("name", "ly"), ["monthly", "weekly"]),
        (equals("status", "accepted"), ["monthly"]),
        (any_of("created_by", "bob", "eve"), ["monthly"]),
        (equals("provider", "azure"), []),
        (equals("format", "CSV"), ["monthly", "weekly"]),
        (equals("uuid", "no uuid"), []),
    ],
)
def test_the_list_knows_its_fields_and_begins_with_the_newest(
    store: Store, condition: object, found: list[str]
) -> None:
    begun(store, asked(store))
    asked(store, "monthly", "bob")
    with store.read() as reader:
        page = reports.page(reader, ALICE, (condition,), PageRequest(0, 9))  # type: ignore[arg-type]  # of the table above
    assert [row.request.name for row in page.rows] == found
    assert page.total == len(found)


def test_who_waits_is_found_in_order(store: Store) -> None:
    first, second = asked(store, "first"), asked(store, "second")
    third = begun(store, asked(store, "third"))
    with store.write() as writer:
        reports.fail(writer, second.uuid, 1, "no", START)
    with store.read() as reader:
        assert [row.uuid for row in reports.unfinished(reader)] == [first.uuid, third.uuid]
