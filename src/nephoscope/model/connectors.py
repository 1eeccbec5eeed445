"""A connector: one cloud account and how to enter it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from nephoscope.model.providers import Provider

MINIMUM_POLLING_MINUTES = 60
DEFAULT_POLLING_MINUTES = 240


class ConnectorState(StrEnum):
    """The states of the API."""

    PENDING = "PENDING"
    REGIONS_DISCOVERED = "REGIONS_DISCOVERED"
    SUCCESS = "SUCCESS"
    ERROR = "ERROR"


class Access(msgspec.Struct, frozen=True):
    """How to enter an AWS account. An empty `role_arn` means the credentials of the process itself
    (environment, profile, instance role). Empty `regions` means every enabled one."""

    role_arn: str = ""
    external_id: str = ""
    profile: str = ""
    endpoint_url: str = ""
    regions: tuple[str, ...] = ()
    partition: str = "aws"
    """`aws`, `aws-us-gov` or `aws-cn`."""


class Connector(msgspec.Struct, frozen=True):
    """`key` is the store's small number for the account: every row of the account starts with it. 0 until stored."""

    uuid: UUID
    provider: Provider
    account_id: str
    name: str
    created_on: datetime
    key: int = 0
    description: str = ""
    access: Access = Access()
    polling_minutes: int = DEFAULT_POLLING_MINUTES
    is_disabled: bool = False
    is_portal_connector: bool = False
    account_alias: str = ""
    state: ConnectorState = ConnectorState.PENDING
    error: str = ""
    """Why the last run failed as a whole; empty when healthy."""
    total_assets: int = 0
    last_synced_on: datetime | None = None
    next_sync_on: datetime | None = None
