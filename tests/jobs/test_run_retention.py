"""Runs are kept as long as the tenant says, and the latest of each connector for ever."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from fresh_stores import open_fresh
from nephoscope.access.preferences import Preferences
from nephoscope.controls.catalogue import Catalogue
from nephoscope.jobs.carrying import JobContext
from nephoscope.jobs.running import RunJobs
from nephoscope.kit.sealing import NO_KEYS
from nephoscope.model.identities import Identity
from nephoscope.model.runs import Run, RunState
from nephoscope.store import runs
from nephoscope.store.session import Store
from worlds import FakeClock

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def ended(store: Store, connector: UUID, days_ago: int) -> UUID:
    at = NOW - timedelta(days=days_ago)
    run = Run(uuid=uuid4(), connector_uuid=connector, state=RunState.QUEUED, queued_on=at)
    with store.write() as writer:
        runs.create(writer, run)
        runs.finish(writer, run.uuid, RunState.FINISHED, "", at)
    return run.uuid


def test_old_runs_go_when_the_tenant_says_so() -> None:
    clock, one, other = FakeClock(NOW), uuid4(), uuid4()
    with closing(open_fresh(clock)) as store:
        made = [ended(store, connector, days) for connector, days in ((one, 400), (one, 40), (one, 20), (other, 400))]
        preferences = Preferences(store, clock)
        kind = RunJobs(JobContext(store, Catalogue([], []), clock, 1, NO_KEYS), preferences)

        def kept() -> list[UUID]:
            kind.forget()
            with store.read() as reader:
                return [uuid for uuid in made if runs.get(reader, uuid)]

        preferences.change_tenant({"run_days": 0}, Identity.local())
        assert kept() == made
        preferences.change_tenant({"run_days": None}, Identity.local())
        assert kept() == made[1:]
        preferences.change_tenant({"run_days": 30}, Identity.local())
        assert kept() == [made[2], made[3]]
