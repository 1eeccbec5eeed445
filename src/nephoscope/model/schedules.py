"""Reports that come by themselves: when, about what, and where they are taken."""

from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from nephoscope.model.identities import Principal
from nephoscope.model.reports import ReportRequest

WEBHOOK_SECRET = "webhook"  # noqa: S105 - the name of a sealed secret, not one
"""Under this name the key that signs a schedule's webhooks is sealed."""
WEBHOOK_ADDRESS = "webhook address"
"""Under this name and a number the address of a webhook is sealed."""


class FolderTarget(msgspec.Struct, frozen=True, tag="folder"):
    """A folder below the one that the operator named."""

    folder: str = ""


class WebhookTarget(msgspec.Struct, frozen=True, tag="webhook", omit_defaults=True):
    """The address of a webhook often is its secret: what is stored is `shown`, and under the name `kept` the whole of
    it is sealed beside the schedule. A draft has the whole, and `kept` empty."""

    url: str
    kept: str = ""

    @property
    def shown(self) -> str:
        """Where it goes, without what lets one in."""
        parts = urlsplit(self.url)
        is_more = bool(parts.path.strip("/") or parts.query or parts.fragment)
        return f"{parts.scheme}://{parts.netloc}{'/…' if is_more else ''}"


class MailTarget(msgspec.Struct, frozen=True, tag="mail"):
    to: tuple[str, ...]


Target = FolderTarget | WebhookTarget | MailTarget


class ReportSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """`cron` has five fields, in the time of `time_zone`. `key` is 0 until stored."""

    uuid: UUID
    name: str
    cron: str
    time_zone: str
    request: ReportRequest
    targets: tuple[Target, ...]
    created_by: str
    created_on: datetime
    next_on: datetime
    owner: Principal | None = None
    """Whose reach and permissions count when it is time; None for whoever has the machine."""
    is_disabled: bool = False
    last_report: UUID | None = None
    error: str = ""
    """Why the last time no report could be asked for."""
    key: int = 0


class DeliveryState(StrEnum):
    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One report on its way to one target. `next_on` is when it is tried next."""

    key: int
    schedule_key: int
    report_uuid: UUID
    target: Target
    state: DeliveryState
    attempts: int
    next_on: datetime
    error: str = ""
