"""What operators watch, counted: runs, scopes, connectors, workers."""

import msgspec
from sqlalchemy import Column, Table, func, select

from nephoscope.store.pages import count_rows
from nephoscope.store.session import Reader
from nephoscope.store.tables.core import connectors, meta, runs, scopes, workers


class Facts(msgspec.Struct, frozen=True):
    """`scopes` and `calls` are by outcome, `runs` and `connectors` by state."""

    runs: dict[str, int]
    scopes: dict[str, int]
    calls: dict[str, int]
    connectors: dict[str, int]
    workers: int
    version: int


def facts(reader: Reader) -> Facts:
    calls = select(scopes.c.outcome, func.sum(scopes.c.calls)).group_by(scopes.c.outcome)
    version = select(meta.c.value).where(meta.c.name == "version")
    return Facts(
        runs=_by(reader, runs, runs.c.state),
        scopes=_by(reader, scopes, scopes.c.outcome),
        calls={str(row[0]): int(row[1]) for row in reader.connection.execute(calls)},
        connectors=_by(reader, connectors, connectors.c.state),
        workers=count_rows(reader, workers),
        version=int(reader.connection.execute(version).scalar_one()),
    )


def _by(reader: Reader, table: Table, column: Column[str]) -> dict[str, int]:
    rows = reader.connection.execute(select(column, func.count()).select_from(table).group_by(column))
    return {str(row[0]): int(row[1]) for row in rows}
