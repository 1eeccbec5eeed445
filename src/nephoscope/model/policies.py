"""Policies: named, versioned sets of controls; and mandates, whose requirements controls say something about."""

from datetime import datetime
from uuid import UUID

import msgspec

from nephoscope.model.providers import Provider

SYSTEM = "SYSTEM"
"""Who made what the program ships."""


class ControlPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """One policy, of one cloud. The program ships some; people make others (`is_own`), whose `version` counts their
    changes. `framework` is the key in a control's `benchmarks`, empty for what is no benchmark. `key` is 0 for what is
    not stored."""

    uuid: UUID
    title: str
    provider: Provider
    version: str
    description: str
    control_ids: tuple[int, ...]
    """In order."""
    created_by: str
    created_on: datetime
    modified_by: str
    modified_on: datetime
    framework: str = ""
    is_own: bool = False
    key: int = 0


class Section(msgspec.Struct, frozen=True):
    """One requirement of a mandate, in our own words, with the controls that say something about it, in order."""

    number: str
    title: str
    control_ids: tuple[int, ...]


class Mandate(msgspec.Struct, frozen=True, kw_only=True):
    """A law, a standard or a framework that somebody must follow."""

    uuid: UUID
    name: str
    """Short and unique: `PCI DSS 4.0.1`."""
    title: str
    version: str
    publisher: str
    description: str
    sections: tuple[Section, ...]

    @property
    def control_ids(self) -> tuple[int, ...]:
        """Of all sections, in order, each once."""
        return tuple(sorted({cid for section in self.sections for cid in section.control_ids}))
