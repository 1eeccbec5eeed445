"""Rules made and removed while others record, retire and delete, on both databases: nothing slips through."""

from collections.abc import Callable
from contextlib import closing, suppress
from threading import Barrier
from uuid import UUID

import pytest

from nephoscope.errors import NotFoundError
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.model.tags import RuleKind
from nephoscope.store import bulk, connectors, resources, scopes, tags
from nephoscope.store.session import Store, open_store
from nephoscope.tags.tags import RuleDraft, Tags
from store.store_world import EVERYTHING, START, Account, observed
from store.test_store_races import together

ROUNDS = 6


def kept(store: Store) -> Tags:
    return Tags(store, lambda: START)


def record(store: Store, account: Account, number: int, *names: str) -> None:
    """A scope of its own, complete."""
    report = ScopeReport(Scope("BUCKET", f"region-{number}"), Outcome.COMPLETE)
    with store.write() as writer:
        key = scopes.close(writer, account.key, report, START)
        resources.record(writer, account.key, key, [observed(name) for name in names], complete=True, now=START)


def worn(account: Account) -> dict[str, tuple[str, ...]]:
    keys = account.keys()
    with account.store.read() as reader:
        found = tags.worn(reader, list(keys.values()))
    return {name: found.get(key, ()) for name, key in keys.items()}


def orphans(store: Store) -> int:
    sql = """
        SELECT count(*) FROM resource_tags w
        WHERE NOT EXISTS (SELECT 1 FROM resources r WHERE r.key = w.resource_key)
        OR (w.source_key <> 0 AND NOT EXISTS (SELECT 1 FROM tag_rules t WHERE t.key = w.source_key))
    """
    with store.read() as reader:
        count: int = bulk.fetch(reader, sql)[0][0]
    return count


def sweep(store: Store, account: Account, number: int) -> Callable[[], None]:
    def work() -> None:
        for turn in range(ROUNDS):
            record(store, account, number, *(f"{number}-{turn}-{name}" for name in range(3)), f"{number}-stays")

    return work


def test_no_resource_is_recorded_past_a_rule_that_is_being_made(url: str) -> None:
    with closing(open_store(url)) as store, closing(open_store(url)) as other:
        one, two = Account(store), Account(store, "two", "210987654321")

        def rule() -> None:
            for number in range(ROUNDS):
                kept(store).apply(RuleDraft(Provider.AWS, RuleKind.REGEX, f".*({number}|stays)", (f"t{number}",)))

        together(sweep(store, one, 1), sweep(other, one, 2), sweep(other, two, 3), rule)
        wanted = tuple(f"t{number}" for number in range(ROUNDS))
        found = worn(one) | worn(two)
        assert len(found) == 12
        for name, names in found.items():
            assert names == (wanted if name.endswith("stays") else (f"t{name[-1]}",))
        assert orphans(store) == 0


def test_no_tag_outlives_its_rule_or_its_resource(url: str) -> None:
    with closing(open_store(url)) as store, closing(open_store(url)) as other:
        one, two = Account(store), Account(store, "two", "210987654321")

        def rule() -> None:
            for number in range(ROUNDS):
                done = kept(store).apply(RuleDraft(Provider.AWS, RuleKind.REGEX, ".*", (f"t{number}",)))
                kept(other).remove_rule(done.rule.uuid)

        def leave() -> None:
            for number in range(ROUNDS):
                record(other, two, number, "a", "b")
            with other.write() as writer:
                connectors.delete(writer, [two.key])

        together(sweep(store, one, 1), sweep(other, one, 2), rule, leave)
        assert set(worn(one).values()) == {()}
        assert orphans(store) == 0


def test_a_hand_and_a_retirement_leave_nothing_behind(url: str) -> None:
    with closing(open_store(url)) as store, closing(open_store(url)) as other:
        account = Account(store)
        start = Barrier(2)

        def hold() -> None:
            for number in range(ROUNDS):
                record(store, account, 1, f"a{number}")
                uuid = _only(store)
                start.wait()
                with suppress(NotFoundError):
                    kept(store).assign(["x"], [uuid], [account.connector.uuid])
                start.wait()

        def retire() -> None:
            for _ in range(ROUNDS):
                start.wait()
                record(other, account, 1)
                start.wait()

        together(hold, retire)
        assert orphans(store) == 0


def _only(store: Store) -> UUID:
    with store.read() as reader:
        (row,) = resources.page(reader, Provider.AWS, "BUCKET", (), EVERYTHING).rows
    return row.uuid


def test_two_who_apply_the_same_rule_at_once_make_one(url: str) -> None:
    with closing(open_store(url)) as store, closing(open_store(url)) as other:
        account = Account(store)
        record(store, account, 1, "a", "b")

        def apply(opened: Store) -> Callable[[], None]:
            def work() -> None:
                kept(opened).apply(RuleDraft(Provider.AWS, RuleKind.REGEX, ".*", ("x", "y")))

            return work

        together(*(apply(opened) for opened in (store, other, store, other)))
        (rule,) = kept(store).rules(None, EVERYTHING).rows
        assert rule.matched == 2


@pytest.mark.parametrize("names", [["b", "a", "C"], ["c", "A", "b"]])
def test_new_names_made_at_once_are_one_tag(url: str, names: list[str]) -> None:
    with closing(open_store(url)) as store, closing(open_store(url)) as other:

        def assign(opened: Store, account: Account, said: list[str]) -> Callable[[], None]:
            def work() -> None:
                kept(opened).assign(said, [], [account.connector.uuid])

            return work

        one, two = Account(store), Account(store, "two", "210987654321")
        together(assign(store, one, names), assign(other, two, names[::-1]))
        listed = kept(store).list(EVERYTHING).rows
        assert [(row.name.lower(), row.connectors) for row in listed] == [("a", 2), ("b", 2), ("c", 2)]
