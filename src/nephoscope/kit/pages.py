"""One page of a listing: what was asked for, what there is."""

from typing import Generic, TypeVar

import msgspec

Row = TypeVar("Row")


class PageRequest(msgspec.Struct, frozen=True):
    """`number` counts from 0. `sort` is a token and whether it descends, or None for the listing's natural order."""

    number: int
    size: int
    sort: tuple[str, bool] | None = None

    @property
    def offset(self) -> int:
        return self.number * self.size


class Page(msgspec.Struct, Generic[Row], frozen=True):
    """`total` counts all rows of the listing, not only those of this page."""

    rows: tuple[Row, ...]
    total: int
    request: PageRequest
