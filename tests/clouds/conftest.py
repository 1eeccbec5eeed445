"""A fake AWS, made-up credentials, and an account that is entered with them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from fake_aws import FakeAws, FakePace, fake_aws
from nephoscope.clouds.aws.collecting import Collector
from nephoscope.clouds.aws.engine import AwsAccount, Table, open_account
from nephoscope.clouds.pacing import Limits
from nephoscope.model.connectors import AwsAccess
from nephoscope.model.providers import Provider
from nephoscope.resource_types.types import ResourceType

Enter = Callable[..., AwsAccount]


@pytest.fixture(autouse=True)
def aws_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Made-up credentials, and no word of the machine's own configuration."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "OWNKEY",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def aws() -> Iterator[FakeAws]:
    with fake_aws() as fake:
        yield fake


@pytest.fixture
def pace() -> FakePace:
    return FakePace()


@pytest.fixture
def enter(aws: FakeAws, pace: FakePace) -> Iterator[Enter]:
    """`enter(collector, …, limits=…, **access)`: an account of the fake cloud with those collectors."""
    with ExitStack() as stack:

        def open_it(*collectors: Collector, limits: Limits | None = None, **access: Any) -> AwsAccount:
            access = {"endpoint_url": aws.url, "regions": ("us-east-1",)} | access
            account = open_account(AwsAccess(**access), limits=limits, pace=pace.pace, table=table(*collectors))
            stack.callback(account.close)
            return account

        yield open_it


def table(*collectors: Collector) -> Table:
    """Types named GLOBAL_… have no region."""
    types = {
        one.resource_type: ResourceType(
            name=one.resource_type,
            provider=Provider.AWS,
            service_type="KMS",
            title=one.resource_type,
            permissions=("kms:DescribeKey", "kms:ListAliases", "kms:ListKeys", "sqs:ListQueues"),
            fields=(),
            is_regional=not one.resource_type.startswith("GLOBAL_"),
        )
        for one in collectors
    }
    return Table(types, {one.resource_type: one for one in collectors})
