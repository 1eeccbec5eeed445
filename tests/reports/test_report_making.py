"""Made in one moment, stopped when asked, and whole or not at all."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from apiworld import World, user
from exception_bodies import CONNECTOR, bent
from nephoscope.errors import BadRequestError, ConflictError, NotFoundError
from nephoscope.exceptions.exceptions import draft_of
from nephoscope.model.identities import Identity, Reach
from nephoscope.model.reports import Report, ReportStatus
from nephoscope.reports.making import Made, Maker
from nephoscope.store import reports
from nephoscope.store.evaluating import evaluation_walks
from reports.report_world import ALICE, ask, content, document, keys, made

BOB = Identity("bob", reach=Reach(accounts=frozenset({"444455556666"})))


@pytest.fixture
def maker(world: World) -> Maker:
    return Maker(world.store, world.clock, world.catalogue, world.policies, lambda: 7)


def make(maker: Maker, report: Report, meanwhile: Callable[[], object] = lambda: None) -> Made:
    """`meanwhile` happens when some of the resources have been looked at."""

    def is_leaving() -> bool:
        meanwhile()
        return False

    return maker.make(report.uuid, report.turn, is_leaving)


def state(world: World, report: Report) -> Report:
    return world.usecases.reports.get(report.uuid, ALICE)


def test_a_report_is_of_one_moment_while_scans_write(
    world: World, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation_walks, "WINDOW", 1)
    before = keys(document(world))
    report = ask(world, format="json")

    def write() -> None:
        if not world.uuids.get("late"):
            world.clock.forward(hours=1)
            world.record("IAM_USER", "global", [user("late", mfa=False), user("ann", mfa=False)])
            changes = bent(CONNECTOR, accountIds=["111122223333"], controlIds=[322, 1], startDate="2026-01-01")
            world.usecases.exceptions.create(draft_of(changes), "alice")

    assert make(maker, report, write) is Made.DONE
    maker.complete(report.uuid, report.turn)
    assert world.uuids["late"]
    import json  # noqa: PLC0415 - for one line

    assert keys(json.loads(content(world, report))) == before
    assert state(world, report).moment == world.clock() - timedelta(hours=1)
    assert keys(document(world)) != before


def test_a_report_goes_from_accepted_to_completed(world: World, maker: Maker) -> None:
    report = ask(world)
    assert (report.status, report.created_by) == (ReportStatus.ACCEPTED, "alice")
    seen: list[ReportStatus] = []
    make(maker, report, lambda: seen.append(state(world, report).status))
    assert set(seen) == {ReportStatus.PROCESSING}
    assert (state(world, report).status, state(world, report).rows) == (ReportStatus.GENERATED, 8)
    world.clock.forward(hours=1)
    maker.complete(report.uuid, report.turn)
    done = state(world, report)
    assert (done.status, done.progress) == (ReportStatus.COMPLETED, 100)
    assert done.expires_on == world.clock() + timedelta(days=7)


def test_a_cancelled_report_is_made_no_more(world: World, maker: Maker) -> None:
    report = ask(world)

    def cancel() -> None:
        if state(world, report).is_open:
            world.usecases.reports.cancel(report.uuid, ALICE)

    assert make(maker, report, cancel) is Made.OVER
    maker.complete(report.uuid, report.turn)
    done = state(world, report)
    assert (done.status, done.reason) == (ReportStatus.FAILED, "It was cancelled by alice.")
    with pytest.raises(ConflictError, match="cancelled by alice"):
        world.usecases.reports.document(report.uuid, ALICE)
    with pytest.raises(ConflictError):
        world.usecases.reports.cancel(report.uuid, ALICE)


def test_a_report_that_is_deleted_while_it_is_made_is_gone(world: World, maker: Maker) -> None:
    report = ask(world)
    deleted: list[bool] = []

    def delete() -> None:
        if not deleted:
            deleted.append(True)
            world.usecases.reports.delete([report.uuid], ALICE)

    assert make(maker, report, delete) is Made.OVER
    with pytest.raises(NotFoundError):
        state(world, report)
    with world.store.read() as reader:
        assert reports.chunk(reader, report, 0) is None


def test_a_process_on_its_way_out_leaves_it_to_the_next(world: World, maker: Maker) -> None:
    report = ask(world)
    assert maker.make(report.uuid, report.turn, lambda: True) is Made.AGAIN
    assert state(world, report).status is ReportStatus.PROCESSING
    assert make(maker, report) is Made.DONE
    assert content(world, report) == content(world, made(world))


def test_what_was_begun_elsewhere_is_finished_by_one_alone(world: World, maker: Maker) -> None:
    report = ask(world)
    other: list[Made] = []

    def elsewhere() -> None:
        if not other:
            other.append(Made.AGAIN)
            other[0] = make(maker, report)

    assert make(maker, report, elsewhere) is Made.OVER
    assert other == [Made.DONE]
    assert content(world, report) == content(world, made(world))


def test_what_vanished_since_fails_with_the_reason(world: World, maker: Maker) -> None:
    report = ask(world, connectorIds=[str(world.lab.uuid)])
    world.connectors.delete([world.lab.uuid])
    assert make(maker, report) is Made.OVER
    done = state(world, report)
    assert done.status is ReportStatus.FAILED
    assert f"connectorIds: there is no connector {world.lab.uuid}" in done.reason
    with pytest.raises(BadRequestError):
        world.usecases.reports.rerun(report.uuid, ALICE)


def test_a_rerun_shows_what_is_there_now(world: World) -> None:
    report = made(world, format="json")
    before = content(world, report)
    world.record("IAM_USER", "global", [user("new", mfa=False)])
    again = world.usecases.reports.rerun(report.uuid, ALICE)
    assert (again.uuid, again.status, again.turn) == (report.uuid, ReportStatus.ACCEPTED, 2)
    with pytest.raises(ConflictError):
        world.usecases.reports.document(report.uuid, ALICE)
    with pytest.raises(ConflictError, match="cancel it first"):
        world.usecases.reports.rerun(report.uuid, ALICE)
    world.make_reports()
    assert b'"new"' in content(world, report)
    assert b'"new"' not in before


def test_a_download_that_outlives_its_report_ends_with_an_error(world: World) -> None:
    report = made(world)
    pieces = world.usecases.reports.document(report.uuid, ALICE).pieces
    world.usecases.reports.delete([report.uuid], ALICE)
    with pytest.raises(NotFoundError):
        b"".join(pieces)


def test_a_part_of_the_house_has_reports_of_that_part(world: World) -> None:
    world.record("IAM_USER", "global", [user("lab", mfa=False)], connector=world.lab)
    report = made(world, BOB, format="json")
    assert report.rows == 2
    assert b'"ann"' not in content(world, report, BOB)
    with pytest.raises(BadRequestError, match="there is no connector"):
        ask(world, BOB, connectorIds=[str(world.production.uuid)])
    everything = made(world)
    with pytest.raises(NotFoundError):
        world.usecases.reports.get(everything.uuid, BOB)
    world.usecases.reports.rerun(report.uuid, ALICE)
    world.make_reports()
    assert state(world, report).rows == 2


def test_decisions_are_on_record(world: World) -> None:
    report = ask(world)
    world.usecases.reports.cancel(report.uuid, ALICE)
    world.usecases.reports.rerun(report.uuid, ALICE)
    world.usecases.reports.delete([report.uuid], ALICE)
    with pytest.raises(NotFoundError, match=str(report.uuid)):
        world.usecases.reports.delete([report.uuid], ALICE)
    from nephoscope.audit import trail  # noqa: PLC0415 - for one test
    from nephoscope.kit.pages import PageRequest  # noqa: PLC0415 - likewise

    with world.store.read() as reader:
        page = trail.page(reader, trail.Wanted(subject=str(report.uuid)), PageRequest(0, 9))
    assert [row.action for row in page.rows] == ["report.delete", "report.rerun", "report.cancel", "report.create"]
