"""A sweep in memory: what it tells on the way and what it leaves."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from fresh_stores import open_fresh
from jobs.job_estates import left
from jobs.job_world import add_connector, enter
from nephoscope.clouds.table import open_account
from nephoscope.controls.loading import load_catalogue
from nephoscope.jobs import sweep as steps
from nephoscope.jobs.scan import Event, Planned, ScopeEnded, TypeEvaluated, run
from nephoscope.jobs.sweep import Sweep
from nephoscope.kit.clock import system_clock
from nephoscope.model.connectors import Connector, ConnectorState
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import Outcome
from nephoscope.simulation.aws import ACCOUNT_ID, Disturbance, Fault, Simulation
from nephoscope.store import connectors
from nephoscope.store.session import Store


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(open_fresh()) as store:
        yield store


@pytest.fixture
def sweep(store: Store, cloud: Simulation) -> Sweep:
    connector = add_connector(store, enter(cloud), ACCOUNT_ID)
    return steps.prepare(store, load_catalogue(), system_clock, connector, with_wire=False)


def after(sweep: Sweep) -> Connector:
    with sweep.store.read() as reader:
        found = connectors.get(reader, sweep.connector.uuid)
    assert found is not None
    return found


def test_a_sweep_tells_what_it_does(sweep: Sweep, cloud: Simulation) -> None:
    events: list[Event] = []
    with closing(open_account(Provider.AWS, enter(cloud), workers=8)) as account:
        result = run(sweep, account, on_event=events.append)
        planned = account.plan(sweep.needs)
    assert [report.scope for report in result.reports] == list(planned)
    assert isinstance(events[0], Planned)
    assert events[0].scopes == planned
    assert {event.report.scope for event in events if isinstance(event, ScopeEnded)} == set(planned)
    assert [event.resource_type for event in events if isinstance(event, TypeEvaluated)] == list(result.judged)
    assert result.progress.scopes_done == result.progress.scopes_total == len(planned)
    assert (result.error, result.is_cancelled) == ("", False)
    seen = left(sweep.store, sweep.connector)
    assert seen.state == ConnectorState.SUCCESS
    assert seen.assets == len(seen.resources) == result.progress.resources


def test_a_cancelled_sweep_judges_nothing(sweep: Sweep, cloud: Simulation) -> None:
    ended: list[Event] = []
    with closing(open_account(Provider.AWS, enter(cloud), workers=8)) as account:
        result = run(sweep, account, scopes_at_once=1, on_event=ended.append, is_cancelled=lambda: len(ended) > 3)
    assert result.is_cancelled
    assert 0 < len(result.reports) < result.progress.scopes_total
    assert not left(sweep.store, sweep.connector).verdicts


def test_an_account_of_which_nothing_can_be_read_is_an_error(sweep: Sweep, cloud: Simulation) -> None:
    with closing(open_account(Provider.AWS, enter(cloud), workers=8)) as account:
        account.plan(sweep.needs)
        cloud.disturb(Fault(Disturbance.DENIED))
        try:
            result = run(sweep, account)
        finally:
            cloud.disturb()
    unread = [report for report in result.reports if report.outcome is not Outcome.COMPLETE]
    assert result.progress.problems == len(unread) > 0
    settled = after(sweep)
    assert settled.error == result.error
    assert (settled.state is ConnectorState.ERROR) == (len(unread) == len(result.reports))
