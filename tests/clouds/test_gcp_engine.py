"""The way into a simulated project, and what is seen there."""

from collections.abc import Iterator

import pytest

from fake_aws import FakePace
from nephoscope.clouds.doors import Entry
from nephoscope.clouds.gcp.collectors import storage
from nephoscope.clouds.gcp.engine import Table, open_account
from nephoscope.clouds.rest.account import RestAccount
from nephoscope.errors import CloudError
from nephoscope.model.connectors import GcpAccess, GcpSignIn
from nephoscope.model.scopes import Outcome, Scope
from nephoscope.resource_types.gcp import storage as types
from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud
from nephoscope.simulation.rest.serving import Answered

KIND, SCOPE = "storage.googleapis.com/Bucket", Scope("GCS_BUCKET", "global")
NEEDS = {"GCS_BUCKET": frozenset({"versioningEnabled", "bindings"})}
TABLE = Table({"GCS_BUCKET": types.GCS_BUCKET}, {"GCS_BUCKET": storage.COLLECTORS[0]}, frozenset({KIND}))
PUBLIC = [{"role": "roles/storage.objectViewer", "members": ["allUsers"]}]


@pytest.fixture
def gcp() -> Iterator[GcpCloud]:
    with GcpCloud() as cloud:
        yield cloud


def enter(gcp: GcpCloud, key: str = "", project: str = PROJECT) -> RestAccount:
    access = GcpAccess(sign_in=GcpSignIn.KEY, endpoint_url=gcp.endpoint_url)
    return open_account(Entry(access, project, key or gcp.key_file), pace=FakePace().pace, table=TABLE)


def fill(gcp: GcpCloud, count: int) -> None:
    for number in range(count):
        data = {"name": f"data-{number:03}", "labels": {"stage": "prod"}, "versioning": {"enabled": True}}
        gcp.add(KIND, f"data-{number:03}", data, location="EUROPE-WEST1", bindings=PUBLIC if number == 0 else [])


def test_a_project_is_entered_with_a_key(gcp: GcpCloud) -> None:
    account = enter(gcp)
    assert (account.account_id, account.plan(NEEDS)) == (PROJECT, (SCOPE,))
    account.close()


def test_why_one_cannot_be_entered_is_said(gcp: GcpCloud) -> None:
    with GcpCloud() as other, pytest.raises(CloudError, match="gives no token"):
        enter(gcp, other.key_file)
    with pytest.raises(CloudError, match="not found"):
        enter(gcp, project="elsewhere-1")


def test_every_page_is_read(gcp: GcpCloud) -> None:
    fill(gcp, 120)
    account = enter(gcp)
    collected = account.collect(SCOPE, NEEDS)
    account.close()
    assert collected.report.outcome is Outcome.COMPLETE
    assert [row.resource_id for row in collected.resources] == [f"data-{number:03}" for number in range(120)]
    first, second = collected.resources[:2]
    assert first.document["bindings"] == PUBLIC
    assert second.document["bindings"] == []
    assert (first.document["region"], first.document["versioningEnabled"]) == ("europe-west1", True)
    assert collected.report.calls <= 8


def test_what_may_not_be_read_is_denied_and_never_empty(gcp: GcpCloud) -> None:
    fill(gcp, 3)
    account = enter(gcp)
    with gcp.refusing("cloudasset.assets.listResource"):
        collected = account.collect(SCOPE, NEEDS)
    account.close()
    assert (collected.report.outcome, collected.report.permission) == (
        Outcome.DENIED,
        "cloudasset.assets.listResource",
    )


def test_policies_that_may_not_be_read_leave_a_field_unread(gcp: GcpCloud) -> None:
    fill(gcp, 3)
    account = enter(gcp)
    with gcp.refusing("cloudasset.assets.listIamPolicy"):
        collected = account.collect(SCOPE, NEEDS)
    account.close()
    assert collected.report.outcome is Outcome.COMPLETE
    assert all("bindings" not in row.document for row in collected.resources)
    assert collected.resources[0].unread == {"bindings": "denied: cloudasset.assets.listIamPolicy"}


def test_an_inventory_that_is_switched_off_is_a_failure(gcp: GcpCloud) -> None:
    account = enter(gcp)
    gcp.switched_off.add("cloudasset")
    report = account.collect(SCOPE, NEEDS).report
    account.close()
    assert report.outcome is Outcome.FAILED
    assert "enable it" in report.message


def test_throttled_and_broken_calls_go_through_in_the_end(gcp: GcpCloud) -> None:
    fill(gcp, 60)
    account = enter(gcp)
    gcp.disturb("cloudasset", Answered({"error": {"status": "RESOURCE_EXHAUSTED"}}, 429), 2)
    gcp.disturb("cloudasset", Answered({"error": {"status": "UNAVAILABLE"}}, 503), 2)
    assert len(account.collect(SCOPE, NEEDS).resources) == 60
    account.close()


def test_a_token_that_expires_in_the_middle_is_renewed(gcp: GcpCloud) -> None:
    fill(gcp, 3)
    account = enter(gcp)
    gcp.forget_tokens()
    assert account.collect(SCOPE, NEEDS).report.outcome is Outcome.COMPLETE
    account.close()
