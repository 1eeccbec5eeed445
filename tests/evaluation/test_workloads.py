"""Logging, databases and applications through the real engine, store and evaluation: each control passes in the good
region and fails in the bad one."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from evaluation.accounts import Account, Verdicts, simulated_account
from evaluation.datastores import BAD, GOOD
from evaluation.workloads import Workloads
from nephoscope.model.evaluations import Status
from nephoscope.model.scopes import Outcome
from nephoscope.simulation.aws import Disturbance, Fault

TABLE = {
    "region": (30410, 30454, 30460),
    "trail": (30401, 30402, 30403, 30404, 30405, 30408),
    "key": (30420, 30421, 30423),
    "old_key": (30422,),
    "group": (30430, 30431),
    "detector": (30461,),
    "alarm": (30466,),
    "topic": (30470, 30471, 30472, 30473),
    "queue": (30475, 30476, 30477, 30478),
    "bus": (30479,),
    "database": (56, *range(30480, 30489), 30490, 30491, 30492, 30493),
    "cluster": (30500, 30501, 30502, 30504, 30505, 30506),
    "snapshot": (30510, 30511),
    "cluster_snapshot": (30512, 30513),
    "files": (30520, 30521, 30522, 30523),
    "table": (30530, 30531, 30532, 30533),
    "warehouse": (30540, 30541, 30542, 30544, 30545),
    "cache": (30550, 30551, 30552, 30553, 30554),
    "search": (30560, 30561, 30562, 30563, 30564, 30566),
    "function": (*range(30580, 30586), 30587, 30588, 30589),
    "stage": (30600, 30601, 30603),
    "interface": (30605,),
    "kubernetes": (30620, 30621, 30622, 30623, 30624),
    "nodes": (30630, 30631),
    "profile": (30635,),
    "images": (30640, 30641, 30642, 30643, 30644),
    "containers": (30650,),
    "service": (30651, 30652),
    "secret": (30660, 30663, 30664),
    "distribution": (30680, 30681, 30682, 30683, 30685, 30686),
    "notebook": (30690, 30691, 30692, 30693),
}
EXPECTED = [(cid, name) for name, cids in TABLE.items() for cid in cids]
GLOBAL = frozenset({"distribution"})


class World:
    def __init__(self, account: Account, stack: ExitStack) -> None:
        self.account = account
        self.good = Workloads(account.simulation, stack, GOOD, is_good=True)
        self.bad = Workloads(account.simulation, stack, BAD, is_good=False)
        self.verdicts = account.sweep()
        self.first = account.last

    def status(self, part: Workloads, name: str, cid: int) -> Status:
        return self.of(self.verdicts, part, name, cid)[0]

    @staticmethod
    def of(verdicts: Verdicts, part: Workloads, name: str, cid: int) -> tuple[Status, str]:
        return verdicts["global" if name in GLOBAL else part.name, part.ids[name], cid]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    cids = frozenset({27, 56, *range(30400, 30800)})
    with simulated_account(cids, (GOOD, BAD)) as account, ExitStack() as stack:
        yield World(account, stack)


@pytest.mark.parametrize(("cid", "name"), EXPECTED)
def test_it_passes_in_the_good_region_and_fails_in_the_bad_one(world: World, cid: int, name: str) -> None:
    assert world.status(world.good, name, cid) is Status.PASS
    assert world.status(world.bad, name, cid) is Status.FAIL


def test_everything_could_be_read_and_judged(world: World) -> None:
    assert [report for report in world.first.reports if report.outcome is not Outcome.COMPLETE] == []
    assert {key: reason for key, (status, reason) in world.verdicts.items() if status is Status.UNKNOWN} == {}


def test_a_trail_of_the_good_region_serves_the_account(world: World) -> None:
    found = {cid: world.verdicts["global", world.good.ids["account"], cid][0] for cid in (30400, 30406, 30407, 30411)}
    assert set(found.values()) == {Status.PASS}


def test_the_target_of_failed_messages_needs_no_target_of_its_own(world: World) -> None:
    assert (GOOD, "dead", 30478) not in world.verdicts
    assert world.verdicts[BAD, "dead", 30478][0] is Status.FAIL


def test_the_access_policy_of_a_domain_counts_outside_a_vpc(world: World) -> None:
    assert (GOOD, "search", 30565) not in world.verdicts
    assert world.verdicts[BAD, "search", 30565][0] is Status.FAIL


def test_a_second_sweep_of_the_same_account_writes_nothing(world: World) -> None:
    assert world.account.sweep() == world.verdicts
    assert {name: done.rows_written for name, done in world.account.last.judged.items() if done.rows_written} == {}


DENIED = {
    ("kms", "GetKeyPolicy"): ("key", 30421, "denied: kms:GetKeyPolicy"),
    ("lambda", "GetPolicy"): ("function", 30580, "denied: lambda:GetPolicy"),
    ("rds", "DescribeDBParameters"): ("database", 30488, "denied: rds:DescribeDBParameters"),
    ("sqs", "GetQueueAttributes"): ("queue", 30476, "denied: sqs:GetQueueAttributes"),
    ("cloudtrail", "GetTrailStatus"): ("trail", 30408, "denied: cloudtrail:GetTrailStatus"),
    ("dynamodb", "GetResourcePolicy"): ("table", 30533, "denied: dynamodb:GetResourcePolicy"),
    ("config", "DescribeDeliveryChannels"): ("region", 30410, "denied: config:DescribeDeliveryChannels"),
    ("securityhub", "DescribeHub"): ("region", 30454, "securityhub:DescribeHub"),
}


@pytest.fixture(scope="module")
def denied(world: World) -> Verdicts:
    """What is left to say when the good region refuses all those calls."""
    world.account.simulation.disturb(*(Fault(Disturbance.DENIED, *call, GOOD) for call in DENIED))
    try:
        return world.account.sweep()
    finally:
        world.account.simulation.disturb()


@pytest.mark.parametrize("call", DENIED)
def test_what_is_denied_is_unknown_with_the_permission(world: World, denied: Verdicts, call: tuple[str, str]) -> None:
    name, cid, reason = DENIED[call]
    status, said = world.of(denied, world.good, name, cid)
    assert status is Status.UNKNOWN
    assert reason in said
    assert world.of(denied, world.bad, name, cid)[0] is Status.FAIL


def test_an_account_without_a_readable_trail_is_not_called_unwatched(denied: Verdicts, world: World) -> None:
    assert denied["global", world.good.ids["account"], 30400] == (Status.UNKNOWN, "denied: cloudtrail:GetTrailStatus")
    assert denied["global", world.good.ids["account"], 27] == (Status.UNKNOWN, "denied: cloudtrail:GetTrailStatus")
