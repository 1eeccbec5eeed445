"""Cutting a page out of a sorted listing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Select, func, literal, literal_column, select

from nephoscope.kit.pages import PageRequest
from nephoscope.store.session import Reader

_Statement = TypeVar("_Statement", bound=Select[Any])
_FARTHEST = 2**62


def limited(listing: _Statement, request: PageRequest) -> _Statement:
    """The rows of one page. A page beyond all numbers is an empty one."""
    return span(listing, request.offset, request.size)


def span(listing: _Statement, skip: int, size: int) -> _Statement:
    return listing.limit(literal(min(size, _FARTHEST), BigInteger)).offset(literal(min(skip, _FARTHEST), BigInteger))


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
