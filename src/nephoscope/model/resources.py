"""Resources: as a collector saw them, and as the store keeps them.

A document is the resource's settings in the API's own camelCase names. A top-level field that its type declares is
always there, null when the cloud has no value; a field that could not be read is absent and stands in `unread` with
the reason, so that a control that needs it becomes UNKNOWN instead of passing.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

Document = dict[str, Any]


class Tag(msgspec.Struct, frozen=True):
    key: str
    value: str


class Observed(msgspec.Struct, frozen=True):
    """One resource as a collector shaped it. `unread`: field → why it is missing (`denied: s3:GetBucketPolicy`)."""

    resource_id: str
    name: str
    arn: str
    document: Document
    unread: dict[str, str] = {}
    tags: tuple[Tag, ...] = ()


class Resource(msgspec.Struct, frozen=True):
    """One resource as stored, without its document."""

    key: int
    uuid: UUID
    connector_key: int
    scope_key: int
    resource_type: str
    region: str
    resource_id: str
    name: str
    arn: str
    created_on: datetime
    """First recorded."""
    updated_on: datetime
    """Last time the document changed."""
    seen_on: datetime
    """Last time its scope was complete with it in it."""
    controls_failed: int


class StoredDocument(msgspec.Struct, frozen=True):
    """What is kept compressed beside a resource."""

    document: Document
    unread: dict[str, str]
    tags: tuple[Tag, ...]
