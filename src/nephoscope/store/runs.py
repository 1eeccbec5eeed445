"""Runs, and the heartbeats of the workers that carry them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, delete, func, insert, select, update

from nephoscope.kit.dates import from_epoch, from_epoch_or_none, to_epoch, to_epoch_or_none
from nephoscope.model.runs import Progress, Run, RunState
from nephoscope.store import bulk
from nephoscope.store.conflicts import unless_taken
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.core import runs, workers
from nephoscope.store.text import storable

_ACTIVE = (RunState.QUEUED, RunState.RUNNING)


def create(writer: Writer, run: Run) -> None:
    """ConflictError while another run of the connector is queued or running."""
    values = {
        "uuid": run.uuid,
        "connector_uuid": run.connector_uuid,
        "state": run.state,
        "queued_on": to_epoch(run.queued_on),
        "started_on": to_epoch_or_none(run.started_on),
        "finished_on": to_epoch_or_none(run.finished_on),
        "progress": msgspec.json.encode(run.progress).decode(),
        "error": storable(run.error),
    }
    with unless_taken(writer, "A run of this connector is already queued or running."):
        writer.connection.execute(insert(runs).values(values))


def get(reader: Reader, uuid: UUID) -> Run | None:
    row = reader.connection.execute(select(runs).where(runs.c.uuid == uuid)).one_or_none()
    return _run(row) if row else None


def latest(reader: Reader, connector_uuid: UUID) -> Run | None:
    newest = select(runs).where(runs.c.connector_uuid == connector_uuid).order_by(runs.c.key.desc()).limit(1)
    row = reader.connection.execute(newest).one_or_none()
    return _run(row) if row else None


def unfinished(reader: Reader) -> tuple[Run, ...]:
    """Every run that is queued or running, oldest first."""
    active = select(runs).where(runs.c.state.in_(_ACTIVE)).order_by(runs.c.key)
    return tuple(_run(row) for row in reader.connection.execute(active))


def progress(writer: Writer, uuid: UUID, progress: Progress) -> None:
    text = msgspec.json.encode(progress).decode()
    writer.connection.execute(update(runs).where(runs.c.uuid == uuid).values(progress=text))


def start(writer: Writer, uuid: UUID, now: datetime) -> None:
    """Idempotent: only a queued run starts; any other stays as it is."""
    queued = (runs.c.uuid == uuid) & (runs.c.state == RunState.QUEUED)
    writer.connection.execute(update(runs).where(queued).values(state=RunState.RUNNING, started_on=to_epoch(now)))


def finish(writer: Writer, uuid: UUID, state: RunState, error: str, now: datetime) -> None:
    """Idempotent: a run that has ended stays as it ended."""
    active = (runs.c.uuid == uuid) & runs.c.state.in_(_ACTIVE)
    writer.connection.execute(
        update(runs).where(active).values(state=state, error=storable(error), finished_on=to_epoch(now))
    )


def prune(writer: Writer, connector_uuid: UUID, keep: int) -> int:
    """Only the newest `keep` finished runs of a connector stay."""
    ended = (runs.c.connector_uuid == connector_uuid) & runs.c.state.not_in(_ACTIVE)
    kept = select(runs.c.key).where(ended).order_by(runs.c.key.desc()).limit(keep)
    return writer.connection.execute(delete(runs).where(ended, runs.c.key.not_in(kept))).rowcount


def prune_before(writer: Writer, moment: datetime) -> int:
    """Of runs that ended before it, the latest of each connector stays. Answers how many are gone."""
    own = runs.c
    latest = select(func.max(own.key)).group_by(own.connector_uuid)
    gone = delete(runs).where(own.finished_on < to_epoch(moment), own.key.not_in(latest))
    return int(writer.connection.execute(gone).rowcount)


def beat(writer: Writer, worker: str, now: datetime) -> None:
    bulk.upsert(writer, workers, ["name"], {"name": worker, "beat_on": to_epoch(now)})


def heartbeats(reader: Reader) -> dict[str, datetime]:
    """Every worker and its last heartbeat, by the worker's own clock."""
    return {row.name: from_epoch(row.beat_on) for row in reader.connection.execute(select(workers))}


def silent_since(reader: Reader, moment: datetime) -> tuple[str, ...]:
    """Workers whose last heartbeat is older."""
    silent = select(workers.c.name).where(workers.c.beat_on < to_epoch(moment)).order_by(workers.c.name)
    return tuple(reader.connection.execute(silent).scalars())


def forget(writer: Writer, worker: str) -> None:
    writer.connection.execute(delete(workers).where(workers.c.name == worker))


def _run(row: Row[Any]) -> Run:
    return Run(
        uuid=row.uuid,
        connector_uuid=row.connector_uuid,
        state=RunState(row.state),
        queued_on=from_epoch(row.queued_on),
        started_on=from_epoch_or_none(row.started_on),
        finished_on=from_epoch_or_none(row.finished_on),
        progress=msgspec.json.decode(row.progress, type=Progress),
        error=row.error,
    )
