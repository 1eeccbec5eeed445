"""Random histories, beside a model of plain dictionaries that keeps everything and counts by looking at it all."""

from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from typing import NamedTuple

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from nephoscope.kit.pages import PageRequest
from nephoscope.model.evaluations import Status
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import Outcome, Scope
from nephoscope.store import connectors, evaluations, resources, scopes
from nephoscope.store.evaluating import counters
from nephoscope.store.session import Store, open_store
from store.store_world import BUCKETS, EVERYTHING, FAR_INSTANCES, INSTANCES, Account, hours, observed

SCOPES = (BUCKETS, INSTANCES, FAR_INSTANCES)
NAMES = {BUCKETS: ("a", "b", "c"), INSTANCES: ("i", "j"), FAR_INSTANCES: ("x",)}
WORDS = ("PASS", "FAIL", "because", "or not")


class Sweep(NamedTuple):
    """A scope was closed with these resources, each with a number in its document."""

    scope: Scope
    outcome: Outcome
    seen: Mapping[str, int]


class Judge(NamedTuple):
    """What was said about resources that exist: {position: {cid: word}}."""

    verdicts: Mapping[int, Mapping[int, str]]


class Plan(NamedTuple):
    planned: frozenset[Scope]


def _sweeps() -> st.SearchStrategy[Sweep]:
    outcomes = st.sampled_from([Outcome.COMPLETE, Outcome.COMPLETE, Outcome.DENIED, Outcome.THROTTLED])
    return st.sampled_from(SCOPES).flatmap(
        lambda scope: st.builds(
            Sweep, st.just(scope), outcomes, st.dictionaries(st.sampled_from(NAMES[scope]), st.integers(0, 2))
        )
    )


_SAID = st.dictionaries(st.integers(1, 4), st.sampled_from(WORDS), max_size=4)
_JUDGES = st.builds(Judge, st.dictionaries(st.integers(0, 5), _SAID, min_size=1))
_PLANS = st.builds(Plan, st.frozensets(st.sampled_from(SCOPES), min_size=2))
HISTORIES = st.lists(st.one_of(_sweeps(), _JUDGES, _JUDGES, _PLANS), min_size=1, max_size=12)


Shown = dict[tuple[str, int], tuple[str, int, int, int | None, int | None]]
"""(resource, cid) → (word, first evaluated, last evaluated, reopened, fixed)."""


class Evaluation:
    """One evaluation of the model."""

    def __init__(self, word: str, at: int) -> None:
        self.word = word
        self.decided = word
        self.first = at
        self.fixed: int | None = None
        self.reopened: int | None = None

    def turn(self, word: str, at: int) -> None:
        if word in {"PASS", "FAIL"}:
            if (self.decided, word) == ("FAIL", "PASS"):
                self.fixed = at
            if (self.decided, word) == ("PASS", "FAIL"):
                self.reopened = at
            self.decided = word
        self.word = word


class ModelScope:
    def __init__(self) -> None:
        self.outcome = Outcome.COMPLETE
        self.complete_at: int | None = None
        self.documents: dict[str, tuple[int, int, int]] = {}
        """Resource id → (number, created at, updated at)."""


class Model:
    """What the store should hold."""

    def __init__(self) -> None:
        self.scopes: dict[Scope, ModelScope] = {}
        self.evaluations: dict[str, dict[int, Evaluation]] = {}

    def sweep(self, step: Sweep, at: int) -> None:
        scope = self.scopes.setdefault(step.scope, ModelScope())
        scope.outcome = step.outcome
        for name, number in step.seen.items():
            before = scope.documents.get(name)
            created = before[1] if before else at
            updated = before[2] if before and before[0] == number else at
            scope.documents[name] = (number, created, updated)
        if step.outcome is Outcome.COMPLETE:
            scope.complete_at = at
            for name in scope.documents.keys() - step.seen.keys():
                self.retire(scope, name)

    def retire(self, scope: ModelScope, name: str) -> None:
        del scope.documents[name]
        self.evaluations.pop(name, None)

    def judge(self, said: Mapping[str, Mapping[int, str]], at: int) -> None:
        for name, words in said.items():
            before = self.evaluations.setdefault(name, {})
            for cid in before.keys() - words.keys():
                del before[cid]
            for cid, word in words.items():
                if cid in before:
                    before[cid].turn(word, at)
                else:
                    before[cid] = Evaluation(word, at)

    def plan(self, planned: frozenset[Scope]) -> None:
        for scope in self.scopes.keys() - planned:
            for name in list(self.scopes[scope].documents):
                self.retire(self.scopes[scope], name)
            del self.scopes[scope]

    def names(self) -> list[str]:
        return sorted(name for scope in self.scopes.values() for name in scope.documents)

    def shown(self) -> Shown:
        rows = {}
        for scope in self.scopes.values():
            for name in scope.documents:
                for cid, row in self.evaluations.get(name, {}).items():
                    is_hidden = row.word == "PASS" and scope.outcome is not Outcome.COMPLETE
                    word = f"{scope.outcome}: s3:ListBuckets" if is_hidden else row.word
                    last = max(scope.complete_at or 0, row.first, row.fixed or 0, row.reopened or 0)
                    rows[name, cid] = (word, row.first, last, row.reopened, row.fixed)
        return rows


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(history=HISTORIES)
def test_the_store_agrees_with_the_model(url: str, history: list[Sweep | Judge | Plan]) -> None:
    with closing(open_store(url)) as store:
        account, model = Account(store), Model()
        try:
            for at, step in enumerate(history, start=1):
                version, before = account.version(), model.shown()
                _apply(account, model, step, at)
                assert account.version() >= version + (model.shown() != before)
                _compare(store, account, model)
        finally:
            with store.write() as writer:
                connectors.delete(writer, [account.key])


def _apply(account: Account, model: Model, step: Sweep | Judge | Plan, at: int) -> None:
    if isinstance(step, Sweep):
        rows = [observed(name, number=number) for name, number in step.seen.items()]
        account.record(step.scope, *rows, at=hours(at), outcome=step.outcome)
        model.sweep(step, at)
    elif isinstance(step, Plan):
        with account.store.write() as writer:
            scopes.retire_absent(writer, account.key, step.planned)
        model.plan(step.planned)
    else:
        names = model.names()
        said = {names[position]: words for position, words in step.verdicts.items() if position < len(names)}
        account.judge(said, hours(at))
        model.judge(said, at)


def _compare(store: Store, account: Account, model: Model) -> None:
    shown = model.shown()
    with store.read() as reader:
        page = evaluations.page(reader, account.key, None, (), EVERYTHING)
        found = {
            (row.resource.resource_id, row.cid): (
                row.reason if row.status is Status.UNKNOWN and row.reason else str(row.status),
                row.dates.first_evaluated,
                row.dates.last_evaluated,
                row.dates.reopened,
                row.dates.fixed,
            )
            for row in page.rows
        }
        assert found == {pair: (row[0], *(at and hours(at) for at in row[1:])) for pair, row in shown.items()}
        assert page.total == len(shown)
        _compare_counts(account, shown)
        for name in ("BUCKET", "EC2_INSTANCE"):
            listed = resources.page(reader, Provider.AWS, name, (), EVERYTHING).rows
            stored = resources.documents(reader, [row.key for row in listed])
            assert {
                row.resource_id: (stored[row.key].document["number"], row.created_on, row.updated_on) for row in listed
            } == {
                resource: (number, hours(created), hours(updated))
                for scope, inside in model.scopes.items()
                if scope.resource_type == name
                for resource, (number, created, updated) in inside.documents.items()
            }
        identities = resources.identities(reader, Provider.AWS).to_pylist()
    decided = Counter(name for (name, _), row in shown.items() if row[0] in {"PASS", "FAIL"})
    assert {row["resource_id"]: row["evaluations"] for row in identities} == {
        name: decided[name] for name in model.names()
    }


def _compare_counts(
    account: Account, shown: Mapping[tuple[str, int], tuple[str, int, int, int | None, int | None]]
) -> None:
    """Counters, and counts over rows, equal a count of everything."""
    kinds = [(cid, row[0] if row[0] in {"PASS", "FAIL"} else "UNKNOWN") for (_, cid), row in shown.items()]
    counted = Counter(kinds)
    expected = {
        cid: (counted[cid, "PASS"], counted[cid, "FAIL"], counted[cid, "UNKNOWN"]) for cid in {cid for cid, _ in kinds}
    }
    assert account.tallies() == expected
    with account.store.read() as reader:
        rows = reader.connection.exec_driver_sql(
            "SELECT r.scope_key, e.cid, e.status FROM evaluations e JOIN resources r ON r.key = e.resource_key"
        )
        full = Counter((scope, cid, counters.counted(status)) for scope, cid, status in rows)
        kept = reader.connection.exec_driver_sql("SELECT scope_key, cid, status, count FROM tallies")
        assert {(scope, cid, status): count for scope, cid, status, count in kept} == full


@pytest.mark.parametrize("size", [1, 7])
def test_pages_of_a_random_account_join_up(store: Store, size: int) -> None:
    account = Account(store)
    account.record(BUCKETS, *(observed(f"b{number}") for number in range(12)))
    account.judge({f"b{number}": dict.fromkeys(range(number % 5), "FAIL") for number in range(12)})
    keys = account.keys()
    expected = [(keys[f"b{number}"], cid) for number in range(12) for cid in range(number % 5)]
    seen: list[tuple[int, int]] = []
    for number in range(-(-len(expected) // size)):
        with store.read() as reader:
            page = evaluations.page(reader, account.key, None, (), PageRequest(number, size))
        assert page.total == len(expected)
        seen += [(row.resource.key, row.cid) for row in page.rows]
    assert seen == expected
