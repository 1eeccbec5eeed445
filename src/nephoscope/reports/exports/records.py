"""What an export tells, one record for each thing, whatever format it is written in."""

from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from nephoscope.kit.ids import evaluation_uuid
from nephoscope.model.controls import Control
from nephoscope.model.exceptions import ExceptionState, PolicyException
from nephoscope.model.findings import FoundVulnerability, ListedSecret
from nephoscope.model.resources import Resource, Tag
from nephoscope.reports.exports.finding import Finding


class Change(StrEnum):
    """Why a record is told."""

    STATE = "state"
    """It is there; the export began anew."""
    CHANGED = "changed"
    """It is there, and may be new or differ from what was told before."""
    LEFT = "left"
    """It is there, changed, and is not what the filter asks for, or is so no longer."""
    REMOVED = "removed"
    """It is no more."""


class Place(msgspec.Struct, frozen=True):
    """A resource, there or gone, as far as every record names it."""

    provider: str
    account_id: str
    connector: UUID
    uuid: UUID
    resource_type: str
    region: str
    resource_id: str
    name: str
    arn: str


class EvaluationRecord(msgspec.Struct, frozen=True):
    """`finding` is None when it was removed; `control` when the catalogue knows it no longer."""

    change: Change
    place: Place
    cid: int
    control: Control | None
    policy_names: tuple[str, ...] = ()
    finding: Finding | None = None

    @property
    def uuid(self) -> UUID:
        return evaluation_uuid(self.place.uuid, self.cid)


class ResourceRecord(msgspec.Struct, frozen=True):
    """`resource` is None when it was removed."""

    change: Change
    place: Place
    resource: Resource | None = None
    tag_names: tuple[str, ...] = ()
    cloud_tags: tuple[Tag, ...] = ()
    document: dict[str, Any] | None = None


class FindingRecord(msgspec.Struct, frozen=True):
    """`kind` is `vulnerability` or `secret`. `found` is None when the resource is no more, and all findings with it;
    `kind` is then empty."""

    change: Change
    place: Place
    kind: str
    found: FoundVulnerability | ListedSecret | None = None

    @property
    def vulnerability(self) -> FoundVulnerability | None:
        return self.found if isinstance(self.found, FoundVulnerability) else None

    @property
    def secret(self) -> ListedSecret | None:
        return self.found if isinstance(self.found, ListedSecret) else None


class ExceptionRecord(msgspec.Struct, frozen=True):
    """`state` is None when it was removed; the exception is then what it was last."""

    change: Change
    exception: PolicyException
    state: ExceptionState | None
