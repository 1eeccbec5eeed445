"""CSV, lines of JSON and Parquet: the same columns in each."""

import io
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec

from nephoscope.reports.exports.columns import Column, Kind
from nephoscope.reports.renderers.as_csv import line

_ROWS = 500
"""To a piece."""
_GROUP = 10_000
"""Rows to a group of Parquet."""


def csv(columns: Sequence[Column], records: Iterator[Any]) -> Iterator[bytes]:
    """Lists with `, ` between their texts, objects as JSON; as reports write it, safe in a spreadsheet."""
    yield line(column.name for column in columns).encode()
    cells: list[Callable[[Any], Any]] = [_CELLS[column.kind] for column in columns]
    while rows := list(islice(records, _ROWS)):
        lines = [line(cell(column.read(row)) for column, cell in zip(columns, cells, strict=True)) for row in rows]
        yield "".join(lines).encode("utf-8", "replace")


def jsonl(columns: Sequence[Column], records: Iterator[Any]) -> Iterator[bytes]:
    """One object a line, with every column in it."""
    encoder = msgspec.json.Encoder()
    while rows := list(islice(records, _ROWS)):
        yield encoder.encode_lines([{column.name: column.read(row) for column in columns} for row in rows])


def parquet(columns: Sequence[Column], records: Iterator[Any]) -> Iterator[bytes]:
    """Lists as lists, objects as JSON text; compressed by zstd."""
    import pyarrow as pa  # noqa: PLC0415 - 37 MB that other formats never need
    import pyarrow.parquet as pq  # noqa: PLC0415 - likewise

    types = {Kind.NUMBER: pa.int64(), Kind.TEXTS: pa.list_(pa.string())}
    schema = pa.schema([(column.name, types.get(column.kind, pa.string())) for column in columns])
    sink = _Sink()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        while rows := list(islice(records, _GROUP)):
            arrays = [
                pa.array([_stored(column, column.read(row)) for row in rows], field.type)
                for column, field in zip(columns, schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            yield sink.take()
    yield sink.take()


class _Sink(io.RawIOBase):
    """Holds what was written since it was last taken."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._size += len(part)
        return len(part)

    def tell(self) -> int:
        return self._size

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


def _stored(column: Column, value: Any) -> Any:
    if column.kind is Kind.OBJECT and value is not None:
        return _json(value)
    return value


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


_CELLS: dict[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: lambda value: value,
    Kind.NUMBER: lambda value: value,
    Kind.TEXTS: lambda value: None if value is None else ", ".join(value),
    Kind.OBJECT: lambda value: None if value is None else _json(value),
}
