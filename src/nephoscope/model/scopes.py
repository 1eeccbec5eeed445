"""A scope is one resource type in one region inside a run: the unit that is complete or is not."""

from datetime import datetime
from enum import StrEnum

import msgspec

GLOBAL_REGION = "global"


class Scope(msgspec.Struct, frozen=True, order=True):
    """`region` is `global` for resources that have none."""

    resource_type: str
    region: str


class Outcome(StrEnum):
    """How a scope ended. Only `complete` may retire resources or yield a PASS."""

    COMPLETE = "complete"
    DENIED = "denied"
    THROTTLED = "throttled"
    FAILED = "failed"


class ScopeReport(msgspec.Struct, frozen=True):
    """How one scope ended. `permission` is the missing one (denied), `message` one sentence for a person."""

    scope: Scope
    outcome: Outcome
    permission: str = ""
    message: str = ""
    resources: int = 0
    calls: int = 0


class StoredScope(msgspec.Struct, frozen=True):
    """The last known state of a scope; `evaluated_on` is when it was last complete."""

    key: int
    connector_key: int
    report: ScopeReport
    closed_on: datetime
    evaluated_on: datetime | None
