"""The log of changes: what is noted, in which order it is seen, and how it is forgotten."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from threading import Event
from uuid import uuid4

import pytest

from nephoscope.errors import ConflictError
from nephoscope.model.exceptions import Approval
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import Outcome
from nephoscope.model.tags import RuleKind, TagRule
from nephoscope.store import connectors, evaluations, exceptions, tags
from nephoscope.store.changelog import changes
from nephoscope.store.changelog.changes import ChangeKind
from nephoscope.store.changelog.departures import departed
from nephoscope.store.session import Store, open_store
from nephoscope.store.tagging import tag_rules
from store.exception_world import of_accounts
from store.store_world import BUCKETS, START, Account, hours, observed
from store.test_store_races import together

Seen = list[tuple[str, int, int]]
A, B = 1, 2


def noted(store: Store, version: int = 0) -> Seen:
    with store.read() as reader:
        found = changes.since(reader, version, ChangeKind)
        return [(one.kind.value, one.subject, one.cid) for rows in found for one in rows]


def version(store: Store) -> int:
    with store.read() as reader:
        return evaluations.version(reader)


def after(store: Store, work: Callable[[], object]) -> Seen:
    """What a piece of work leaves in the log."""
    before = version(store)
    work()
    return noted(store, before)


@pytest.fixture
def account(store: Store) -> Account:
    return Account(store)


def test_a_first_scan_costs_two_notes_a_resource(store: Store, account: Account) -> None:
    assert after(store, lambda: account.record(BUCKETS, observed("a"), observed("b"))) == [
        ("resource", A, 0),
        ("resource", B, 0),
    ]
    assert after(store, lambda: account.judge({"a": {1: "PASS", 2: "FAIL"}, "b": {1: "FAIL"}})) == [
        ("judged", A, 0),
        ("judged", B, 0),
    ]


def test_only_what_turns_is_noted(store: Store, account: Account) -> None:
    account.record(BUCKETS, observed("a"), observed("b"))
    account.judge({"a": {1: "PASS", 2: "FAIL", 3: "PASS"}, "b": {1: "FAIL"}})
    said = {"a": {1: "FAIL", 2: "FAIL", 4: "PASS"}, "b": {1: "FAIL"}}
    found = after(store, lambda: account.judge(said, hours(1), fingerprint=2))
    assert sorted(found) == [("dropped", A, 3), ("evaluation", A, 1), ("evaluation", A, 4)]
    assert after(store, lambda: account.judge(said, hours(2), fingerprint=3)) == []
    turned = {"a": {1: "denied", 2: "FAIL", 4: "PASS"}}
    assert after(store, lambda: account.judge(turned, hours(3), fingerprint=4)) == [("evaluation", A, 1)]
    assert after(store, lambda: account.record(BUCKETS, observed("a"), observed("b", x=1), at=hours(4))) == [
        ("resource", B, 0)
    ]


def test_a_scope_that_cannot_be_read_any_more_is_one_note(store: Store, account: Account) -> None:
    account.record(BUCKETS, observed("a"))
    key = account.close(BUCKETS, hours(1))
    assert after(store, lambda: account.close(BUCKETS, hours(2), Outcome.DENIED)) == [("scope", key, 0)]
    assert after(store, lambda: account.close(BUCKETS, hours(3), Outcome.DENIED)) == []
    assert after(store, lambda: account.close(BUCKETS, hours(3), Outcome.THROTTLED)) == [("scope", key, 0)]
    assert after(store, lambda: account.close(BUCKETS, hours(4))) == [("scope", key, 0)]


def test_what_goes_leaves_a_description(store: Store, account: Account) -> None:
    account.record(BUCKETS, observed("a"), observed("b"))
    account.judge({"a": {1: "PASS", 2: "FAIL"}})
    assert after(store, lambda: account.record(BUCKETS, observed("b"), at=hours(1))) == [("gone", A, 0)]
    before = version(store)
    with store.write() as writer:
        connectors.delete(writer, [account.key])
    with store.read() as reader:
        (one,) = (one for rows in changes.since(reader, 0, [ChangeKind.GONE]) for one in rows if one.subject == A)
    gone = departed(one.detail)
    assert (gone.resource_id, gone.resource_type, gone.account_id, gone.cids) == ("a", "BUCKET", "123456789012", (1, 2))
    assert gone.connector == account.connector.uuid
    assert noted(store, before) == [("gone", B, 0)]


def test_tags_by_hand_by_rule_and_of_connectors_are_noted(store: Store, account: Account) -> None:
    account.record(BUCKETS, observed("a"), observed("b"))
    with store.write() as writer:
        key = tags.ensure(writer, ["Red"])["red"]

    def by_hand() -> None:
        with store.write() as writer:
            tags.put_on(writer, [A], [key])
            tags.put_on(writer, [A], [key])
            tags.put_on_connectors(writer, [account.key], [key])

    assert after(store, by_hand) == [("tags", A, 0), ("connector_tags", account.key, 0)]
    rule = TagRule(uuid4(), Provider.AWS, RuleKind.REGEX, "b", ("Blue", "Green"), "ann", START)

    def by_rule() -> None:
        with store.write() as writer:
            made = tag_rules.create(writer, rule, [B])
            tag_rules.remove(writer, made)

    assert after(store, by_rule) == [("tags", B, 0), ("tags", B, 0)]


def test_exceptions_are_noted_from_creation_to_deletion(store: Store) -> None:
    def live() -> None:
        with store.write() as writer:
            made = exceptions.create(writer, of_accounts("123456789012", cids=(1, 2)))
        with store.write() as writer:
            exceptions.renew(writer, made, hours(900), "ann", hours(1))
            exceptions.decide(writer, made, Approval.APPROVED, "bob", hours(1))
            exceptions.delete(writer, [made.key])

    assert after(store, live) == [("exception", 1, 0)] * 4


def test_what_is_rolled_back_was_never_noted(store: Store, account: Account) -> None:
    before = version(store)

    def fail() -> None:
        with store.write() as writer:
            changes.note(writer, [changes.Note(ChangeKind.TAGS, account.key, 7)])
            connectors.create(writer, account.connector)

    with pytest.raises(ConflictError):
        fail()
    assert noted(store, before) == []


def test_who_commits_last_is_seen_last_whoever_began_first(store: Store, url: str) -> None:
    if not url.startswith("postgresql"):
        pytest.skip("SQLite has one writer at a time")
    with closing(open_store(url)) as other:
        with store.write() as slow:
            changes.note(slow, [changes.Note(ChangeKind.TAGS, 0, A)])
            with other.write() as quick:
                changes.note(quick, [changes.Note(ChangeKind.TAGS, 0, B)])
            seen = version(store)
            assert noted(store) == [("tags", B, 0)]
        assert noted(store, seen) == [("tags", A, 0)]


def test_a_follower_misses_nothing_while_many_write(url: str) -> None:
    with closing(open_store(url)) as store, closing(open_store(url)) as other:
        done = Event()
        seen: list[int] = []

        def write(opened: Store, number: int) -> Callable[[], None]:
            def work() -> None:
                for step in range(20):
                    with opened.write() as writer:
                        changes.note(writer, [changes.Note(ChangeKind.TAGS, 0, number * 100 + step)])

            return work

        def follow() -> None:
            at = 0
            while True:
                is_last = done.is_set()
                with store.read() as reader:
                    now = evaluations.version(reader)
                    seen.extend(one.subject for rows in changes.since(reader, at, ChangeKind) for one in rows)
                at = now
                if is_last:
                    return

        def all_write() -> None:
            together(*(write(store if number % 2 else other, number) for number in range(4)))
            done.set()

        together(all_write, follow)
        assert sorted(seen) == sorted(number * 100 + step for number in range(4) for step in range(20))


def test_old_notes_are_forgotten_and_it_is_known_from_where_on(store: Store, account: Account) -> None:
    account.record(BUCKETS, observed("a"))
    kept = version(store)
    with store.write() as writer:
        assert changes.forget(writer, writer.at - timedelta(days=1)) == 0
    with store.read() as reader:
        assert changes.oldest(reader) == 0
    with store.write() as writer:
        assert changes.forget(writer, writer.at + timedelta(days=1)) == 1
    assert noted(store) == []
    with store.read() as reader:
        assert changes.oldest(reader) == kept
    account.record(BUCKETS, observed("a"), observed("b"), at=hours(1))
    assert noted(store, kept) == [("resource", B, 0)]
