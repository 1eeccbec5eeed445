"""Real processes, killed for real: whoever carries a run on, the end is the same, and nothing is done twice."""

import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from jobs.job_estates import Left, left
from jobs.job_world import BRISK, Place, Worker, add_connector, enter, wait_until
from nephoscope.controls.loading import load_catalogue
from nephoscope.jobs.jobs import open_jobs
from nephoscope.kit.clock import system_clock
from nephoscope.model.connectors import AwsAccess, Connector
from nephoscope.model.runs import Run, RunState
from nephoscope.simulation.aws import ACCOUNT_ID, IMAGE, Simulation
from nephoscope.store import evaluations, runs, scopes
from nephoscope.store.session import Store

pytestmark = pytest.mark.slow

EPOCH = 10_000.0
"""Seconds that the clock of each further process is ahead of the one before."""
HIRE = Callable[..., Worker]


@pytest.fixture(scope="module")
def estate(cloud: Simulation) -> Simulation:
    """Some of everything, and slow enough to be interrupted."""
    ec2, s3, iam = cloud.client("ec2"), cloud.client("s3"), cloud.client("iam")
    ec2.run_instances(ImageId=IMAGE, MinCount=5, MaxCount=5, InstanceType="t3.micro")
    for number in range(5):
        ec2.create_security_group(GroupName=f"group-{number}", Description="for tests")
        s3.create_bucket(Bucket=f"bucket-{number}")
        iam.create_user(UserName=f"user-{number}")
    for client in (ec2, s3, iam):
        client.close()
    cloud.disturb(latency=0.1)
    return cloud


@pytest.fixture(scope="module")
def undisturbed(
    estate: Simulation, make_place: Callable[[str, Path], Place], tmp_path_factory: pytest.TempPathFactory
) -> Left:
    """What a run that nothing happens to leaves behind."""
    place = make_place("sqlite", tmp_path_factory.mktemp("undisturbed"))
    with place.open() as store:
        connector = add_connector(store, enter(estate), ACCOUNT_ID)
        with open_jobs(place.settings, store, load_catalogue(), system_clock, pace=BRISK) as jobs:
            jobs.start()
            run = jobs.request(connector.uuid).uuid
            wait_until(lambda: state_of(store, run) is RunState.FINISHED)
        return left(store, connector)


def request_run(place: Place, store: Store, connector: Connector) -> Run:
    with open_jobs(place.settings, store, load_catalogue(), system_clock) as jobs:
        return jobs.request(connector.uuid)


def state_of(store: Store, run: UUID) -> RunState:
    return found(store, run).state


def found(store: Store, run: UUID) -> Run:
    with store.read() as reader:
        row = runs.get(reader, run)
    assert row is not None
    return row


def closings(store: Store, connector: Connector) -> dict[tuple[str, str], int]:
    """Scope → second in which it was closed."""
    with store.read() as reader:
        return {
            (row.report.scope.resource_type, row.report.scope.region): int(row.closed_on.timestamp())
            for row in scopes.of_connector(reader, connector.key)
        }


def is_evaluating(store: Store, connector: Connector, run: UUID) -> bool:
    with store.read() as reader:
        return bool(evaluations.tallies(reader, connector.key)) or state_of(store, run) is RunState.FINISHED


@pytest.mark.parametrize("place", ["sqlite", "postgres"], indirect=True)
def test_a_run_survives_kills_at_different_moments(
    place: Place, hire: HIRE, estate: Simulation, undisturbed: Left
) -> None:
    with place.open() as store:
        connector = add_connector(store, enter(estate), ACCOUNT_ID)
        run = request_run(place, store, connector).uuid
        total = len(undisturbed.scopes)
        moments: list[Callable[[], bool]] = [
            lambda: state_of(store, run) is RunState.RUNNING,
            lambda: found(store, run).progress.scopes_done >= total * 0.3,
            lambda: found(store, run).progress.scopes_done >= total * 0.7,
            lambda: is_evaluating(store, connector, run),
        ]
        for number, moment in enumerate(moments):
            before = closings(store, connector)
            done = found(store, run).progress.scopes_done
            worker = hire(ahead=number * EPOCH)
            wait_until(moment)
            worker.kill()
            after = closings(store, connector)
            kept = [scope for scope, closed in before.items() if after[scope] == closed]
            assert len(kept) >= done, "a scope that had ended was read again"
        hire(ahead=len(moments) * EPOCH)
        wait_until(lambda: state_of(store, run) is RunState.FINISHED)
        assert left(store, connector) == undisturbed
        with store.read() as reader:
            assert runs.unfinished(reader) == ()
            latest = runs.latest(reader, connector.uuid)
        assert latest is not None
        assert latest.uuid == run
        assert latest.progress.scopes_done == latest.progress.scopes_total == total


def test_a_run_that_kills_its_workers_is_given_up(place: Place, hire: HIRE, estate: Simulation) -> None:
    with place.open() as store:
        connector = add_connector(store, enter(estate), ACCOUNT_ID)
        run = request_run(place, store, connector).uuid
        worker = hire()
        wait_until(lambda: state_of(store, run) is RunState.RUNNING)
        worker.kill()
        unforgiving = msgspec.structs.replace(BRISK, takeovers=0)
        with open_jobs(place.settings, store, load_catalogue(), system_clock, pace=unforgiving) as jobs:
            jobs.start()
            wait_until(lambda: state_of(store, run) is RunState.FAILED)
        assert "given up" in found(store, run).error


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_a_worker_finishes_what_a_killed_one_began(
    place: Place, hire: HIRE, estate: Simulation, undisturbed: Left
) -> None:
    with place.open() as store:
        home = add_connector(store, enter(estate), ACCOUNT_ID)
        others = [
            add_connector(store, in_role(estate, account), account) for account in ("111111111111", "222222222222")
        ]
        first = hire()
        asked = [request_run(place, store, connector).uuid for connector in (home, others[0])]
        wait_until(lambda: found(store, asked[0]).progress.scopes_done >= len(undisturbed.scopes) * 0.3)
        hire(ahead=EPOCH)
        asked.append(request_run(place, store, others[1]).uuid)
        first.kill()
        wait_until(lambda: all(state_of(store, run) is RunState.FINISHED for run in asked))
        early = [closed for closed in closings(store, home).values() if closed < time.time() + EPOCH / 2]
        assert len(early) >= len(undisturbed.scopes) * 0.3, "a scope that had ended was read again"
        with store.read() as reader:
            assert [runs.latest(reader, row.uuid).uuid for row in (home, *others)] == asked  # type: ignore[union-attr]  # each has one
        assert left(store, home) == undisturbed


def in_role(cloud: Simulation, account: str) -> AwsAccess:
    return msgspec.structs.replace(enter(cloud), role_arn=f"arn:aws:iam::{account}:role/reader")
