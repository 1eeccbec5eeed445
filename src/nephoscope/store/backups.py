"""Everything that is kept, out to an archive and back: one moment out, all or nothing in.

Left out are whose processes live (`workers`), who is signed in at the console (`sessions`) and who failed to log in of
late (`login_counts`): none of it is true any more when a backup is taken back. Sealed credentials stay sealed.
"""

from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, LargeBinary, MetaData, Table, inspect, text
from sqlalchemy import Column as Stored

from nephoscope.errors import ConflictError, StoreError
from nephoscope.kit.dates import to_epoch
from nephoscope.store import bulk, upgrading
from nephoscope.store.archives import Archive, ArchiveWriter, Column, Held, Kind, Manifest
from nephoscope.store.schema import metadata
from nephoscope.store.session import Reader, Writer, every_failure_told
from nephoscope.store.tables.core import Identity

LEFT_OUT = frozenset({"workers", "sessions", "login_counts"})
_ALWAYS_FILLED = frozenset({"meta", "audit_head"})
_REVISION = "alembic_version"
_NARROW, _WIDE = 5_000, 50
"""Rows at a time; of tables with bytes, where one may have a megabyte, fewer."""
_MOVING = ("version", "policies")
"""Numbers by which processes notice changes: they never go back."""


def dump(reader: Reader, archive: ArchiveWriter, *, version: str, now: datetime, keys: str = "") -> Manifest:
    """Every table as this one session sees it, in bounded memory."""
    for table in metadata.sorted_tables:
        if table.name not in LEFT_OUT:
            columns = [Column(str(column.name), _kind(column)) for column in table.columns]
            archive.add(table.name, columns, _read(reader, table, columns), _counter(reader, table))
    if keys:
        archive.add_keys(keys)
    source = "postgresql" if reader.is_postgres else "sqlite"
    return archive.finish(version=version, revision=upgrading.newest(), made_on=to_epoch(now), source=source)


def check(reader: Reader, manifest: Manifest, *, is_replacing: bool) -> None:
    """StoreError for a backup of a newer schema; ConflictError for a store that is not empty and shall not be
    replaced."""
    upgrading.refuse_newer(manifest.revision, "The backup")
    if not is_replacing and (filled := _filled(reader)):
        raise ConflictError(
            f"The store is not empty ({', '.join(filled[:5])}). Restore into an empty one, or give --replace to lose "
            "everything that is in it."
        )


def load(writer: Writer, archive: Archive, *, is_replacing: bool, after: Callable[[Writer], None]) -> None:
    """In place of everything that is there, brought to this program's schema; then `after`, in the same transaction."""
    manifest = archive.manifest
    check(writer, manifest, is_replacing=is_replacing)
    moved = _moving(writer)
    _drop(writer)
    upgrading.rebuild(writer.connection, manifest.revision)
    _refuse_other_tables(writer, manifest)
    for held in manifest.tables:
        _write(writer, archive, held)
        _count_on(writer, held)
    upgrading.rebuild(writer.connection)
    for name, value in moved.items():
        sql = "UPDATE meta SET value = CASE WHEN value < ? THEN ? ELSE value END + 1 WHERE name = ?"
        bulk.execute(writer, sql, value, value, name)
    writer.mark_changed()
    after(writer)


def _kind(column: Stored[Any]) -> Kind:
    if isinstance(column.type, Identity):
        return Kind.UUID
    if isinstance(column.type, Boolean):
        return Kind.FLAG
    return Kind.BYTES if isinstance(column.type, LargeBinary) else Kind.PLAIN


def _read(reader: Reader, table: Table, columns: Sequence[Column]) -> Iterator[list[Any]]:
    order = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
    sql = f'SELECT {_names(columns)} FROM "{table.name}" ORDER BY {order}'  # noqa: S608 - names of our own schema
    is_wide = any(column.kind is Kind.BYTES for column in columns)
    batches = bulk.stream(reader, sql, size=_WIDE if is_wide else _NARROW)
    spellers = {Kind.UUID: _as_uuid, Kind.FLAG: _as_flag}
    return _converted(batches, [spellers.get(column.kind) for column in columns])


def _write(writer: Writer, archive: Archive, held: Held) -> None:
    table = Table(held.name, MetaData())
    names = [f'"{column.name}"' for column in held.columns]
    readers = {Kind.UUID: UUID if writer.is_postgres else _uuid_bytes, Kind.BYTES: b64decode}
    count = 0
    try:
        with every_failure_told():
            for batch in _converted(archive.rows(held), [readers.get(column.kind) for column in held.columns]):
                bulk.insert(writer, table, names, batch)
                count += len(batch)
    except (ValueError, TypeError, AttributeError) as error:
        raise StoreError(f"The backup is damaged: a value of {held.name} is not of its column's kind.") from error
    if count != held.rows:
        raise StoreError(f"The backup is damaged: {held.name} has {count} rows instead of {held.rows}.")


def _converted(batches: Iterator[list[Any]], converters: Sequence[Callable[[Any], Any] | None]) -> Iterator[list[Any]]:
    """The same rows with values converted; what is NULL stays so."""
    wanted = [(place, convert) for place, convert in enumerate(converters) if convert]
    for batch in batches:
        rows = [list(row) for row in batch] if wanted else batch
        for place, convert in wanted:
            for row in rows:
                if row[place] is not None:
                    row[place] = convert(row[place])
        yield rows


def _as_uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(bytes=value)


def _as_flag(value: Any) -> bool:
    return bool(value)


def _uuid_bytes(text_of_it: str) -> bytes:
    return UUID(text_of_it).bytes


def _names(columns: Sequence[Column]) -> str:
    return ", ".join(f'"{column.name}"' for column in columns)


def _filled(reader: Reader) -> list[str]:
    names = [name for name in metadata.tables if name not in LEFT_OUT | _ALWAYS_FILLED]
    return sorted(name for name in names if bulk.fetch(reader, f'SELECT 1 FROM "{name}" LIMIT 1'))  # noqa: S608 - ours


def _moving(reader: Reader) -> dict[str, int]:
    found = dict(bulk.fetch(reader, "SELECT name, value FROM meta"))
    return {name: found[name] for name in _MOVING if name in found}


def _drop(writer: Writer) -> None:
    there = set(inspect(writer.connection).get_table_names())
    for name in sorted(there & {*metadata.tables, _REVISION}):
        writer.connection.execute(text(f'DROP TABLE "{name}"'))


def _refuse_other_tables(writer: Writer, manifest: Manifest) -> None:
    """StoreError unless the archive has the tables and columns that its revision has; then they are emptied of what
    migrations put there."""
    schema = inspect(writer.connection)
    there = {
        name: {column["name"] for column in schema.get_columns(name)}
        for name in schema.get_table_names()
        if name in metadata.tables and name not in LEFT_OUT
    }
    if there != {held.name: {column.name for column in held.columns} for held in manifest.tables}:
        raise StoreError(f"The backup is damaged: its tables are not those of schema {manifest.revision}.")
    for name in there:
        writer.connection.execute(text(f'DELETE FROM "{name}"'))  # noqa: S608 - compared with our own schema


def _counted(table_name: str) -> bool:
    table = metadata.tables.get(table_name)
    return table_name == "resources" or (table is not None and bool(table.dialect_options["sqlite"]["autoincrement"]))


def _counter(reader: Reader, table: Table) -> int:
    """The last key that was given out, of tables whose keys are never given out twice."""
    if not _counted(table.name):
        return 0
    if reader.is_postgres:
        sql = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {table.name}_key_seq"  # noqa: S608 - ours
        return int(bulk.fetch(reader, sql)[0][0])
    if table.name == "resources":
        return int(bulk.fetch(reader, "SELECT value FROM meta WHERE name = 'resource_key'")[0][0])
    found = bulk.fetch(reader, "SELECT seq FROM sqlite_sequence WHERE name = ?", table.name)
    return int(found[0][0]) if found else 0


def _count_on(writer: Writer, held: Held) -> None:
    """The next key comes after all that were ever given out."""
    if not _counted(held.name):
        return
    highest = bulk.fetch(writer, f'SELECT COALESCE(MAX("key"), 0) FROM "{held.name}"')[0][0]  # noqa: S608 - checked
    last = max(held.counter, int(highest))
    if writer.is_postgres:
        if last:
            bulk.fetch(writer, "SELECT setval(?::regclass, ?)", f"{held.name}_key_seq", last)
    elif held.name == "resources":
        bulk.execute(writer, "UPDATE meta SET value = ? WHERE name = 'resource_key'", last)
    elif last:
        bulk.execute(writer, "DELETE FROM sqlite_sequence WHERE name = ?", held.name)
        bulk.execute(writer, "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", held.name, last)
