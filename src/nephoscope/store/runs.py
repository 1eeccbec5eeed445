"""Runs, and the heartbeats of the workers that carry them."""

from datetime import datetime
from uuid import UUID

from nephoscope.model.runs import Progress, Run, RunState
from nephoscope.store.session import Reader, Writer


def create(writer: Writer, run: Run) -> None:
    """ConflictError while another run of the connector is queued or running."""


def get(reader: Reader, uuid: UUID) -> Run | None: ...


def latest(reader: Reader, connector_uuid: UUID) -> Run | None: ...


def progress(writer: Writer, uuid: UUID, progress: Progress) -> None: ...


def start(writer: Writer, uuid: UUID, now: datetime) -> None:
    """Idempotent: a run that is already running stays as it is."""


def finish(writer: Writer, uuid: UUID, state: RunState, error: str, now: datetime) -> None: ...


def prune(writer: Writer, connector_uuid: UUID, keep: int) -> int:
    """Only the newest `keep` finished runs of a connector stay."""


def beat(writer: Writer, worker: str, now: datetime) -> None: ...


def silent_since(reader: Reader, moment: datetime) -> tuple[str, ...]:
    """Workers whose last heartbeat is older."""


def forget(writer: Writer, worker: str) -> None: ...


def unfinished(reader: Reader) -> tuple[Run, ...]:
    """Every run that is queued or running, oldest first."""


def heartbeats(reader: Reader) -> dict[str, datetime]:
    """Every worker and its last heartbeat, by the worker's own clock."""
