"""Connectors, scopes, users, runs and workers, on both databases."""

from uuid import uuid4

import msgspec
import pytest

from nephoscope.errors import BadRequestError, ConflictError
from nephoscope.kit.pages import PageRequest
from nephoscope.model.connectors import AwsAccess, Connector, ConnectorState
from nephoscope.model.providers import Provider
from nephoscope.model.runs import Progress, Run, RunState
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.model.users import User
from nephoscope.qql.bound import Condition
from nephoscope.store import connectors, runs, scopes, users
from nephoscope.store.schema import metadata
from nephoscope.store.session import Store
from store.store_world import (
    BUCKETS,
    EVERYTHING,
    FAR_INSTANCES,
    INSTANCES,
    START,
    Account,
    between,
    contains,
    count_rows,
    equals,
    hours,
    observed,
)

FULL = Connector(
    uuid=uuid4(),
    provider=Provider.AWS,
    account_id="123456789012",
    name="Production",
    created_on=START,
    description="what pays us",
    access=AwsAccess("arn:aws:iam::123456789012:role/x", "0123456789", "p", "http://x", ("eu-west-1",), "aws-cn"),
    polling_minutes=60,
    is_disabled=True,
    is_portal_connector=True,
    account_alias="prod",
    state=ConnectorState.ERROR,
    error="denied",
    total_assets=5,
    last_synced_on=hours(1),
    next_sync_on=hours(2),
)


def create(store: Store, connector: Connector) -> Connector:
    with store.write() as writer:
        return connectors.create(writer, connector)


def another(name: str, account_id: str, **changes: object) -> Connector:
    return msgspec.structs.replace(FULL, uuid=uuid4(), name=name, account_id=account_id, **changes)


def test_a_connector_comes_back_as_it_was_stored(store: Store) -> None:
    stored = create(store, FULL)
    assert stored == msgspec.structs.replace(FULL, key=stored.key)
    assert stored.key > 0
    with store.read() as reader:
        assert connectors.get(reader, FULL.uuid) == stored
        assert connectors.get_by_key(reader, stored.key) == stored
        assert connectors.find_by_account(reader, Provider.AWS, "123456789012") == stored
        assert connectors.find_by_name(reader, Provider.AWS, "Production") == stored
        assert connectors.find_by_account(reader, Provider.GCP, "123456789012") is None
        assert connectors.find_by_name(reader, Provider.AWS, "\0") is None
        assert connectors.get(reader, uuid4()) is None
        assert connectors.get_by_key(reader, stored.key + 1) is None


def test_account_and_name_are_taken_once_per_provider(store: Store) -> None:
    create(store, FULL)
    two = create(store, another("two", "2"))
    create(store, another("Production", "123456789012", provider=Provider.GCP))
    for wrong in (another("Production", "3"), another("three", "123456789012")):
        with store.write() as writer:
            with pytest.raises(ConflictError):
                connectors.create(writer, wrong)
            users.put(writer, User("goes on", "hash", START))
        with store.write() as writer, pytest.raises(ConflictError):
            connectors.update(writer, msgspec.structs.replace(wrong, uuid=two.uuid))
    with store.read() as reader:
        assert connectors.page(reader, None, (), EVERYTHING).total == 3
        assert len(users.every(reader)) == 1


def test_updating_replaces_all_but_the_identity(store: Store) -> None:
    stored = create(store, FULL)
    plain = Connector(FULL.uuid, Provider.GCP, "9", "renamed", hours(9), key=stored.key + 5)
    with store.write() as writer:
        connectors.update(writer, plain)
        found = connectors.get(writer, FULL.uuid)
    assert found == msgspec.structs.replace(plain, key=stored.key, provider=Provider.AWS, created_on=START)


def test_settling_changes_only_what_is_said(store: Store) -> None:
    stored = create(store, FULL)
    with store.write() as writer:
        connectors.settle(writer, stored.key)
        assert connectors.get(writer, FULL.uuid) == stored
        connectors.settle(writer, stored.key, state=ConnectorState.SUCCESS, error="", total_assets=0)
        found = connectors.get(writer, FULL.uuid)
    changed = {"state": ConnectorState.SUCCESS, "error": "", "total_assets": 0}
    assert found == msgspec.structs.replace(stored, **changed)


def test_connectors_are_filtered_sorted_and_paged(store: Store) -> None:
    one = create(store, another("alpha_1", "1", last_synced_on=None, state=ConnectorState.PENDING))
    create(store, another("Beta", "2", last_synced_on=hours(3)))
    create(store, another("gamma", "3", provider=Provider.AZURE))

    def found(*conditions: Condition, sort: tuple[str, bool] | None = None, number: int = 0) -> list[str]:
        with store.read() as reader:
            return [
                row.name for row in connectors.page(reader, Provider.AWS, conditions, PageRequest(number, 2, sort)).rows
            ]

    assert found() == ["alpha_1", "Beta"]
    assert found(number=1) == []
    assert found(equals("name", "BETA")) == ["Beta"]
    assert found(contains("name", "a_")) == ["alpha_1"]
    assert found(equals("state", "error")) == ["Beta"]
    assert found(equals("uuid", str(one.uuid))) == ["alpha_1"]
    assert found(contains("description", "PAYS")) == ["alpha_1", "Beta"]
    assert found(between("last_synced_on", hours(2), None)) == ["Beta"]
    assert found(sort=("last_synced_on", False)) == ["alpha_1", "Beta"]
    assert found(sort=("last_synced_on", True)) == ["Beta", "alpha_1"]
    with pytest.raises(BadRequestError, match="account_id"):
        found(sort=("account_id", True))


def test_who_is_due(store: Store) -> None:
    for name, at, off in (("late", 1, False), ("later", 2, False), ("off", 1, True), ("future", 9, False)):
        create(store, another(name, name, next_sync_on=hours(at), is_disabled=off))
    create(store, another("never", "never", next_sync_on=None, is_disabled=False))
    with store.read() as reader:
        assert [row.name for row in connectors.due(reader, hours(2))] == ["late", "later"]


def test_deleting_takes_everything_of_a_connector_and_nothing_of_others(store: Store) -> None:
    log = {"changes", "change_sets"}
    kept, gone = Account(store), Account(store, "two", "210987654321")
    for account in (kept, gone):
        account.record(BUCKETS, observed("a"))
        account.judge({"a": {1: "PASS", 2: "FAIL"}})
        with store.write() as writer:
            runs.create(writer, Run(uuid4(), account.connector.uuid, RunState.QUEUED, START))
    with store.read() as reader:
        before = {name: count_rows(reader, name) for name in metadata.tables if name not in log}
    version = kept.version()
    with store.write() as writer:
        connectors.delete(writer, [gone.key, gone.key, 10**9])
    with store.read() as reader:
        after = {name: count_rows(reader, name) for name in before}
    shared = {"meta", "audit_head"}
    assert after == {name: count if name in shared else count // 2 for name, count in before.items()}
    assert kept.version() > version
    assert kept.tallies() == {1: (1, 0, 0), 2: (0, 1, 0)}
    assert gone.tallies() == {}


def test_a_key_is_never_given_out_again(store: Store) -> None:
    gone = Account(store)
    gone.record(BUCKETS, observed("a"))
    scope, resource = gone.close(BUCKETS, START), gone.keys()["a"]
    with store.write() as writer:
        connectors.delete(writer, [gone.key])
    new = Account(store)
    new.record(BUCKETS, observed("a"))
    assert new.key > gone.key
    assert new.close(BUCKETS, START) > scope
    assert new.keys()["a"] > resource


def test_a_scope_remembers_when_it_was_last_complete(store: Store) -> None:
    account = Account(store)
    report = ScopeReport(BUCKETS, Outcome.DENIED, "s3:ListAllMyBuckets", "Not allowed.", 3, 4)
    with store.write() as writer:
        first = scopes.close(writer, account.key, report, START)
    complete = account.close(BUCKETS, hours(1))
    with store.write() as writer:
        again = scopes.close(writer, account.key, report, hours(2))
        stored = scopes.of_connector(writer, account.key)
    assert first == complete == again
    assert [(row.key, row.report, row.closed_on, row.evaluated_on) for row in stored] == [
        (first, report, hours(2), hours(1))
    ]


def test_scopes_that_are_no_longer_planned_go(store: Store) -> None:
    account = Account(store)
    for scope, name in ((BUCKETS, "a"), (INSTANCES, "i"), (FAR_INSTANCES, "j")):
        account.record(scope, observed(name))
    account.judge({name: {1: "FAIL"} for name in "aij"})
    with store.write() as writer:
        assert scopes.retire_absent(writer, account.key, frozenset({BUCKETS, INSTANCES, Scope("VPC", "x")})) == 1
    assert account.tallies() == {1: (0, 2, 0)}
    assert account.keys().keys() == {"a", "i"}
    version = account.version()
    with store.write() as writer:
        assert scopes.retire_absent(writer, account.key, frozenset({BUCKETS, INSTANCES})) == 0
    assert account.version() == version
    with store.write() as writer:
        assert scopes.retire_absent(writer, account.key, frozenset()) == 2
        assert [count_rows(writer, name) for name in ("scopes", "resources", "evaluations", "tallies")] == [0] * 4


def test_users_are_kept_replaced_and_deleted(store: Store) -> None:
    with store.write() as writer:
        users.put(writer, User("zoë", "hash", START))
        users.put(writer, User("anna", "hash", START))
        users.put(writer, User("zoë", "other", hours(1), is_disabled=True))
    with store.read() as reader:
        assert users.get(reader, "zoë") == User("zoë", "other", hours(1), is_disabled=True)
        assert users.get(reader, "Anna") is None
        assert users.get(reader, "\0") is None
        assert [user.name for user in users.every(reader)] == ["anna", "zoë"]
    with store.write() as writer:
        assert users.delete(writer, "zoë")
        assert not users.delete(writer, "zoë")
        assert not users.delete(writer, "\ud800")


def queued(connector: Connector, hour: float = 0) -> Run:
    return Run(uuid4(), connector.uuid, RunState.QUEUED, hours(hour))


def test_a_run_lives_from_queue_to_end(store: Store) -> None:
    run = queued(FULL)
    with store.write() as writer:
        runs.create(writer, run)
        with pytest.raises(ConflictError):
            runs.create(writer, queued(FULL))
        assert runs.get(writer, run.uuid) == run
        assert runs.unfinished(writer) == (run,)
        runs.start(writer, run.uuid, hours(1))
        runs.start(writer, run.uuid, hours(2))
        runs.progress(writer, run.uuid, Progress("evaluating", 5, 4, 3, 2, 1))
        with pytest.raises(ConflictError):
            runs.create(writer, queued(FULL))
        runs.finish(writer, run.uuid, RunState.FAILED, "because", hours(3))
        runs.finish(writer, run.uuid, RunState.FINISHED, "", hours(4))
        runs.start(writer, run.uuid, hours(5))
    expected = Run(
        run.uuid,
        FULL.uuid,
        RunState.FAILED,
        START,
        hours(1),
        hours(3),
        Progress("evaluating", 5, 4, 3, 2, 1),
        "because",
    )
    with store.read() as reader:
        assert runs.get(reader, run.uuid) == expected
        assert runs.latest(reader, FULL.uuid) == expected
        assert runs.unfinished(reader) == ()
        assert runs.get(reader, uuid4()) is None
        assert runs.latest(reader, uuid4()) is None


def test_old_runs_are_pruned_but_never_an_active_one(store: Store) -> None:
    other = another("two", "2")
    with store.write() as writer:
        ended = [queued(FULL, hour) for hour in range(4)]
        for run in ended:
            runs.create(writer, run)
            runs.finish(writer, run.uuid, RunState.CANCELLED, "", hours(9))
        active, foreign = queued(FULL), queued(other)
        runs.create(writer, active)
        runs.create(writer, foreign)
        runs.finish(writer, foreign.uuid, RunState.FINISHED, "", hours(9))
        assert runs.prune(writer, FULL.uuid, keep=2) == 2
        assert runs.prune(writer, FULL.uuid, keep=2) == 0
        kept = [run for run in (*ended, active, foreign) if runs.get(writer, run.uuid)]
    assert kept == [*ended[2:], active, foreign]


def test_workers_beat_fall_silent_and_are_forgotten(store: Store) -> None:
    with store.write() as writer:
        for worker, hour in (("a", 0), ("b", 0), ("c", 2), ("a", 3)):
            runs.beat(writer, worker, hours(hour))
    with store.read() as reader:
        assert runs.silent_since(reader, hours(2)) == ("b",)
        assert runs.heartbeats(reader) == {"a": hours(3), "b": START, "c": hours(2)}
    with store.write() as writer:
        runs.forget(writer, "b")
        runs.forget(writer, "b")
        assert runs.silent_since(writer, hours(9)) == ("a", "c")
