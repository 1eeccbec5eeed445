"""What people ask about exceptions: what ends soon, what would be covered, why, and what would fail then."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from exceptions.exceptions_world import LAB, MAIN, Tenant, body, day, of_connectors, of_tags
from nephoscope.errors import BadRequestError, NotFoundError
from nephoscope.exceptions.answers import CoverCount, Standing
from nephoscope.exceptions.exceptions import draft_of
from nephoscope.kit.pages import PageRequest
from nephoscope.model.evaluations import Status
from nephoscope.model.exceptions import ExceptionState, ExemptResource
from nephoscope.model.providers import Provider
from store.exception_world import put_on, put_on_connector

PAGE = PageRequest(0, 50)


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
