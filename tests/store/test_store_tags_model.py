"""Random rules, recordings and hands against a model of twenty lines, on both databases."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nephoscope.model.providers import Provider
from nephoscope.model.scopes import Outcome, Scope
from nephoscope.model.tags import RuleKind
from nephoscope.store import resources, tags
from nephoscope.store.session import Store
from nephoscope.tags.tags import RuleDraft, Tags
from store.store_world import BUCKETS, EVERYTHING, INSTANCES, Account, hours, observed

IDS = ("a", "ab", "b", "ba", "c")
LABELS = ("Red", "Blue", "Green")
SCOPES = (BUCKETS, INSTANCES)
Known = tuple[str, str]
"""(resource type, resource id)."""


class Seen(NamedTuple):
    """What the cloud says of a resource."""

    region: str
    stage: str
    score: int


Test = Callable[[Known, Seen], bool]
RULES: tuple[tuple[RuleKind, str, str, Test], ...] = (
    (RuleKind.REGEX, "", "a.*", lambda known, _: re.fullmatch("a.*", known[1]) is not None),
    (RuleKind.REGEX, "", "(b|ab)", lambda known, _: known[1] in {"b", "ab"}),
    (RuleKind.CLOUD_TAG, "", "stage=prod", lambda _, seen: seen.stage == "prod"),
    (RuleKind.CLOUD_TAG, "", "stage", lambda _, seen: bool(seen.stage)),
    (
        RuleKind.QQL,
        "",
        "region:global or tag:stage=test",
        lambda _, seen: "global" in seen.region or seen.stage == "test",
    ),
    (RuleKind.QQL, "", "not resource.id:a*", lambda known, _: not known[1].startswith("a")),
    (RuleKind.QQL, "EC2_INSTANCE", "arsScore > 1", lambda known, seen: known[0] == "EC2_INSTANCE" and seen.score > 1),
)


class Model:
    """What is worn: a hand's tags while the resource lives, and those of every rule that matches what it is now."""

    def __init__(self) -> None:
        self.seen: dict[Known, Seen] = {}
        self.hands: set[tuple[Known, str]] = set()
        self.rules: set[tuple[int, str]] = set()

    def record(self, scope: Scope, rows: dict[str, Seen], *, complete: bool) -> None:
        gone = {known for known in self.seen if known[0] == scope.resource_type and known[1] not in rows}
        if complete:
            self.seen = {known: seen for known, seen in self.seen.items() if known not in gone}
            self.hands = {(known, label) for known, label in self.hands if known not in gone}
        self.seen.update({(scope.resource_type, name): seen for name, seen in rows.items()})

    def worn(self) -> dict[Known, set[str]]:
        found = {
            known: {label for number, label in self.rules if RULES[number][3](known, seen)}
            | {label for owner, label in self.hands if owner == known}
            for known, seen in self.seen.items()
        }
        return {known: labels for known, labels in found.items() if labels}


stages = st.sampled_from(("", "prod", "test"))
recordings = st.tuples(
    st.just("record"),
    st.sampled_from(SCOPES),
    st.dictionaries(st.sampled_from(IDS), st.tuples(stages, st.integers(0, 3)), max_size=5),
    st.booleans(),
)
ruling = st.tuples(st.sampled_from(("apply", "lift")), st.integers(0, len(RULES) - 1), st.sampled_from(LABELS))
handling = st.tuples(
    st.sampled_from(("assign", "remove")), st.sampled_from(SCOPES), st.sampled_from(IDS), st.sampled_from(LABELS)
)
steps = st.lists(recordings | ruling | handling, min_size=3, max_size=14)


class World:
    """The same steps, on a store."""

    def __init__(self, store: Store, number: int) -> None:
        self.account = Account(store, f"account {number}", f"{number:012d}")
        self.tags = Tags(store, lambda: hours(number))
        self.store = store
        self.model = Model()
        self.clock = 0

    def record(self, scope: Scope, rows: dict[str, tuple[str, int]], complete: bool) -> None:
        self.clock += 1
        outcome = Outcome.COMPLETE if complete else Outcome.FAILED
        written = [
            observed(name, {"stage": stage} if stage else {}, arsScore=score) for name, (stage, score) in rows.items()
        ]
        self.account.record(scope, *written, at=hours(self.clock), outcome=outcome)
        seen = {name: Seen(scope.region, stage, score) for name, (stage, score) in rows.items()}
        self.model.record(scope, seen, complete=complete)

    def apply(self, number: int, label: str) -> None:
        kind, resource_type, text, _ = RULES[number]
        self.tags.apply(RuleDraft(Provider.AWS, kind, text, (label,), resource_type))
        self.model.rules.add((number, label))

    def lift(self, number: int, label: str) -> None:
        kind, _, text, _ = RULES[number]
        for rule in self.tags.rules(Provider.AWS, EVERYTHING).rows:
            if (rule.kind, rule.text, rule.tag_names) == (kind, text, (label,)):
                self.tags.remove_rule(rule.uuid)
        self.model.rules.discard((number, label))

    def assign(self, scope: Scope, name: str, label: str) -> None:
        uuid = self._uuid(scope, name)
        if uuid is not None:
            self.tags.assign([label], [uuid], [])
            self.model.hands.add(((scope.resource_type, name), label))

    def remove(self, scope: Scope, name: str, label: str) -> None:
        uuid = self._uuid(scope, name)
        if uuid is not None:
            self.tags.assign([label], [], [self.account.connector.uuid])
            self.tags.remove([label], [uuid], [])
            self.model.hands.discard(((scope.resource_type, name), label))

    def _uuid(self, scope: Scope, name: str) -> Any:
        with self.store.read() as reader:
            rows = resources.page(reader, Provider.AWS, scope.resource_type, (), EVERYTHING).rows
        mine = (row.uuid for row in rows if row.connector_key == self.account.key and row.resource_id == name)
        return next(mine, None)

    def worn(self) -> dict[Known, set[str]]:
        with self.store.read() as reader:
            rows = [
                row
                for scope in SCOPES
                for row in resources.page(reader, Provider.AWS, scope.resource_type, (), EVERYTHING).rows
                if row.connector_key == self.account.key
            ]
            found = tags.worn(reader, [row.key for row in rows])
        return {(row.resource_type, row.resource_id): set(found[row.key]) for row in rows if row.key in found}

    def matched(self) -> None:
        """What rules say of themselves agrees with what is worn because of them."""
        for rule in self.tags.rules(Provider.AWS, EVERYTHING).rows:
            page = self.tags.matched(rule.uuid, EVERYTHING)
            assert rule.matched == page.total == len(page.rows)

    def close(self) -> None:
        """The next example begins without rules and resources."""
        for rule in self.tags.rules(None, EVERYTHING).rows:
            self.tags.remove_rule(rule.uuid)
        for scope in SCOPES:
            self.account.record(scope, at=hours(self.clock + 1))


NUMBERS = iter(range(1, 10**6))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=steps)
def test_what_is_worn_agrees_with_the_model(store: Store, wanted: list[tuple[Any, ...]]) -> None:
    world = World(store, next(NUMBERS))
    try:
        for name, *arguments in wanted:
            getattr(world, name)(*arguments)
            assert world.worn() == world.model.worn(), (name, arguments)
        world.matched()
    finally:
        world.close()
    assert world.worn() == {}
