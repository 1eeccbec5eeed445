"""The rules of exceptions, as the doors meet them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from exceptions.exceptions_world import MAIN, Tenant, body, day, of_connectors, of_tags
from nephoscope.errors import BadRequestError, ConflictError, ForbiddenError, NotFoundError
from nephoscope.kit.pages import PageRequest
from nephoscope.model.exceptions import Approval, ExceptionState
from nephoscope.store import connectors
from store.store_world import BUCKETS, Account, equals, observed

PAGE = PageRequest(0, 50)


def refused(tenant: Tenant, said: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(BadRequestError) as caught:
        tenant.create(said)
    assert all(problem in caught.value.message for problem in caught.value.problems)
    return caught.value.problems


def test_it_is_in_force_in_the_call_that_creates_it(tenant: Tenant) -> None:
    made = tenant.create()
    assert tenant.covered() == {("a", 1)}
    assert made.state(tenant.clock()) is ExceptionState.ACTIVE
    assert (made.starts, made.ends) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 10, 23, 59, 59, tzinfo=UTC))
    assert (made.created_by, made.created_on, made.approval) == ("alice", tenant.clock(), Approval.NOT_NEEDED)
    assert tenant.room.get(made.uuid) == made


def test_it_ends_with_the_last_second_of_its_last_day(tenant: Tenant) -> None:
    tenant.create()
    tenant.clock.now = datetime(2026, 1, 10, 23, 59, 59, tzinfo=UTC)
    assert tenant.covered() == {("a", 1)}
    tenant.clock.forward(seconds=1)
    assert tenant.covered() == set()


def test_days_are_those_of_the_tenant() -> None:
    tenant = Tenant("Asia/Kolkata")
    tenant.clock.now = datetime(2026, 1, 1, 18, 30, tzinfo=UTC)
    said = body(startDate="2026-01-01")
    assert refused(tenant, said) == ("startDate: 2026-01-01 is past; today is 2026-01-02",)
    made = tenant.create(body(startDate="2026-01-02"))
    assert made.starts == datetime(2026, 1, 1, 18, 30, tzinfo=UTC)
    assert made.ends == datetime(2026, 1, 10, 18, 29, 59, tzinfo=UTC)
    tenant.store.close()


def test_one_that_begins_later_waits_for_its_day(tenant: Tenant) -> None:
    made = tenant.create(body(startDate="2026-01-03"))
    assert made.state(tenant.clock()) is ExceptionState.INACTIVE
    assert tenant.covered() == set()
    tenant.clock.now = made.starts
    assert tenant.covered() == {("a", 1)}


def test_everything_that_is_wrong_is_said_at_once(tenant: Tenant) -> None:
    tenant.create()
    wrong = body(
        controlIds=[1, 9, 50036, "x"],
        resources=[{"resourceId": "a", "accountId": "999"}, {"resourceId": "b"}],
        endDate="2025-12-01",
        explanation="",
        exceptionReason="Whim",
        accountIds=["998"],
    )
    assert refused(tenant, wrong) == (
        "exceptionReason: 'Whim' is none of False Positive, Risk Accepted, Other",
        "controlIds: a list of whole numbers is expected; 'x' is none",
        "resources[1].accountId: missing",
        "explanation: missing",
        "endDate: 2025-12-01 is past; today is 2026-01-01",
        "endDate: 2025-12-01 is before the startDate 2026-01-01",
        "accountIds: not with the scope RESOURCE, where each resource names its account",
        "controlIds: there is no control 9",
        "controlIds: of another cloud than AWS: 50036 (AZURE)",
        "accountIds: no AWS connector enters the account 998",
        "resources: no AWS connector enters the account 999",
        f"name: 'Public site' is taken by the exception {tenant.room.list((), PAGE).rows[0].uuid}",
    )


def test_long_lists_are_shortened_in_words(tenant: Tenant) -> None:
    (problem,) = refused(tenant, body(controlIds=list(range(1_000, 1_100))))
    assert problem.endswith("1018, 1019 and 80 more")


def test_accounts_of_another_cloud_are_unknown(tenant: Tenant) -> None:
    said = of_connectors(cloudType="AZURE", controlIds=[50036])
    assert refused(tenant, said) == (f"accountIds: no AZURE connector enters the account {MAIN}",)


def test_resources_and_tags_need_not_exist(tenant: Tenant) -> None:
    tenant.create(body(resources=[{"resourceId": "later", "accountId": MAIN}]))
    tenant.create(of_tags(name="two", resourceTagNames="later", isAllConnector="false", connectorTagNames="prod"))
    assert tenant.covered() == set()
    tenant.main.record(BUCKETS, observed("later"))
    tenant.main.judge({"later": {1: "FAIL"}})
    assert tenant.covered() == {("later", 1)}


def test_a_taken_name_is_a_conflict(tenant: Tenant) -> None:
    tenant.create()
    with pytest.raises(ConflictError, match="'PUBLIC SITE' is taken"):
        tenant.create(body(name="PUBLIC SITE"))
    (only,) = tenant.room.list((), PAGE).rows
    tenant.room.delete([only.uuid], "bob")
    tenant.create()


def test_listing(tenant: Tenant) -> None:
    tenant.create(body(name="one"))
    tenant.create(of_connectors(name="two", endDate="2026-01-05"))
    tenant.clock.now = datetime(2026, 1, 7, tzinfo=UTC)
    expired = tenant.room.list((equals("state", "EXPIRED"),), PAGE)
    assert [row.name for row in expired.rows] == ["two"]
    ordered = tenant.room.list((), PageRequest(0, 50, ("ending_date", False)))
    assert [row.name for row in ordered.rows] == ["two", "one"]


def test_several_are_deleted_or_none(tenant: Tenant) -> None:
    one, two = tenant.create(body(name="one")), tenant.create(of_connectors(name="two"))
    unknown = uuid4()
    with pytest.raises(NotFoundError, match=str(unknown)):
        tenant.room.delete([one.uuid, unknown, two.uuid], "bob")
    assert tenant.covered() == {("a", 1), ("b", 1), ("i", 1)}
    tenant.room.delete([one.uuid, two.uuid, one.uuid], "bob")
    assert tenant.covered() == set()
    with pytest.raises(NotFoundError, match=str(one.uuid)):
        tenant.room.get(one.uuid)


def test_a_renewal_keeps_the_old_end(tenant: Tenant) -> None:
    made = tenant.create()
    tenant.clock.forward(days=2)
    after = tenant.room.renew(made.uuid, day(20), "bob")
    assert after.ends == datetime(2026, 1, 20, 23, 59, 59, tzinfo=UTC)
    assert [(row.by, row.at, row.old_ends, row.new_ends) for row in after.renewals] == [
        ("bob", tenant.clock(), made.ends, after.ends)
    ]
    assert (after.updated_by, after.updated_on) == ("bob", tenant.clock())
    tenant.clock.now = after.ends
    assert tenant.covered() == {("a", 1)}
    shorter = tenant.room.renew(made.uuid, day(20).replace(day=21), "carol")
    assert len(shorter.renewals) == 2


def test_a_renewal_may_shorten(tenant: Tenant) -> None:
    made = tenant.create()
    tenant.room.renew(made.uuid, day(1), "bob")
    tenant.clock.forward(days=1)
    assert tenant.covered() == set()


@pytest.mark.parametrize(
    ("end", "problem"),
    [
        (day(4), "endDate: 2026-01-04 is past; today is 2026-01-05"),
        (day(10), "endDate: 2026-01-10 is its last day already"),
        (day(1).replace(year=9999), "endDate: at most 9998-12-31"),
    ],
)
def test_renewals_that_cannot_be(tenant: Tenant, end: Any, problem: str) -> None:
    made = tenant.create()
    tenant.clock.forward(days=4)
    with pytest.raises(BadRequestError) as caught:
        tenant.room.renew(made.uuid, end, "bob")
    assert caught.value.problems == (problem,)


def test_a_renewal_cannot_end_before_the_beginning(tenant: Tenant) -> None:
    made = tenant.create(body(startDate="2026-01-05"))
    with pytest.raises(BadRequestError, match="before the exception begins"):
        tenant.room.renew(made.uuid, day(4), "bob")


def test_what_has_expired_is_not_renewed(tenant: Tenant) -> None:
    made = tenant.create()
    tenant.clock.now = made.ends + timedelta(seconds=1)
    with pytest.raises(ConflictError, match="EXPIRED"):
        tenant.room.renew(made.uuid, day(20), "bob")
    with pytest.raises(NotFoundError):
        tenant.room.renew(uuid4(), day(20), "bob")


def test_a_second_person_approves(careful: Tenant) -> None:
    made = careful.create()
    assert made.state(careful.clock()) is ExceptionState.PENDING_APPROVAL
    assert careful.covered() == set()
    with pytest.raises(ForbiddenError, match="alice"):
        careful.room.approve(made.uuid, "alice")
    assert careful.covered() == set()
    careful.clock.forward(hours=1)
    after = careful.room.approve(made.uuid, "bob")
    assert careful.covered() == {("a", 1)}
    assert (after.approval, after.decided_by, after.decided_on) == (Approval.APPROVED, "bob", careful.clock())
    assert careful.room.get(made.uuid) == after
    for decide in (careful.room.approve, careful.room.reject):
        with pytest.raises(ConflictError):
            decide(made.uuid, "carol")


def test_a_second_person_rejects(careful: Tenant) -> None:
    made = careful.create()
    careful.room.reject(made.uuid, "bob")
    assert careful.covered() == set()
    assert careful.room.get(made.uuid).state(careful.clock()) is ExceptionState.REJECTED
    with pytest.raises(ConflictError, match="REJECTED"):
        careful.room.renew(made.uuid, day(20), "bob")
    with pytest.raises(NotFoundError):
        careful.room.approve(uuid4(), "bob")


def test_where_approval_is_needed_nobody_renews_alone(careful: Tenant) -> None:
    made = careful.create()
    with pytest.raises(ConflictError, match="PENDING_APPROVAL"):
        careful.room.renew(made.uuid, day(20), "bob")
    careful.room.approve(made.uuid, "bob")
    with pytest.raises(ForbiddenError, match="alice"):
        careful.room.renew(made.uuid, day(20), "alice")
    assert careful.room.renew(made.uuid, day(20), "bob").ends > made.ends


def test_without_need_of_approval_there_is_nothing_to_decide(tenant: Tenant) -> None:
    made = tenant.create()
    with pytest.raises(ConflictError, match="does not wait"):
        tenant.room.approve(made.uuid, "bob")


def test_what_waits_still_waits_when_the_setting_goes(careful: Tenant) -> None:
    made = careful.create()
    assert careful.open_room(needs_approval=False).get(made.uuid).approval is Approval.PENDING
    assert careful.covered() == set()


def test_every_decision_is_in_the_trail(tenant: Tenant) -> None:
    made = tenant.create(by="alice")
    tenant.clock.forward(minutes=1)
    tenant.room.renew(made.uuid, day(20), "bob")
    tenant.room.delete([made.uuid], "carol")
    entries = tenant.entries()
    assert [(one.who, one.action, one.subject) for one in entries] == [
        ("alice", "exception.create", str(made.uuid)),
        ("bob", "exception.renew", str(made.uuid)),
        ("carol", "exception.delete", str(made.uuid)),
    ]
    created, renewed, deleted = (one.detail for one in entries)
    assert created["name"] == "Public site"
    assert created["resources"] == [{"resource_id": "a", "account_id": MAIN, "region": ""}]
    assert (created["starts"], created["ends"]) == ("2026-01-01T00:00:00+0000", "2026-01-10T23:59:59+0000")
    assert (renewed["oldEnds"], renewed["ends"]) == ("2026-01-10T23:59:59+0000", "2026-01-20T23:59:59+0000")
    assert deleted["explanation"] == "The site is public."


def test_refusals_leave_no_trail(tenant: Tenant) -> None:
    made = tenant.create()
    for attempt in (
        tenant.create,
        lambda: tenant.create(body(name="")),
        lambda: tenant.room.delete([made.uuid, uuid4()], "bob"),
        lambda: tenant.room.renew(made.uuid, day(10), "bob"),
        lambda: tenant.room.approve(made.uuid, "bob"),
    ):
        with pytest.raises((BadRequestError, ConflictError, NotFoundError)):
            attempt()
    assert [one.action for one in tenant.entries()] == ["exception.create"]


def test_approvals_are_in_the_trail(careful: Tenant) -> None:
    one, two = careful.create(body(name="one")), careful.create(body(name="two"))
    careful.room.approve(one.uuid, "bob")
    careful.room.reject(two.uuid, "carol")
    assert [(entry.who, entry.action, entry.detail["approval"]) for entry in careful.entries()[2:]] == [
        ("bob", "exception.approve", "approved"),
        ("carol", "exception.reject", "rejected"),
    ]


def test_a_long_list_is_named_by_its_hash(tenant: Tenant) -> None:
    listed = [{"resourceId": f"r-{number}", "accountId": MAIN} for number in range(1_500)]
    tenant.create(body(resources=listed))
    (entry,) = tenant.entries()
    told = entry.detail["resources"]
    assert (told["count"], len(told["first"]), len(told["sha256"])) == (1_500, 1_000, 64)


def test_a_decision_that_cannot_be_recorded_is_none(tenant: Tenant) -> None:
    def refuse(*_: object) -> None:
        raise InterruptedError

    tenant.room._trail = refuse
    with pytest.raises(InterruptedError):
        tenant.create()
    assert tenant.room.list((), PAGE).total == 0
    assert tenant.covered() == set()


def test_an_account_that_comes_back_falls_under_it(tenant: Tenant) -> None:
    tenant.create(of_connectors())
    with tenant.store.write() as writer:
        connectors.delete(writer, [tenant.main.key])
    again = Account(tenant.store, "again", MAIN)
    again.record(BUCKETS, observed("a"))
    again.judge({"a": {1: "FAIL"}})
    assert tenant.covered(again) == {("a", 1)}
