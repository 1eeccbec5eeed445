"""Compute and network through the real engine, store and evaluation: each control passes in the good region and fails
in the bad one; what could not be read is unknown, there only; and nothing is written twice."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from evaluation.two_regions import ACCOUNT, BAD, GOOD, Region
from fresh_stores import open_fresh
from nephoscope.clouds.table import open_account
from nephoscope.controls.catalogue import Catalogue
from nephoscope.controls.loading import load_catalogue
from nephoscope.jobs import sweep as steps
from nephoscope.jobs.scan import SweepResult, run
from nephoscope.jobs.sweep import Sweep
from nephoscope.kit.clock import system_clock
from nephoscope.model.connectors import AwsAccess, Connector
from nephoscope.model.evaluations import Status
from nephoscope.model.providers import Provider
from nephoscope.simulation.aws import Disturbance, Fault, Simulation, start
from nephoscope.store import connectors, evaluations, resources
from nephoscope.store.session import Store

TABLE = {
    "region": (30200, 30201, 30202, 30203, 30204, 30205),
    "instance": (322, 328, 350, 357, 30210, 30219, 30221),
    "any_instance": (30216,),
    "volume": (286, 30240),
    "root_volume": (30241,),
    "snapshot": (30250, 30251),
    "image": (30255,),
    "key": (30260,),
    "fleet": (30265, 30266, 30267),
    "template": (30270, 30271, 30272),
    "configuration": (30275, 30276),
    "vpc": (30300, 30303, 30304, 30305, 30307),
    "log": (30301,),
    "default_vpc": (30306,),
    "acl": (30350, 30351, 30352),
    "subnet": (30355,),
    "table": (30360,),
    "main_table": (30362,),
    "gateway": (30365,),
    "interface": (30368,),
    "address": (30370,),
    "endpoint": (30372,),
    "service": (30375, 30376),
    "transit": (30377,),
    "balancer": (30380, 30381, 30383, 30384, 30385, 30386),
    "classic": (30387, 30388, 30389),
    "default_group": (30313,),
    "group": (30310, 30311, 30312, *range(30314, 30342), 30343, 30344, 30345, 30347),
}
EXPOSED = 30215
"""About instances with a public address: the good region has none."""
EXPECTED = [(cid, name) for name, cids in TABLE.items() for cid in cids]


class World:
    def __init__(self, simulation: Simulation, store: Store, stack: ExitStack) -> None:
        self.simulation = simulation
        self.store = store
        self.good = Region(simulation, stack, GOOD, is_good=True)
        self.bad = Region(simulation, stack, BAD, is_good=False)
        self.catalogue = _own_controls()
        connector = Connector(
            uuid=uuid4(),
            provider=Provider.AWS,
            account_id=ACCOUNT,
            name="two regions",
            created_on=datetime(2026, 1, 1, tzinfo=UTC),
            access=AwsAccess(endpoint_url=simulation.endpoint_url, regions=(GOOD, BAD)),
        )
        with store.write() as writer:
            self.connector = connectors.create(writer, connector)
        self.first = self.scan()
        self.verdicts = self.read()

    def sweep(self) -> Sweep:
        return steps.prepare(self.store, self.catalogue, system_clock, self.connector, with_wire=False)

    def scan(self) -> SweepResult:
        with closing(open_account(Provider.AWS, self.connector.access, workers=8)) as account:
            return run(self.sweep(), account)

    def read(self) -> dict[tuple[str, str, int], Status]:
        """By region, resource id and cid; PASS and FAIL only."""
        types = {row.resource_type for row in self.catalogue.controls.values()}
        with self.store.read() as reader:
            rows = {
                row.resource_key: (row.region, row.resource_id)
                for name in types
                for row in resources.candidates(reader, self.connector.key, name)
            }
            found = zip(*evaluations.verdicts_of(reader, sorted(rows)), strict=True)
            return {(*rows[key], cid): status for key, cid, status in found}

    def verdict(self, region: Region, name: str, cid: int) -> Status | None:
        return self.verdicts.get((region.name, region.ids[name], cid))

    def unknowns(self, cid: int) -> int:
        with self.store.read() as reader:
            tallies = evaluations.tallies(reader, self.connector.key)
        return sum(row.unknown for row in tallies if row.cid == cid)


def _own_controls() -> Catalogue:
    """Only those of the table: what they and their neighbours need is all that is read."""
    everything = load_catalogue()
    cids = {cid for cid, _ in EXPECTED} | {EXPOSED}
    return Catalogue((everything.controls[cid] for cid in cids), everything.policies)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in (("ACCESS_KEY_ID", "AKIASIMULATION000000"), ("SECRET_ACCESS_KEY", "simulation")):
            patch.setenv(f"AWS_{name}", value)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        simulation = stack.enter_context(start(in_process=True))
        store = stack.enter_context(closing(open_fresh()))
        yield World(simulation, store, stack)


@pytest.mark.parametrize(("cid", "name"), EXPECTED)
def test_it_passes_in_the_good_region_and_fails_in_the_bad_one(world: World, cid: int, name: str) -> None:
    assert world.verdict(world.good, name, cid) is Status.PASS
    assert world.verdict(world.bad, name, cid) is Status.FAIL


def test_what_does_not_apply_leaves_no_verdict(world: World) -> None:
    assert world.verdict(world.good, "instance", EXPOSED) is None
    assert world.verdict(world.bad, "instance", EXPOSED) is Status.FAIL


def test_everything_could_be_read_and_judged(world: World) -> None:
    assert world.first.progress.problems == 0
    with world.store.read() as reader:
        assert [row for row in evaluations.tallies(reader, world.connector.key) if row.unknown] == []


def test_a_second_scan_of_the_same_estate_writes_nothing(world: World) -> None:
    again = world.scan()
    assert {name: done.rows_written for name, done in again.judged.items() if done.rows_written} == {}
    assert again.progress.resources == world.first.progress.resources


def test_few_calls_are_made(world: World) -> None:
    calls = sum(report.calls for report in world.first.reports)
    assert calls <= 1.5 * world.first.progress.resources


def test_what_a_region_did_not_let_read_is_unknown_there_only(world: World) -> None:
    before = world.read()
    world.simulation.disturb(
        Fault(Disturbance.DENIED, "ec2", "DescribeFlowLogs", GOOD),
        Fault(Disturbance.DENIED, "ec2", "GetEbsEncryptionByDefault", GOOD),
    )
    try:
        world.scan()
        now = world.read()
        flow_logs, encryption = world.unknowns(30300), world.unknowns(30200)
    finally:
        world.simulation.disturb()
        world.scan()
    good, bad = (GOOD, world.good.ids["vpc"], 30300), (BAD, world.bad.ids["vpc"], 30300)
    assert (before[good], now.get(good)) == (Status.PASS, None)
    assert (before[bad], now[bad]) == (Status.FAIL, Status.FAIL)
    assert (flow_logs, encryption) == (sum(key[0] == GOOD and key[2] == 30300 for key in before), 1)
    assert world.read() == before
