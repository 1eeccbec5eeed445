"""The way into a simulated subscription, and what is seen there."""

from collections.abc import Iterator

import pytest

from azure_world import read
from fake_aws import FakePace
from nephoscope.clouds.azure.collectors import databases
from nephoscope.clouds.azure.engine import Table, open_account
from nephoscope.clouds.doors import Entry
from nephoscope.clouds.rest.account import RestAccount
from nephoscope.errors import CloudError
from nephoscope.model.connectors import AzureAccess, AzureSignIn
from nephoscope.model.scopes import Outcome, Scope
from nephoscope.resource_types.azure import databases as types
from nephoscope.simulation.azure.cloud import APPLICATION, SECRET, SUBSCRIPTION, TENANT, AzureCloud
from nephoscope.simulation.azure.estate import storage
from nephoscope.simulation.rest.serving import Answered, Asked

KIND, SCOPE = "Microsoft.DBforMariaDB/servers", Scope("MARIADB_SERVER", "global")
NEEDS = {"MARIADB_SERVER": frozenset({"sslEnforcement"})}
GRAPH = "/providers/Microsoft.ResourceGraph/resources"
COUNTING_AND_FIRST = 2
"""Requests to Resource Graph before that for the second page."""
TABLE = Table({"MARIADB_SERVER": types.MARIADB_SERVER}, {"MARIADB_SERVER": databases.COLLECTORS[0]})


@pytest.fixture
def azure() -> Iterator[AzureCloud]:
    with AzureCloud() as cloud:
        yield cloud


def enter(
    azure: AzureCloud, secret: str = SECRET, subscription: str = SUBSCRIPTION, pace: FakePace | None = None
) -> RestAccount:
    access = AzureAccess(
        tenant_id=TENANT, application_id=APPLICATION, sign_in=AzureSignIn.KEY, endpoint_url=azure.endpoint_url
    )
    return open_account(Entry(access, subscription, secret), pace=(pace or FakePace()).pace, table=TABLE)


def fill(azure: AzureCloud, count: int) -> None:
    for number in range(count):
        azure.add(KIND, f"maria-{number:03}", {"sslEnforcement": "Enabled"}, tags={"stage": "prod"})


def test_a_subscription_is_entered_with_the_secret_of_an_application(azure: AzureCloud) -> None:
    account = enter(azure)
    assert account.account_id == SUBSCRIPTION
    assert account.plan(NEEDS) == (SCOPE,)
    account.close()


@pytest.mark.parametrize(
    ("secret", "subscription", "word"),
    [("wrong", SUBSCRIPTION, "AADSTS7000215"), (SECRET, "00000000-0000-0000-0000-000000000000", "could not be found")],
)
def test_why_one_cannot_be_entered_is_said(azure: AzureCloud, secret: str, subscription: str, word: str) -> None:
    with pytest.raises(CloudError, match=word) as caught:
        enter(azure, secret, subscription)
    assert "wrong" not in caught.value.message


def test_every_page_is_read(azure: AzureCloud) -> None:
    fill(azure, 120)
    account = enter(azure)
    collected = account.collect(SCOPE, NEEDS)
    account.close()
    assert collected.report.outcome is Outcome.COMPLETE
    assert [row.resource_id for row in collected.resources] == [f"maria-{number:03}" for number in range(120)]
    first = collected.resources[0]
    assert first.arn.endswith("/providers/Microsoft.DBforMariaDB/servers/maria-000")
    assert first.document["resourceGroupName"] == "rg-core"
    assert first.document["region"] == "westeurope"
    assert [(tag.key, tag.value) for tag in first.tags] == [("stage", "prod")]


def test_what_may_not_be_read_is_denied_and_never_empty(azure: AzureCloud) -> None:
    fill(azure, 3)
    account = enter(azure)
    with azure.refusing("Microsoft.DBforMariaDB/servers/read"):
        collected = account.collect(SCOPE, NEEDS)
    account.close()
    assert collected.report.outcome is Outcome.DENIED
    assert collected.report.permission == "microsoft.dbformariadb/servers/read"


def test_throttled_calls_wait_and_go_through(azure: AzureCloud) -> None:
    """As long as Azure says, in either of its spellings."""
    fill(azure, 3)
    pace = FakePace()
    account = enter(azure, pace=pace)
    busy = {"error": {"code": "RateLimiting"}}
    azure.disturb("ResourceGraph", Answered(busy, 429, {"Retry-After": "7"}))
    azure.disturb("ResourceGraph", Answered(busy, 429, {"x-ms-user-quota-resets-after": "00:00:11"}))
    assert len(account.collect(SCOPE, NEEDS).resources) == 3
    account.close()
    assert pace.naps == [7.0, 11.0]


def test_a_page_that_fails_twice_is_asked_again(azure: AzureCloud) -> None:
    fill(azure, 60)
    account = enter(azure)
    azure.disturb("ResourceGraph", Answered(b"<html>oops</html>", 502), 2, after=COUNTING_AND_FIRST)
    collected = account.collect(SCOPE, NEEDS)
    account.close()
    assert (collected.report.outcome, len(collected.resources)) == (Outcome.COMPLETE, 60)
    assert azure.asked[f"POST {GRAPH}"] == COUNTING_AND_FIRST + 3


class ForgetfulCloud(AzureCloud):
    """Its tokens expire between two pages."""

    def answer(self, asked: Asked) -> Answered:
        if asked.path == GRAPH and self.asked[f"POST {GRAPH}"] == COUNTING_AND_FIRST + 1:
            self.forget_tokens()
        return super().answer(asked)


def test_a_token_that_expires_in_the_middle_is_renewed() -> None:
    with ForgetfulCloud() as azure:
        fill(azure, 60)
        account = enter(azure)
        collected = account.collect(SCOPE, NEEDS)
        account.close()
    assert (collected.report.outcome, len(collected.resources)) == (Outcome.COMPLETE, 60)
    assert azure.asked[f"POST {GRAPH}"] == COUNTING_AND_FIRST + 2


def test_html_is_not_an_empty_listing(azure: AzureCloud) -> None:
    account = enter(azure)
    azure.disturb("ResourceGraph", Answered(b"<html>hello</html>"), 9)
    assert account.collect(SCOPE, NEEDS).report.outcome is Outcome.FAILED
    account.close()


def test_what_resource_graph_still_shows_and_is_gone_is_left_out(azure: AzureCloud) -> None:
    """Resource Graph lags behind: an account that was just deleted is listed, and its services are not there."""
    storage.fill(azure)
    azure.add("Microsoft.Storage/storageAccounts", "stdeleted", {}, kind="StorageV2")
    assert "stdeleted" not in read(azure, "STORAGE_ACCOUNT")
    assert "stmeridianshop" in read(azure, "STORAGE_ACCOUNT")


def test_a_long_wait_is_waited_once(azure: AzureCloud) -> None:
    fill(azure, 3)
    pace = FakePace()
    account = enter(azure, pace=pace)
    azure.disturb("ResourceGraph", Answered({}, 429, {"Retry-After": "50"}))
    assert len(account.collect(SCOPE, NEEDS).resources) == 3
    azure.disturb("ResourceGraph", Answered({}, 429, {"Retry-After": "50"}), 9)
    account.close()
    account = enter(azure, pace=pace)
    assert account.collect(SCOPE, NEEDS).report.outcome is Outcome.THROTTLED
    account.close()
    assert pace.naps == [50.0, 50.0]
