"""The rules of exceptions, as the doors meet them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from exceptions.exceptions_world import LAB, MAIN, Tenant, body, day, of_connectors, of_tags
from nephoscope.errors import BadRequestError, ConflictError, ForbiddenError, NotFoundError
from nephoscope.exceptions.answers import CoverCount, Standing
from nephoscope.exceptions.exceptions import draft_of
from nephoscope.kit.pages import PageRequest
from nephoscope.model.evaluations import Status
from nephoscope.model.exceptions import Approval, ExceptionState, ExemptResource
from nephoscope.model.providers import Provider
from nephoscope.store import connectors
from store.exception_world import put_on, put_on_connector
from store.store_world import BUCKETS, Account, equals, observed

PAGE = PageRequest(0, 50)


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    made = Tenant()
    yield made
    made.store.close()


@pytest.fixture
def careful() -> Iterator[Tenant]:
    """Somebody else must approve."""
    made = Tenant(needs_approval=True)
    yield made
    made.store.close()


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


def test_expiring_soon(tenant: Tenant) -> None:
    tenant.create(body(name="ten"))
    tenant.create(body(name="five", endDate="2026-01-05"))
    tenant.create(body(name="later", startDate="2026-01-02", endDate="2026-01-03"))
    names = {days: [one.name for one in tenant.room.expiring(days)] for days in (0, 4, 5, 30)}
    assert names == {0: [], 4: [], 5: ["five"], 30: ["five", "ten"]}
    for days in (-1, 3_661):
        with pytest.raises(BadRequestError):
            tenant.room.expiring(days)


def test_a_preview_counts_without_deciding(tenant: Tenant) -> None:
    tenant.create(body(name="other", controlIds=[2]))
    said = {
        "cloudType": "AWS",
        "exceptionScope": "CONNECTOR",
        "accountIds": [MAIN, LAB, "999"],
        "controlIds": [1, 2, 3],
    }
    seen = tenant.room.preview(draft_of(said))
    assert seen.counts == (
        CoverCount(MAIN, 1, failing=3, already=0),
        CoverCount(MAIN, 2, failing=3, already=1),
        CoverCount(LAB, 1, failing=3, already=0),
        CoverCount(LAB, 2, failing=3, already=0),
    )
    assert (seen.failing, seen.already, seen.unknown_accounts) == (12, 1, ("999",))
    assert [(row.account_id, row.resource.resource_id, row.cid, row.status) for row in seen.examples][:4] == [
        (MAIN, "a", 1, Status.FAIL),
        (MAIN, "a", 2, Status.PASSE),
        (MAIN, "b", 1, Status.FAIL),
        (MAIN, "b", 2, Status.FAIL),
    ]
    assert len(seen.examples) == 12
    assert tenant.covered() == {("a", 2)}


def test_a_preview_of_resources_names_those_that_are_absent(tenant: Tenant) -> None:
    listed = [
        {"resourceId": "a", "accountId": MAIN},
        {"resourceId": "i", "accountId": LAB, "region": "us-east-1"},
        {"resourceId": "i", "accountId": LAB, "region": "eu-west-1"},
        {"resourceId": "nowhere", "accountId": MAIN},
    ]
    seen = tenant.room.preview(draft_of(body(resources=listed)))
    assert seen.counts == (CoverCount(MAIN, 1, 1, 0), CoverCount(LAB, 1, 1, 0))
    assert seen.absent_resources == (ExemptResource("i", LAB, "us-east-1"), ExemptResource("nowhere", MAIN))


def test_a_preview_of_tags(tenant: Tenant) -> None:
    put_on(tenant.main, {"a": ("Red",), "i": ("red", "blue")})
    put_on(tenant.lab, {"a": ("blue",), "b": ("green",)})
    put_on_connector(tenant.lab, "prod")
    everywhere = of_tags(resourceTagNames="red,blue,pink")
    seen = tenant.room.preview(draft_of(everywhere))
    assert [(row.account_id, row.failing) for row in seen.counts] == [(MAIN, 2), (LAB, 1)]
    assert seen.unknown_tags == ("pink",)
    there = of_tags(resourceTagNames="blue", isAllConnector="false", connectorTagNames="PROD,stage")
    seen = tenant.room.preview(draft_of(there))
    assert [(row.account_id, row.failing) for row in seen.counts] == [(LAB, 1)]
    assert seen.unknown_tags == ("stage",)
    here = of_tags(resourceTagNames="blue", isAllConnector="false", accountIds=MAIN)
    assert [row.account_id for row in tenant.room.preview(draft_of(here)).counts] == [MAIN]


def test_a_preview_shows_what_the_decision_then_does(tenant: Tenant) -> None:
    put_on(tenant.main, {"a": ("red",), "i": ("red",)})
    for said in (body(), of_connectors(controlIds=[1, 2]), of_tags(controlIds=[2])):
        promised = tenant.room.preview(draft_of(said)).failing
        made = tenant.create(said)
        assert len(tenant.covered()) + len(tenant.covered(tenant.lab)) == promised
        tenant.room.delete([made.uuid], "bob")


def test_a_preview_of_what_cannot_be(tenant: Tenant) -> None:
    with pytest.raises(BadRequestError) as caught:
        tenant.room.preview(draft_of({"exceptionScope": "CONNECTOR", "controlIds": [9], "cloudType": "AWS"}))
    assert caught.value.problems == (
        "accountIds: missing; the scope CONNECTOR needs at least one",
        "controlIds: there is no control 9",
    )


def test_an_explanation_ranks_what_matches(tenant: Tenant) -> None:
    put_on(tenant.main, {"a": ("red",)})
    tenant.create(of_tags(name="tagged", endDate="2026-03-01"))
    tenant.create(of_connectors(name="account", endDate="2026-02-01"))
    tenant.create(body(name="short"))
    tenant.create(body(name="long", endDate="2026-01-20"))
    tenant.clock.forward(minutes=1)
    tenant.create(body(name="newest", endDate="2026-01-20"))
    tenant.create(body(name="later", startDate="2026-01-02", endDate="2027-01-01"))
    tenant.create(body(name="elsewhere", resources=[{"resourceId": "a", "accountId": MAIN, "region": "eu-west-1"}]))
    tenant.create(body(name="another control", controlIds=[2]))
    found = tenant.room.explain(tenant.uuid_of("a"), 1)
    assert (found.status, found.at, found.cid) == (Status.PASSE, tenant.clock(), 1)
    assert found.resource.resource_id == "a"
    assert [(match.exception.name, match.standing, match.state) for match in found.matches] == [
        ("newest", Standing.WINS, ExceptionState.ACTIVE),
        ("long", Standing.OUTRANKED, ExceptionState.ACTIVE),
        ("short", Standing.OUTRANKED, ExceptionState.ACTIVE),
        ("account", Standing.OUTRANKED, ExceptionState.ACTIVE),
        ("tagged", Standing.OUTRANKED, ExceptionState.ACTIVE),
        ("later", Standing.IDLE, ExceptionState.INACTIVE),
    ]
    assert [match.why for match in found.matches] == [
        "Of those with the scope RESOURCE that end on 2026-01-20T23:59:59+0000 it is the newest.",
        "'newest' comes first: it has the same scope, ends at the same time and is newer.",
        "'newest' comes first: it has the same scope and ends later, on 2026-01-20T23:59:59+0000.",
        "'newest' comes first: its scope RESOURCE comes before CONNECTOR.",
        "'newest' comes first: its scope RESOURCE comes before QUALYSTAG.",
        "It begins on 2026-01-02T00:00:00+0000.",
    ]


def test_an_explanation_of_another_moment(tenant: Tenant) -> None:
    tenant.create(body(name="short"))
    tenant.create(of_connectors(name="account", endDate="2026-02-01"))
    then = datetime(2026, 1, 20, tzinfo=UTC)
    found = tenant.room.explain(tenant.uuid_of("a"), 1, then)
    assert (found.status, found.at) == (Status.PASSE, then)
    assert [(match.exception.name, match.why) for match in found.matches] == [
        ("account", "It is the only one in force here."),
        ("short", "It ended on 2026-01-10T23:59:59+0000."),
    ]
    last = tenant.room.explain(tenant.uuid_of("a"), 1, datetime(2026, 3, 1, tzinfo=UTC))
    assert last.status is Status.FAIL
    assert [match.standing for match in last.matches] == [Standing.IDLE, Standing.IDLE]


def test_an_explanation_of_the_winner_by_scope_and_end(tenant: Tenant) -> None:
    put_on(tenant.main, {"a": ("red",)})
    tenant.create(of_tags(name="tagged"))
    tenant.create(of_connectors(name="account"))
    first = tenant.room.explain(tenant.uuid_of("a"), 1).matches[0]
    assert (first.exception.name, first.why) == ("account", "Its scope CONNECTOR comes before QUALYSTAG.")
    tenant.create(of_connectors(name="longer", endDate="2026-02-01"))
    first = tenant.room.explain(tenant.uuid_of("a"), 1).matches[0]
    assert first.exception.name == "longer"
    assert first.why == "Of those with the scope CONNECTOR it ends last, on 2026-02-01T23:59:59+0000."


def test_an_explanation_by_connector_tag_and_account(tenant: Tenant) -> None:
    put_on(tenant.main, {"a": ("red",)})
    put_on(tenant.lab, {"a": ("red",)})
    put_on_connector(tenant.lab, "prod")
    tenant.create(of_tags(name="by tag", isAllConnector="false", connectorTagNames="prod"))
    tenant.create(of_tags(name="by account", isAllConnector="false", accountIds=MAIN))
    tenant.create(of_tags(name="another tag", resourceTagNames="blue"))
    tenant.create(of_tags(name="neither", isAllConnector="false", connectorTagNames="stage"))
    matches = {
        account.connector.name: [
            match.exception.name for match in tenant.room.explain(tenant.uuid_of("a", account), 1).matches
        ]
        for account in (tenant.main, tenant.lab)
    }
    assert matches == {"main": ["by account"], "lab": ["by tag"]}


def test_explanations_without_an_exception(tenant: Tenant, careful: Tenant) -> None:
    found = tenant.room.explain(tenant.uuid_of("a"), 1)
    assert (found.status, found.matches) == (Status.FAIL, ())
    tenant.create(of_connectors(controlIds=[3]))
    found = tenant.room.explain(tenant.uuid_of("a"), 3)
    assert found.status is Status.PASS
    assert [match.standing for match in found.matches] == [Standing.WINS]
    made = careful.create()
    (match,) = careful.room.explain(careful.uuid_of("a"), 1).matches
    assert match.why == "It waits for the approval of a second person."
    careful.room.reject(made.uuid, "bob")
    (match,) = careful.room.explain(careful.uuid_of("a"), 1).matches
    assert match.why == "It was rejected by bob."


def test_what_cannot_be_explained(tenant: Tenant) -> None:
    with pytest.raises(NotFoundError, match="no resource"):
        tenant.room.explain(uuid4(), 1)
    with pytest.raises(NotFoundError, match="no evaluation"):
        tenant.room.explain(tenant.uuid_of("a"), 99)
    with pytest.raises(NotFoundError, match="no evaluation"):
        tenant.room.explain(tenant.uuid_of("a"), 2**40)


def test_the_outlook_says_what_would_fail(tenant: Tenant) -> None:
    tenant.create(body(name="ends", controlIds=[1, 2]))
    tenant.create(of_connectors(name="stays", accountIds=[LAB], endDate="2026-03-01"))
    tenant.create(of_connectors(name="begins", startDate="2026-01-05", endDate="2026-03-01", controlIds=[2]))
    seen = tenant.room.as_of(day(11))
    assert (seen.now, seen.then) == (tenant.clock(), datetime(2026, 1, 11, tzinfo=UTC))
    assert [
        (row.account_id, row.cid, row.failed_now, row.failed_then, row.excepted_now, row.excepted_then)
        for row in seen.rows
    ] == [(MAIN, 1, 2, 3, 1, 0), (MAIN, 2, 2, 0, 1, 3), (LAB, 1, 0, 0, 3, 3)]
    assert {row.provider for row in seen.rows} == {Provider.AWS}
    assert [one.name for one in seen.ended] == ["ends"]
    assert [one.name for one in seen.begun] == ["begins"]
    assert seen.would_fail == 1
    assert tenant.room.as_of(day(10)).would_fail == 0


def test_an_outlook_needs_a_day_that_there_is(tenant: Tenant) -> None:
    for wrong in (day(1).replace(year=1969), day(1).replace(year=1), day(1).replace(year=9999)):
        with pytest.raises(BadRequestError):
            tenant.room.as_of(wrong)


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
