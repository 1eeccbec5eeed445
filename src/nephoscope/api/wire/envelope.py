"""The page envelope of every list, in the key order of the seed samples."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import msgspec

from nephoscope.kit.pages import PageRequest

Item = TypeVar("Item")


class SortBody(msgspec.Struct, frozen=True):
    """The samples say unsorted even where a sort was asked for, and so do we."""

    sorted: bool = False
    empty: bool = True
    unsorted: bool = True


class Pageable(msgspec.Struct, frozen=True, rename="camel"):
    sort: SortBody
    page_size: int
    page_number: int
    offset: int
    paged: bool = True
    unpaged: bool = False


class PageFacts(msgspec.Struct, frozen=True, rename="camel"):
    """Everything of the envelope but the rows."""

    pageable: Pageable
    total_pages: int
    total_elements: int
    last: bool
    number: int
    size: int
    number_of_elements: int
    sort: SortBody
    first: bool
    empty: bool


class PageBody(PageFacts, Generic[Item], frozen=True, rename="camel"):
    """A whole page, as the OpenAPI page describes it. On the wire `content` comes first."""

    content: list[Item]


def page_facts(total: int, request: PageRequest) -> PageFacts:
    """A page beyond the end is empty and the last."""
    pages = -(-total // request.size)
    count = max(0, min(request.size, total - request.offset))
    sort = SortBody()
    return PageFacts(
        pageable=Pageable(sort, request.size, request.number, request.offset),
        total_pages=pages,
        total_elements=total,
        last=request.number + 1 >= pages,
        number=request.number,
        size=request.size,
        number_of_elements=count,
        sort=sort,
        first=request.number == 0,
        empty=count == 0,
    )


HEAD = b'{"content":['


def tail(total: int, request: PageRequest) -> bytes:
    """What closes a page whose rows were written one after the other behind `HEAD`."""
    return b"]," + msgspec.json.encode(page_facts(total, request))[1:]


def page(content: Sequence[Any], total: int, request: PageRequest) -> bytes:
    return b"".join((HEAD, msgspec.json.encode(content)[1:-1], tail(total, request)))
