"""Cutting a page out of a sorted listing."""

from typing import Any, TypeVar

from sqlalchemy import BigInteger, Select, literal

from nephoscope.kit.pages import PageRequest

_Statement = TypeVar("_Statement", bound=Select[Any])
_FARTHEST = 2**62


def limited(listing: _Statement, request: PageRequest) -> _Statement:
    """The rows of one page. A page beyond all numbers is an empty one."""
    return span(listing, request.offset, request.size)


def span(listing: _Statement, skip: int, size: int) -> _Statement:
    return listing.limit(literal(min(size, _FARTHEST), BigInteger)).offset(literal(min(skip, _FARTHEST), BigInteger))
