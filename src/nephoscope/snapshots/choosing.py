"""Which instances are scanned by themselves: those of connectors that have it switched on, that wear the tag, run or
stand, and were not looked into for a while."""

from datetime import datetime, timedelta
from uuid import uuid4

from nephoscope.model.connectors import Connector
from nephoscope.model.findings import DiskScan, DiskSettings, ScanRequest
from nephoscope.model.resources import Resource, StoredDocument, Tag
from nephoscope.snapshots.scanning import SCANNED
from nephoscope.store import disks, resources
from nephoscope.store.session import Reader

_OVER = frozenset({"terminated", "shutting-down"})
SCHEDULE = "schedule"
"""Who asks for scans that nobody asked for."""


def wears(settings: DiskSettings, tags: tuple[Tag, ...]) -> bool:
    wanted = settings.tag_value.casefold()
    if not settings.tag_key:
        return True
    return any(tag.key == settings.tag_key and wanted in ("", tag.value.casefold()) for tag in tags)


def is_there(stored: StoredDocument) -> bool:
    return str(stored.document.get("instanceState", "")).casefold() not in _OVER


def is_chosen_by(settings: DiskSettings, connector: Connector, resource: Resource, stored: StoredDocument) -> bool:
    """Whether the settings that its connector has switched on choose this resource."""
    is_instance = resource.resource_type == SCANNED.get(connector.provider)
    return is_instance and wears(settings, stored.tags) and is_there(stored)


def chosen(reader: Reader, connector: Connector, settings: DiskSettings) -> list[Resource]:
    """Every instance that the settings choose, whenever it was looked into last."""
    kind = SCANNED.get(connector.provider)
    keys = [row.resource_key for row in resources.candidates(reader, connector.key, kind)] if kind else []
    documents = resources.documents(reader, keys)
    wanted = [key for key in keys if wears(settings, documents[key].tags) and is_there(documents[key])]
    found = resources.by_keys(reader, wanted, is_counted=False)
    return [found[key] for key in wanted]


def due(reader: Reader, connector: Connector, settings: DiskSettings, now: datetime) -> list[Resource]:
    """Those of the chosen that were not looked into for as long as the settings say."""
    every = chosen(reader, connector, settings)
    known = disks.by_keys(reader, [row.key for row in every])
    before = now - timedelta(hours=settings.hours)
    return [row for row in every if row.key not in known or known[row.key].attempted_on <= before]


def asked(resource: Resource, connector: Connector, request: ScanRequest, by: str, now: datetime) -> DiskScan:
    return DiskScan(
        uuid=uuid4(),
        resource_uuid=resource.uuid,
        resource_id=resource.resource_id,
        connector_uuid=connector.uuid,
        region=resource.region,
        requested_by=by,
        queued_on=now,
        request=request,
    )


def request_of(settings: DiskSettings) -> ScanRequest:
    return ScanRequest(settings.with_secrets, settings.use_existing, settings.keep_snapshots, settings.budget)
