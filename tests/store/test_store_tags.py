"""Tags on both databases: put on by hand and by rules that stand, through whatever is recorded afterwards."""

from collections.abc import Mapping
from uuid import UUID, uuid4

import pytest

from nephoscope.audit import trail
from nephoscope.errors import BadRequestError, ConflictError, NotFoundError
from nephoscope.kit.folding import fold
from nephoscope.kit.pages import PageRequest
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import Outcome
from nephoscope.model.tags import RuleKind, TagCount
from nephoscope.qql.bound import Condition, Either, Negated, Node, Operator
from nephoscope.store import connectors, resources, tags
from nephoscope.store.session import Reader, Store
from nephoscope.store.tagging import tag_rules
from nephoscope.tags import tags as room
from nephoscope.tags.tags import Applied, Moved, RuleDraft, Tags
from store.store_world import (
    BUCKETS,
    EVERYTHING,
    FAR_INSTANCES,
    INSTANCES,
    Account,
    any_of,
    contains,
    count_rows,
    equals,
    hours,
    observed,
)


@pytest.fixture
def account(store: Store) -> Account:
    made = Account(store)
    made.record(BUCKETS, observed("logs"), observed("prod-logs", {"stage": "prod"}), observed("prod-data"))
    made.record(INSTANCES, observed("i-1", {"stage": "prod", "a=b": "c"}, instanceType="t2.micro"), observed("i-2"))
    return made


def kept(store: Store) -> Tags:
    return Tags(store, lambda: hours(5))


def rule(kind: RuleKind, text: str, *names: str, resource_type: str = "") -> RuleDraft:
    return RuleDraft(Provider.AWS, kind, text, names, resource_type)


def regex(text: str, *names: str) -> RuleDraft:
    return rule(RuleKind.REGEX, text, *names)


def worn(account: Account) -> dict[str, set[str]]:
    """By resource id; those without a tag are left out."""
    keys = account.keys()
    with account.store.read() as reader:
        found = tags.worn(reader, list(keys.values()))
    return {name: set(found[key]) for name, key in keys.items() if key in found}


def identity(account: Account, name: str) -> UUID:
    key = account.keys()[name]
    with account.store.read() as reader:
        return resources.by_keys(reader, [key])[key].uuid


def apply(account: Account, draft: RuleDraft) -> Applied:
    return kept(account.store).apply(draft, "ann")


def history(store: Store) -> list[tuple[str, str]]:
    with store.read() as reader:
        assert trail.verify(reader) is None
        return [(entry.action, entry.who) for entry in trail.entries(reader)]


def test_a_rule_tags_what_it_matches_and_says_what_that_was(account: Account) -> None:
    account.judge({"logs": {1: "PASS"}, "prod-logs": {1: "PASS", 2: "FAIL"}, "prod-data": {2: "FAIL", 3: "unread"}})
    done = apply(account, regex("prod-.*", "Production", "Shop"))
    assert worn(account) == {"prod-logs": {"Production", "Shop"}, "prod-data": {"Production", "Shop"}}
    assert (done.rule.matched, done.evaluations, done.control_ids, done.is_new) == (2, 3, (1, 2), True)
    assert (done.rule.created_by, done.rule.created_on, done.rule.tag_names) == (
        "ann",
        hours(5),
        ("Production", "Shop"),
    )


def test_an_evaluation_in_a_scope_that_was_not_read_counts_only_as_a_failure(account: Account) -> None:
    account.judge({"prod-logs": {1: "PASS", 2: "FAIL"}, "prod-data": {2: "PASS"}})
    account.close(BUCKETS, hours(1), Outcome.DENIED)
    done = apply(account, regex("prod-.*", "x"))
    assert (done.evaluations, done.control_ids) == (1, (2,))


def test_what_is_recorded_later_is_tagged_as_it_is_recorded(account: Account) -> None:
    apply(account, regex("prod-.*", "Production"))
    account.record(BUCKETS, observed("prod-new"), observed("prod-logs"), observed("other"), at=hours(1))
    assert worn(account) == {"prod-new": {"Production"}, "prod-logs": {"Production"}}
    account.record(BUCKETS, observed("other"), at=hours(2))
    assert worn(account) == {}
    with account.store.read() as reader:
        assert count_rows(reader, "resource_tags") == 0


def test_a_scope_that_is_not_complete_takes_no_tags(account: Account) -> None:
    apply(account, regex("prod-.*", "Production"))
    account.record(BUCKETS, observed("prod-new"), at=hours(1), outcome=Outcome.DENIED)
    assert set(worn(account)) == {"prod-logs", "prod-data", "prod-new"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("stage=prod", {"prod-logs", "i-1"}),
        ("stage", {"prod-logs", "i-1"}),
        ("stage=pro", set()),
        ("Stage", set()),
        ("prod", set()),
        ("a=b", {"i-1"}),
        ("a=b=c", {"i-1"}),
        ("a", set()),
    ],
)
def test_cloud_tags_match_in_their_own_spelling(account: Account, text: str, found: set[str]) -> None:
    apply(account, rule(RuleKind.CLOUD_TAG, text, "x"))
    assert set(worn(account)) == found
    for scope in (BUCKETS, INSTANCES):
        account.record(scope, at=hours(1))
    account.record(BUCKETS, observed("again", {"stage": "prod"}), at=hours(2))
    account.record(INSTANCES, observed("i-3", {"a=b": "c"}), at=hours(2))
    named = {"prod-logs": "again", "i-1": "again" if text.startswith("stage") else "i-3"}
    assert set(worn(account)) == {named[name] for name in found}


def test_a_cloud_tag_that_changes_moves_the_tag_with_it(account: Account) -> None:
    apply(account, rule(RuleKind.CLOUD_TAG, "stage=prod", "Production"))
    account.record(INSTANCES, observed("i-1", {"stage": "test"}), observed("i-2", {"stage": "prod"}), at=hours(1))
    assert set(worn(account)) == {"prod-logs", "i-2"}
    account.record(INSTANCES, observed("i-1", {"stage": "prod"}), observed("i-2", {"stage": "prod"}), at=hours(2))
    assert set(worn(account)) == {"prod-logs", "i-1", "i-2"}


@pytest.mark.parametrize(
    ("resource_type", "text", "found"),
    [
        ("", "region:eu-west-1", {"i-1", "i-2"}),
        ("", "tag:stage=prod", {"prod-logs", "i-1"}),
        ("", "resource.id:prod*", {"prod-logs", "prod-data"}),
        ("", "not resource.id:prod* and not region:eu-west-1", {"logs"}),
        ("", "created:[2026-01-01 .. 2026-01-02] and resource.id:i-1", {"i-1"}),
        ("", "account.id:123456789012 and name:Data", {"prod-data"}),
        ("", "created > 2026-02-01", set()),
        ("BUCKET", "resource.id:*logs", {"logs", "prod-logs"}),
        ("S3_BUCKET", "resource.id:*logs", {"logs", "prod-logs"}),
        ("EC2_INSTANCE", "instance.type:t2.micro", {"i-1"}),
        ("EC2_INSTANCE", "instance.type:t2.micro or resource.id:i-2", {"i-1", "i-2"}),
        ("EC2_INSTANCE", "not instance.type:t2.micro", {"i-2"}),
    ],
)
def test_filters_match_stored_and_recorded_resources_alike(
    account: Account, resource_type: str, text: str, found: set[str]
) -> None:
    done = apply(account, rule(RuleKind.QQL, text, "x", resource_type=resource_type))
    assert set(worn(account)) == found
    assert done.rule.matched == len(found)
    everything = {
        BUCKETS: [observed("logs"), observed("prod-logs", {"stage": "prod"}), observed("prod-data")],
        INSTANCES: [observed("i-1", {"stage": "prod"}, instanceType="t2.micro"), observed("i-2")],
    }
    for scope in everything:
        account.record(scope, at=hours(1))
    assert worn(account) == {}
    for scope, rows in everything.items():
        account.record(scope, *rows, at=hours(2))
    assert set(worn(account)) == found


def test_a_change_that_leaves_a_filter_takes_the_tag_off(account: Account) -> None:
    apply(account, rule(RuleKind.QQL, "instance.type:t2.micro", "Small", resource_type="EC2_INSTANCE"))
    account.record(INSTANCES, observed("i-1", instanceType="m5.large"), observed("i-2", instanceType="t2.micro"))
    assert worn(account) == {"i-2": {"Small"}}


def test_a_filter_by_dates_of_change_follows_the_change(account: Account) -> None:
    apply(account, rule(RuleKind.QQL, "updated < 2026-01-02", "Old"))
    assert set(worn(account)) == {"logs", "prod-logs", "prod-data", "i-1", "i-2"}
    account.record(
        INSTANCES,
        observed("i-1", {"stage": "prod", "a=b": "c"}, instanceType="t2.micro"),
        observed("i-2", {"x": "y"}),
        at=hours(48),
    )
    assert set(worn(account)) == {"logs", "prod-logs", "prod-data", "i-1"}


def test_other_clouds_and_types_are_left_alone(account: Account) -> None:
    kept(account.store).apply(RuleDraft(Provider.AZURE, RuleKind.REGEX, ".*", ("Azure",)))
    account.record(BUCKETS, observed("new"), at=hours(1))
    assert worn(account) == {}


def test_removing_a_rule_takes_off_what_only_it_gave(account: Account) -> None:
    store = account.store
    first, second = apply(account, regex("prod-.*", "X")), apply(account, regex(".*-logs", "x", "Y"))
    kept(store).assign(["X"], [identity(account, "prod-data")], [], "ann")
    assert worn(account) == {"prod-logs": {"X", "Y"}, "prod-data": {"X"}}
    assert second.rule.tag_names == ("X", "Y")
    kept(store).remove_rule(second.rule.uuid, "bob")
    assert worn(account) == {"prod-logs": {"X"}, "prod-data": {"X"}}
    kept(store).remove_rule(first.rule.uuid, "bob")
    assert worn(account) == {"prod-data": {"X"}}
    account.record(BUCKETS, observed("prod-new"), observed("prod-data"), at=hours(1))
    assert worn(account) == {"prod-data": {"X"}}
    assert history(store) == [
        ("tag_rule.create", "ann"), ("tag_rule.create", "ann"), ("tag.assign", "ann"),
        ("tag_rule.delete", "bob"), ("tag_rule.delete", "bob"),
    ]  # fmt: skip
    with pytest.raises(NotFoundError, match=str(first.rule.uuid)):
        kept(store).remove_rule(first.rule.uuid)


def test_applying_a_rule_again_changes_nothing(account: Account) -> None:
    account.judge({"prod-logs": {2: "FAIL"}})
    first = apply(account, regex("prod-.*", "a", "B"))
    before = account.version()
    again = apply(account, regex("prod-.*", " b ", "A", "a"))
    assert (again.is_new, again.rule, again.evaluations, again.control_ids) == (False, first.rule, 1, (2,))
    assert account.version() == before
    assert history(account.store) == [("tag_rule.create", "ann")]
    assert apply(account, regex("prod-.*", "a")).is_new
    assert apply(account, regex("prod.*", "a", "b")).is_new
    assert apply(account, rule(RuleKind.CLOUD_TAG, "prod-.*", "a", "b")).is_new
    assert kept(account.store).rules(None, EVERYTHING).total == 4


def test_rules_are_listed_with_what_they_match(account: Account) -> None:
    done = apply(account, regex("prod-.*", "x")), apply(account, rule(RuleKind.QQL, "region:global", "y", "Z"))
    listed = kept(account.store).rules(Provider.AWS, EVERYTHING)
    assert listed.rows == tuple(one.rule for one in done)
    assert [(row.text, row.kind, row.matched) for row in listed.rows] == [
        ("prod-.*", RuleKind.REGEX, 2), ("region:global", RuleKind.QQL, 3),
    ]  # fmt: skip
    assert kept(account.store).rules(Provider.AZURE, EVERYTHING).rows == ()
    assert kept(account.store).rules(None, PageRequest(1, 1)).rows == (done[1].rule,)
    matched = kept(account.store).matched(done[1].rule.uuid, PageRequest(0, 2))
    assert ([row.resource_id for row in matched.rows], matched.total) == (["logs", "prod-logs"], 3)
    assert kept(account.store).rule(done[0].rule.uuid) == done[0].rule
    for ask in (lambda: kept(account.store).rule(uuid4()), lambda: kept(account.store).matched(uuid4(), EVERYTHING)):
        with pytest.raises(NotFoundError, match="no tag rule"):
            ask()


def test_a_rule_without_a_match_stands_all_the_same(account: Account) -> None:
    done = apply(account, regex("nothing.*", "x"))
    assert (done.rule.matched, done.evaluations, done.control_ids) == (0, 0, ())
    assert kept(account.store).matched(done.rule.uuid, EVERYTHING).rows == ()
    account.record(BUCKETS, observed("nothing-yet"), at=hours(1))
    assert worn(account) == {"nothing-yet": {"x"}}


def test_there_are_only_so_many_rules(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_RULES", 2)
    apply(account, regex("a", "x"))
    apply(account, regex("b", "x"))
    with pytest.raises(ConflictError, match="2 rules"):
        apply(account, regex("c", "x"))
    assert not apply(account, regex("a", "x")).is_new


@pytest.mark.parametrize(
    ("draft", "problems"),
    [
        (regex("(?=a)b"), ["tagNames: at least one", "look-around"]),
        (regex(r"(a)\1", ","), ["','", "back-reference"]),
        (regex("", ""), ["tagNames: a name is empty", "regex is empty"]),
        (regex("a\0", "x" * 257), ["257 characters", "regex: at most"]),
        (regex("a", *(f"t{number}" for number in range(51))), ["51 names"]),
        (regex("a", "new\nline"), ["printable"]),
        (regex("a", "half\ud800"), ["printable"]),
        (rule(RuleKind.CLOUD_TAG, "", "x"), ["text: A cloud tag is written key=value"]),
        (rule(RuleKind.CLOUD_TAG, "a", "x", resource_type="BUCKET"), ["resourceType: only a rule of kind qql"]),
        (rule(RuleKind.QQL, " ", "x"), ["text: A filter is needed"]),
        (rule(RuleKind.QQL, "region:", "x"), ["text: "]),
        (rule(RuleKind.QQL, "regoin:x", "x"), ["no token 'regoin'", "region"]),
        (rule(RuleKind.QQL, "instance.type:t2.micro", "x"), ["no token 'instance.type'"]),
        (rule(RuleKind.QQL, "tag.name:x", "y"), ["no token 'tag.name'"]),
        (rule(RuleKind.QQL, "updated:[now-30d .. now]", "x"), ["dates must be fixed"]),
        (
            rule(RuleKind.QQL, "region:x", "x", resource_type="NOTHING"),
            ["resourceType: There is no resource type 'NOTHING'"],
        ),
        (rule(RuleKind.QQL, "a" * 20_000, "x"), ["text: at most 16,384"]),
    ],
)
def test_everything_wrong_with_a_rule_is_said_at_once(account: Account, draft: RuleDraft, problems: list[str]) -> None:
    with pytest.raises(BadRequestError) as raised:
        apply(account, draft)
    for problem in problems:
        assert problem in raised.value.message
    assert len(raised.value.problems) >= len({problem.partition(":")[0] for problem in problems}) - 1
    assert kept(account.store).rules(None, EVERYTHING).total == 0


def test_a_free_text_filter_looks_at_what_the_cloud_says(account: Account) -> None:
    kept(account.store).assign(["needle"], [identity(account, "logs")], [])
    apply(account, rule(RuleKind.QQL, "needle", "found"))
    assert worn(account) == {"logs": {"needle"}}
    account.record(BUCKETS, observed("needle-1"), observed("logs"), at=hours(1))
    assert worn(account) == {"logs": {"needle"}, "needle-1": {"found"}}


def test_a_filter_that_is_no_longer_understood_leaves_things_as_they_are(account: Account) -> None:
    apply(account, rule(RuleKind.QQL, "region:eu-west-1", "x"))
    with account.store.write() as writer:
        writer.connection.exec_driver_sql("UPDATE tag_rules SET text = 'forgotten.token:1'")
    account.record(INSTANCES, observed("i-1", {"new": "tag"}), observed("i-2"), observed("i-3"), at=hours(1))
    assert worn(account) == {"i-1": {"x"}, "i-2": {"x"}}


def test_tags_are_put_on_and_taken_off_by_hand(account: Account) -> None:
    room_of, one, two = kept(account.store), identity(account, "logs"), identity(account, "i-1")
    own = account.connector.uuid
    before = account.version()
    assert room_of.assign(["Prod", "Shop"], [one, two], [own], "ann") == Moved(2, 1)
    assert account.version() > before
    assert worn(account) == {"logs": {"Prod", "Shop"}, "i-1": {"Prod", "Shop"}}
    assert worn_by_connector(account) == ("Prod", "Shop")
    assert room_of.assign(["PROD"], [one], [own], "ann") == Moved(0, 0)
    assert room_of.remove(["prod"], [one, one], [own], "bob") == Moved(1, 1)
    assert worn(account) == {"logs": {"Shop"}, "i-1": {"Prod", "Shop"}}
    assert worn_by_connector(account) == ("Shop",)
    assert history(account.store) == [("tag.assign", "ann")] * 2 + [("tag.remove", "bob")]


def worn_by_connector(account: Account) -> tuple[str, ...]:
    with account.store.read() as reader:
        return tags.worn_by_connectors(reader, [account.key]).get(account.key, ())


def test_what_a_rule_gives_stays_on_when_a_hand_lets_go(account: Account) -> None:
    apply(account, regex("logs", "x"))
    logs = identity(account, "logs")
    assert kept(account.store).assign(["x"], [logs], []) == Moved(1, 0)
    assert kept(account.store).remove(["x"], [logs], []) == Moved(1, 0, kept=1)
    assert kept(account.store).remove(["x"], [logs], []) == Moved(0, 0, kept=1)
    assert worn(account) == {"logs": {"x"}}


def test_what_a_hand_put_on_outlives_changes_but_not_the_resource(account: Account) -> None:
    kept(account.store).assign(["x"], [identity(account, "logs")], [])
    account.record(BUCKETS, observed("logs", size=1), at=hours(1))
    assert worn(account) == {"logs": {"x"}}
    account.record(BUCKETS, at=hours(2))
    account.record(BUCKETS, observed("logs"), at=hours(3))
    assert worn(account) == {}


def test_unknown_things_are_named_all_at_once(account: Account) -> None:
    missing, gone = uuid4(), uuid4()
    with pytest.raises(NotFoundError) as raised:
        kept(account.store).assign(["x"], [missing, identity(account, "logs")], [gone])
    assert str(missing) in raised.value.message
    assert str(gone) in raised.value.message
    assert worn(account) == {}
    with pytest.raises(NotFoundError, match="no tag nowhere"):
        kept(account.store).remove(["nowhere"], [identity(account, "logs")], [])


def test_a_request_without_things_or_with_too_many_is_refused(account: Account) -> None:
    with pytest.raises(BadRequestError, match="at least one id is needed") as raised:
        kept(account.store).assign([], [], [])
    assert len(raised.value.problems) == 2
    with pytest.raises(BadRequestError, match="1,001 ids"):
        kept(account.store).assign(["x"], [uuid4() for _ in range(1001)], [])


def test_one_tag_has_one_name_in_any_case(account: Account) -> None:
    logs = identity(account, "logs")
    kept(account.store).assign(["Prod"], [logs], [])
    kept(account.store).assign(["PROD", "Élan", "élan"], [logs], [])
    assert worn(account) == {"logs": {"Prod", "Élan", "élan"}}
    with account.store.read() as reader:
        assert set(tags.find(reader, ["pROD", "Élan", "nul\0", "none"])) == {"prod", "Élan"}


def test_tags_are_listed_with_how_many_wear_them(account: Account) -> None:
    apply(account, regex(".*logs", "b"))
    apply(account, regex("prod-.*", "B", "a"))
    kept(account.store).assign(["b", "c"], [identity(account, "i-1")], [account.connector.uuid])
    listed = kept(account.store).list(EVERYTHING)
    assert listed.rows == (TagCount("a", 2, 0), TagCount("b", 4, 1), TagCount("c", 1, 1))
    assert kept(account.store).list(PageRequest(1, 2)).rows == (TagCount("c", 1, 1),)


def test_deleting_a_connector_takes_its_tags_with_it(account: Account) -> None:
    other = Account(account.store, "two", "210987654321")
    other.record(BUCKETS, observed("prod-other"))
    apply(account, regex("prod-.*", "x"))
    kept(account.store).assign(["y"], [], [account.connector.uuid, other.connector.uuid])
    with account.store.write() as writer:
        connectors.delete(writer, [account.key])
    assert worn(other) == {"prod-other": {"x"}}
    with account.store.read() as reader:
        assert [count_rows(reader, name) for name in ("resource_tags", "connector_tags")] == [1, 1]


def found(reader: Reader, *conditions: Node, resource_type: str = "BUCKET") -> set[str]:
    page = resources.page(reader, Provider.AWS, resource_type, conditions, EVERYTHING)
    assert page.total == len(page.rows)
    return {row.resource_id for row in page.rows}


def test_resources_are_found_by_the_tags_they_wear(account: Account) -> None:
    apply(account, regex("prod-.*", "Production"))
    kept(account.store).assign(["Logs"], [identity(account, "prod-logs"), identity(account, "logs")], [])
    deep = contains("size", "x")
    cases: Mapping[Node, set[str]] = {
        equals("tag_name", "production"): {"prod-logs", "prod-data"},
        equals("tag_name", "prod"): set(),
        contains("tag_name", "OG"): {"prod-logs", "logs"},
        Condition("tag_name", Operator.PREFIX, ("p",)): {"prod-logs", "prod-data"},
        any_of("tag_name", "logs", "production"): {"prod-logs", "prod-data", "logs"},
        Condition("tag_name", Operator.IS_NULL): {"plain"},
        Negated(equals("tag_name", "logs")): {"prod-data", "plain"},
        Negated(Condition("tag_name", Operator.IS_NULL)): {"prod-logs", "prod-data", "logs"},
    }
    rows = [observed(name) for name in ("logs", "prod-data", "plain")]
    account.record(BUCKETS, *rows, observed("prod-logs", {"stage": "prod"}), at=hours(1))
    with account.store.read() as reader:
        for node, wanted in cases.items():
            assert found(reader, node) == wanted, node
            assert found(reader, Either((node, deep))) == wanted, node


def test_connectors_are_found_by_the_tags_they_wear(account: Account) -> None:
    Account(account.store, "two", "210987654321")
    kept(account.store).assign(["Prod"], [], [account.connector.uuid])
    with account.store.read() as reader:
        for node, names in (
            (equals("tag_name", "PROD"), ["one"]),
            (Negated(equals("tag_name", "PROD")), ["two"]),
            (Condition("tag_name", Operator.IS_NULL), ["two"]),
        ):
            page = connectors.page(reader, None, (node,), EVERYTHING)
            assert [row.name for row in page.rows] == names


def test_many_resources_are_tagged_in_one_go(store: Store) -> None:
    account = Account(store)
    account.record(FAR_INSTANCES, *(observed(f"i-{number}") for number in range(25_000)))
    done = apply(account, regex("i-.*9", "x", "y"))
    assert done.rule.matched == 2_500
    assert len(worn(account)) == 2_500
    kept(store).remove_rule(done.rule.uuid)
    assert worn(account) == {}


def test_the_words_of_a_tag_rule_survive_the_store(account: Account) -> None:
    text = "Ünï ☃ 100% 'quoted' \\ ?"
    done = apply(account, rule(RuleKind.CLOUD_TAG, text, text.replace(",", ""), "?"))
    with account.store.read() as reader:
        assert tag_rules.get(reader, done.rule.uuid) == done.rule
    assert done.rule.text == text
    assert fold(text) in map(fold, done.rule.tag_names)
