"""What exceptions do to what is shown, case by case."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from nephoscope.model.evaluations import ControlTally, Judgement, Status, Verdict
from nephoscope.model.exceptions import Approval, PolicyException
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import Outcome
from nephoscope.store import connectors, evaluations, exceptions, resources, tags
from nephoscope.store.coverage import exemptions
from nephoscope.store.session import Store, open_store
from store.exception_world import (
    ACCOUNT,
    create,
    delete,
    excepted,
    of_accounts,
    of_resources,
    of_tags,
    put_on,
    put_on_connector,
)
from store.store_world import BUCKETS, FAR_INSTANCES, INSTANCES, START, Account, equals, hours, observed
from worlds import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START)


@pytest.fixture
def store(url: str, clock: FakeClock) -> Iterator[Store]:
    with closing(open_store(url, clock)) as opened:
        yield opened


@pytest.fixture
def account(store: Store) -> Account:
    """Two buckets and an instance in each of two regions, all of which fail 1 and 2 and pass 3."""
    made = Account(store, account_id=ACCOUNT)
    made.record(BUCKETS, observed("a"), observed("b"))
    made.record(INSTANCES, observed("i"))
    made.record(FAR_INSTANCES, observed("x"))
    made.judge({name: {1: "FAIL", 2: "FAIL", 3: "PASS"} for name in "abix"})
    return made


def tally(account: Account, cid: int) -> ControlTally:
    with account.store.read() as reader:
        (found,) = (row for row in evaluations.tallies(reader, account.key) if row.cid == cid)
    return found


def test_a_failure_shows_as_passed_with_exception(account: Account) -> None:
    create(account.store, of_resources("a"))
    assert excepted(account) == {("a", 1)}
    assert tally(account, 1) == ControlTally(1, passed=0, failed=3, unknown=0, excepted=1)
    assert tally(account, 2) == ControlTally(2, passed=0, failed=4, unknown=0)
    keys = account.keys()
    with account.store.read() as reader:
        rows = resources.by_keys(reader, list(keys.values()))
        one = resources.get(reader, rows[keys["a"]].uuid)
    assert {row.resource_id: row.controls_failed for row in rows.values()} == {"a": 1, "b": 2, "i": 2, "x": 2}
    assert one == rows[keys["a"]]


def test_what_passes_or_is_unknown_stays_so(account: Account) -> None:
    create(account.store, of_accounts(ACCOUNT, cids=(1, 3)))
    account.judge({"b": {1: "denied: x:Y", 3: "FAIL"}})
    account.close(INSTANCES, START, Outcome.DENIED, "ec2:DescribeInstances")
    rows = account.rows()
    assert (rows["b", 1], rows["a", 3], rows["b", 3]) == ("denied: x:Y", "PASS", "PASSE")
    assert rows["i", 3] == "denied: ec2:DescribeInstances"
    assert rows["i", 1] == "PASSE"
    assert tally(account, 3) == ControlTally(3, passed=2, failed=0, unknown=1, excepted=1)


def test_it_comes_back_with_the_deletion(account: Account) -> None:
    (one,) = create(account.store, of_accounts(ACCOUNT))
    assert tally(account, 1).excepted == 4
    delete(account.store, one)
    assert excepted(account) == set()
    assert tally(account, 1).failed == 4


def test_the_clock_starts_and_ends_it_to_the_second(account: Account, clock: FakeClock) -> None:
    second = timedelta(seconds=1)
    create(account.store, of_resources("a", starts=hours(1), ends=hours(2)))
    for at, is_covered in (
        (hours(1) - second, False),
        (hours(1), True),
        (hours(2), True),
        (hours(2) + timedelta(milliseconds=900), True),
        (hours(2) + second, False),
    ):
        clock.now = at
        assert bool(excepted(account)) is is_covered, at
        assert tally(account, 1).excepted == is_covered


def test_as_of_a_moment_the_view_is_one(account: Account) -> None:
    create(account.store, of_accounts(ACCOUNT, ends=hours(2)))
    with account.store.read() as now:
        later = now.as_of(hours(3))
        assert [row.excepted for row in evaluations.tallies(now, account.key)] == [4, 0, 0]
        assert [row.excepted for row in evaluations.tallies(later, account.key)] == [0, 0, 0]
        assert [row.excepted for row in evaluations.tallies(now, account.key)] == [4, 0, 0]
    with account.store.read(hours(3)) as reader:
        assert evaluations.tallies(reader, account.key)[0].failed == 4


@pytest.mark.parametrize(
    ("region", "covered"),
    [("", True), ("eu-west-1", True), ("us-east-1", False), ("global", False)],
)
def test_a_region_narrows(account: Account, region: str, covered: bool) -> None:
    create(account.store, of_resources("i", region=region))
    assert (("i", 1) in excepted(account)) is covered


def test_an_id_in_two_regions(account: Account) -> None:
    account.record(INSTANCES, observed("twin"), observed("i"), at=hours(1))
    account.record(FAR_INSTANCES, observed("twin"), observed("x"), at=hours(1))
    with account.store.read() as reader:
        candidates = resources.candidates(reader, account.key, "EC2_INSTANCE")
        keys = {row.region: row.resource_key for row in candidates if row.resource_id == "twin"}
    _judge_keys(account, keys.values())
    create(account.store, of_resources("twin", region="us-east-1"))
    with account.store.read() as reader:
        assert exemptions.covered_failures(reader, list(keys.values())) == [(keys["us-east-1"], 1)]


def _judge_keys(account: Account, keys: Iterable[int]) -> None:
    with account.store.write() as writer:
        judgements = [Judgement(key, 1, (Verdict(1, Status.FAIL),)) for key in keys]
        evaluations.record(writer, account.key, judgements, START)


def test_another_account_is_another_account(account: Account) -> None:
    other = Account(account.store, "two", "210987654321")
    other.record(BUCKETS, observed("a"))
    other.judge({"a": {1: "FAIL"}})
    create(account.store, of_resources("a"), of_accounts(ACCOUNT, cids=(2,)))
    assert excepted(other) == set()
    assert excepted(account) == {("a", 1), ("a", 2), ("b", 2), ("i", 2), ("x", 2)}


@pytest.mark.parametrize("make", [of_resources, of_accounts, of_tags])
def test_another_cloud_is_another_cloud(account: Account, make: Callable[..., PolicyException]) -> None:
    put_on(account, {"a": ("a", ACCOUNT)})
    create(account.store, make("a", ACCOUNT, provider=Provider.GCP))
    assert excepted(account) == set()


@pytest.mark.parametrize(
    ("approval", "covered"),
    [
        (Approval.NOT_NEEDED, True),
        (Approval.APPROVED, True),
        (Approval.PENDING, False),
        (Approval.REJECTED, False),
    ],
)
def test_approval_counts(account: Account, approval: Approval, covered: bool) -> None:
    create(account.store, of_accounts(ACCOUNT, approval=approval), of_resources("b", approval=approval))
    assert bool(excepted(account)) is covered


def test_new_resources_fall_under_it(account: Account) -> None:
    create(account.store, of_resources("new"), of_accounts(ACCOUNT, cids=(2,)))
    account.record(BUCKETS, observed("a"), observed("b"), observed("new"), at=hours(1))
    account.judge({"new": {1: "FAIL", 2: "FAIL"}}, hours(1))
    assert {("new", 1), ("new", 2)} <= excepted(account)


def test_new_tags_fall_under_it(account: Account) -> None:
    create(account.store, of_tags("Later"))
    assert excepted(account) == set()
    put_on(account, {"a": ("LATER",), "i": ("later", "other")})
    assert excepted(account) == {("a", 1), ("i", 1)}
    keys = account.keys()
    with account.store.write() as writer:
        tags.take_off(writer, [keys["a"]], tags.find(writer, ["later"]).values())
    assert excepted(account) == {("i", 1)}


def test_connector_tags_choose_connectors(account: Account) -> None:
    put_on(account, {"a": ("Red",)})
    create(account.store, of_tags("red", connector_tags=("Prod",)))
    assert excepted(account) == set()
    put_on_connector(account, "prod")
    assert excepted(account) == {("a", 1)}


def test_new_connectors_fall_under_it(account: Account) -> None:
    create(account.store, of_tags("red"), of_accounts("210987654321", cids=(2,)))
    with account.store.read() as reader:
        assert evaluations.tallies(reader, account.key)[0].excepted == 0
    later = Account(account.store, "two", "210987654321")
    later.record(BUCKETS, observed("a"))
    later.judge({"a": {1: "FAIL", 2: "FAIL"}})
    put_on(later, {"a": ("red",)})
    assert excepted(later) == {("a", 1), ("a", 2)}
    with account.store.write() as writer:
        connectors.delete(writer, [later.key])
    again = Account(account.store, "two", "210987654321")
    again.record(BUCKETS, observed("a"))
    again.judge({"a": {1: "FAIL", 2: "FAIL"}})
    assert excepted(again) == {("a", 2)}


def test_several_that_cover_one_row_count_once(account: Account) -> None:
    put_on(account, {"a": ("red", "blue")})
    create(
        account.store, of_resources("a"), of_tags("red", "blue"), of_tags("blue"), of_resources("a", region="global")
    )
    assert tally(account, 1) == ControlTally(1, passed=0, failed=3, unknown=0, excepted=1)
    create(account.store, of_accounts(ACCOUNT))
    assert tally(account, 1) == ControlTally(1, passed=0, failed=0, unknown=0, excepted=4)


def test_tallies_by_what_the_counters_do_not_know(account: Account) -> None:
    create(account.store, of_resources("a", "i"))
    with account.store.read() as reader:
        west = evaluations.tallies(reader, account.key, (equals("region", "eu-west-1"),))
        typed = evaluations.tallies(reader, account.key, (equals("resource_type", "BUCKET"),))
        only = evaluations.tallies(reader, account.key, (equals("status", "PASSE"),))
    assert west[0] == ControlTally(1, passed=0, failed=0, unknown=0, excepted=1)
    assert typed[0] == ControlTally(1, passed=0, failed=1, unknown=0, excepted=1)
    assert only == (ControlTally(1, passed=0, failed=0, unknown=0, excepted=2),)


def test_a_writer_sees_what_it_writes_and_nobody_else_does(account: Account) -> None:
    with account.store.write() as writer:
        assert evaluations.tallies(writer, account.key)[0].excepted == 0
        exceptions.create(writer, of_accounts(ACCOUNT))
        assert evaluations.tallies(writer, account.key)[0].excepted == 4
        assert tally(account, 1).excepted == 0
    assert tally(account, 1).excepted == 4


def test_what_is_undone_was_never_seen(account: Account) -> None:
    def fail() -> None:
        with account.store.write() as writer:
            exceptions.create(writer, of_accounts(ACCOUNT))
            assert evaluations.tallies(writer, account.key)[0].excepted == 4
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail()
    assert tally(account, 1).excepted == 0


def test_dates_do_not_move(account: Account) -> None:
    before = account.dates(1, "a")
    create(account.store, of_accounts(ACCOUNT))
    assert account.dates(1, "a") == before
    account.judge({"a": {1: "PASS"}}, hours(1))
    assert account.dates(1, "a") != before


def test_a_process_knows_whether_it_must_count(account: Account) -> None:
    seen = []
    for change in (of_accounts(ACCOUNT), of_resources("a"), of_tags("red")):
        (made,) = create(account.store, change)
        tally(account, 1)
        seen.append(account.store.counts_exceptions)
        delete(account.store, made)
    tally(account, 1)
    assert [*seen, account.store.counts_exceptions] == [False, True, True, False]


def test_facts_are_kept_of_a_bounded_number_of_connectors(account: Account) -> None:
    put_on(account, {"a": ("red",)})
    create(account.store, of_tags("red"))
    others = [Account(account.store, f"number {number}", f"{number:012d}") for number in range(140)]
    with account.store.read() as reader:
        for other in (*others, account):
            assert exemptions.coverage(reader, other.key).is_any
            assert len(exemptions.in_force(reader).coverage) <= 128
