"""Random exceptions, resources, tags and clocks against a model of thirty lines, on both databases."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import NamedTuple

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from nephoscope.kit.pages import PageRequest
from nephoscope.model.evaluations import ControlTally, Status
from nephoscope.model.exceptions import Approval, ExceptionScope, ExceptionState, ExemptResource, PolicyException
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import Outcome, Scope
from nephoscope.qql.bound import Bound, Either, Every, Negated
from nephoscope.qql.matching import matches
from nephoscope.store import connectors, evaluations, exceptions, resources, tags
from nephoscope.store.coverage.effects import Effect, matching_keys
from nephoscope.store.evaluating.verdict_arrays import SHOWN, verdict_arrays
from nephoscope.store.session import Reader, Store, open_store
from store.exception_world import exception
from store.store_world import BUCKETS, EVERYTHING, FAR_INSTANCES, INSTANCES, Account, any_of, equals, hours, observed

ACCOUNTS = ("111111111111", "222222222222")
CIDS = (1, 2, 3)
LABELS = ("Red", "blue", "GREEN")
SCOPES = {"b": BUCKETS, "i": INSTANCES, "j": INSTANCES, "x": FAR_INSTANCES}
"""The resources of each account."""
Key = tuple[str, str, int]
"""(account, resource id, cid)."""


class Model:
    """Who shows what at a moment: the rules of exceptions, with nothing that makes them quick."""

    def __init__(self) -> None:
        self.words: dict[Key, str] = {}
        self.incomplete: set[tuple[str, Scope]] = set()
        self.worn: set[tuple[str, str, str]] = set()
        self.connector_tags: set[tuple[str, str]] = set()
        self.exceptions: list[PolicyException] = []

    def shown(self, at: datetime) -> dict[Key, Status]:
        return {key: self.status(key, at) for key in self.words}

    def status(self, key: Key, at: datetime) -> Status:
        account, name, _ = key
        if self.words[key] == "FAIL":
            covers = (self.matches(one, key) and one.state(at) is ExceptionState.ACTIVE for one in self.exceptions)
            return Status.PASSE if any(covers) else Status.FAIL
        is_pass = self.words[key] == "PASS" and (account, SCOPES[name]) not in self.incomplete
        return Status.PASS if is_pass else Status.UNKNOWN

    def matches(self, one: PolicyException, key: Key) -> bool:
        account, name, cid = key
        if one.provider is not Provider.AWS or cid not in one.control_ids:
            return False
        match one.scope:
            case ExceptionScope.RESOURCE:
                region = SCOPES[name].region
                return any(ExemptResource(name, account, where) in one.resources for where in ("", region))
            case ExceptionScope.CONNECTOR:
                return account in one.account_ids
            case ExceptionScope.QUALYSTAG:
                is_tagged = any((account, name, label.lower()) in self.worn for label in one.resource_tags)
                is_allowed = account in one.account_ids or one.is_for_all_connectors
                return is_tagged and (
                    is_allowed or any((account, label.lower()) in self.connector_tags for label in one.connector_tags)
                )


class Judge(NamedTuple):
    words: dict[Key, str]


class Close(NamedTuple):
    account: str
    scope: Scope
    outcome: Outcome


class Tag(NamedTuple):
    account: str
    name: str
    label: str
    is_put_on: bool


class TagConnector(NamedTuple):
    account: str
    label: str
    is_put_on: bool


class Create(NamedTuple):
    exception: PolicyException


class Delete(NamedTuple):
    position: int


Step = Judge | Close | Tag | TagConnector | Create | Delete

accounts, names, labels = (st.sampled_from(values) for values in (ACCOUNTS, tuple(SCOPES), LABELS))
moments = st.integers(1, 4).map(hours)
listed = st.builds(ExemptResource, names, accounts, st.sampled_from(["", "", "eu-west-1", "us-east-1", "global"]))
made = st.builds(
    lambda scope, cids, ends, **fields: exception(scope, tuple(cids), **_of_scope(scope, fields), **_window(*ends)),
    st.sampled_from(ExceptionScope),
    st.sets(st.sampled_from(CIDS), min_size=1),
    st.tuples(st.integers(0, 3).map(hours), st.integers(2, 5).map(hours)),
    provider=st.sampled_from([Provider.AWS, Provider.AWS, Provider.AZURE]),
    approval=st.sampled_from([Approval.NOT_NEEDED, Approval.NOT_NEEDED, *Approval]),
    resources=st.sets(listed, min_size=1, max_size=3).map(tuple),
    account_ids=st.sets(accounts, max_size=2).map(tuple),
    resource_tags=st.sets(labels, min_size=1, max_size=2).map(tuple),
    connector_tags=st.sets(labels, max_size=2).map(tuple),
    is_for_all_connectors=st.booleans(),
)
keys = st.tuples(accounts, names, st.sampled_from(CIDS))
judged = st.builds(Judge, st.dictionaries(keys, st.sampled_from(["PASS", "FAIL", "FAIL", "unread"]), min_size=4))
steps = st.one_of(
    judged,
    st.builds(Close, accounts, st.sampled_from(list(SCOPES.values())), st.sampled_from(Outcome)),
    st.builds(Tag, accounts, names, labels, st.booleans()),
    st.builds(TagConnector, accounts, labels, st.booleans()),
    st.builds(Create, made),
    st.builds(Create, made),
    st.builds(Delete, st.integers(0, 5)),
)


def _window(one: datetime, other: datetime) -> dict[str, datetime]:
    return {"starts": min(one, other), "ends": max(one, other)}


def _of_scope(scope: ExceptionScope, fields: dict[str, object]) -> dict[str, object]:
    """Without what another scope would name."""
    foreign = {
        ExceptionScope.RESOURCE: {"account_ids", "resource_tags", "connector_tags", "is_for_all_connectors"},
        ExceptionScope.CONNECTOR: {"resources", "resource_tags", "connector_tags", "is_for_all_connectors"},
        ExceptionScope.QUALYSTAG: {"resources"},
    }
    return {name: value for name, value in fields.items() if name not in foreign[scope]}


class World:
    """The same steps, on a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.model = Model()
        self.accounts = {number: Account(store, f"account {number}", number) for number in ACCOUNTS}
        for account in self.accounts.values():
            for scope in (BUCKETS, INSTANCES, FAR_INSTANCES):
                account.record(scope, *(observed(name) for name, where in SCOPES.items() if where == scope))
        self.keys = {number: account.keys() for number, account in self.accounts.items()}

    def take(self, step: Step) -> None:
        match step:
            case Judge(words):
                self.judge(words)
            case Close(account, scope, outcome):
                self.accounts[account].close(scope, hours(1), outcome)
                change = self.model.incomplete.discard if outcome is Outcome.COMPLETE else self.model.incomplete.add
                change((account, scope))
            case Tag(account, name, label, is_put_on):
                self.tag(account, name, label, is_put_on=is_put_on)
            case TagConnector(account, label, is_put_on):
                self.tag_connector(account, label, is_put_on=is_put_on)
            case Create(one):
                with self.store.write() as writer:
                    self.model.exceptions.append(exceptions.create(writer, one))
            case Delete(position) if position < len(self.model.exceptions):
                gone = self.model.exceptions.pop(position)
                with self.store.write() as writer:
                    exceptions.delete(writer, [gone.key])
            case _:
                pass

    def judge(self, words: dict[Key, str]) -> None:
        """All that was said before of these resources stands, but for what is said anew."""
        self.model.words |= words
        for number, account in self.accounts.items():
            said: dict[str, dict[int, str]] = {}
            for (owner, name, cid), word in self.model.words.items():
                if owner == number:
                    said.setdefault(name, {})[cid] = word
            account.judge(said)

    def tag(self, account: str, name: str, label: str, *, is_put_on: bool) -> None:
        key = self.keys[account][name]
        with self.store.write() as writer:
            change = tags.put_on if is_put_on else tags.take_off
            change(writer, [key], tags.ensure(writer, [label]).values())
        mark = self.model.worn.add if is_put_on else self.model.worn.discard
        mark((account, name, label.lower()))

    def tag_connector(self, account: str, label: str, *, is_put_on: bool) -> None:
        with self.store.write() as writer:
            change = tags.put_on_connectors if is_put_on else tags.take_off_connectors
            change(writer, [self.accounts[account].key], tags.ensure(writer, [label]).values())
        mark = self.model.connector_tags.add if is_put_on else self.model.connector_tags.discard
        mark((account, label.lower()))


FILTERS: tuple[Bound, ...] = (
    (),
    *((equals("status", status),) for status in Status),
    (any_of("status", "FAIL", "PASSE"),),
    (any_of("status", "pass", "passe"),),
    (Negated(equals("status", "FAIL")),),
    (equals("status", "PASSE"), equals("region", "eu-west-1")),
    (equals("status", "FAIL"), equals("resource_type", "EC2_INSTANCE")),
    (Either((equals("status", "PASSE"), equals("cid", 1))),),
    (Either((Every((equals("status", "FAIL"), equals("cid", 2))), equals("resource_type", "BUCKET"))),),
    (Negated(Either((equals("status", "PASSE"), equals("resource_id", "i")))),),
)


def _facts(account: str, name: str, cid: int, status: Status) -> dict[str, object]:
    scope = SCOPES[name]
    return {
        "cid": cid,
        "status": status.value,
        "region": scope.region,
        "resource_type": scope.resource_type,
        "resource_id": name,
        "account_id": account,
    }


def _pages(reader: Reader, key: int, cid: int | None, bound: Bound) -> Iterator[tuple[str, int, Status]]:
    """The whole listing, three rows at a time."""
    number, total = 0, 1
    while number * 3 < total:
        found = evaluations.page(reader, key, cid, bound, PageRequest(number, 3))
        yield from ((row.resource.resource_id, row.cid, row.status) for row in found.rows)
        number, total = number + 1, found.total


def _tallied(rows: Iterable[tuple[str, int, Status]]) -> list[ControlTally]:
    counts = Counter((cid, status) for _, cid, status in rows)
    order = (Status.PASS, Status.FAIL, Status.UNKNOWN, Status.PASSE)
    return [ControlTally(cid, *(counts[cid, status] for status in order)) for cid in sorted({cid for cid, _ in counts})]


def _compare(world: World, at: datetime) -> None:
    shown = world.model.shown(at)
    with world.store.read(at) as reader:
        for number, account in world.accounts.items():
            rows = sorted(
                ((name, cid, status) for (owner, name, cid), status in shown.items() if owner == number),
                key=lambda row: (world.keys[number][row[0]], row[1]),
            )
            for bound in FILTERS:
                wanted = [row for row in rows if matches(bound, _facts(number, *row))]
                for cid in (None, *CIDS):
                    found = list(_pages(reader, account.key, cid, bound))
                    assert found == [row for row in wanted if cid in {None, row[1]}], (bound, cid)
                assert list(evaluations.tallies(reader, account.key, bound)) == _tallied(wanted), bound
            _compare_keyed(reader, world.keys[number], rows, account.key)
        _compare_single(reader, world)


def _compare_keyed(reader: Reader, by_name: dict[str, int], rows: list[tuple[str, int, Status]], key: int) -> None:
    """What is asked for by keys of resources."""
    own = sorted(by_name.values())
    decided = [(by_name[name], cid, status) for name, cid, status in rows if status is not Status.UNKNOWN]
    arrays = verdict_arrays(reader, own)
    found = zip(arrays.keys.tolist(), arrays.cids.tolist(), arrays.statuses.tolist(), strict=True)
    assert [(row, cid, SHOWN[code]) for row, cid, code in found] == decided
    assert list(zip(*evaluations.verdicts_of(reader, own), strict=True)) == decided
    failed = Counter(name for name, _, status in rows if status is Status.FAIL)
    stored = resources.by_keys(reader, own)
    assert {row.resource_id: row.controls_failed for row in stored.values()} == {name: failed[name] for name in by_name}
    for name, cid, status in rows:
        one = evaluations.get(reader, key, by_name[name], cid)
        assert one is not None
        assert one.status is status
    in_order = evaluations.page(reader, key, None, (), PageRequest(0, 100, ("status", False))).rows
    codes = {Status.UNKNOWN: 0, Status.PASS: 1, Status.FAIL: 2, Status.PASSE: 3}
    assert [codes[row.status] for row in in_order] == sorted(codes[status] for _, _, status in rows)


def _compare_single(reader: Reader, world: World) -> None:
    """What is asked about single exceptions: who matches an evaluation, and what one would cover by itself."""
    model = world.model
    for key in model.words:
        account, name, cid = key
        found = matching_keys(reader, world.keys[account][name], cid)
        assert found == [one.key for one in model.exceptions if model.matches(one, key)]
    for one in model.exceptions:
        failing = [key for key, word in model.words.items() if word == "FAIL" and model.matches(one, key)]
        counts = Counter((world.accounts[account].key, cid) for account, _, cid in failing)
        whole = exceptions.get(reader, one.uuid)
        assert whole is not None
        effect = Effect(reader, whole)
        assert {(extent.connector_key, extent.cid): extent.failing for extent in effect.extents()} == counts
        excepted = sum(model.status(key, reader.at) is Status.PASSE for key in failing)
        assert sum(extent.already for extent in effect.extents()) == excepted
        assert len(effect.examples(100)) == len(failing)
        assert sum(example.is_covered for example in effect.examples(100)) == excepted


def _glance(world: World, at: datetime) -> None:
    """The same for the plainest question only, so that it can be asked after every step."""
    with world.store.read(at) as reader:
        for number, account in world.accounts.items():
            found = evaluations.page(reader, account.key, None, (), EVERYTHING).rows
            wanted = {key[1:]: status for key, status in world.model.shown(at).items() if key[0] == number}
            assert {(row.resource.resource_id, row.cid): row.status for row in found} == wanted
            assert sum(row.excepted for row in evaluations.tallies(reader, account.key)) == sum(
                status is Status.PASSE for status in wanted.values()
            )


@settings(
    max_examples=14, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(history=st.lists(steps, min_size=4, max_size=12), first=judged, when=moments)
def test_what_is_shown_agrees_with_the_rules(url: str, history: list[Step], first: Judge, when: datetime) -> None:
    with closing(open_store(url)) as store:
        _forget(store)
        world = World(store)
        world.take(first)
        for step in history:
            world.take(step)
            _glance(world, when)
        for at in _turns(world):
            _glance(world, at)
        _compare(world, when)


def _turns(world: World) -> list[datetime]:
    """The last second before something changes, and the second in which it does."""
    second = timedelta(seconds=1)
    turns = {turn for one in world.model.exceptions for turn in (one.starts, one.ends + second)}
    return sorted({at for turn in turns for at in (turn - second, turn)})


def _forget(store: Store) -> None:
    """The example before."""
    with store.write() as writer:
        gone = exceptions.page(writer, (), EVERYTHING).rows
        exceptions.delete(writer, [one.key for one in gone])
        for number in ACCOUNTS:
            known = connectors.find_by_account(writer, Provider.AWS, number)
            if known:
                connectors.delete(writer, [known.key])
