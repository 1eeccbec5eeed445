"""How a scope ends, what it keeps, and which calls it makes."""

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fake_aws import Answer, Ask, FakeAws, FakePace, Reply, closed_port, error
from nephoscope.clouds.aws.collecting import Calls, Collector, Detail, Raw, listing
from nephoscope.clouds.aws.engine import AwsAccount
from nephoscope.clouds.doors import Collected
from nephoscope.clouds.pacing import Limits
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome, Scope

Enter = Callable[..., AwsAccount]
HERE = Scope("KEYS", "us-east-1")
DENIED = error("AccessDeniedException", "User: x is not authorized to perform: kms:GetKeyPolicy on resource: y")
GONE = error("NotFoundException", "Key is gone")
THROTTLED = error("ThrottlingException", "Rate exceeded")


def keys(*names: str, after: str = "") -> Answer:
    """A page of keys; `after` is the marker of the next one."""
    more = {"Truncated": True, "NextMarker": after} if after else {"Truncated": False}
    return lambda _: (200, {"Keys": [{"KeyId": name} for name in names], **more})


def shape(raw: Raw, _: object) -> Observed:
    return Observed(raw["KeyId"], raw["KeyId"], "", {"keyId": raw["KeyId"], "policy": None, "rotation": None})


def policy(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    return {"policy": calls.call("kms", "get_key_policy", KeyId=raw["KeyId"])["Policy"]}


def rotation(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    return {"rotation": calls.call("kms", "get_key_rotation_status", KeyId=raw["KeyId"])["KeyRotationEnabled"]}


KEYS = Collector(
    "KEYS",
    listing("kms", "list_keys", "Keys"),
    shape,
    (
        Detail(("policy",), ("kms:GetKeyPolicy",), policy),
        Detail(("rotation",), ("kms:GetKeyRotationStatus",), rotation),
    ),
)
PLAIN = Collector("KEYS", KEYS.fetch, shape)


def collect(account: AwsAccount, *fields: str, scope: Scope = HERE) -> Collected:
    return account.collect(scope, {"KEYS": frozenset(fields)})


def ids(collected: Collected) -> list[str]:
    return [one.resource_id for one in collected.resources]


def test_a_complete_scope_has_every_page_once_and_in_order(aws: FakeAws, enter: Enter) -> None:
    aws.answers["ListKeys"] = [keys("c", "a", after="2"), keys("b", "a")]
    collected = collect(enter(PLAIN))
    assert ids(collected) == ["a", "b", "c"]
    report = collected.report
    assert (report.scope, report.outcome, report.permission, report.message) == (HERE, Outcome.COMPLETE, "", "")
    assert (report.resources, report.calls) == (3, 2)
    assert aws.asks[-1].arguments == {"Marker": "2"}


@pytest.mark.parametrize(
    ("answer", "outcome", "message"),
    [
        (error("AccessDeniedException", status=400), Outcome.DENIED, "kms:ListKeys"),
        (error("NotImplemented", status=501), Outcome.FAILED, "not implemented"),
        (lambda _: (500, "<!doctype html><html><title>500</title></html>"), Outcome.FAILED, "500"),
        (lambda _: (404, "<!doctype html><html><title>404</title></html>"), Outcome.FAILED, "404"),
        (lambda _: (200, "<html>Please log in</html>"), Outcome.FAILED, "not an AWS answer"),
        (error("KMSInternalException", "oops", status=500), Outcome.FAILED, "oops"),
        (lambda _: (0, ""), Outcome.FAILED, "closed without an answer"),
        (error("UnrecognizedClientException", "bad token", status=403), Outcome.FAILED, "is the region enabled"),
        (THROTTLED, Outcome.THROTTLED, "still throttled"),
    ],
)
def test_a_scope_says_how_it_ended_and_keeps_what_it_saw(
    aws: FakeAws, enter: Enter, answer: Answer, outcome: Outcome, message: str
) -> None:
    aws.answers["ListKeys"] = [keys("a", "b", after="2"), answer]
    collected = collect(enter(PLAIN))
    assert ids(collected) == ["a", "b"]
    assert collected.report.outcome is outcome
    assert message in collected.report.message
    assert collected.report.permission == ("kms:ListKeys" if outcome is Outcome.DENIED else "")


def test_the_permission_is_the_one_that_the_message_names(aws: FakeAws, enter: Enter) -> None:
    aws.answers["ListKeys"] = DENIED
    assert collect(enter(PLAIN)).report.permission == "kms:GetKeyPolicy"


def test_a_service_that_is_not_there_is_complete_and_empty(aws: FakeAws, enter: Enter) -> None:
    aws.answers["ListKeys"] = error("OptInRequired", "not here")
    report = collect(enter(PLAIN)).report
    assert (report.outcome, report.resources) == (Outcome.COMPLETE, 0)
    assert "not here" in report.message


def test_throttled_calls_are_repeated_with_growing_pauses(aws: FakeAws, enter: Enter, pace: FakePace) -> None:
    aws.answers["ListKeys"] = [THROTTLED, THROTTLED, error("TooManyRequestsException", status=429), keys("a")]
    collected = collect(enter(PLAIN))
    assert ids(collected) == ["a"]
    assert pace.naps == [0.25, 0.5, 1.0]
    assert collected.report.calls == 4


def test_throttling_forever_ends_within_the_patience(aws: FakeAws, enter: Enter, pace: FakePace) -> None:
    aws.answers["ListKeys"] = THROTTLED
    account = enter(PLAIN, limits=Limits(patience=20.0))
    assert collect(account).report.outcome is Outcome.THROTTLED
    assert 10.0 < pace.now <= 20.0
    for _ in range(5):
        assert collect(account).report.outcome is Outcome.THROTTLED
    assert pace.now <= 20.0, "who comes later does not wait through the same drought again"


@pytest.mark.parametrize("answer", [error("NotImplemented", status=501), lambda _: (404, "<!doctype html>")])
def test_what_is_not_implemented_delays_nothing(aws: FakeAws, enter: Enter, pace: FakePace, answer: Answer) -> None:
    aws.answers["ListKeys"] = answer
    assert collect(enter(PLAIN)).report.calls == 1
    assert pace.naps == []


def test_a_server_error_may_be_a_moments(aws: FakeAws, enter: Enter) -> None:
    aws.answers["ListKeys"] = [error("KMSInternalException", status=500), lambda _: (0, ""), keys("a")]
    assert ids(collect(enter(PLAIN))) == ["a"]


def test_a_dead_endpoint_fails_its_scopes_and_no_others(
    aws: FakeAws, enter: Enter, pace: FakePace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", f"http://127.0.0.1:{closed_port()}")
    aws.answers["ListKeys"] = keys("a")
    queues = Collector("QUEUES", listing("sqs", "list_queues", "QueueUrls"), shape)
    account = enter(PLAIN, queues, endpoint_url="")
    dead = Scope("QUEUES", "us-east-1")
    first = account.collect(dead, {"QUEUES": frozenset()}).report
    assert first.outcome is Outcome.FAILED
    assert "sqs in us-east-1 cannot be reached" in first.message
    slept = pace.now
    assert account.collect(dead, {"QUEUES": frozenset()}).report.calls == 0
    assert pace.now == slept < 1.0
    assert ids(collect(account)) == ["a"]


def test_an_endpoint_that_stays_silent_is_given_up(aws: FakeAws, enter: Enter) -> None:
    over = threading.Event()

    def silence(_: Ask) -> Reply:
        over.wait(30)
        return 0, ""

    aws.answers["ListKeys"] = silence
    account = enter(PLAIN, limits=Limits(read_timeout=0.05, silences=2))
    reports = [collect(account).report for _ in range(3)]
    over.set()
    assert [report.outcome for report in reports] == [Outcome.FAILED] * 3
    assert [report.calls for report in reports] == [1, 1, 0]


def test_only_needed_details_are_read(aws: FakeAws, enter: Enter) -> None:
    aws.answers |= {"ListKeys": keys("a"), "GetKeyPolicy": lambda _: (200, {"Policy": "{}"})}
    account = enter(KEYS)
    (found,) = collect(account, "policy", "keyId").resources
    assert found.document == {"keyId": "a", "policy": "{}"}
    assert found.unread == {}
    (bare,) = collect(account, "keyId").resources
    assert bare.document == {"keyId": "a"}, "what was not read is not null"
    assert (aws.count("GetKeyPolicy"), aws.count("GetKeyRotationStatus")) == (1, 0)


@pytest.mark.parametrize(
    ("answer", "unread", "permission"),
    [
        (DENIED, "denied: kms:GetKeyPolicy", "kms:GetKeyPolicy"),
        (THROTTLED, "throttled: kms GetKeyPolicy in us-east-1 is still throttled.", ""),
        (error("NotImplemented", status=501), "failed: kms GetKeyPolicy in us-east-1 is not implemented there.", ""),
        (lambda _: (200, {}), "failed: the answer could not be understood (KeyError)", ""),
    ],
)
def test_a_detail_that_fails_leaves_its_field_unread(
    aws: FakeAws, enter: Enter, answer: Answer, unread: str, permission: str
) -> None:
    aws.answers |= {
        "ListKeys": keys("a", "b"),
        "GetKeyPolicy": answer,
        "GetKeyRotationStatus": lambda _: (200, {"KeyRotationEnabled": True}),
    }
    collected = collect(enter(KEYS), "policy", "rotation")
    assert [one.document for one in collected.resources] == [
        {"keyId": "a", "rotation": True},
        {"keyId": "b", "rotation": True},
    ]
    assert [one.unread for one in collected.resources] == [{"policy": unread}] * 2
    report = collected.report
    assert (report.outcome, report.permission) == (Outcome.COMPLETE, permission)
    assert report.message == f"Not read: policy ({unread}) on 2 of 2."


def test_what_vanished_before_its_details_is_dropped(aws: FakeAws, enter: Enter) -> None:
    def answer(ask: Ask) -> Reply:
        return GONE(ask) if ask.arguments["KeyId"] == "a" else (200, {"Policy": "{}"})

    aws.answers |= {"ListKeys": keys("a", "b"), "GetKeyPolicy": answer}
    collected = collect(enter(KEYS), "policy")
    assert ids(collected) == ["b"]
    assert (collected.report.outcome, collected.report.resources) == (Outcome.COMPLETE, 1)


def test_an_item_that_cannot_be_shaped_fails_the_scope_and_keeps_the_others(aws: FakeAws, enter: Enter) -> None:
    aws.answers["ListKeys"] = lambda _: (200, {"Keys": [{"KeyId": "a"}, {"KeyArn": "b"}, {"KeyId": "c"}]})
    collected = collect(enter(PLAIN))
    assert ids(collected) == ["a", "c"]
    assert collected.report.outcome is Outcome.FAILED
    assert "KEYS" in collected.report.message
    assert "KeyError" in collected.report.message


def test_a_listing_that_cannot_be_understood_fails_the_scope(aws: FakeAws, enter: Enter) -> None:
    def fetch(calls: Calls) -> Iterable[Raw]:
        yield from calls.items("kms", "list_keys", "Keys")
        raise AttributeError("nothing of the kind")

    aws.answers["ListKeys"] = keys("a")
    collected = collect(enter(Collector("KEYS", fetch, shape)))
    assert ids(collected) == ["a"]
    assert (collected.report.outcome, "AttributeError" in collected.report.message) == (Outcome.FAILED, True)


@pytest.mark.parametrize("wrong", [("teapot", "list_pots"), ("kms", "list_pots")])
def test_a_call_that_does_not_exist_fails_the_scope(enter: Enter, wrong: tuple[str, str]) -> None:
    assert collect(enter(Collector("KEYS", listing(*wrong, "Pots"), shape))).report.outcome is Outcome.FAILED


def shared_aliases(calls: Calls) -> Iterable[Raw]:
    return [{"KeyId": row["AliasName"]} for row in calls.shared("kms", "list_aliases", "Aliases")]


def test_what_scopes_share_is_asked_once(aws: FakeAws, enter: Enter) -> None:
    together = threading.Barrier(8)

    def fetch(calls: Calls) -> Iterable[Raw]:
        together.wait(10)
        return shared_aliases(calls)

    aws.answers["ListAliases"] = lambda _: (200, {"Aliases": [{"AliasName": "a"}], "Truncated": False})
    account = enter(Collector("KEYS", fetch, shape), regions=("us-east-1", "eu-west-1"))
    scopes = [Scope("KEYS", region) for region in ("us-east-1", "eu-west-1")] * 4
    with ThreadPoolExecutor(8) as threads:
        collected = list(threads.map(lambda scope: collect(account, scope=scope), scopes))
    assert [ids(one) for one in collected] == [["a"]] * 8
    assert aws.count("ListAliases") == 2, "once for each region"
    assert sum(one.report.calls for one in collected) == 2


def test_errors_are_shared_too(aws: FakeAws, enter: Enter) -> None:
    aws.answers["ListAliases"] = error("AccessDeniedException")
    account = enter(Collector("KEYS", shared_aliases, shape))
    reports = [collect(account).report for _ in range(3)]
    assert [report.permission for report in reports] == ["kms:ListAliases"] * 3
    assert aws.count("ListAliases") == 1


def test_a_shared_question_differs_by_its_arguments(aws: FakeAws, enter: Enter) -> None:
    def fetch(calls: Calls) -> Iterable[Raw]:
        return [calls.shared("kms", "describe_key", KeyId=name)["KeyMetadata"] for name in ("a", "b", "a")]

    aws.answers["DescribeKey"] = lambda ask: (200, {"KeyMetadata": {"KeyId": ask.arguments["KeyId"]}})
    assert ids(collect(enter(Collector("KEYS", fetch, shape)))) == ["a", "b"]
    assert aws.count("DescribeKey") == 2


def test_a_call_may_go_to_another_region(aws: FakeAws, enter: Enter) -> None:
    def fetch(calls: Calls) -> Iterable[Raw]:
        yield calls.call("kms", "describe_key", region="eu-north-1", KeyId="a")["KeyMetadata"]
        yield from calls.items("kms", "list_keys", "Keys", region="global")

    aws.answers |= {"DescribeKey": lambda ask: (200, {"KeyMetadata": {"KeyId": ask.region}}), "ListKeys": keys("b")}
    collected = collect(
        enter(Collector("KEYS", fetch, shape), regions=("ap-south-1",)), scope=Scope("KEYS", "ap-south-1")
    )
    assert ids(collected) == ["b", "eu-north-1"]
    assert aws.asks[-1].region == "us-east-1"


def test_calls_are_counted_by_service(aws: FakeAws, enter: Enter) -> None:
    aws.answers["ListKeys"] = [error("KMSInternalException", status=500), keys("a")]
    account = enter(PLAIN)
    collect(account)
    assert account.statistics() == {"kms": (2, 1), "sts": (1, 0)}
