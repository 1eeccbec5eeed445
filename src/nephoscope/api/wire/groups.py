"""Groups of connectors on the wire (contract §7.2)."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from nephoscope.kit.dates import compact
from nephoscope.model.groups import ConnectorGroup

NAME, CONNECTOR_IDS = "name", "connectorIds"


class GroupBody(msgspec.Struct, frozen=True, rename="camel"):
    """As the compatible API lists it."""

    name: str
    uuid: UUID
    connector_count: int
    created_by: str
    created_on: str


class GroupDetail(msgspec.Struct, frozen=True, rename="camel"):
    """With the connectors in it."""

    name: str
    uuid: UUID
    connector_count: int
    created_by: str
    created_on: str
    connector_ids: tuple[UUID, ...]


def group(found: ConnectorGroup) -> GroupBody:
    return GroupBody(found.name, found.uuid, found.connectors, found.created_by, compact(found.created_on))


def group_detail(found: ConnectorGroup, connector_ids: Iterable[UUID]) -> GroupDetail:
    ids = tuple(connector_ids)
    return GroupDetail(found.name, found.uuid, len(ids), found.created_by, compact(found.created_on), ids)
