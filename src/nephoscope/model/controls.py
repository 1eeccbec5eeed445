"""A control is data: texts, and an expression over one resource document."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec

from nephoscope.model.providers import Provider


class Criticality(StrEnum):
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


class Parameter(msgspec.Struct, frozen=True):
    """A value that a person may change in a copy of the control; `params.<name>` in the expression."""

    name: str
    label: str
    operator: str
    value: Any


class Related(msgspec.Struct, frozen=True):
    """Other resources of the same account that the expression sees as `related.<name>`, a list of documents.

    `where` joins: {their field: our field}; a list on either side joins by each of its elements. Without it the list
    holds every resource of the type. Their documents carry `resourceId`, `arn` and `region` beside their own fields,
    and so does `resource`.
    """

    type: str
    where: dict[str, str] = {}


class Example(msgspec.Struct, frozen=True):
    """A document that passes or fails. Its clock stands at 2026-01-01T00:00:00Z."""

    resource: dict[str, Any]
    related: dict[str, list[dict[str, Any]]] = {}


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One control. `applies` and `passes` are CEL over `resource`, `related`, `params` and `now`."""

    cid: int
    name: str
    provider: Provider
    service_type: str
    resource_type: str
    criticality: Criticality
    description: str
    rationale: str
    remediation: str
    references: tuple[str, ...]
    pass_message: str
    fail_message: str
    passes: str
    evidence: tuple[str, ...]
    pass_examples: tuple[Example, ...]
    fail_examples: tuple[Example, ...]
    applies: str = ""
    benchmarks: dict[str, str] = {}
    """{"CIS AWS 5.0": "5.7"}: framework as in the policy table, recommendation number."""
    policies: tuple[str, ...] = ()
    """Policies beside the benchmarks, by title."""
    parameters: tuple[Parameter, ...] = ()
    related: dict[str, Related] = {}
    created: date = date(2026, 11, 25)
    modified: date = date(2026, 11, 25)


class Policy(msgspec.Struct, frozen=True):
    """A named, versioned set of controls. `framework` is the key in a control's `benchmarks`, empty for a plain set."""

    title: str
    provider: Provider
    version: str
    created: datetime
    framework: str = ""
