"""Tags, and the standing rules that put them on resources."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from nephoscope.model.providers import Provider


class RuleKind(StrEnum):
    """What a rule's text is."""

    REGEX = "regex"
    """Matches whole resource ids (RE2)."""
    CLOUD_TAG = "cloud_tag"
    """`key=value` or `key`, as the cloud has it."""
    QQL = "qql"
    """A filter over resources of the provider."""


class TagRule(msgspec.Struct, frozen=True):
    """Stands until removed: what is recorded later and matches is tagged as it is recorded. `resource_type` narrows a
    QQL rule, whose tokens depend on the type; empty otherwise. `matched` counts resources that wear its tags now."""

    uuid: UUID
    provider: Provider
    kind: RuleKind
    text: str
    tag_names: tuple[str, ...]
    created_by: str
    created_on: datetime
    resource_type: str = ""
    matched: int = 0
    key: int = 0


class TagCount(msgspec.Struct, frozen=True):
    """A tag and how many wear it now."""

    name: str
    resources: int
    connectors: int
