"""Exceptions on the wire (contract §7.6): the three answers of the seed's samples, and the ids of a deletion."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from nephoscope.api.wire.reading import identifiers
from nephoscope.kit.dates import compact
from nephoscope.model.connectors import Connector
from nephoscope.model.controls import Control
from nephoscope.model.exceptions import ExceptionScope, ExemptResource, PolicyException
from nephoscope.model.resources import Resource
from nephoscope.resource_types.table import RESOURCE_TYPES

EXCEPTION_IDS, EXCEPTION_ID = "exceptionIds", "exceptionId"


class CreatedException(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to a creation."""

    uuid: UUID
    exception_name: str
    state: str


class ExceptionRow(msgspec.Struct, frozen=True, rename="camel"):
    """One row of the list, where the first day is `startingDate`: the detail calls it `startDate`."""

    uuid: UUID
    name: str
    description: str
    reason: str
    state: str
    starting_date: str
    ending_date: str
    created_by: str
    updated_by: str
    created_on: str
    updated_on: str
    scope: str


class ExemptConnector(msgspec.Struct, frozen=True):
    """An account that the exception names. `uuid` and `name` are null while no connector enters it."""

    uuid: UUID | None
    name: str | None
    account: str


class ExemptResourceBody(msgspec.Struct, frozen=True, rename="camel"):
    """A resource that the exception names. Types and uuid are null while nobody has seen it."""

    service_type: str | None
    resource_type: str | None
    resource_id: str
    account: str
    uuid: UUID | None


class ExemptControl(msgspec.Struct, frozen=True):
    """Here, and nowhere else on this wire, the number of a control is a text. `criticality` is null for a control that
    has left the catalogue."""

    criticality: str | None
    name: str
    id: str


class ExceptionSummary(msgspec.Struct, frozen=True, rename="camel"):
    exception_scope: str
    resource_tag_names: tuple[str, ...]
    connector_tag_names: tuple[str, ...]
    connectors: tuple[ExemptConnector, ...]
    resources: tuple[ExemptResourceBody, ...]
    controls: tuple[ExemptControl, ...]
    provider: str


class ExceptionDetail(msgspec.Struct, frozen=True, rename="camel"):
    uuid: UUID
    name: str
    description: str
    reason: str
    start_date: str
    end_date: str
    created_by: str
    updated_by: str
    reference_doc_link: str
    """Always empty: documents are not kept here."""
    created_on: str
    updated_on: str
    state: str
    exception_summary: ExceptionSummary


class Known(msgspec.Struct, frozen=True):
    """What is known of the things that exceptions name: controls by cid, connectors by account, and the resources seen
    under each name."""

    controls: Mapping[int, Control]
    connectors: Mapping[str, Connector]
    resources: Mapping[ExemptResource, Sequence[Resource]]


def created(exception: PolicyException, now: datetime) -> CreatedException:
    return CreatedException(exception.uuid, exception.name, exception.state(now).value)


def exception_row(exception: PolicyException, now: datetime) -> ExceptionRow:
    return ExceptionRow(
        uuid=exception.uuid,
        name=exception.name,
        description=exception.explanation,
        reason=exception.reason.value,
        state=exception.state(now).value,
        starting_date=compact(exception.starts),
        ending_date=compact(exception.ends),
        created_by=exception.created_by,
        updated_by=exception.updated_by,
        created_on=compact(exception.created_on),
        updated_on=compact(exception.updated_on),
        scope=exception.scope.value,
    )


def exception_detail(exception: PolicyException, known: Known, now: datetime) -> ExceptionDetail:
    return ExceptionDetail(
        uuid=exception.uuid,
        name=exception.name,
        description=exception.explanation,
        reason=exception.reason.value,
        start_date=compact(exception.starts),
        end_date=compact(exception.ends),
        created_by=exception.created_by,
        updated_by=exception.updated_by,
        reference_doc_link="",
        created_on=compact(exception.created_on),
        updated_on=compact(exception.updated_on),
        state=exception.state(now).value,
        exception_summary=_summary(exception, known),
    )


def _summary(exception: PolicyException, known: Known) -> ExceptionSummary:
    return ExceptionSummary(
        exception_scope=exception.scope.value,
        resource_tag_names=exception.resource_tags,
        connector_tag_names=exception.connector_tags,
        connectors=tuple(_connector(account, known.connectors.get(account)) for account in _accounts(exception)),
        resources=tuple(body for named in exception.resources for body in _resources(named, known)),
        controls=tuple(_control(cid, known.controls.get(cid)) for cid in exception.control_ids),
        provider=exception.provider.value,
    )


def _accounts(exception: PolicyException) -> tuple[str, ...]:
    """Those that the exception is for, not those that its resources lie in."""
    return () if exception.scope is ExceptionScope.RESOURCE else exception.account_ids


def _connector(account: str, connector: Connector | None) -> ExemptConnector:
    return (
        ExemptConnector(connector.uuid, connector.name, account) if connector else ExemptConnector(None, None, account)
    )


def _resources(named: ExemptResource, known: Known) -> list[ExemptResourceBody]:
    """One for each resource of that name: regions and types may share it."""
    seen = known.resources.get(named) or (None,)
    return [
        ExemptResourceBody(
            service_type=RESOURCE_TYPES[row.resource_type].service_type if row else None,
            resource_type=row.resource_type if row else None,
            resource_id=named.resource_id,
            account=named.account_id,
            uuid=row.uuid if row else None,
        )
        for row in seen
    ]


def _control(cid: int, control: Control | None) -> ExemptControl:
    return ExemptControl(control.criticality.value if control else None, control.name if control else "", str(cid))


def read_ids(value: Any) -> tuple[UUID, ...]:
    """The ids in `[…]`, `{"exceptionIds": […]}` or `{"exceptionId": "…"}`, without repetitions. BadRequestError names
    every one that is no uuid."""
    if isinstance(value, dict):
        named = {name.lower(): inner for name, inner in value.items()}
        value = named.get(EXCEPTION_IDS.lower(), named.get(EXCEPTION_ID.lower()))
    return identifiers([value] if isinstance(value, str) else value, EXCEPTION_IDS)
