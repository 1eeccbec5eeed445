"""Connectors on the wire (contract §7.1), as rows. What people send is read in `connector_drafts`."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from nephoscope.api.wire.tags import tag_id
from nephoscope.kit.dates import java
from nephoscope.model.connectors import AwsAccess, AzureAccess, Connector

CONNECTOR_IDS = "connectorIds"

_GOV = frozenset({"aws-us-gov", "AzureUSGovernment"})
_CHINA = frozenset({"aws-cn", "AzureChinaCloud"})


class PollingFrequency(msgspec.Struct, frozen=True):
    hours: int
    minutes: int


class ConnectorTag(msgspec.Struct, frozen=True, rename="camel"):
    tag_id: str
    tag_name: str


class ConnectorGroup(msgspec.Struct, frozen=True):
    name: str
    uuid: UUID


class AwsConnector(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
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


class CreatedAwsConnector(AwsConnector, frozen=True, rename="camel", kw_only=True):
    """The answer to a creation: `qualys_account_id` is the principal that the account's role has to trust."""

    qualys_account_id: str


class ConnectorRow(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What connectors of the other clouds have in common, in no particular order."""

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
    is_disabled: bool
    polling_frequency: PollingFrequency
    error: str
    """Empty while the connector is healthy; some clients take any other text for a failure of the call."""
    portal_connector_uuid: str | None
    is_portal_connector: bool
    groups: list[ConnectorGroup]


class AzureConnector(ConnectorRow, frozen=True, rename="camel", kw_only=True):
    """One Azure connector. The key is never shown."""

    subscription_id: str
    subscription_name: str
    tenant_id: str
    directory_id: str
    application_id: str


class GcpConnector(ConnectorRow, frozen=True, rename="camel", kw_only=True):
    """One Google Cloud connector. The key file is never shown."""

    project_id: str


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


def connector_row(
    connector: Connector, tag_names: Iterable[str] = (), groups: Iterable[tuple[UUID, str]] = ()
) -> AwsConnector | AzureConnector | GcpConnector:
    """`groups` are (uuid, name)."""
    common = _common(connector, tag_names, groups)
    match connector.access:
        case AwsAccess() as access:
            return AwsConnector(
                **common,
                aws_account_id=connector.account_id,
                account_alias=connector.account_alias,
                base_account_id=None if access.role_arn else connector.account_id,
                external_id=access.external_id,
                arn=access.role_arn,
            )
        case AzureAccess() as access:
            return AzureConnector(
                **common,
                subscription_id=connector.account_id,
                subscription_name=connector.account_alias,
                tenant_id=access.tenant_id,
                directory_id=access.tenant_id,
                application_id=access.application_id,
            )
        case _:
            return GcpConnector(**common, project_id=connector.account_id)


def _common(connector: Connector, tag_names: Iterable[str], groups: Iterable[tuple[UUID, str]]) -> dict[str, Any]:
    return {
        "name": connector.name,
        "connector_id": connector.uuid,
        "description": connector.description,
        "provider": connector.provider.value,
        "state": connector.state.value,
        "total_assets": connector.total_assets,
        "last_synced_on": _java(connector.last_synced_on),
        "next_synced_on": _java(connector.due_on),
        "remediation_enabled": False,
        "qualys_tags": [ConnectorTag(str(tag_id(name)), name) for name in tag_names],
        "is_gov_cloud": _cloud(connector) in _GOV,
        "is_china_region": _cloud(connector) in _CHINA,
        "is_disabled": connector.is_disabled,
        "polling_frequency": PollingFrequency(*divmod(connector.polling_minutes, 60)),
        "error": connector.error,
        "portal_connector_uuid": None,
        "is_portal_connector": connector.is_portal_connector,
        "groups": [ConnectorGroup(name, uuid) for uuid, name in groups],
    }


def _cloud(connector: Connector) -> str:
    match connector.access:
        case AwsAccess() as access:
            return access.partition
        case AzureAccess() as access:
            return access.cloud
        case _:
            return ""


def created_row(connector: Connector, bases: dict[str, str]) -> CreatedAwsConnector | AzureConnector | GcpConnector:
    row = connector_row(connector)
    if not isinstance(row, AwsConnector):
        return row
    return CreatedAwsConnector(**msgspec.structs.asdict(row), qualys_account_id=bases.get(_cloud(connector), ""))


def base_accounts(bases: dict[str, str]) -> BaseAccounts:
    return BaseAccounts(bases.get("aws", ""), bases.get("aws-cn", ""), bases.get("aws-us-gov", ""))


def runs_queued(queued: Sequence[UUID], running: Sequence[UUID]) -> RunsQueued:
    message = f"{len(queued)} runs queued" + (f", {len(running)} already running" if running else "")
    return RunsQueued(tuple(queued), tuple(running), message)


def _java(moment: datetime | None) -> str | None:
    return java(moment) if moment else None
