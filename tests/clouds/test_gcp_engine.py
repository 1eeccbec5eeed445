"""The way into a simulated project, and what is seen there."""

from collections.abc import Iterator
from typing import Any

import pytest

from fake_aws import FakePace
from gcp_world import read
from nephoscope.clouds.doors import Entry
from nephoscope.clouds.gcp.collectors import storage
from nephoscope.clouds.gcp.engine import Table, open_account
from nephoscope.clouds.rest.account import RestAccount
from nephoscope.errors import CloudError
from nephoscope.model.connectors import GcpAccess, GcpSignIn
from nephoscope.model.scopes import Outcome, Scope
from nephoscope.resource_types.gcp import storage as types
from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud
from nephoscope.simulation.gcp.estate import identities
from nephoscope.simulation.rest.serving import Answered, Asked

KIND, SCOPE = "storage.googleapis.com/Bucket", Scope("GCS_BUCKET", "global")
NEEDS = {"GCS_BUCKET": frozenset({"versioningEnabled", "bindings"})}
TABLE = Table({"GCS_BUCKET": types.GCS_BUCKET}, {"GCS_BUCKET": storage.COLLECTORS[0]}, frozenset({KIND}))
ASSETS = f"/cloudasset/v1/projects/{PROJECT}/assets"
PUBLIC = [{"role": "roles/storage.objectViewer", "members": ["allUsers"]}]


@pytest.fixture
def gcp() -> Iterator[GcpCloud]:
    with GcpCloud() as cloud:
        yield cloud


def enter(gcp: GcpCloud, key: str = "", project: str = PROJECT, pace: FakePace | None = None) -> RestAccount:
    access = GcpAccess(sign_in=GcpSignIn.KEY, endpoint_url=gcp.endpoint_url)
    return open_account(Entry(access, project, key or gcp.key_file), pace=(pace or FakePace()).pace, table=TABLE)


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


QUOTA = {
    "code": 403,
    "message": "Quota exceeded for quota metric 'Queries'.",
    "status": "PERMISSION_DENIED",
    "errors": [{"reason": "rateLimitExceeded", "domain": "usageLimits"}],
}


@pytest.mark.parametrize(("status", "error"), [(429, {"status": "RESOURCE_EXHAUSTED"}), (403, QUOTA)])
def test_throttled_calls_wait_and_go_through(gcp: GcpCloud, status: int, error: dict[str, Any]) -> None:
    """As long as Google says, and as long as we think where it says nothing."""
    fill(gcp, 60)
    pace = FakePace()
    account = enter(gcp, pace=pace)
    gcp.disturb("cloudasset", Answered({"error": error}, status, {"Retry-After": "7"}))
    gcp.disturb("cloudasset", Answered({"error": error}, status))
    collected = account.collect(SCOPE, NEEDS)
    account.close()
    assert (collected.report.outcome, len(collected.resources)) == (Outcome.COMPLETE, 60)
    assert (len(pace.naps), pace.naps[0]) == (2, 7.0)
    assert 0 < pace.naps[1] < 7


@pytest.mark.parametrize("broken", [Answered({"error": {"status": "UNAVAILABLE"}}, 503), Answered(b"<html/>", 502)])
def test_a_page_that_fails_twice_is_asked_again(gcp: GcpCloud, broken: Answered) -> None:
    fill(gcp, 60)
    account = enter(gcp)
    gcp.disturb("cloudasset", broken, 2, after=1)
    collected = account.collect(SCOPE, {"GCS_BUCKET": frozenset({"versioningEnabled"})})
    account.close()
    assert (collected.report.outcome, len(collected.resources)) == (Outcome.COMPLETE, 60)
    assert gcp.asked[f"GET {ASSETS}"] == 4


class ForgetfulCloud(GcpCloud):
    """Its tokens expire between two pages."""

    def answer(self, asked: Asked) -> Answered:
        if asked.path == ASSETS and self.asked[f"GET {ASSETS}"] == 2:
            self.forget_tokens()
        return super().answer(asked)


def test_a_token_that_expires_in_the_middle_is_renewed() -> None:
    with ForgetfulCloud() as gcp:
        fill(gcp, 60)
        account = enter(gcp)
        collected = account.collect(SCOPE, {"GCS_BUCKET": frozenset({"versioningEnabled"})})
        account.close()
    assert (collected.report.outcome, len(collected.resources)) == (Outcome.COMPLETE, 60)
    assert gcp.asked[f"GET {ASSETS}"] == 3


def test_html_is_not_an_empty_listing(gcp: GcpCloud) -> None:
    account = enter(gcp)
    gcp.disturb("cloudasset", Answered(b"<html>hello</html>"), 9)
    assert account.collect(SCOPE, NEEDS).report.outcome is Outcome.FAILED
    account.close()


def test_what_the_inventory_still_shows_and_is_gone_is_left_out(gcp: GcpCloud) -> None:
    """The inventory lags behind: an account that was just deleted is listed, and its own service knows nothing of it.
    What it does not list yet is not asked for, and comes with the next scan."""
    identities.account(gcp, "stays@meridian.example", "201")
    identities.account(gcp, "goes@meridian.example", "202")
    del gcp.documents[f"iam/v1/projects/{PROJECT}/serviceAccounts/goes@meridian.example/keys"]
    assert set(read(gcp, "SERVICE_ACCOUNT")) == {"stays@meridian.example"}
    identities.account(gcp, "comes@meridian.example", "203")
    assert set(read(gcp, "SERVICE_ACCOUNT")) == {"stays@meridian.example", "comes@meridian.example"}


def test_a_long_wait_is_waited_once(gcp: GcpCloud) -> None:
    fill(gcp, 3)
    pace = FakePace()
    account = enter(gcp, pace=pace)
    gcp.disturb("cloudasset", Answered({}, 429, {"Retry-After": "50"}))
    assert len(account.collect(SCOPE, NEEDS).resources) == 3
    gcp.disturb("cloudasset", Answered({}, 429, {"Retry-After": "50"}), 9)
    account.close()
    account = enter(gcp, pace=pace)
    assert account.collect(SCOPE, NEEDS).report.outcome is Outcome.THROTTLED
    account.close()
    assert pace.naps == [50.0, 50.0]
