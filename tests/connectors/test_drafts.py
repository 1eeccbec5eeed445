"""A draft is held to every rule at once, and merges into what was there."""

import contextlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nephoscope.connectors.arns import RoleArn, parse_role, partition_of_region
from nephoscope.connectors.drafts import Draft, apply, reschedule
from nephoscope.errors import BadRequestError
from nephoscope.model.connectors import AwsAccess, Connector
from nephoscope.model.providers import Provider

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BLANK = Connector(uuid=UUID(int=1), provider=Provider.AWS, account_id="", name="", created_on=NOW)
ROLE = "arn:aws:iam::123456789012:role/reader"
GOOD = Draft(name="prod", arn=ROLE, external_id="123456789")


def problems(draft: Draft, before: Connector = BLANK) -> tuple[str, ...]:
    with pytest.raises(BadRequestError) as caught:
        apply(draft, before)
    return caught.value.problems


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        (ROLE, RoleArn("aws", "123456789012")),
        ("arn:aws-us-gov:iam::123456789012:role/a/b/c", RoleArn("aws-us-gov", "123456789012")),
        ("arn:aws-cn:iam::123456789012:role/x", RoleArn("aws-cn", "123456789012")),
        ("arn:aws-iso:iam::123456789012:role/x", None),
        ("arn:aws:iam::12345678901:role/x", None),
        ("arn:aws:iam::١٢٣٤٥٦٧٨٩٠١٢:role/x", None),
        ("arn:aws:iam::123456789012:user/x", None),
        ("arn:aws:iam::123456789012:role/", None),
        ("arn:aws:iam::123456789012:role/a b", None),
        (ROLE + "\n", None),
        ("arn:aws:sts::123456789012:assumed-role/x", None),
        ("", None),
    ],
)
def test_a_role_arn_names_partition_and_account(arn: str, expected: RoleArn | None) -> None:
    assert parse_role(arn) == expected


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-central-1", "aws"),
        ("ap-southeast-5", "aws"),
        ("us-gov-west-1", "aws-us-gov"),
        ("cn-northwest-1", "aws-cn"),
        ("us-east", None),
        ("US-EAST-1", None),
        ("global", None),
        ("x" * 100_000, None),
    ],
)
def test_a_region_lies_in_a_partition(region: str, partition: str | None) -> None:
    assert partition_of_region(region) == partition


def test_account_and_partition_come_from_the_arn() -> None:
    made = apply(Draft(name=" prod ", arn="arn:aws-cn:iam::210987654321:role/r", external_id=123456789), BLANK)
    assert (made.name, made.account_id, made.aws.partition) == ("prod", "210987654321", "aws-cn")
    assert made.aws.external_id == "123456789"
    assert made.polling_minutes == 240


def test_own_credentials_need_an_account() -> None:
    assert apply(Draft(name="here", account_id="123456789012"), BLANK).access == AwsAccess()
    assert [problem.split(":")[0] for problem in problems(Draft(name="here"))] == ["arn"]


def test_every_problem_is_named_at_once() -> None:
    draft = Draft(
        arn="arn:aws:iam::1:role/x",
        external_id="12345678",
        endpoint_url="ftp://host",
        regions=("eu-central-1", "cn-north-1", "nowhere"),
        polling_minutes=59,
        description="x" * 5_000,
        profile="a\nb",
    )
    assert [problem.split(":")[0] for problem in problems(draft)] == [
        "name",
        "description",
        "pollingFrequency",
        "arn",
        "externalId",
        "endpointUrl",
        "profile",
        "regions",
        "regions",
    ]


@pytest.mark.parametrize("external_id", ["1" * 9, "1" * 90, 123456789, " 123456789 ", ""])
def test_external_ids_that_will_do(external_id: str | int) -> None:
    made = apply(msgspec.structs.replace(GOOD, external_id=external_id), BLANK)
    assert made.aws.external_id == str(external_id).strip()


@pytest.mark.parametrize("external_id", ["1" * 8, "1" * 91, "12345678a", -123456789, "\uff11" * 9])
def test_external_ids_that_will_not_do(external_id: str | int) -> None:
    assert problems(msgspec.structs.replace(GOOD, external_id=external_id))[0].startswith("externalId")


def test_arn_and_account_must_agree() -> None:
    assert problems(msgspec.structs.replace(GOOD, account_id="999999999999"))[0].startswith("awsAccountId")
    assert problems(msgspec.structs.replace(GOOD, partition="aws-cn"))[0].startswith("partition")


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("http://127.0.0.1:5000", True),
        ("https://vpce.example.com/path", True),
        ("http://", False),
        ("http://host:port", False),
        ("http://[", False),
        ("http://a b", False),
        ("file:///etc/passwd", False),
        ("http://h?x=1", False),
    ],
)
def test_endpoints(url: str, fits: bool) -> None:
    draft = msgspec.structs.replace(GOOD, endpoint_url=url)
    if fits:
        assert apply(draft, BLANK).aws.endpoint_url == url
    else:
        assert problems(draft)[0].startswith("endpointUrl")


def test_an_update_says_only_what_changes() -> None:
    before = apply(GOOD, BLANK)
    after = apply(Draft(description="new", polling_minutes=60, regions=("eu-west-1", "eu-west-1")), before)
    assert after == msgspec.structs.replace(
        before,
        description="new",
        polling_minutes=60,
        access=msgspec.structs.replace(before.access, regions=("eu-west-1",)),
    )
    assert apply(Draft(), before) == before


def test_a_connector_keeps_its_account() -> None:
    before = apply(GOOD, BLANK)
    other = "arn:aws:iam::210987654321:role/reader"
    assert problems(Draft(arn=other), before)[0].startswith("arn: a connector keeps its account (123456789012)")
    assert apply(Draft(arn="arn:aws:iam::123456789012:role/other"), before).account_id == "123456789012"


def test_a_new_frequency_counts_from_the_last_run() -> None:
    before = msgspec.structs.replace(apply(GOOD, BLANK), last_synced_on=NOW, next_sync_on=NOW + timedelta(minutes=240))
    after = apply(Draft(polling_minutes=60), before)
    assert reschedule(before, after, NOW).next_sync_on == NOW + timedelta(minutes=60)
    assert reschedule(before, before, NOW).next_sync_on == before.next_sync_on
    assert reschedule(BLANK, BLANK, NOW).next_sync_on == NOW


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80), st.integers())
def test_any_text_is_accepted_or_refused_in_words(name: str, arn: str, account: str, minutes: int) -> None:
    draft = Draft(name=name, arn=arn, account_id=account, external_id=account, polling_minutes=minutes)
    with contextlib.suppress(BadRequestError):
        made = apply(draft, BLANK)
        assert len(made.account_id) == 12
        assert made.name
