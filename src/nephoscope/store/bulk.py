"""Rows by the hundred thousand: below SQLAlchemy's row objects, on the driver's own cursor.

Statements are written once, with `?` for each value. Keys of many rows travel as one value (`among`, `packed`), so a
statement has the same text however many there are.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Float,
    LargeBinary,
    SmallInteger,
    Table,
    Uuid,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.core import Identity

_FETCH = 20_000
_PAIR = 2**32
_NUMBERS = count()


def fetch(reader: Reader, sql: str, *values: Any) -> list[Any]:
    """All rows, as plain tuples."""
    with _executed(reader, sql, values) as cursor:
        rows: list[Any] = cursor.fetchall()
    return rows


def stream(reader: Reader, sql: str, *values: Any, size: int = _FETCH) -> Iterator[list[Any]]:
    """Rows in lists of a bounded size; on PostgreSQL through a cursor that stays on the server."""
    name = f"stream_{next(_NUMBERS)}" if reader.is_postgres else ""
    with _executed(reader, sql, values, name) as cursor:
        while rows := cursor.fetchmany(size):
            yield rows


def execute(writer: Writer, sql: str, *values: Any) -> int:
    """The number of rows that it touched."""
    with _executed(writer, sql, values) as cursor:
        touched: int = cursor.rowcount
    return touched


def among(reader: Reader, column: str) -> str:
    """A condition with one `?`, to be filled by `packed` keys."""
    values = "ANY(?::bigint[])" if reader.is_postgres else "(SELECT value FROM json_each(?))"
    return f"{column} = {values}" if reader.is_postgres else f"{column} IN {values}"


def packed(reader: Reader, keys: Iterable[int]) -> Any:
    return list(keys) if reader.is_postgres else msgspec.json.encode(list(keys)).decode()


def among_words(reader: Reader, column: str) -> str:
    """`among` for texts, to be filled by `packed_words`."""
    values = "ANY(?::text[])" if reader.is_postgres else "(SELECT value FROM json_each(?))"
    return f"{column} = {values}" if reader.is_postgres else f"{column} IN {values}"


def packed_words(reader: Reader, words: Iterable[str]) -> Any:
    return list(words) if reader.is_postgres else msgspec.json.encode(list(words)).decode()


def is_among(reader: Reader, column: ColumnElement[int], keys: Sequence[int]) -> ColumnElement[bool]:
    """`among` for a statement of SQLAlchemy."""
    if reader.is_postgres:
        return column == func.any(bindparam(None, list(keys), ARRAY(BigInteger)))
    values = func.json_each(bindparam(None, packed(reader, keys))).table_valued("value")
    return column.in_(select(values.c.value))


def are_among(
    reader: Reader, first: ColumnElement[int], second: ColumnElement[int], pairs: Iterable[tuple[int, int]]
) -> ColumnElement[bool]:
    """`is_among` for two columns at once; of the second, 32 bits. No index helps it: add a condition for that."""
    return is_among(reader, first * _PAIR + second, [one * _PAIR + other for one, other in pairs])


def insert(writer: Writer, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """New rows; in order of the primary key they cost least."""
    if not rows:
        return
    names = ", ".join(columns)
    if writer.is_postgres:
        with writer.driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - names of our own schema
    writer.driver.executemany(statement, rows)


def update(writer: Writer, table: Table, keys: Sequence[str], columns: Sequence[str], rows: Sequence[Any]) -> None:
    """Each row holds the new values of `columns`, then the `keys` that say which row it is."""
    if not rows:
        return
    where = " AND ".join(f"{table.name}.{name} = {'fresh.' + name if writer.is_postgres else '?'}" for name in keys)
    if not writer.is_postgres:
        settings = ", ".join(f"{name} = ?" for name in columns)
        writer.driver.executemany(
            f"UPDATE {table.name} SET {settings} WHERE {where}",  # noqa: S608 - names of our own schema
            rows,
        )
        return
    names = [*columns, *keys]
    settings = ", ".join(f"{name} = fresh.{name}" for name in columns)
    arrays = ", ".join(f"?::{_type_name(table.c[name].type)}[]" for name in names)
    sql = f"UPDATE {table.name} SET {settings} FROM unnest({arrays}) AS fresh({', '.join(names)}) WHERE {where}"  # noqa: S608 - as above
    execute(writer, sql, *(list(values) for values in zip(*rows, strict=True)))


def delete(writer: Writer, table: Table, keys: Sequence[str], rows: Sequence[Any]) -> None:
    """The rows with exactly these keys."""
    if not rows:
        return
    if not writer.is_postgres:
        where = " AND ".join(f"{name} = ?" for name in keys)
        writer.driver.executemany(f"DELETE FROM {table.name} WHERE {where}", rows)  # noqa: S608 - names of our own schema
        return
    arrays = ", ".join(f"?::{_type_name(table.c[name].type)}[]" for name in keys)
    where = " AND ".join(f"{table.name}.{name} = gone.{name}" for name in keys)
    sql = f"DELETE FROM {table.name} USING unnest({arrays}) AS gone({', '.join(keys)}) WHERE {where}"  # noqa: S608 - as above
    execute(writer, sql, *(list(values) for values in zip(*rows, strict=True)))


def upsert(writer: Writer, table: Table, keys: Sequence[str], values: Mapping[str, Any]) -> None:
    """One row, added or replaced."""
    add = (postgresql.insert if writer.is_postgres else sqlite.insert)(table).values(dict(values))
    settings = {name: value for name, value in values.items() if name not in keys}
    writer.connection.execute(add.on_conflict_do_update(index_elements=list(keys), set_=settings))


def _executed(reader: Reader, sql: str, values: Sequence[Any], name: str = "") -> Any:
    if not reader.is_postgres:
        return _Closing(reader.driver.execute(sql, values))
    cursor = reader.driver.cursor(name) if name else reader.driver.cursor()
    if name:
        cursor.itersize = _FETCH
    cursor.execute(sql.replace("?", "%s"), values)
    return cursor


class _Closing:
    """SQLite's cursors are no context managers."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def __enter__(self) -> Any:
        return self._cursor

    def __exit__(self, *_: object) -> None:
        self._cursor.close()


_TYPES: tuple[tuple[tuple[type, ...], str], ...] = (
    ((BigInteger,), "bigint"),
    ((SmallInteger,), "smallint"),
    ((Float,), "double precision"),
    ((Boolean,), "boolean"),
    ((Identity, Uuid), "uuid"),
    ((LargeBinary,), "bytea"),
)


def _type_name(kind: TypeEngine[Any]) -> str:
    for types, name in _TYPES:
        if isinstance(kind, types):
            return name
    return "text" if kind.python_type is str else "integer"
