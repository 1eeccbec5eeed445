"""Pages of listings: counting all rows, and cutting one page out of a sorted listing."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import BigInteger, ColumnElement, Table, func, literal, literal_column, select

from nephoscope.kit.pages import PageRequest
from nephoscope.store.session import Reader, Statement

_FARTHEST = 2**62


def count_rows(reader: Reader, table: Table, *conditions: ColumnElement[bool]) -> int:
    """Rows of the table that fulfil all conditions."""
    found: int = reader.connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()
    return found


def limited(listing: Statement, request: PageRequest) -> Statement:
    """The rows of one page. A page beyond all numbers is an empty one."""
    skip, size = min(request.offset, _FARTHEST), min(request.size, _FARTHEST)
    return listing.limit(literal(size, BigInteger)).offset(literal(skip, BigInteger))


@contextmanager
def along_an_index(reader: Reader) -> Iterator[None]:
    """For a listing whose order is that of an index, and whose first rows are wanted. PostgreSQL guesses too few rows
    where an account and its scopes go together, and would rather collect and sort them all; SQLite walks anyway."""
    if not reader.is_postgres:
        yield
        return
    _plan(reader, _COLLECTING, is_allowed=False)
    yield
    _plan(reader, _COLLECTING, is_allowed=True)


_COLLECTING = ("enable_sort", "enable_hashjoin", "enable_mergejoin")


def _plan(reader: Reader, ways: tuple[str, ...], *, is_allowed: bool) -> None:
    """Until the transaction ends, which may be an error away."""
    chosen = [func.set_config(way, "on" if is_allowed else "off", literal_column("true")) for way in ways]
    reader.connection.execute(select(*chosen))
