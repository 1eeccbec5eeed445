"""Durable runs in one process: asked for, carried, scheduled, cancelled, failed, forgotten."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from uuid import uuid4

import msgspec
import pytest

from fresh_stores import open_fresh
from jobs.job_estates import left
from jobs.job_world import BRISK, Place, add_connector, enter, wait_until
from nephoscope.audit import trail
from nephoscope.audit.trail import Wanted
from nephoscope.controls.catalogue import Catalogue
from nephoscope.controls.loading import load_catalogue
from nephoscope.errors import ConflictError, NotFoundError, SettingsError
from nephoscope.jobs.jobs import Jobs, open_jobs
from nephoscope.kit.clock import system_clock
from nephoscope.kit.pages import PageRequest
from nephoscope.model.connectors import AwsAccess, Connector, ConnectorState
from nephoscope.model.providers import Provider
from nephoscope.model.runs import Run, RunState
from nephoscope.settings import Settings
from nephoscope.simulation.aws import ACCOUNT_ID, Simulation
from nephoscope.store import connectors, runs
from nephoscope.store.session import Store

ELSEWHERE = "999999999999"
"""Not the simulation's account: a run of it ends at once, with an error, which is enough to see that it was carried."""
DEAD = AwsAccess(endpoint_url="http://127.0.0.1:9", regions=("us-east-1",))


class Broken(Catalogue):
    def of_provider(self, provider: Provider) -> NoReturn:
        raise RuntimeError(f"half a catalogue for {provider}")


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    with place.open() as store:
        yield store


@pytest.fixture
def jobs(place: Place, store: Store) -> Iterator[Jobs]:
    with open_jobs(place.settings, store, load_catalogue(), system_clock, pace=BRISK) as jobs:
        yield jobs


def ended(jobs: Jobs, run: Run) -> Run:
    wait_until(lambda: jobs.get(run.uuid).state not in {RunState.QUEUED, RunState.RUNNING})
    return jobs.get(run.uuid)


def reread(store: Store, connector: Connector) -> Connector:
    with store.read() as reader:
        found = connectors.get(reader, connector.uuid)
    assert found is not None
    return found


@pytest.mark.parametrize("place", ["sqlite", "postgres"], indirect=True)
def test_a_run_that_was_asked_for_is_carried(jobs: Jobs, store: Store, cloud: Simulation) -> None:
    connector = add_connector(store, enter(cloud), ACCOUNT_ID)
    jobs.start()
    run = jobs.request(connector.uuid, "alice")
    assert run.state is RunState.QUEUED
    with pytest.raises(ConflictError):
        jobs.request(connector.uuid, "bob")
    with store.read() as reader:
        newest, *_ = trail.page(reader, Wanted(action="connector.run"), PageRequest(0, 5)).rows
    assert (newest.who, newest.subject, newest.detail) == ("alice", str(connector.uuid), {"run": str(run.uuid)})
    done = ended(jobs, run)
    assert (done.state, done.error) == (RunState.FINISHED, "")
    assert done.progress.scopes_done == done.progress.scopes_total > 0
    assert done.started_on
    assert done.finished_on
    after = reread(store, connector)
    assert (after.state, after.error) == (ConnectorState.SUCCESS, "")
    assert after.last_synced_on
    assert after.next_sync_on == after.last_synced_on + timedelta(minutes=240)
    seen = left(store, connector)
    assert after.total_assets == len(seen.resources) > 0
    again = ended(jobs, jobs.request(connector.uuid))
    assert again.uuid != run.uuid
    assert left(store, connector) == seen


def test_an_account_that_cannot_be_entered_fails_the_run(jobs: Jobs, store: Store) -> None:
    connector = add_connector(store, DEAD, ACCOUNT_ID)
    jobs.start()
    run = ended(jobs, jobs.request(connector.uuid))
    after = reread(store, connector)
    assert run.state is RunState.FAILED
    assert after.state is ConnectorState.ERROR
    assert run.error == after.error != ""
    assert after.last_synced_on is None
    assert after.next_sync_on is not None


def test_a_run_that_breaks_off_says_why(place: Place, store: Store, cloud: Simulation) -> None:
    connector = add_connector(store, enter(cloud), ACCOUNT_ID)
    broken = Broken((), ())
    with open_jobs(place.settings, store, broken, system_clock, pace=BRISK) as jobs:
        jobs.start()
        run = ended(jobs, jobs.request(connector.uuid))
    assert run.state is RunState.FAILED
    assert "RuntimeError: half a catalogue" in run.error
    assert reread(store, connector).error == run.error


def test_a_job_that_was_ended_from_outside_ends_its_run(jobs: Jobs, store: Store, cloud: Simulation) -> None:
    connector = add_connector(store, enter(cloud), ACCOUNT_ID)
    jobs.start()
    assert jobs._housekeeping is not None
    engine = jobs._housekeeping._engine
    cloud.disturb(latency=0.2)
    try:
        run = jobs.request(connector.uuid)
        wait_until(lambda: jobs.get(run.uuid).progress.scopes_done > 0)
        engine.abandon(str(run.uuid))
        assert ended(jobs, run).state is RunState.FAILED
    finally:
        cloud.disturb()
    assert "ended from outside" in jobs.get(run.uuid).error
    assert engine.delete_ended(system_clock() + timedelta(minutes=1)) == 1
    assert engine.find([str(run.uuid)]) == {}


def test_a_run_whose_job_was_lost_begins_again(place: Place, store: Store, cloud: Simulation) -> None:
    """The engine's own file was removed while nobody served."""
    connector = add_connector(store, enter(cloud), ELSEWHERE)
    with open_jobs(place.settings, store, load_catalogue(), system_clock, pace=BRISK) as jobs:
        run = jobs.request(connector.uuid)
        with store.write() as writer:
            runs.start(writer, run.uuid, system_clock())
        jobs.start()
        assert ended(jobs, run).state is RunState.FAILED


def test_credentials_of_another_account_fail_the_run(jobs: Jobs, store: Store, cloud: Simulation) -> None:
    connector = add_connector(store, enter(cloud), ELSEWHERE)
    jobs.start()
    run = ended(jobs, jobs.request(connector.uuid))
    assert run.state is RunState.FAILED
    assert ACCOUNT_ID in run.error
    assert not left(store, connector).resources


def test_the_schedule_runs_what_is_due(jobs: Jobs, store: Store, cloud: Simulation) -> None:
    past = datetime(2026, 1, 1, tzinfo=UTC)
    due = add_connector(store, enter(cloud), ELSEWHERE, due=past)
    later = add_connector(store, DEAD, "111111111111", due=system_clock() + timedelta(hours=1))
    off = add_connector(store, DEAD, "222222222222", due=past)
    with store.write() as writer:
        connectors.update(writer, msgspec.structs.replace(off, is_disabled=True))
    jobs.start()
    wait_until(lambda: (run := jobs.latest(due.uuid)) is not None and run.state is RunState.FAILED)
    assert jobs.latest(later.uuid) is None
    assert jobs.latest(off.uuid) is None
    assert reread(store, due).next_sync_on > system_clock()  # type: ignore[operator]  # it was just set


def test_a_cancelled_run_ends_and_frees_the_connector(jobs: Jobs, store: Store, cloud: Simulation) -> None:
    connector = add_connector(store, enter(cloud), ACCOUNT_ID)
    jobs.start()
    cloud.disturb(latency=0.2)
    try:
        run = jobs.request(connector.uuid)
        wait_until(lambda: jobs.get(run.uuid).progress.scopes_done > 0)
        jobs.cancel(run.uuid)
        assert jobs.get(run.uuid).state is RunState.CANCELLED
        jobs.cancel(run.uuid)
    finally:
        cloud.disturb()
    following = ended(jobs, jobs.request(connector.uuid))
    assert following.state is RunState.FINISHED
    stopped = jobs.get(run.uuid)
    assert stopped.state is RunState.CANCELLED
    assert 0 < stopped.progress.scopes_done < stopped.progress.scopes_total


def test_a_queued_run_can_be_cancelled_before_anybody_carries_it(jobs: Jobs, store: Store, cloud: Simulation) -> None:
    connector = add_connector(store, enter(cloud), ELSEWHERE)
    run = jobs.request(connector.uuid)
    jobs.cancel(run.uuid)
    jobs.start()
    other = jobs.request(connector.uuid)
    assert ended(jobs, other).state is RunState.FAILED
    assert jobs.get(run.uuid).state is RunState.CANCELLED
    assert jobs.get(run.uuid).started_on is None


def test_a_connector_deleted_in_the_middle_leaves_nothing(jobs: Jobs, store: Store, cloud: Simulation) -> None:
    connector = add_connector(store, enter(cloud), ACCOUNT_ID)
    jobs.start()
    cloud.disturb(latency=0.2)
    try:
        run = jobs.request(connector.uuid)
        wait_until(lambda: jobs.get(run.uuid).progress.scopes_done > 0)
        with store.write() as writer:
            connectors.delete(writer, [connector.key])
    finally:
        cloud.disturb()
    with pytest.raises(NotFoundError):
        jobs.get(run.uuid)
    jobs.stop()
    with store.read() as reader:
        assert runs.unfinished(reader) == ()


def test_who_does_not_carry_may_still_ask(place: Place, jobs: Jobs, store: Store, cloud: Simulation) -> None:
    """The command line beside a running server."""
    connector = add_connector(store, enter(cloud), ELSEWHERE)
    jobs.start()
    with place.open() as other_store, open_jobs(place.settings, other_store, load_catalogue(), system_clock) as asking:
        run = asking.request(connector.uuid)
        assert ended(asking, run).state is RunState.FAILED


def test_unknown_things_are_not_found(jobs: Jobs) -> None:
    for attempt in (jobs.request, jobs.get, jobs.cancel):
        with pytest.raises(NotFoundError):
            attempt(uuid4())


def test_one_directory_is_served_by_one_process(place: Place, jobs: Jobs, store: Store) -> None:
    jobs.start()
    second = open_jobs(place.settings, store, load_catalogue(), system_clock)
    with second as late, pytest.raises(SettingsError, match="serving"):
        late.start()
    jobs.stop()
    jobs.start()


def test_a_store_in_memory_carries_nothing() -> None:
    store = open_fresh()
    opened = open_jobs(Settings(data=None), store, load_catalogue(), system_clock)
    with opened as jobs, pytest.raises(SettingsError, match="--data"):
        jobs.start()
    store.close()
