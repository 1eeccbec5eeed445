"""Recording verdicts, counting them, listing them; on both databases."""

import itertools

import pytest

from nephoscope.errors import BadRequestError
from nephoscope.kit.pages import PageRequest
from nephoscope.model.evaluations import Judgement, Status
from nephoscope.model.scopes import Outcome
from nephoscope.qql.bound import Condition
from nephoscope.store import evaluations, resources
from nephoscope.store.evaluations import Written
from nephoscope.store.session import Store
from store.store_world import (
    BUCKETS,
    FAR_INSTANCES,
    INSTANCES,
    START,
    Account,
    any_of,
    between,
    contains,
    equals,
    hours,
    observed,
    verdict,
)

ALL = {1: "PASS", 2: "FAIL", 3: "why"}


@pytest.fixture
def account(store: Store) -> Account:
    """Two buckets and two instances, judged: control 1 passes, 2 fails, 3 is unknown on each."""
    made = Account(store)
    made.record(BUCKETS, observed("a"), observed("b"))
    made.record(INSTANCES, observed("i"))
    made.record(FAR_INSTANCES, observed("j"))
    made.judge(dict.fromkeys("abij", ALL))
    return made


def test_only_what_differs_is_written(account: Account) -> None:
    version = account.version()
    assert account.judge({"a": ALL, "b": dict(reversed(ALL.items()))}, hours(1)) == Written(0, 0, 0)
    assert account.judge({"a": ALL}, hours(1), fingerprint=2) == Written(0, 0, 0)
    assert account.version() == version
    assert account.judge({"a": ALL, "b": ALL | {1: "FAIL"}}, hours(1)) == Written(0, 1, 0)
    assert account.judge({"b": ALL | {1: "FAIL", 3: "another reason"}}, hours(1)) == Written(0, 1, 0)
    assert account.judge({"b": {2: "FAIL", 4: "PASS"}}, hours(1)) == Written(1, 0, 2)
    assert account.judge({"b": {}}, hours(1)) == Written(0, 0, 2)
    assert account.judge({"b": {}}, hours(1)) == Written(0, 0, 0)
    assert account.version() > version
    assert account.tallies() == {1: (3, 0, 0), 2: (0, 3, 0), 3: (0, 0, 3)}


def test_the_fingerprint_is_kept_with_the_resource(account: Account, store: Store) -> None:
    account.judge({"a": ALL}, fingerprint=-(2**63))
    account.judge({"b": {1: "FAIL"}}, fingerprint=2**63 - 1)
    with store.read() as reader:
        judged = {row.resource_id: row.judged for row in resources.candidates(reader, account.key, "BUCKET")}
        failed = {row.resource_id: row.controls_failed for row in resources.by_keys(reader, list(range(9))).values()}
    assert judged == {"a": -(2**63), "b": 2**63 - 1}
    assert failed == {"a": 1, "b": 1, "i": 1, "j": 1}


def test_judgements_on_what_is_gone_or_of_others_are_dropped(account: Account, store: Store) -> None:
    other = Account(store, "two", "210987654321")
    key = account.keys()["a"]
    with store.write() as writer:
        done = evaluations.record(writer, other.key, [Judgement(key, 9, (verdict(1, "FAIL"),))], START)
    assert done == Written(0, 0, 0)
    account.record(BUCKETS)
    with store.write() as writer:
        done = evaluations.record(writer, account.key, [Judgement(key, 9, (verdict(1, "FAIL"),))], START)
    assert done == Written(0, 0, 0)


def test_the_last_of_two_judgements_counts(account: Account, store: Store) -> None:
    key = account.keys()["a"]
    twice = [Judgement(key, 2, (verdict(1, "FAIL"),)), Judgement(key, 3, (verdict(1, "PASS"), verdict(1, "FAIL")))]
    with store.write() as writer:
        evaluations.record(writer, account.key, twice, hours(1))
    assert account.rows(equals("resource_id", "a")) == {("a", 1): "FAIL"}


def test_dates_follow_the_life_of_an_evaluation(account: Account) -> None:
    assert account.dates(1, "a") == (START, START, None, None)
    life = [("FAIL", hours(1), None), ("why", hours(1), None), ("PASS", hours(1), hours(3))]
    life += [("why", hours(1), hours(3)), ("FAIL", hours(5), hours(3)), ("PASS", hours(5), hours(6))]
    for at, (word, reopened, fixed) in enumerate(life, start=1):
        account.judge({"a": {1: word}}, hours(at))
        account.close(BUCKETS, hours(at))
        assert account.dates(1, "a") == (START, hours(at), reopened, fixed)
    account.judge({"a": {1: "PASS", 3: "moves the digest"}}, hours(7))
    assert account.dates(1, "a") == (START, hours(6), hours(5), hours(6))
    account.judge({"a": {}}, hours(8))
    assert account.dates(1, "a") is None
    account.judge({"a": {1: "PASS"}}, hours(9))
    assert account.dates(1, "a") == (hours(9), hours(9), None, None)


def test_an_unknown_that_never_was_anything_else_is_neither_fixed_nor_reopened(account: Account) -> None:
    account.judge({"a": {3: "PASS"}, "b": {3: "FAIL"}}, hours(1))
    assert account.dates(3, "a") == (START, START, None, None)
    assert account.dates(3, "b") == (START, START, None, None)


def test_dates_of_a_control_span_its_resources(account: Account) -> None:
    account.judge({"b": {1: "FAIL", 7: "PASS"}}, hours(1))
    account.judge({"b": {1: "PASS"}}, hours(2))
    account.judge({"i": {1: "FAIL"}}, hours(3))
    account.close(FAR_INSTANCES, hours(4))
    assert account.dates(1) == (START, hours(4), hours(3), hours(2))
    assert account.dates(7) is None
    assert account.dates(1, "nobody") is None
    assert account.dates(1, "\0") is None
    assert account.dates(10**30) is None


def test_a_scope_that_is_not_complete_has_no_pass(account: Account) -> None:
    version = account.version()
    account.close(BUCKETS, hours(5), Outcome.DENIED, "s3:ListAllMyBuckets")
    assert account.version() > version
    assert account.tallies() == {1: (2, 0, 2), 2: (0, 4, 0), 3: (0, 0, 4)}
    denied = "denied: s3:ListAllMyBuckets"
    assert account.rows(cid=1) == {("a", 1): denied, ("b", 1): denied, ("i", 1): "PASS", ("j", 1): "PASS"}
    assert account.rows(equals("resource_id", "a")) == {("a", 1): denied, ("a", 2): "FAIL", ("a", 3): "why"}
    assert account.dates(2, "a") == (START, START, None, None)
    assert account.rows(equals("status", "PASS")).keys() == {("i", 1), ("j", 1)}
    assert len(account.rows(equals("status", "UNKNOWN"))) == 6
    account.close(BUCKETS, hours(6))
    assert account.tallies() == {1: (4, 0, 0), 2: (0, 4, 0), 3: (0, 0, 4)}
    assert account.dates(2, "a") == (START, hours(6), None, None)


def test_a_failure_that_cannot_be_read_again_says_since_when(account: Account) -> None:
    def told() -> dict[str, str]:
        with account.store.read() as reader:
            rows = evaluations.page(reader, account.key, 2, (), PageRequest(0, 100)).rows
        return {row.resource.resource_id: row.reason for row in rows}

    account.close(BUCKETS, hours(1))
    assert set(told().values()) == {""}
    account.close(BUCKETS, hours(2), Outcome.DENIED, "s3:ListAllMyBuckets")
    since = f"last read whole on {hours(1):%Y-%m-%d %H:%M}Z, since then denied: s3:ListAllMyBuckets"
    assert told() == {"a": since, "b": since, "i": "", "j": ""}
    account.close(BUCKETS, hours(3))
    assert set(told().values()) == {""}


def test_conditions_agree_between_rows_and_tallies(account: Account) -> None:
    account.close(INSTANCES, hours(2))
    account.close(FAR_INSTANCES, hours(3), Outcome.FAILED)
    cases = {
        (): {"a": "123", "b": "123", "i": "123", "j": "123"},
        (equals("cid", 2),): {"a": "2", "b": "2", "i": "2", "j": "2"},
        (any_of("cid", 1, "3", 10**30),): {"a": "13", "b": "13", "i": "13", "j": "13"},
        (between("cid", 2, None),): {"a": "23", "b": "23", "i": "23", "j": "23"},
        (between("cid", -(10**30), 1),): {"a": "1", "b": "1", "i": "1", "j": "1"},
        (equals("status", "fail"),): {"a": "2", "b": "2", "i": "2", "j": "2"},
        (equals("status", Status.PASS),): {"a": "1", "b": "1", "i": "1"},
        (any_of("status", "PASS", "FAIL"),): {"a": "12", "b": "12", "i": "12", "j": "2"},
        (contains("status", "know"),): {"a": "3", "b": "3", "i": "3", "j": "13"},
        (equals("status", "PASSE"),): {},
        (equals("region", "EU-west-1"),): {"i": "123"},
        (equals("resource_type", "ec2_instance"),): {"i": "123", "j": "123"},
        (equals("resource_id", "B"),): {"b": "123"},
        (equals("account_id", "123456789012"), equals("cid", 1)): {"a": "1", "b": "1", "i": "1", "j": "1"},
        (equals("account_id", "0"),): {},
        (between("evaluated_on", hours(1), hours(2)),): {"i": "123"},
        (between("evaluated_on", None, START),): {"a": "123", "b": "123", "j": "123"},
        (equals("resource_type", "EC2_INSTANCE"), equals("status", "UNKNOWN")): {"i": "3", "j": "13"},
    }
    for conditions, expected in cases.items():
        pairs = {(name, int(cid)) for name, cids in expected.items() for cid in cids}
        assert account.rows(*conditions).keys() == pairs, conditions
        assert sum(map(sum, account.tallies(*conditions).values())) == len(pairs), conditions
        for cid in (1, 2, 3):
            assert account.rows(*conditions, cid=cid).keys() == {pair for pair in pairs if pair[1] == cid}, conditions
    assert account.rows(cid=9) == account.rows(cid=10**30) == {}


def test_a_field_that_is_not_there_is_named(account: Account) -> None:
    for conditions, sort in (((equals("color", "x"),), None), ((), ("color", True))):
        with account.store.read() as reader, pytest.raises(BadRequestError, match="color"):
            evaluations.page(reader, account.key, None, conditions, PageRequest(0, 10, sort))
    with account.store.read() as reader, pytest.raises(BadRequestError, match="color"):
        evaluations.tallies(reader, account.key, (equals("color", "x"),))


@pytest.mark.parametrize("conditions", [(), (any_of("status", "PASS", "FAIL", "UNKNOWN"),), (equals("cid", 2),)])
@pytest.mark.parametrize("cid", [None, 2])
def test_pages_are_cut_from_the_whole(account: Account, conditions: tuple[Condition, ...], cid: int | None) -> None:
    whole = sorted(account.rows(*conditions, cid=cid), key=lambda pair: (account.keys()[pair[0]], pair[1]))
    for size in (1, 2, 5, 100):
        seen: list[tuple[str, int]] = []
        for number in range(-(-len(whole) // size) + 1):
            with account.store.read() as reader:
                page = evaluations.page(reader, account.key, cid, conditions, PageRequest(number, size))
            assert page.total == len(whole)
            seen += [(row.resource.resource_id, row.cid) for row in page.rows]
        assert seen == whole
    with account.store.read() as reader:
        assert evaluations.page(reader, account.key, cid, conditions, PageRequest(10**30, 10**30)).rows == ()


def test_sorting_is_stable_in_both_directions(account: Account) -> None:
    account.close(BUCKETS, hours(1))

    def listed(field: str, *, descends: bool) -> list[tuple[str, int]]:
        with account.store.read() as reader:
            page = evaluations.page(reader, account.key, None, (), PageRequest(0, 100, (field, descends)))
        return [(row.resource.resource_id, row.cid) for row in page.rows]

    natural = list(itertools.product("abij", (1, 2, 3)))
    assert listed("cid", descends=False) == sorted(natural, key=lambda pair: pair[1])
    assert listed("cid", descends=True) == sorted(natural, key=lambda pair: -pair[1])
    assert listed("resource_id", descends=True) == [(name, cid) for name in "jiba" for cid in (1, 2, 3)]
    assert listed("evaluated_on", descends=False) == [(name, cid) for name in "ijab" for cid in (1, 2, 3)]
    assert listed("account_id", descends=True) == natural


def test_verdicts_are_what_is_shown_as_pass_or_fail_in_order(account: Account) -> None:
    keys = account.keys()
    other = Account(account.store, "two", "210987654321")
    other.record(BUCKETS, observed("z"))
    other.judge({"z": {5: "FAIL", 4: "PASS"}})
    account.close(BUCKETS, hours(1), Outcome.DENIED)
    far = other.keys()["z"]
    expected = [(keys[name], cid, word) for name in "abij" for cid, word in ((1, Status.PASS), (2, Status.FAIL))]
    expected = [row for row in expected if row[:2] not in {(keys["a"], 1), (keys["b"], 1)}]
    expected += [(far, 4, Status.PASS), (far, 5, Status.FAIL)]
    with account.store.read() as reader:
        assert list(evaluations.verdicts(reader, 0, 2**62)) == expected
        assert list(evaluations.verdicts(reader, keys["b"], keys["i"])) == expected[1:4]
        chunks = [row for rows in evaluations.verdict_chunks(reader, 0, 2**62) for row in rows]
        assert [(key, cid, Status.FAIL if failed else Status.PASS) for key, cid, failed in chunks] == expected
        chosen = evaluations.verdicts_of(reader, [keys["b"], keys["j"], 10**12])
        assert list(zip(*chosen, strict=True)) == [expected[1], *expected[4:6]]
        assert evaluations.verdicts_of(reader, []) == ([], [], [])


def test_verdicts_may_be_read_side_by_side(account: Account) -> None:
    with account.store.read() as reader:
        pairs = zip(evaluations.verdicts(reader, 0, 10**6), evaluations.verdicts(reader, 0, 10**6), strict=True)
        assert all(one == other for one, other in pairs)
