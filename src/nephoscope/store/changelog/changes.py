"""The log of changes: what whoever follows the store from afar must look at again.

Each transaction that changes something leaves a set of notes, and the set gets the store's version as the transaction
ends. Writers wait for each other there, so versions are in the order of commits on both databases: a reader that sees
version 7 sees everything that 7 and all before it wrote, and what comes later has a higher one. Whoever asks for what
is after the version it saw last therefore misses nothing, however many write at the same time.

A note says where to look, not what was there before: readers show the state of now. Only what is gone is described.
Notes are kept for a time, and then forgotten; `oldest` says from where on they are whole.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import func, insert, select, update

from nephoscope.kit.chunks import chunks
from nephoscope.kit.dates import to_epoch
from nephoscope.store import bulk
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.changes import change_sets, changes
from nephoscope.store.tables.core import meta

_COLUMNS = ("set_key", "number", "kind", "connector_key", "subject", "cid", "detail")
_FORGOTTEN = meta.c.name == "forgotten"
_MANY = 500


class ChangeKind(StrEnum):
    """What changed, and whose key the subject is."""

    RESOURCE = "resource"
    """A resource: it is new, or the cloud says something else about it."""
    JUDGED = "judged"
    """A resource: it was judged for the first time, all of its evaluations are new."""
    EVALUATION = "evaluation"
    """A resource: the evaluation with that cid is new or turned."""
    DROPPED = "dropped"
    """A resource: the evaluation with that cid is no more."""
    GONE = "gone"
    """A resource: it is no more, nor is anything on it."""
    TAGS = "tags"
    """A resource: it wears other tags."""
    CONNECTOR_TAGS = "connector_tags"
    """A connector: it wears other tags."""
    SCOPE = "scope"
    """A scope: it can be read again, or no longer."""
    EXCEPTION = "exception"
    """An exception: it is new, was changed (the detail is what it was) or deleted."""
    FINDINGS = "findings"
    """A resource: something else is on its disk."""


class Note(NamedTuple):
    kind: ChangeKind
    connector_key: int
    subject: int
    cid: int = 0
    detail: str | None = None


def note(writer: Writer, notes: Sequence[Note]) -> None:
    """In the transaction that makes the change."""
    if not notes:
        return
    if not writer.change_set:
        adding = insert(change_sets).values(at=to_epoch(writer.at)).returning(change_sets.c.key)
        writer.change_set = int(writer.connection.execute(adding).scalar_one())
    first = writer.noted
    writer.noted += len(notes)
    rows = [(writer.change_set, first + place, *one) for place, one in enumerate(notes)]
    bulk.insert(writer, changes, _COLUMNS, rows)
    writer.mark_changed()


def since(reader: Reader, version: int, kinds: Iterable[ChangeKind]) -> Iterator[list[Note]]:
    """What was noted after that version, in lists of a bounded size."""
    names = ", ".join(f"'{kind.value}'" for kind in kinds)
    sql = f"""
        SELECT c.kind, c.connector_key, c.subject, c.cid, c.detail
        FROM change_sets s JOIN changes c ON c.set_key = s.key
        WHERE s.version > ? AND c.kind IN ({names}) ORDER BY s.version, c.number
    """  # noqa: S608 - our own words
    for rows in bulk.stream(reader, sql, version):
        yield [Note(ChangeKind(kind), *rest) for kind, *rest in rows]


def oldest(reader: Reader) -> int:
    """Since this version, and any later one, the notes are whole."""
    return int(reader.connection.execute(select(meta.c.value).where(_FORGOTTEN)).scalar_one())


def forget(writer: Writer, before: datetime) -> int:
    """Notes of transactions that began earlier, and of all before them; answers how many sets went."""
    own = change_sets.c
    due = select(func.max(own.version)).where(own.at < to_epoch(before))
    last: int | None = writer.connection.execute(due).scalar_one_or_none()
    if last is None:
        return 0
    listing = select(own.key).where(own.version <= last).order_by(own.version)
    found = writer.connection.execute(listing).scalars().all()
    for part in chunks(found, _MANY):
        packed = bulk.packed(writer, part)
        for table, column in (("changes", "set_key"), ("change_sets", "key")):
            bulk.execute(writer, f"DELETE FROM {table} WHERE {bulk.among(writer, column)}", packed)  # noqa: S608 - our own words
    writer.connection.execute(update(meta).where(_FORGOTTEN).values(value=last))
    return len(found)
