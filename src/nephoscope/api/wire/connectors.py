"""Connectors on the wire (contract §7.1): rows out, drafts in."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from nephoscope.api.wire.reading import Reading
from nephoscope.api.wire.tags import tag_id
from nephoscope.connectors.connectors import Draft
from nephoscope.kit.dates import java
from nephoscope.model.connectors import Connector

CONNECTOR_IDS = "connectorIds"

_GOV, _CHINA = "aws-us-gov", "aws-cn"
_ACCOUNT_DIGITS = 12


class PollingFrequency(msgspec.Struct, frozen=True):
    hours: int
    minutes: int


class ConnectorTag(msgspec.Struct, frozen=True, rename="camel"):
    tag_id: str
    tag_name: str


class ConnectorGroup(msgspec.Struct, frozen=True):
    name: str
    uuid: UUID


class AwsConnector(msgspec.Struct, frozen=True, rename="camel"):
    """One AWS connector. A client exists that fails on any key beyond these, and on any other spelling of the dates."""

    name: str
    connector_id: UUID
    description: str
    provider: str
    state: str
    total_assets: int
    last_synced_on: str | None
    next_synced_on: str | None
    remediation_enabled: bool
    qualys_tags: list[ConnectorTag]
    is_gov_cloud: bool
    is_china_region: bool
    aws_account_id: str
    account_alias: str
    is_disabled: bool
    polling_frequency: PollingFrequency
    error: str
    """Empty while the connector is healthy; some clients take any other text for a failure of the call."""
    base_account_id: str | None
    """The account that assumes the role; known for connectors that use the program's own credentials."""
    external_id: str
    arn: str
    portal_connector_uuid: str | None
    is_portal_connector: bool
    groups: list[ConnectorGroup]


class CreatedAwsConnector(AwsConnector, frozen=True, rename="camel"):
    """The answer to a creation: `qualys_account_id` is the principal that the account's role has to trust."""

    qualys_account_id: str


class BaseAccounts(msgspec.Struct, frozen=True, rename="camel"):
    """The accounts whose credentials this program has, by partition. The truth values are words on this wire."""

    global_account_id: str
    china_account_id: str
    gov_account_id: str
    customer_global_account: str = "false"
    customer_china_account: str = "false"
    customer_gov_account: str = "false"


class RunsQueued(msgspec.Struct, frozen=True, rename="camel"):
    """`connector_ids` were queued now; `already_running` had a run on its way."""

    connector_ids: tuple[UUID, ...]
    already_running: tuple[UUID, ...]
    message: str


def connector_row(connector: Connector, tag_names: Iterable[str] = ()) -> AwsConnector:
    access = connector.access
    hours, minutes = divmod(connector.polling_minutes, 60)
    return AwsConnector(
        name=connector.name,
        connector_id=connector.uuid,
        description=connector.description,
        provider=connector.provider.value,
        state=connector.state.value,
        total_assets=connector.total_assets,
        last_synced_on=_java(connector.last_synced_on),
        next_synced_on=_java(connector.next_sync_on),
        remediation_enabled=False,
        qualys_tags=[ConnectorTag(str(tag_id(name)), name) for name in tag_names],
        is_gov_cloud=access.partition == _GOV,
        is_china_region=access.partition == _CHINA,
        aws_account_id=connector.account_id,
        account_alias=connector.account_alias,
        is_disabled=connector.is_disabled,
        polling_frequency=PollingFrequency(hours, minutes),
        error=connector.error,
        base_account_id=None if access.role_arn else connector.account_id,
        external_id=access.external_id,
        arn=access.role_arn,
        portal_connector_uuid=None,
        is_portal_connector=connector.is_portal_connector,
        groups=[],
    )


def created_row(connector: Connector, bases: dict[str, str]) -> CreatedAwsConnector:
    row = msgspec.structs.asdict(connector_row(connector))
    return CreatedAwsConnector(**row, qualys_account_id=bases.get(connector.access.partition, ""))


def base_accounts(bases: dict[str, str]) -> BaseAccounts:
    return BaseAccounts(bases.get("aws", ""), bases.get(_CHINA, ""), bases.get(_GOV, ""))


def runs_queued(queued: Sequence[UUID], running: Sequence[UUID]) -> RunsQueued:
    message = f"{len(queued)} runs queued" + (f", {len(running)} already running" if running else "")
    return RunsQueued(tuple(queued), tuple(running), message)


def read_draft(body: Reading) -> Draft:
    """What the body says of a connector. Wrong fields are in `body.problems` afterwards, and not in the draft.

    Read-only keys that clients send back (`connectorId`, `state`, `totalAssets`) are ignored, an empty `arn` or
    `awsAccountId` counts as not given. Endpoint and profile are the operator's business and cannot be set here.
    """
    account = body.text("awsAccountId", digits=True)
    regions = body.texts("regions")
    if body.flag("allRegions"):
        regions = ()
    return Draft(
        name=body.text("name"),
        description=body.text("description"),
        arn=body.text("arn") or None,
        external_id=body.text("externalId", digits=True),
        account_id=account.zfill(_ACCOUNT_DIGITS) if account else None,
        regions=regions,
        partition=_partition(body),
        polling_minutes=_polling_minutes(body),
        is_disabled=body.flag("isDisabled", "disabled"),
        is_portal_connector=body.flag("isPortalConnector"),
    )


def _partition(body: Reading) -> str | None:
    """None when neither flag is set: then the ARN says it."""
    gov, china = body.flag("isGovCloud", "isGovCloudConfigured"), body.flag("isChinaRegion")
    if gov and china:
        body.problems.append("isGovCloud: a connector is for GovCloud or for China, not for both")
    if gov:
        return _GOV
    return _CHINA if china else None


def _polling_minutes(body: Reading) -> int | None:
    frequency = body.inner("pollingFrequency")
    if frequency is None:
        return None
    hours, minutes = frequency.number("hours"), frequency.number("minutes")
    return None if hours is None and minutes is None else (hours or 0) * 60 + (minutes or 0)


def _java(moment: datetime | None) -> str | None:
    return java(moment) if moment else None
