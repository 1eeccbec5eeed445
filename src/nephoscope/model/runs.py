"""A run: one sweep of a connector."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec


class RunState(StrEnum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class Progress(msgspec.Struct, frozen=True):
    """Readable while a run goes on. `phase` is `collecting` or `evaluating`."""

    phase: str = "collecting"
    scopes_total: int = 0
    scopes_done: int = 0
    resources: int = 0
    calls: int = 0
    problems: int = 0
    """Scopes that ended other than complete."""


class Run(msgspec.Struct, frozen=True):
    uuid: UUID
    connector_uuid: UUID
    state: RunState
    queued_on: datetime
    started_on: datetime | None = None
    finished_on: datetime | None = None
    progress: Progress = Progress()
    error: str = ""
