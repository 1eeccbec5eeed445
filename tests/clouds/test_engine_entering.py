"""Entering an account: whose credentials, which partition and regions, and what is said when it does not work."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from fake_aws import ACCOUNT, LATER, FakeAws, closed_port, error, role_until, xml_error
from nephoscope.clouds.aws.collecting import Calls, Collector, Raw, listing
from nephoscope.clouds.aws.engine import AwsAccount, open_account
from nephoscope.clouds.table import open_account as open_any
from nephoscope.errors import CloudError, DeniedError
from nephoscope.model.connectors import Access, AwsAccess, AzureAccess, GcpAccess
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome, Scope

Enter = Callable[..., AwsAccount]


def collector(name: str) -> Collector:
    return Collector(name, listing("kms", "list_keys", "Keys"), lambda raw, _: Observed(raw["KeyId"], "", "", {}))


KEYS = collector("KEYS")
GLOBAL_KEYS = collector("GLOBAL_KEYS")
ALL = {"KEYS": frozenset[str](), "GLOBAL_KEYS": frozenset[str]()}


def test_the_account_is_whose_credentials_these_are(enter: Enter) -> None:
    account = enter()
    assert (account.provider, account.account_id, account.partition) == (Provider.AWS, ACCOUNT, "aws")


@pytest.mark.parametrize("partition", ["aws-us-gov", "aws-cn"])
def test_the_partition_is_the_callers(aws: FakeAws, enter: Enter, partition: str) -> None:
    aws.answers["GetCallerIdentity"] = lambda _: (
        200,
        (
            "<GetCallerIdentityResponse><GetCallerIdentityResult>"
            f"<Arn>arn:{partition}:sts::{ACCOUNT}:assumed-role/x/y</Arn><Account>{ACCOUNT}</Account>"
            "</GetCallerIdentityResult></GetCallerIdentityResponse>"
        ),
    )
    assert enter(partition=partition).partition == partition
    assert aws.asks[0].region == {"aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}[partition]


def test_a_role_is_assumed_with_its_external_id(aws: FakeAws, enter: Enter) -> None:
    account = enter(KEYS, role_arn="arn:aws:iam::222222222222:role/audit", external_id="tell-nobody")
    assert account.account_id == "222222222222"
    assumed = next(ask for ask in aws.asks if ask.operation == "AssumeRole")
    assert assumed.key == "OWNKEY"
    assert assumed.arguments["RoleArn"] == "arn:aws:iam::222222222222:role/audit"
    assert assumed.arguments["ExternalId"] == "tell-nobody"
    account.collect(Scope("KEYS", "us-east-1"), ALL)
    assert aws.asks[-1].key == "ROLEKEY"
    assert aws.count("AssumeRole") == 1


def test_a_role_is_assumed_again_before_it_expires(aws: FakeAws, enter: Enter) -> None:
    aws.answers["AssumeRole"] = [role_until(datetime.now(UTC) + timedelta(minutes=5)), role_until(LATER)]
    account = enter(KEYS, role_arn="arn:aws:iam::222222222222:role/audit")
    for _ in range(3):
        account.collect(Scope("KEYS", "us-east-1"), ALL)
    assert aws.count("AssumeRole") == 2


def test_a_role_whose_credentials_are_stale_is_no_way_in(aws: FakeAws, enter: Enter) -> None:
    aws.answers["AssumeRole"] = role_until(datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(CloudError, match="still expired"):
        enter(role_arn="arn:aws:iam::222222222222:role/audit")


def test_a_role_that_may_not_be_assumed_is_named(aws: FakeAws, enter: Enter) -> None:
    aws.answers["AssumeRole"] = xml_error(
        "AccessDenied",
        "User: arn:aws:iam::123456789012:user/auditor is not authorized to perform: sts:AssumeRole on resource: "
        "arn:aws:iam::222222222222:role/audit",
    )
    with pytest.raises(CloudError, match=r"as arn:aws:iam::222222222222:role/audit: .*sts:AssumeRole is missing"):
        enter(role_arn="arn:aws:iam::222222222222:role/audit")


def test_wrong_credentials_are_said_to_be_wrong(aws: FakeAws, enter: Enter) -> None:
    aws.answers["GetCallerIdentity"] = xml_error("InvalidClientTokenId", "The security token is invalid.")
    with pytest.raises(CloudError, match=r"cannot be entered: .*The security token is invalid"):
        enter()


def test_no_credentials_are_said_to_be_missing(monkeypatch: pytest.MonkeyPatch, enter: Enter) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(CloudError, match="There are no AWS credentials"):
        enter()


@pytest.mark.parametrize(
    ("access", "problem"),
    [
        ({"profile": "nobody"}, "nobody"),
        ({"partition": "aws-moon"}, "aws-moon"),
        ({"regions": ("us-east-1", "http://evil")}, "http://evil"),
        ({"regions": ("",)}, "not the name"),
    ],
)
def test_what_cannot_be_used_is_named(enter: Enter, access: dict[str, object], problem: str) -> None:
    with pytest.raises(CloudError, match=problem):
        enter(**access)


def test_an_endpoint_that_nobody_listens_at_is_said_at_once(enter: Enter) -> None:
    with pytest.raises(CloudError, match="cannot be reached"):
        enter(endpoint_url=f"http://127.0.0.1:{closed_port()}")


def test_the_environments_endpoint_is_honoured(aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    account = open_any(Provider.AWS, AwsAccess(), workers=4)
    assert account.account_id == ACCOUNT
    account.close()


@pytest.mark.parametrize(
    ("provider", "access"),
    [(Provider.GCP, AwsAccess()), (Provider.AZURE, GcpAccess()), (Provider.AWS, AzureAccess())],
)
def test_credentials_of_another_cloud_are_refused(provider: Provider, access: Access) -> None:
    with pytest.raises(CloudError, match="of another cloud"):
        open_any(provider, access)


def test_chosen_regions_are_planned_in_order(aws: FakeAws, enter: Enter) -> None:
    account = enter(KEYS, GLOBAL_KEYS, regions=("eu-west-2", "ap-south-1", "eu-west-2"))
    assert account.plan(ALL) == (
        Scope("KEYS", "ap-south-1"),
        Scope("KEYS", "eu-west-2"),
        Scope("GLOBAL_KEYS", "global"),
    )
    assert aws.count("DescribeRegions") == 0


def test_without_a_choice_every_enabled_region_is_planned(aws: FakeAws, enter: Enter) -> None:
    account = enter(KEYS, regions=())
    assert [scope.region for scope in account.plan(ALL)] == ["eu-west-1", "us-east-1"]
    assert account.plan(ALL) == account.plan(ALL)
    assert aws.count("DescribeRegions") == 1


def test_only_what_is_needed_is_planned(aws: FakeAws, enter: Enter) -> None:
    account = enter(KEYS, GLOBAL_KEYS, regions=())
    assert account.plan({"GLOBAL_KEYS": frozenset()}) == (Scope("GLOBAL_KEYS", "global"),)
    assert account.plan({}) == ()
    assert aws.count("DescribeRegions") == 0


def test_denied_regions_ask_for_the_permission_or_a_choice(aws: FakeAws, enter: Enter) -> None:
    aws.answers["DescribeRegions"] = xml_error("UnauthorizedOperation", "You are not authorized.")
    with pytest.raises(DeniedError, match="or name the regions") as caught:
        enter(KEYS, regions=()).plan(ALL)
    assert caught.value.permission == "ec2:DescribeRegions"


def test_the_configured_region_is_asked_for_what_is_global(
    aws: FakeAws, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    enter(GLOBAL_KEYS).collect(Scope("GLOBAL_KEYS", "global"), ALL)
    assert {ask.region for ask in aws.asks} == {"eu-central-1"}


def test_a_configured_region_of_another_partition_is_not(
    aws: FakeAws, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "cn-north-1")
    enter()
    assert aws.asks[0].region == "us-east-1"


def test_errors_close_what_was_opened(aws: FakeAws) -> None:
    aws.answers["GetCallerIdentity"] = error("AccessDenied", status=403)
    with pytest.raises(CloudError):
        open_account(AwsAccess(endpoint_url=aws.url))


def test_a_scope_planned_by_a_dead_process_knows_its_regions(enter: Enter) -> None:
    seen: list[tuple[str, ...]] = []

    def fetch(calls: Calls) -> tuple[Raw, ...]:
        seen.append(calls.place.regions)
        return ()

    account = enter(Collector("KEYS", fetch, KEYS.shape), regions=())
    assert account.collect(Scope("KEYS", "us-east-1"), ALL).report.outcome is Outcome.COMPLETE
    assert seen == [("eu-west-1", "us-east-1")]


def test_a_scope_whose_regions_cannot_be_asked_for_fails(aws: FakeAws, enter: Enter) -> None:
    aws.answers["DescribeRegions"] = xml_error("UnauthorizedOperation", "You are not authorized.")
    report = enter(KEYS, regions=()).collect(Scope("KEYS", "us-east-1"), ALL).report
    assert (report.outcome, "ec2:DescribeRegions" in report.message) == (Outcome.FAILED, True)
