"""Recording resources, finding them, retiring them; on both databases."""

from datetime import timedelta
from uuid import uuid4

import pytest

from nephoscope.errors import BadRequestError, NotFoundError
from nephoscope.kit.ids import resource_uuid
from nephoscope.kit.pages import PageRequest
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed, StoredDocument, Tag
from nephoscope.model.scopes import Outcome, ScopeReport
from nephoscope.qql.bound import Condition
from nephoscope.store import connectors, evaluations, resources, scopes
from nephoscope.store.resources import Recorded
from nephoscope.store.session import Store
from store.store_world import (
    BUCKETS,
    EVERYTHING,
    FAR_INSTANCES,
    INSTANCES,
    START,
    Account,
    any_of,
    between,
    contains,
    count_rows,
    equals,
    hours,
    observed,
)


def found(store: Store, *conditions: Condition, type_name: str = "BUCKET", sort: str = "") -> list[str]:
    """Resource ids, in the order of the listing; `sort` is a field, with a minus for descending."""
    order = (sort.lstrip("-"), sort.startswith("-")) if sort else None
    with store.read() as reader:
        page = resources.page(reader, Provider.AWS, type_name, conditions, PageRequest(0, 1_000, order))
    assert page.total == len(page.rows)
    return [row.resource_id for row in page.rows]


def test_recording_adds_then_changes_only_what_differs(store: Store) -> None:
    account = Account(store)
    assert account.record(BUCKETS, observed("a", size=1), observed("b", size=1)) == Recorded(2, 0, 0, 0)
    version = account.version()
    later = hours(1)
    assert account.record(BUCKETS, observed("a", size=1), observed("b", size=2), at=later) == Recorded(0, 1, 1, 0)
    assert account.version() > version
    with store.read() as reader:
        rows = {row.resource_id: row for row in resources.page(reader, Provider.AWS, "BUCKET", (), EVERYTHING).rows}
        stored = resources.documents(reader, [row.key for row in rows.values()])
    assert (rows["a"].created_on, rows["a"].updated_on, rows["a"].seen_on) == (START, START, later)
    assert (rows["b"].created_on, rows["b"].updated_on, rows["b"].seen_on) == (START, later, later)
    assert [stored[rows[name].key].document for name in "ab"] == [{"size": 1}, {"size": 2}]


def test_an_identical_record_writes_nothing(store: Store) -> None:
    account = Account(store)
    scope = account.close(BUCKETS, START)
    rows = [observed("a", {"x": "1", "y": "2"}, size=1, name="n"), observed("b", nested={"one": 1, "two": [1, 2]})]
    same = [observed("b", nested={"two": [1, 2], "one": 1}), observed("a", {"y": "2", "x": "1"}, name="n", size=1)]
    with store.write() as writer:
        resources.record(writer, account.key, scope, rows, complete=True, now=START)
    version = account.version()
    with store.write() as writer:
        again = resources.record(writer, account.key, scope, same, complete=True, now=hours(1))
        assert not writer.has_changed
    assert again == Recorded(0, 0, 2, 0)
    assert account.version() == version


@pytest.mark.parametrize(
    "other",
    [
        Observed("a", "A", "arn", {"x": 2}, {"y": "denied"}, (Tag("k", "v"),)),
        Observed("a", "B", "arn", {"x": 1}, {"y": "denied"}, (Tag("k", "v"),)),
        Observed("a", "A", "other", {"x": 1}, {"y": "denied"}, (Tag("k", "v"),)),
        Observed("a", "A", "arn", {"x": 1}, {"y": "throttled"}, (Tag("k", "v"),)),
        Observed("a", "A", "arn", {"x": 1}, {}, (Tag("k", "v"),)),
        Observed("a", "A", "arn", {"x": 1}, {"y": "denied"}, (Tag("k", "w"),)),
        Observed("a", "A", "arn", {"x": 1}, {"y": "denied"}),
    ],
)
def test_everything_that_is_stored_counts_as_a_change(store: Store, other: Observed) -> None:
    account = Account(store)
    account.record(BUCKETS, Observed("a", "A", "arn", {"x": 1}, {"y": "denied"}, (Tag("k", "v"),)))
    with store.read() as reader:
        before = resources.candidates(reader, account.key, "BUCKET")[0]
    assert account.record(BUCKETS, other, at=hours(1)) == Recorded(0, 1, 0, 0)
    with store.read() as reader:
        after = resources.candidates(reader, account.key, "BUCKET")[0]
        stored = resources.documents(reader, [after.resource_key])[after.resource_key]
        row = resources.by_keys(reader, [after.resource_key])[after.resource_key]
    assert before.document_hash != after.document_hash
    assert stored == StoredDocument(other.document, other.unread, other.tags)
    assert (row.name, row.arn) == (other.name, other.arn)


def test_only_a_complete_scope_retires(store: Store) -> None:
    account = Account(store)
    account.record(BUCKETS, observed("a"), observed("b"))
    for outcome in (Outcome.DENIED, Outcome.THROTTLED, Outcome.FAILED):
        assert account.record(BUCKETS, observed("b"), at=hours(1), outcome=outcome) == Recorded(0, 0, 1, 0)
    assert found(store) == ["a", "b"]
    assert account.record(BUCKETS, observed("b"), at=hours(2)) == Recorded(0, 0, 1, 1)
    assert found(store) == ["b"]


def test_retiring_takes_documents_evaluations_and_tallies_along(store: Store) -> None:
    account = Account(store)
    account.record(BUCKETS, observed("a"), observed("b"))
    account.record(INSTANCES, observed("i"))
    account.judge({name: {1: "PASS", 2: "FAIL", 3: "why"} for name in "abi"})
    gone = account.keys()["a"]
    account.record(BUCKETS, observed("b"), at=hours(1))
    assert account.tallies() == {1: (2, 0, 0), 2: (0, 2, 0), 3: (0, 0, 2)}
    account.record(BUCKETS, at=hours(2))
    assert account.tallies() == {1: (1, 0, 0), 2: (0, 1, 0), 3: (0, 0, 1)}
    with store.read() as reader:
        assert [count_rows(reader, name) for name in ("resources", "documents", "evaluations", "tallies")] == [
            1,
            1,
            3,
            3,
        ]
        assert resources.documents(reader, [gone]) == {}
        assert resources.by_keys(reader, [gone]) == {}


def test_a_resource_that_returns_is_a_new_one_with_the_same_uuid(store: Store) -> None:
    account = Account(store)
    account.record(BUCKETS, observed("a"))
    first = account.keys()["a"]
    account.record(BUCKETS)
    account.record(BUCKETS, observed("a"), at=hours(1))
    again = account.keys()["a"]
    uuid = resource_uuid("AWS", "123456789012", "global", "BUCKET", "a")
    with store.read() as reader:
        row = resources.get(reader, uuid)
        assert resources.get(reader, uuid4()) is None
    assert row is not None
    assert (row.key, row.created_on) == (again, hours(1))
    assert again > first


def test_the_later_of_two_with_one_id_counts(store: Store) -> None:
    account = Account(store)
    assert account.record(BUCKETS, observed("a", size=1), observed("a", size=2)) == Recorded(1, 0, 0, 0)
    assert found(store, equals("size", 2)) == ["a"]


def test_text_that_no_database_takes_is_replaced(store: Store) -> None:
    account = Account(store)
    row = Observed("a\0b", "n\0", "arn\ud800", {"text": "x\0y"}, {}, (Tag("k", "v\0"),))
    assert account.record(BUCKETS, row) == Recorded(1, 0, 0, 0)
    assert account.record(BUCKETS, row) == Recorded(0, 0, 1, 0)
    assert found(store) == ["a\ufffdb"]
    assert found(store, equals("resource_id", "a\0b")) == []
    assert found(store, contains("name", "\ud800")) == []


def test_recording_for_what_is_gone_is_refused(store: Store) -> None:
    account = Account(store)
    scope = account.close(BUCKETS, START)
    with pytest.raises(NotFoundError), store.write() as writer:
        resources.record(writer, account.key, scope + 1, [observed("a")], complete=True, now=START)
    with store.write() as writer:
        connectors.delete(writer, [account.key])
    with pytest.raises(NotFoundError), store.write() as writer:
        resources.record(writer, account.key, scope, [observed("a")], complete=True, now=START)
    with pytest.raises(NotFoundError), store.write() as writer:
        scopes.close(writer, account.key, ScopeReport(BUCKETS, Outcome.COMPLETE), START)
    with pytest.raises(NotFoundError), store.write() as writer:
        evaluations.record(writer, account.key, [], START)


def test_a_document_may_say_where_its_resource_lives(store: Store) -> None:
    account = Account(store)
    account.record(BUCKETS, observed("a", region="eu-north-1"), observed("b", region=None))
    assert found(store, equals("region", "eu-north-1")) == ["a"]
    assert found(store, equals("region", "global")) == ["b"]
    with store.read() as reader:
        assert [row.region for row in resources.candidates(reader, account.key, "BUCKET")] == ["eu-north-1", "global"]


def test_conditions_on_columns(store: Store) -> None:
    account, other = Account(store), Account(store, "two", "210987654321")
    account.record(BUCKETS, observed("logs-100%"), observed("logs_1000"), at=START)
    account.record(BUCKETS, observed("logs-100%"), observed("logs_1000", size=2), at=hours(2))
    other.record(BUCKETS, observed("LOGS"), at=hours(1))
    account.record(INSTANCES, observed("logs-instance"))
    uuid = resource_uuid("AWS", "210987654321", "global", "BUCKET", "LOGS")
    cases = {
        (): ["logs-100%", "logs_1000", "LOGS"],
        (equals("resource_id", "LOGS_1000"),): ["logs_1000"],
        (contains("resource_id", "logs"),): ["logs-100%", "logs_1000", "LOGS"],
        (contains("resource_id", "100%"),): ["logs-100%"],
        (contains("resource_id", "s_1"),): ["logs_1000"],
        (contains("resource_id", "\\"),): [],
        (any_of("name", "logs", "nothing"),): ["LOGS"],
        (any_of("name"),): [],
        (equals("account_id", "210987654321"),): ["LOGS"],
        (equals("uuid", uuid),): ["LOGS"],
        (equals("uuid", str(uuid).upper()),): ["LOGS"],
        (equals("uuid", "no uuid"),): [],
        (between("updated_on", hours(1), None),): ["logs_1000", "LOGS"],
        (between("updated_on", hours(1), hours(1.5)),): ["LOGS"],
        (between("created_on", None, START + timedelta(seconds=0.5)),): ["logs-100%", "logs_1000"],
        (equals("created_on", START.date()),): ["logs-100%", "logs_1000", "LOGS"],
        (between("created_on", (START + timedelta(days=1)).date(), None),): [],
        (contains("resource_id", "logs"), equals("account_id", "123456789012")): ["logs-100%", "logs_1000"],
    }
    for conditions, expected in cases.items():
        assert found(store, *conditions) == expected, conditions


def test_conditions_on_documents_and_tags(store: Store) -> None:
    account = Account(store)
    account.record(
        BUCKETS,
        observed(
            "a", {"Env": "Prod", "Team": ""}, size=10, on=True, groups=[{"id": "sg-1"}], at="2026-01-01T05:00:00Z"
        ),
        observed("b", {"env": "test"}, size=9.5, on=False, groups=[{"id": "sg-2"}], text="Ünder"),
        observed("c", size=None, on="true", groups=[]),
    )
    cases = {
        (equals("size", 10),): ["a"],
        (equals("size", "10"),): ["a"],
        (between("size", 9, 10),): ["a", "b"],
        (between("size", 9.6, None),): ["a"],
        (equals("on", "TRUE"),): ["a", "c"],
        (equals("on", "false"),): ["b"],
        (equals("groups", "SG-1"),): ["a"],
        (contains("groups", "sg-"),): ["a", "b"],
        (contains("text", "ÜND"),): ["b"],
        (any_of("size", "9.5", 10),): ["a", "b"],
        (between("at", START, hours(6)),): ["a"],
        (equals("at", "2026-01-01t05:00:00z"),): ["a"],
        (between("at", hours(6), None),): [],
        (equals("nothing", "x"),): [],
        (equals("tag", "ENV=prod"),): ["a"],
        (equals("tag", "env"),): ["a", "b"],
        (equals("tag", "team="),): ["a"],
        (any_of("tag", "env=test", "team"),): ["a", "b"],
        (contains("tag", "env=pro"),): ["a"],
        (contains("tag", "en"),): ["a", "b"],
        (equals("tag", "env"), equals("on", "false"), contains("resource_id", "b")): ["b"],
    }
    for conditions, expected in cases.items():
        assert found(store, *conditions) == expected, conditions


def test_sorting_is_stable_in_both_directions(store: Store) -> None:
    account = Account(store)
    account.record(
        BUCKETS, observed("b", size=2, a=None), observed("a", size=10), observed("d", size=2), observed("c", size="x")
    )
    assert found(store, sort="resource_id") == ["a", "b", "c", "d"]
    assert found(store, sort="-name") == ["d", "c", "b", "a"]
    assert found(store, sort="updated_on") == ["b", "a", "d", "c"]
    assert found(store, sort="size") == ["b", "d", "a", "c"]
    assert found(store, sort="-size") == ["c", "a", "b", "d"]
    assert found(store, equals("size", 2), sort="-resource_id") == ["d", "b"]


def test_pages_are_cut_from_the_whole(store: Store) -> None:
    account = Account(store)
    account.record(BUCKETS, *(observed(f"b{number}", half=number % 2) for number in range(7)))
    for conditions, names in (
        ((), [f"b{number}" for number in range(7)]),
        ((equals("half", 0),), ["b0", "b2", "b4", "b6"]),
    ):
        seen = []
        for number in range(4):
            with store.read() as reader:
                page = resources.page(reader, Provider.AWS, "BUCKET", conditions, PageRequest(number, 3))
            assert page.total == len(names)
            seen += [row.resource_id for row in page.rows]
        assert seen == names
    with store.read() as reader:
        assert resources.page(reader, Provider.AWS, "BUCKET", (), PageRequest(10**30, 10**30)).rows == ()
        assert resources.page(reader, Provider.AWS, "UNHEARD_OF", (), EVERYTHING).total == 0
        assert resources.page(reader, Provider.AZURE, "BUCKET", (), EVERYTHING).total == 0


def test_types_are_counted_and_candidates_are_in_order(store: Store) -> None:
    account, other = Account(store), Account(store, "two", "210987654321")
    account.record(FAR_INSTANCES, observed("i1"))
    account.record(INSTANCES, observed("i2"), observed("i3"))
    account.record(BUCKETS, observed("b"))
    other.record(INSTANCES, observed("i4"))
    with store.read() as reader:
        assert resources.count_by_type(reader, account.key) == {"BUCKET": 1, "EC2_INSTANCE": 3}
        rows = resources.candidates(reader, account.key, "EC2_INSTANCE")
    assert [(row.resource_id, row.region, row.judged) for row in rows] == [
        ("i1", "us-east-1", 0),
        ("i2", "eu-west-1", 0),
        ("i3", "eu-west-1", 0),
    ]


def test_identities_count_what_is_shown(store: Store) -> None:
    account = Account(store)
    account.record(BUCKETS, observed("a"), observed("b"))
    account.record(INSTANCES, observed("i"))
    account.judge({name: {1: "PASS", 2: "PASS", 3: "FAIL", 4: "why"} for name in "ai"})
    account.close(INSTANCES, hours(1), Outcome.THROTTLED)
    with store.read() as reader:
        table = resources.identities(reader, Provider.AWS)
        assert resources.identities(reader, Provider.GCP).num_rows == 0
    assert table.schema.names == ["key", "resource_id", "evaluations"]
    keys = account.keys()
    assert table.to_pylist() == [
        {"key": keys["a"], "resource_id": "a", "evaluations": 3},
        {"key": keys["b"], "resource_id": "b", "evaluations": 0},
        {"key": keys["i"], "resource_id": "i", "evaluations": 1},
    ]


def test_when_a_resource_was_last_seen(store: Store) -> None:
    account = Account(store)
    account.record(INSTANCES, observed("late"), at=hours(1), outcome=Outcome.DENIED)
    account.record(BUCKETS, observed("a"), at=hours(2))
    account.record(BUCKETS, observed("b"), at=hours(3), outcome=Outcome.DENIED)
    keys = account.keys()
    with store.read() as reader:
        seen = resources.seen(reader, [*keys.values(), 10**12])
    assert {name: seen[key] for name, key in keys.items()} == {"late": hours(1), "a": hours(2), "b": hours(3)}
    assert len(seen) == 3


def test_an_unknown_sort_is_a_field_of_the_document(store: Store) -> None:
    account = Account(store)
    account.record(BUCKETS, observed("a"), observed("b"))
    assert found(store, sort="whatever") == ["a", "b"]
    with store.read() as reader, pytest.raises(BadRequestError, match="region"):
        connectors.page(reader, None, (equals("region", "x"),), EVERYTHING)


def test_documents_survive_what_msgpack_cannot_hold(store: Store) -> None:
    account = Account(store)
    odd = observed("a", {"k\ud800": "v"}, text="x\ud800", big=2**70, small=-(2**70), deep=[{"k\udfff": "y"}], at=START)
    assert account.record(BUCKETS, odd) == Recorded(1, 0, 0, 0)
    assert account.record(BUCKETS, odd) == Recorded(0, 0, 1, 0)
    key = account.keys()["a"]
    with store.read() as reader:
        stored = resources.documents(reader, [key])[key]
    assert stored.document == {
        "text": "x?",
        "big": str(2**70),
        "small": str(-(2**70)),
        "deep": [{"k?": "y"}],
        "at": START,
    }
    assert stored.tags == (Tag("k?", "v"),)
