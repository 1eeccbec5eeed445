"""What the room answers beyond exceptions themselves: previews, explanations, outlooks."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from nephoscope.model.evaluations import Status
from nephoscope.model.exceptions import ExceptionState, ExemptResource, PolicyException
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Resource
from nephoscope.store.session import Writer

Trail = Callable[[Writer, str, str, str, dict[str, Any], datetime], object]
"""Writes one entry of the audit trail in the caller's transaction: who, action, subject, detail, when."""


class CoverCount(msgspec.Struct, frozen=True):
    """What a draft would cover of one control in one account: rows that fail now, and how many of them other exceptions
    cover already."""

    account_id: str
    cid: int
    failing: int
    already: int


class Covered(msgspec.Struct, frozen=True):
    """One failing evaluation that a draft would cover."""

    account_id: str
    cid: int
    resource: Resource
    status: Status
    """As it shows now: FAIL, or PASSE when another exception covers it."""


class Preview(msgspec.Struct, frozen=True):
    """What a draft would cover if it were in force now. What it names and does not exist yet is no error: the exception
    takes effect on it as soon as it does."""

    counts: tuple[CoverCount, ...]
    """By account and control, in order."""
    examples: tuple[Covered, ...]
    """The first twenty."""
    absent_resources: tuple[ExemptResource, ...]
    unknown_accounts: tuple[str, ...]
    """`create` refuses these."""
    unknown_tags: tuple[str, ...]

    @property
    def failing(self) -> int:
        return sum(row.failing for row in self.counts)

    @property
    def already(self) -> int:
        return sum(row.already for row in self.counts)


class Standing(StrEnum):
    """How an exception that matches an evaluation stands at a moment."""

    WINS = "wins"
    OUTRANKED = "outranked"
    """In force, and another comes before it."""
    IDLE = "idle"
    """Matches, and is not in force: not begun, expired, or not approved."""


class Match(msgspec.Struct, frozen=True):
    """`exception` comes without its list of resources. `why` is one sentence for a person."""

    exception: PolicyException
    state: ExceptionState
    standing: Standing
    why: str


class Explanation(msgspec.Struct, frozen=True):
    """Why one evaluation shows what it shows at a moment. Matches in order of precedence, those not in force last. A
    PASS or an unknown needs no exception: its matches would count if it failed."""

    resource: Resource
    cid: int
    at: datetime
    status: Status
    matches: tuple[Match, ...]


class OutlookRow(msgspec.Struct, frozen=True):
    """One control in one account, with the verdicts as they are known now: what fails now, and what would fail then."""

    provider: Provider
    account_id: str
    cid: int
    failed_now: int
    failed_then: int
    excepted_now: int
    excepted_then: int


class Outlook(msgspec.Struct, frozen=True):
    """The posture at another moment, by the windows of the exceptions alone. Rows in order of account and control, only
    those with an exception at either moment."""

    now: datetime
    then: datetime
    rows: tuple[OutlookRow, ...]
    ended: tuple[PolicyException, ...]
    """In force now and not then; without their lists of resources, as those below."""
    begun: tuple[PolicyException, ...]

    @property
    def would_fail(self) -> int:
        """Evaluations that fail then and do not now."""
        return sum(max(0, row.failed_then - row.failed_now) for row in self.rows)
