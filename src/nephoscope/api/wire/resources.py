"""Resources on the wire (contract §§7.5 and 9): the common keys, then those of the type and no others."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from nephoscope.api.wire.on_disk import OnDisk, show_disk
from nephoscope.api.wire.tags import worn_names
from nephoscope.kit.dates import compact, precise
from nephoscope.model.connectors import Connector
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Document, Resource, StoredDocument
from nephoscope.resource_types.fields import DISK
from nephoscope.resource_types.types import Kind, ResourceType

COMMON_KEYS = (
    "resourceId",
    "name",
    "uuid",
    "connectorUuid",
    "connectorUuids",
    "cloudType",
    "cloudAccountId",
    "accountAlias",
    "region",
    "resourceType",
    "created",
    "createdOn",
    "lastUpdated",
    "controlsFailed",
    "remediationEnabled",
    "isSnapshotScanEnabled",
    "additionalDetails",
    "tags",
    "qualysTags",
)


class ResourceWriter:
    """Writes rows of one type; made once for each page."""

    def __init__(self, resource_type: ResourceType) -> None:
        self._type = resource_type
        self._own = {key: _is_time(resource_type, key) for key in wire_keys(resource_type)}

    def row(
        self,
        resource: Resource,
        stored: StoredDocument,
        connector: Connector,
        worn: Sequence[str] = (),
        disk: OnDisk | None = None,
    ) -> dict[str, Any]:
        """A field that could not be read is null, like one that the cloud has no value for."""
        document = stored.document
        row: dict[str, Any] = {
            "resourceId": resource.resource_id,
            "name": resource.name,
            "uuid": resource.uuid,
            "connectorUuid": connector.uuid,
            "connectorUuids": [connector.uuid],
            "cloudType": connector.provider.value,
            **_place(connector, document),
            "region": document.get("region") or resource.region,
            "resourceType": self._type.name,
            **_moments(connector.provider, resource),
            "controlsFailed": resource.controls_failed,
            "remediationEnabled": None,
            **(
                {"isSnapshotScanEnabled": disk is not None and disk.is_wanted}
                if connector.provider is Provider.AWS
                else {}
            ),
            "additionalDetails": None,
            "tags": [{"value": tag.value, "key": tag.key} for tag in stored.tags],
            "qualysTags": worn_names(worn),
        }
        for key, is_time in self._own.items():
            if key not in row:
                row[key] = _compact_text(document.get(key)) if is_time else document.get(key)
        if disk is not None:
            show_disk(row, disk)
        return row


def _place(connector: Connector, document: Document) -> dict[str, Any]:
    """The account in the words of its cloud."""
    match connector.provider:
        case Provider.AZURE:
            return {
                "subscriptionId": connector.account_id,
                "subscriptionName": connector.account_alias or None,
                "resourceGroupName": document.get("resourceGroupName"),
            }
        case Provider.GCP:
            return {"projectId": connector.account_id, "projectName": connector.account_alias or None}
        case _:
            return {"cloudAccountId": connector.account_id, "accountAlias": connector.account_alias or None}


def _moments(provider: Provider, resource: Resource) -> dict[str, str]:
    created = {"created": precise(resource.created_on)}
    if provider is Provider.AZURE:
        return created | {"updated": precise(resource.updated_on)}
    return created | {"createdOn": compact(resource.created_on), "lastUpdated": compact(resource.updated_on)}


def wire_keys(resource_type: ResourceType) -> tuple[str, ...]:
    """A type that the compatible API does not know shows all that its cloud tells."""
    return resource_type.wire or tuple(field.name for field in resource_type.fields if field.name != DISK)


def _is_time(resource_type: ResourceType, key: str) -> bool:
    field = resource_type.field(key)
    return field is not None and field.kind is Kind.TIME


def _compact_text(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return compact(datetime.fromisoformat(value))
    except ValueError:
        return value


def wrapped(row: dict[str, Any]) -> dict[str, Any]:
    """A detail as one of the samples prints it."""
    return {"content": [row]}
