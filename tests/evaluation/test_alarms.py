"""Trail, log group, metric filter, alarm, topic, subscriber, through the real engine and evaluation: with the whole
chain everything is watched, and each link that is taken away is missed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from evaluation.accounts import Account, simulated_account
from nephoscope.model.evaluations import Status
from nephoscope.simulation.aws import ACCOUNT_ID, Disturbance, Fault

HOME, AWAY = "us-east-1", "eu-west-1"
CIDS = frozenset({27, *range(30440, 30454)})
GROUP = f"arn:aws:logs:{HOME}:{ACCOUNT_ID}:log-group:trail:*"
TOPIC = f"arn:aws:sns:{HOME}:{ACCOUNT_ID}:alarms"

PATTERNS = {
    27: '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
    30440: '{($.eventName="ConsoleLogin")&&($.additionalEventData.MFAUsed!="Yes")}',
    30441: '{$.userIdentity.type="Root"&&$.userIdentity.invokedBy NOT EXISTS&&$.eventType!="AwsServiceEvent"}',
    30442: '{ ($.eventSource = "iam.amazonaws.com") && ($.eventName = "*Policy*") }',
    30443: "{ $.eventSource = cloudtrail.amazonaws.com }",
    30444: '{ $.errorMessage = "Failed authentication" && $.eventName = ConsoleLogin }',
    30445: "{ $.eventSource = kms* && ($.eventName = ScheduleKeyDeletion || $.eventName = DisableKey) }",
    30446: "{ ($.eventSource = s3.amazonaws.com) && ($.eventName = PutBucket* || $.eventName = DeleteBucket*) }",
    30447: '{ ($.eventSource = "config.amazonaws.com") && ($.eventName = %Recorder|DeliveryChannel%) }',
    30448: "{ ($.eventName = *SecurityGroup*) }",
    30449: "{ $.eventName = *NetworkAcl* }",
    30450: "{ $.eventName = *CustomerGateway || $.eventName = *InternetGateway }",
    30451: '{ $.eventSource = "ec2.amazonaws.com" && $.eventName = "*Route*" }',
    30452: "{ $.eventName = *Vpc* && $.eventName != *Endpoint* }",
    30453: "{ $.eventSource = organizations.amazonaws.com }",
}
"""One for each control, none of them spelled as in a guide."""

Client = Callable[..., Any]


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with simulated_account(CIDS, (HOME, AWAY)) as found:
        yield found


@pytest.fixture(scope="module")
def client(account: Account) -> Iterator[Client]:
    with ExitStack() as stack:

        def make(service: str, region: str = HOME) -> Any:
            return stack.enter_context(closing(account.simulation.client(service, region)))

        make("s3").create_bucket(Bucket="trail-logs")
        make("logs").create_log_group(logGroupName="trail")
        make("cloudtrail").create_trail(
            Name="main",
            S3BucketName="trail-logs",
            IsMultiRegionTrail=True,
            CloudWatchLogsLogGroupArn=GROUP,
            CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT_ID}:role/trail",
        )
        make("cloudtrail").start_logging(Name="main")
        make("sns").create_topic(Name="alarms")
        make("sns").subscribe(TopicArn=TOPIC, Protocol="email", Endpoint="ops@example.com")
        for cid, pattern in PATTERNS.items():
            _filter(make("logs"), cid, pattern)
            _alarm(make("cloudwatch"), cid)
        yield make


def _filter(logs: Any, cid: int, pattern: str) -> None:
    made = {"metricName": f"metric-{cid}", "metricNamespace": "Trail", "metricValue": "1"}
    logs.put_metric_filter(
        logGroupName="trail", filterName=f"filter-{cid}", filterPattern=pattern, metricTransformations=[made]
    )


def _alarm(cloudwatch: Any, cid: int, **changed: Any) -> None:
    settings = {
        "AlarmName": f"alarm-{cid}",
        "Namespace": "Trail",
        "MetricName": f"metric-{cid}",
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "EvaluationPeriods": 1,
        "Period": 300,
        "Threshold": 1,
        "Statistic": "Sum",
        "AlarmActions": [TOPIC],
    }
    cloudwatch.put_metric_alarm(**settings | changed)


def statuses(account: Account) -> dict[int, Status]:
    return {cid: status for (_, _, cid), (status, _) in account.sweep().items()}


def test_everything_is_watched_whatever_the_spelling(account: Account, client: Client) -> None:
    del client
    assert statuses(account) == dict.fromkeys(CIDS, Status.PASS)


def test_a_pattern_that_misses_an_event_and_an_alarm_that_does_nothing(account: Account, client: Client) -> None:
    _filter(client("logs"), 30443, "{ $.eventName = CreateTrail || $.eventName = DeleteTrail }")
    _alarm(client("cloudwatch"), 27, ActionsEnabled=False)
    _alarm(client("cloudwatch"), 30453, MetricName="another")
    try:
        found = statuses(account)
    finally:
        _filter(client("logs"), 30443, PATTERNS[30443])
        _alarm(client("cloudwatch"), 27)
        _alarm(client("cloudwatch"), 30453)
    assert {cid for cid, status in found.items() if status is Status.FAIL} == {27, 30443, 30453}


def test_a_stopped_trail_is_heard_by_nobody(account: Account, client: Client) -> None:
    client("cloudtrail").stop_logging(Name="main")
    try:
        assert set(statuses(account).values()) == {Status.FAIL}
    finally:
        client("cloudtrail").start_logging(Name="main")


def test_a_topic_without_a_subscriber_tells_nobody(account: Account, client: Client) -> None:
    (row,) = client("sns").list_subscriptions()["Subscriptions"]
    client("sns").unsubscribe(SubscriptionArn=row["SubscriptionArn"])
    try:
        assert set(statuses(account).values()) == {Status.FAIL}
    finally:
        client("sns").subscribe(TopicArn=TOPIC, Protocol="email", Endpoint="ops@example.com")


@pytest.mark.parametrize(
    ("service", "operation", "permission"),
    [
        ("logs", "DescribeMetricFilters", "logs:DescribeMetricFilters"),
        ("sns", "ListSubscriptions", "sns:ListSubscriptions"),
        ("cloudtrail", "GetEventSelectors", "cloudtrail:GetEventSelectors"),
    ],
)
def test_what_cannot_be_seen_is_unknown_with_the_permission(
    account: Account, client: Client, service: str, operation: str, permission: str
) -> None:
    del client
    account.simulation.disturb(Fault(Disturbance.DENIED, service, operation, HOME))
    try:
        found = account.sweep()
    finally:
        account.simulation.disturb()
    assert {status for status, _ in found.values()} == {Status.UNKNOWN}
    assert all(permission in reason for _, reason in found.values())


def test_a_run_of_other_regions_still_sees_the_trail_of_all_regions() -> None:
    with simulated_account(frozenset({30400, 30401}), (AWAY,)) as account, ExitStack() as stack:

        def client(service: str, region: str) -> Any:
            return stack.enter_context(closing(account.simulation.client(service, region)))

        client("s3", HOME).create_bucket(Bucket="trail-logs")
        for region, name, is_wide in ((HOME, "wide", True), (HOME, "narrow", False), (AWAY, "local", False)):
            client("cloudtrail", region).create_trail(Name=name, S3BucketName="trail-logs", IsMultiRegionTrail=is_wide)
            client("cloudtrail", region).start_logging(Name=name)
        found = account.sweep()
    assert found["global", ACCOUNT_ID, 30400][0] is Status.PASS
    trails = {key[1].rpartition("/")[2] for key in found if key[2] == 30401}
    assert trails == {"wide", "local"}
