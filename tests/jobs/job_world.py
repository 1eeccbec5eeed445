"""What the tests of jobs are made of: places to keep a store, connectors to the simulation, worker processes."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import msgspec

from jobs.job_process import Orders
from nephoscope.jobs.housekeeping import Pace
from nephoscope.model.connectors import AwsAccess, Connector
from nephoscope.model.providers import Provider
from nephoscope.settings import Settings
from nephoscope.simulation.aws import Simulation
from nephoscope.store import connectors
from nephoscope.store.session import Store, open_store

BRISK = Pace(dispatch=0.1, beat=0.4, silence=2.0, recover=0.4, schedule=0.3, forget=1.0)


def wait_until(condition: Callable[[], bool], *, within: float = 40.0) -> None:
    """Poll until it holds; the only place of these tests that sleeps."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


class Place(msgspec.Struct, frozen=True):
    """Where a world keeps its store."""

    settings: Settings
    url: str

    @contextmanager
    def open(self) -> Iterator[Store]:
        store = open_store(self.url)
        try:
            yield store
        finally:
            store.close()


def add_connector(store: Store, access: AwsAccess, account_id: str, *, due: datetime | None = None) -> Connector:
    made = Connector(
        uuid=uuid4(),
        provider=Provider.AWS,
        account_id=account_id,
        name=f"account {account_id}",
        created_on=datetime(2026, 1, 1, tzinfo=UTC),
        access=access,
        next_sync_on=due,
    )
    with store.write() as writer:
        return connectors.create(writer, made)


def enter(cloud: Simulation) -> AwsAccess:
    """The simulation's own account, in one region to be quick."""
    return AwsAccess(endpoint_url=cloud.endpoint_url, regions=("us-east-1",))


class Worker:
    """A worker process; `kill` is SIGKILL."""

    def __init__(self, place: Place, *, ahead: float = 0.0, pace: Pace = BRISK) -> None:
        orders = Orders(str(place.settings.data), place.settings.database_url, ahead, pace)
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, str(Path(__file__).with_name("job_process.py")), msgspec.json.encode(orders).decode()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def wait_ready(self) -> None:
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()
