"""The tree of a filter, as written: no meaning yet."""

import msgspec


class Term(msgspec.Struct, frozen=True):
    """`token:value`. `exact` for values in backticks. `position` counts characters from 0."""

    token: str
    value: str
    position: int
    exact: bool = False


class Range(msgspec.Struct, frozen=True):
    """`token:[low..high]`, both ends inclusive."""

    token: str
    low: str
    high: str
    position: int


class Query(msgspec.Struct, frozen=True):
    """Terms joined by `and`; none matches everything."""

    terms: tuple[Term | Range, ...] = ()
