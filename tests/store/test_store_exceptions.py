"""Exceptions as stored: what was written is read, found, sorted, renewed, decided and deleted."""

from typing import Any

import pytest

from nephoscope.errors import ConflictError
from nephoscope.kit.pages import PageRequest
from nephoscope.model.exceptions import (
    Approval,
    ExceptionReason,
    ExceptionScope,
    ExceptionState,
    ExemptResource,
    PolicyException,
)
from nephoscope.model.providers import Provider
from nephoscope.qql.bound import Condition, Negated, Operator
from nephoscope.store import evaluations, exceptions
from nephoscope.store.session import Store
from store.exception_world import create, delete, exception, of_accounts, of_resources, of_tags
from store.store_world import EVERYTHING, START, any_of, between, contains, count_rows, equals, hours

TABLES = (
    "exceptions",
    "exception_controls",
    "exception_resources",
    "exception_accounts",
    "exception_resource_tags",
    "exception_connector_tags",
    "exception_renewals",
)


def found(store: Store, *conditions: Any, sort: tuple[str, bool] | None = None) -> list[str]:
    with store.read(hours(2)) as reader:
        page = exceptions.page(reader, conditions, PageRequest(0, 100, sort))
    assert page.total == len(page.rows)
    return [row.name for row in page.rows]


def get(store: Store, one: PolicyException) -> PolicyException | None:
    with store.read() as reader:
        return exceptions.get(reader, one.uuid)


def test_what_is_created_is_read_whole(store: Store) -> None:
    (listed,) = create(
        store,
        of_resources(
            "b", "a", cids=(3, 1), security_policy="policy", security_procedure="procedure", approval=Approval.PENDING
        ),
    )
    (tagged,) = create(
        store, of_tags("Red", "blue", connector_tags=("Prod",), account_ids=("1", "2"), provider=Provider.GCP)
    )
    read = get(store, listed)
    assert read is not None
    assert read.key
    assert sorted(read.resources, key=str) == sorted(listed.resources, key=str)
    assert (read.control_ids, read.account_ids, read.security_policy) == ((1, 3), (), "policy")
    assert read.approval is Approval.PENDING
    again = get(store, tagged)
    assert again is not None
    assert sorted(again.resource_tags) == ["Red", "blue"]
    assert (again.connector_tags, again.account_ids, again.provider) == (("Prod",), ("1", "2"), Provider.GCP)
    assert not again.is_for_all_connectors


def test_a_list_comes_without_resources(store: Store) -> None:
    create(store, of_resources("a"))
    with store.read() as reader:
        (row,) = exceptions.page(reader, (), EVERYTHING).rows
        assert (row.resources, row.control_ids) == ((), (1,))
        assert exceptions.by_keys(reader, [row.key, 99]) == {row.key: row}


def test_names_are_unique_in_any_case(store: Store) -> None:
    (first,) = create(store, of_accounts("1", name="Holiday Freeze"))
    with pytest.raises(ConflictError, match="'holiday freeze' is taken"):
        create(store, of_accounts("2", name="holiday freeze"))
    with store.read() as reader:
        assert exceptions.find_by_name(reader, "HOLIDAY FREEZE") == first.uuid
        assert exceptions.find_by_name(reader, "holiday\0freeze") is None
        assert count_rows(reader, "exceptions") == count_rows(reader, "exception_controls") == 1


def test_what_is_deleted_leaves_nothing(store: Store) -> None:
    kept, gone = create(store, of_resources("a", name="kept"), of_resources("a", "b", name="gone"))
    create(store, of_tags("x", connector_tags=("y",), name="gone too"))
    with store.write() as writer:
        held = exceptions.get(writer, gone.uuid)
        assert held is not None
        exceptions.renew(writer, held, hours(48), "bob", hours(1))
    rest = [one for one in _all(store) if one.name != "kept"]
    delete(store, *rest)
    with store.read() as reader:
        counts = [count_rows(reader, table) for table in TABLES]
    assert counts == [1, 1, 1, 1, 0, 0, 0]
    assert get(store, gone) is None
    assert get(store, kept) is not None


def test_renewals_are_kept(store: Store) -> None:
    (one,) = create(store, of_accounts("1"))
    for number, who in ((2, "bob"), (3, "carol")):
        with store.write() as writer:
            held = exceptions.get(writer, one.uuid)
            assert held is not None
            answered = exceptions.renew(writer, held, hours(24 * number), who, hours(number))
        assert get(store, one) == answered
    read = get(store, one)
    assert read is not None
    assert [(row.by, row.old_ends, row.new_ends) for row in read.renewals] == [
        ("bob", hours(24), hours(48)),
        ("carol", hours(48), hours(72)),
    ]
    assert (read.ends, read.updated_by, read.updated_on) == (hours(72), "carol", hours(3))
    assert (read.created_by, read.created_on) == ("alice", START)


def test_decisions_are_kept(store: Store) -> None:
    (one,) = create(store, of_accounts("1", approval=Approval.PENDING))
    with store.write() as writer:
        held = exceptions.get(writer, one.uuid)
        assert held is not None
        exceptions.decide(writer, held, Approval.REJECTED, "bob", hours(1))
    read = get(store, one)
    assert read is not None
    assert (read.approval, read.decided_by, read.decided_on) == (Approval.REJECTED, "bob", hours(1))


def test_every_change_moves_the_version(store: Store) -> None:
    def version() -> int:
        with store.read() as reader:
            return evaluations.version(reader)

    seen = [version()]
    (one,) = create(store, of_accounts("1", approval=Approval.PENDING))
    seen.append(version())
    with store.write() as writer:
        exceptions.decide(writer, one, Approval.APPROVED, "bob", hours(1))
    seen.append(version())
    with store.write() as writer:
        exceptions.renew(writer, one, hours(48), "bob", hours(1))
    seen.append(version())
    delete(store, one)
    seen.append(version())
    assert seen == sorted(set(seen))


@pytest.fixture
def shelf(store: Store) -> Store:
    """Seen two hours after the start."""
    create(
        store,
        of_resources("i-1", "bucket", name="listed", cids=(1, 2), reason=ExceptionReason.FALSE_POSITIVE),
        of_accounts("42", name="account", ends=hours(1), updated_on=hours(5)),
        of_tags("x", name="tagged", starts=hours(3), ends=hours(9), cids=(7,), provider=Provider.AZURE),
        of_tags("x", name="waiting", connector_tags=("y",), approval=Approval.PENDING, ends=hours(30)),
        of_accounts("7", name="refused", approval=Approval.REJECTED, ends=hours(50)),
        of_accounts("8", "42", name="Agreed", approval=Approval.APPROVED, reason=ExceptionReason.RISK_ACCEPTED),
    )
    return store


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (equals("provider", "azure"), ["tagged"]),
        (equals("reason", "risk accepted"), ["Agreed"]),
        (equals("state", "ACTIVE"), ["listed", "Agreed"]),
        (equals("state", "inactive"), ["tagged"]),
        (equals("state", "EXPIRED"), ["account"]),
        (any_of("state", "PENDING_APPROVAL", "REJECTED"), ["waiting", "refused"]),
        (equals("state", "gone"), []),
        (contains("name", "AG"), ["tagged", "Agreed"]),
        (equals("scope", "QUALYSTAG"), ["tagged", "waiting"]),
        (equals("account_id", "42"), ["account", "Agreed"]),
        (equals("account_id", "123456789012"), ["listed"]),
        (equals("resource_account_id", "123456789012"), ["listed"]),
        (equals("resource_account_id", "42"), []),
        (equals("cid", 2), ["listed"]),
        (between("cid", 2, None), ["listed", "tagged"]),
        (equals("resource_id", "I-1"), ["listed"]),
        (contains("resource_id", "uck"), ["listed"]),
        (between("ending_date", hours(9), hours(24)), ["listed", "tagged", "Agreed"]),
        (between("updated_on", hours(1), None), ["account"]),
        (Condition("resource_id", Operator.IS_NULL), ["account", "tagged", "waiting", "refused", "Agreed"]),
        (Negated(equals("cid", 1)), ["tagged"]),
    ],
    ids=str,
)
def test_conditions(shelf: Store, condition: Any, expected: list[str]) -> None:
    assert found(shelf, condition) == expected


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (("ending_date", False), ["account", "tagged", "listed", "Agreed", "waiting", "refused"]),
        (("ending_date", True), ["refused", "waiting", "listed", "Agreed", "tagged", "account"]),
        (("updated_on", True), ["account", "listed", "tagged", "waiting", "refused", "Agreed"]),
        (("name", False), ["account", "Agreed", "listed", "refused", "tagged", "waiting"]),
        (("state", False), ["listed", "Agreed", "account", "tagged", "waiting", "refused"]),
    ],
    ids=str,
)
def test_sorting(shelf: Store, sort: tuple[str, bool], expected: list[str]) -> None:
    assert found(shelf, sort=sort) == expected


def test_pages_are_cut_from_one_order(shelf: Store) -> None:
    with shelf.read() as reader:
        pages = [exceptions.page(reader, (), PageRequest(number, 2, ("updated_on", False))) for number in range(4)]
    names = [row.name for page in pages for row in page.rows]
    assert names == ["listed", "tagged", "waiting", "refused", "Agreed", "account"]
    assert {page.total for page in pages} == {6}


def test_states_in_sql_are_those_of_the_model(shelf: Store) -> None:
    for at in (hours(0), hours(1), hours(2), hours(3), hours(9), hours(24), hours(25), hours(60)):
        with shelf.read(at) as reader:
            rows = exceptions.page(reader, (), EVERYTHING).rows
            by_state = {
                state: {row.name for row in exceptions.page(reader, (equals("state", state),), EVERYTHING).rows}
                for state in {row.state(at) for row in rows}
            }
            effective = {row.name for row in exceptions.effective(reader)}
        for state, names in by_state.items():
            assert names == {row.name for row in rows if row.state(at) is state}, (at, state)
        assert effective == by_state.get(ExceptionState.ACTIVE, set())


def test_the_same_resource_may_be_named_in_one_region_and_in_any(store: Store) -> None:
    listed = (ExemptResource("a", "1"), ExemptResource("a", "1", "eu-west-1"), ExemptResource("a", "1"))
    (one,) = create(store, exception(ExceptionScope.RESOURCE, (1,), resources=listed))
    read = get(store, one)
    assert read is not None
    assert set(read.resources) == set(listed)
    assert len(read.resources) == 2


def _all(store: Store) -> tuple[PolicyException, ...]:
    with store.read() as reader:
        return exceptions.page(reader, (), EVERYTHING).rows
