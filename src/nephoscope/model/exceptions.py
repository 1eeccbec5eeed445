"""Exceptions: human decisions that a FAIL is accepted for a time. What Python calls so is an error here."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from nephoscope.model.providers import Provider


class ExceptionScope(StrEnum):
    """In order of precedence on one resource."""

    RESOURCE = "RESOURCE"
    CONNECTOR = "CONNECTOR"
    QUALYSTAG = "QUALYSTAG"


class ExceptionReason(StrEnum):
    FALSE_POSITIVE = "False Positive"
    RISK_ACCEPTED = "Risk Accepted"
    OTHER = "Other"


class ExceptionState(StrEnum):
    """By the clock and the approval; never stored."""

    PENDING_APPROVAL = "PENDING_APPROVAL"
    REJECTED = "REJECTED"
    INACTIVE = "INACTIVE"
    """Approved or without need of it, and not begun."""
    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"


class Approval(StrEnum):
    NOT_NEEDED = "not_needed"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class ExemptResource(msgspec.Struct, frozen=True):
    """A resource by name; it need not exist yet. An empty region means any."""

    resource_id: str
    account_id: str
    region: str = ""


class Renewal(msgspec.Struct, frozen=True):
    """One change of the end, kept as history."""

    at: datetime
    by: str
    old_ends: datetime
    new_ends: datetime


class PolicyException(msgspec.Struct, frozen=True, kw_only=True):
    """One exception. `starts` and `ends` are whole seconds, both inclusive. `key` is 0 until stored."""

    uuid: UUID
    provider: Provider
    scope: ExceptionScope
    name: str
    explanation: str
    reason: ExceptionReason
    starts: datetime
    ends: datetime
    control_ids: tuple[int, ...]
    created_by: str
    created_on: datetime
    updated_by: str = ""
    updated_on: datetime
    key: int = 0
    resources: tuple[ExemptResource, ...] = ()
    account_ids: tuple[str, ...] = ()
    resource_tags: tuple[str, ...] = ()
    connector_tags: tuple[str, ...] = ()
    is_for_all_connectors: bool = False
    security_policy: str = ""
    security_procedure: str = ""
    approval: Approval = Approval.NOT_NEEDED
    decided_by: str = ""
    decided_on: datetime | None = None
    renewals: tuple[Renewal, ...] = ()

    def state(self, now: datetime) -> ExceptionState:
        """What it is at a moment."""
        if self.approval is Approval.PENDING:
            return ExceptionState.PENDING_APPROVAL
        if self.approval is Approval.REJECTED:
            return ExceptionState.REJECTED
        moment = now.replace(microsecond=0)
        if moment < self.starts:
            return ExceptionState.INACTIVE
        return ExceptionState.ACTIVE if moment <= self.ends else ExceptionState.EXPIRED
