"""Bound conditions to SQL. Values always travel as parameters; text is compared without regard to case."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, String, and_, false, func, literal, or_, true

from nephoscope.errors import BadRequestError
from nephoscope.kit.dates import to_epoch
from nephoscope.qql.bound import Bound, Condition, Operator
from nephoscope.store.tables import Identity
from nephoscope.store.text import is_storable

Translate = Callable[[Condition], ColumnElement[bool]]
_LOW, _HIGH = -(2**63), 2**63 - 1


def where(conditions: Bound, fields: Mapping[str, Translate]) -> ColumnElement[bool]:
    """BadRequestError names a field that the listing does not have."""
    unknown = [condition.field for condition in conditions if condition.field not in fields]
    if unknown:
        raise BadRequestError(f"This listing has no field {', '.join(unknown)}; it has {', '.join(fields)}.", unknown)
    return and_(true(), *(fields[condition.field](condition) for condition in conditions))


def words(column: ColumnElement[str]) -> Translate:
    """A text field. BETWEEN compares as text."""

    def translate(condition: Condition) -> ColumnElement[bool]:
        folded = func.lower(column)
        values = [_word(value) for value in condition.values if value is None or is_storable(str(value))]
        if condition.operator is Operator.BETWEEN:
            return _between(folded, values) if len(values) == len(condition.values) else false()
        if condition.operator is Operator.CONTAINS:
            return or_(
                false(), *(folded.like(_pattern(value), escape="\\") for value in condition.values if _fits(value))
            )
        return folded.in_(values) if values else false()

    return translate


def numbers(column: ColumnElement[int]) -> Translate:
    """A whole number field; a value that is no number matches nothing."""

    def translate(condition: Condition) -> ColumnElement[bool]:
        if condition.operator is Operator.BETWEEN:
            low, high = condition.values
            return _between(column, [_bounded(low), _bounded(high)])
        found = [number for value in condition.values if (number := _whole(value)) is not None]
        return column.in_([bounded(number) for number in found]) if found else false()

    return translate


def moments(column: ColumnElement[int]) -> Translate:
    """A date field, kept in seconds. A bare date is the whole of its day, in UTC."""

    def translate(condition: Condition) -> ColumnElement[bool]:
        if condition.operator is Operator.BETWEEN:
            low, high = condition.values
            return _between(column, [_bounded(_first(low)), _bounded(_last(high))])
        spans = [_between(column, [_bounded(_first(value)), _bounded(_last(value))]) for value in condition.values]
        return or_(false(), *spans)

    return translate


def identities(column: ColumnElement[UUID]) -> Translate:
    """A uuid field; text that is no uuid matches nothing."""

    def translate(condition: Condition) -> ColumnElement[bool]:
        found = [uuid for value in condition.values if (uuid := _uuid(value)) is not None]
        return column.in_([literal(uuid, Identity) for uuid in found]) if found else false()

    return translate


def bounded(number: int) -> ColumnElement[int]:
    """As a 64-bit parameter: a number beyond the column's own type is compared, not refused."""
    return literal(max(_LOW, min(_HIGH, number)), BigInteger)


def order(
    sort: tuple[str, bool] | None, columns: Mapping[str, ColumnElement[Any]], *ties: ColumnElement[Any]
) -> list[ColumnElement[Any]]:
    """The sorting of a listing, made stable by `ties`. BadRequestError for a field it cannot be sorted by."""
    if sort is None:
        return list(ties)
    name, descends = sort
    if name not in columns:
        raise BadRequestError(f"This listing cannot be sorted by {name}; it can by {', '.join(columns)}.", [name])
    column = columns[name]
    return [column.desc().nulls_last() if descends else column.asc().nulls_first(), *ties]


def _between(column: ColumnElement[Any], values: list[Any]) -> ColumnElement[bool]:
    low, high = values
    ends = [column >= low if low is not None else None, column <= high if high is not None else None]
    return and_(true(), *(end for end in ends if end is not None))


def _word(value: Any) -> ColumnElement[str] | None:
    return None if value is None else func.lower(literal(str(value), String))


def _fits(value: Any) -> bool:
    return value is not None and is_storable(str(value))


def _pattern(value: Any) -> ColumnElement[str]:
    escaped = str(value).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return func.lower(literal(f"%{escaped}%", String))


def _whole(value: Any) -> int | None:
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20 else None  # noqa: PLR2004 - digits of 64 bits


def _bounded(value: Any) -> ColumnElement[int] | None:
    number = _whole(value)
    return None if number is None else bounded(number)


def _first(value: Any) -> int | None:
    if isinstance(value, datetime):
        return to_epoch(value)
    return to_epoch(datetime(value.year, value.month, value.day, tzinfo=UTC)) if isinstance(value, date) else value


def _last(value: Any) -> int | None:
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    first = _first(value)
    return first + 86_399 if is_day and first is not None else first


def _uuid(value: Any) -> UUID | None:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(str(value))
    except ValueError:
        return None
