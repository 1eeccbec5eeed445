"""One simulated account, swept into a store in memory with some of the controls, again and again."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from uuid import uuid4

import pytest

from fresh_stores import open_fresh
from nephoscope.clouds.table import open_account
from nephoscope.controls.catalogue import Catalogue
from nephoscope.controls.loading import load_catalogue
from nephoscope.jobs import scan, sweep
from nephoscope.jobs.scan import SweepResult
from nephoscope.kit.clock import system_clock
from nephoscope.kit.pages import PageRequest
from nephoscope.model.connectors import AwsAccess, Connector
from nephoscope.model.evaluations import Status
from nephoscope.model.providers import Provider
from nephoscope.simulation.aws import ACCOUNT_ID, Simulation, start
from nephoscope.store import connectors, evaluations
from nephoscope.store.session import Store

Verdicts = Mapping[tuple[str, str, int], tuple[Status, str]]
"""(region, resource id, cid) → the verdict and, when it is unknown, the reason."""


class Account:
    """`sweep` reads and judges; its last result stays in `last`."""

    def __init__(self, simulation: Simulation, store: Store, cids: frozenset[int], regions: tuple[str, ...]) -> None:
        self.simulation = simulation
        self._store = store
        whole = load_catalogue()
        self.catalogue = Catalogue((row for row in whole.controls.values() if row.cid in cids), whole.policies)
        made = Connector(
            uuid=uuid4(),
            provider=Provider.AWS,
            account_id=ACCOUNT_ID,
            name="account",
            created_on=system_clock(),
            access=AwsAccess(endpoint_url=simulation.endpoint_url, regions=regions),
        )
        with store.write() as writer:
            self._connector = connectors.create(writer, made)
        self.last: SweepResult

    def sweep(self) -> Verdicts:
        prepared = sweep.prepare(self._store, self.catalogue, system_clock, self._connector, with_wire=False)
        with closing(open_account(Provider.AWS, self._connector.access, workers=8)) as account:
            self.last = scan.run(prepared, account)
        with self._store.read() as reader:
            rows = evaluations.page(reader, self._connector.key, None, (), PageRequest(0, 100_000)).rows
        return {(row.resource.region, row.resource.resource_id, row.cid): (row.status, row.reason) for row in rows}


@contextmanager
def simulated_account(cids: frozenset[int], regions: tuple[str, ...]) -> Iterator[Account]:
    with pytest.MonkeyPatch.context() as patch, start() as simulation:
        patch.setenv("AWS_ACCESS_KEY_ID", "OWNKEY")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        with closing(open_fresh()) as store:
            yield Account(simulation, store, cids, regions)
