"""Bound conditions to SQL. Values always travel as parameters; text is compared without regard to case."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, String, and_, false, func, literal, not_, or_, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from nephoscope.errors import BadRequestError
from nephoscope.kit.dates import to_epoch
from nephoscope.kit.folding import fold
from nephoscope.qql.bound import Bound, Condition, Either, Every, Inside, Negated, Node, Operator, fields_of
from nephoscope.store.tables.core import Identity
from nephoscope.store.text import is_storable

Translate = Callable[[Condition], ColumnElement[bool]]
Objects = Mapping[str, Callable[[Node], ColumnElement[bool]]]
"""Fields that hold objects, kept as rows of another table: whether one of them satisfies a node."""
_NO_OBJECTS: Objects = {}
_LOW, _HIGH = -(2**63), 2**63 - 1


def where(conditions: Bound, fields: Mapping[str, Translate], objects: Objects = _NO_OBJECTS) -> ColumnElement[bool]:
    """BadRequestError names a field that the listing does not have."""
    known = {*fields, *objects}
    unknown = [name for node in conditions for name in fields_of(node) if name not in known]
    if unknown:
        raise BadRequestError(f"This listing has no field {', '.join(unknown)}; it has {', '.join(fields)}.", unknown)
    return and_(true(), *(_node(node, fields, objects) for node in conditions))


def _node(node: Node, fields: Mapping[str, Translate], objects: Objects) -> ColumnElement[bool]:
    match node:
        case Condition(field) if field in fields:
            return fields[field](node)
        case Condition(field):
            raise BadRequestError(f"{field} holds objects: look into them with {field}:(…).", [field])
        case Every(nodes):
            return and_(true(), *(_node(one, fields, objects) for one in nodes))
        case Either(nodes):
            return or_(false(), *(_node(one, fields, objects) for one in nodes))
        case Negated(inner):
            # What is null satisfies no condition, and `not` is the complement: SQL's third truth ends here.
            return not_(func.coalesce(_node(inner, fields, objects), false()))
        case Inside(field, inner) if field in objects:
            return objects[field](inner)
        case Inside(field):
            raise BadRequestError(f"{field} holds no objects to look into with parentheses.", [field])


class folded(FunctionElement[str]):  # noqa: N801 - reads as the function that it is in SQL
    """Text without regard to case, as `kit.folding` does it."""

    type = String()
    inherit_cache = True
    name = "folded"


@compiles(folded)
def _folded(element: folded, compiler: SQLCompiler, **words_: Any) -> str:
    return f"lower({compiler.process(element.clauses, **words_)})"


@compiles(folded, "postgresql")
def _folded_by_letters(element: folded, compiler: SQLCompiler, **words_: Any) -> str:
    return f'lower(({compiler.process(element.clauses, **words_)}) COLLATE "C")'


def words(column: ColumnElement[str]) -> Translate:
    """A text field; nothing lies between two texts."""

    def translate(condition: Condition) -> ColumnElement[bool]:
        values = [fold(str(value)) for value in condition.values if value is not None and is_storable(str(value))]
        match condition.operator:
            case Operator.IS_NULL:
                found: ColumnElement[bool] = column.is_(None)
            case Operator.CONTAINS:
                found = _like(column, values, "%", "%")
            case Operator.PREFIX:
                found = _like(column, values, "", "%")
            case Operator.SUFFIX:
                found = _like(column, values, "%", "")
            case Operator.EQUALS | Operator.ANY_OF:
                found = folded(column).in_(values) if values else false()
            case Operator.BETWEEN if condition.values == (None, None):
                found = column.is_not(None)
            case Operator.BETWEEN | Operator.ABOVE | Operator.BELOW:
                found = false()
        return found

    return translate


def numbers(column: ColumnElement[int]) -> Translate:
    """A whole number field; a value that is no number matches nothing, nor does a piece of one."""
    return _ordered(column, _whole_ends)


def moments(column: ColumnElement[int]) -> Translate:
    """A date field, kept in seconds. A bare date is the whole of its day, in UTC."""
    return _ordered(column, lambda value: (_first(value), _last(value)))


def identities(column: ColumnElement[UUID]) -> Translate:
    """A uuid field; text that is no uuid matches nothing, nor does a piece of one."""

    def translate(condition: Condition) -> ColumnElement[bool]:
        if condition.operator is Operator.IS_NULL:
            return column.is_(None)
        if condition.operator not in (Operator.EQUALS, Operator.ANY_OF):
            return false()
        found = [uuid for value in condition.values if (uuid := _uuid(value)) is not None]
        return column.in_([literal(uuid, Identity) for uuid in found]) if found else false()

    return translate


def flags(column: ColumnElement[bool]) -> Translate:
    """A field that is true or false."""

    def translate(condition: Condition) -> ColumnElement[bool]:
        if condition.operator is Operator.IS_NULL:
            return column.is_(None)
        if condition.operator not in (Operator.EQUALS, Operator.ANY_OF):
            return false()
        return or_(false(), *(column.is_(value) for value in condition.values if isinstance(value, bool)))

    return translate


def fractions(column: ColumnElement[float]) -> Translate:
    """A field of numbers that are not whole."""

    def translate(condition: Condition) -> ColumnElement[bool]:
        values = [float(value) if isinstance(value, (int, float)) else None for value in condition.values]
        known = [value for value in values if value is not None]
        match condition.operator:
            case Operator.IS_NULL:
                found: ColumnElement[bool] = column.is_(None)
            case Operator.BETWEEN:
                found = _between(column, values)
            case Operator.ABOVE if known:
                found = column > known[0]
            case Operator.BELOW if known:
                found = column < known[0]
            case Operator.EQUALS | Operator.ANY_OF:
                found = column.in_(known) if known else false()
            case _:
                found = false()
        return found

    return translate


def listed(column: ColumnElement[str]) -> Translate:
    """Several words in one text, a blank around each: one of them is enough."""
    within = words(column)

    def translate(condition: Condition) -> ColumnElement[bool]:
        texts = [str(value).replace(" ", "_") for value in condition.values]
        match condition.operator:
            case Operator.EQUALS | Operator.ANY_OF:
                wanted = tuple(f" {text} " for text in texts)
            case Operator.PREFIX:
                wanted = tuple(f" {text}" for text in texts)
            case Operator.SUFFIX:
                wanted = tuple(f"{text} " for text in texts)
            case Operator.IS_NULL:
                return column == ""
            case _:
                return within(condition)
        return within(Condition(condition.field, Operator.CONTAINS, wanted))

    return translate


def _ordered(column: ColumnElement[int], ends: Callable[[Any], tuple[Any, Any]]) -> Translate:
    """A field with an order. `ends` says the first and the last stored number that a value means."""

    def translate(condition: Condition) -> ColumnElement[bool]:
        spans = [ends(value) for value in condition.values]
        match condition.operator:
            case Operator.IS_NULL:
                found: ColumnElement[bool] = column.is_(None)
            case Operator.BETWEEN:
                found = _between(column, [_bounded(spans[0][0]), _bounded(spans[1][1])])
            case Operator.ABOVE:
                found = false() if spans[0][1] is None else column > bounded(spans[0][1])
            case Operator.BELOW:
                found = false() if spans[0][0] is None else column < bounded(spans[0][0])
            case Operator.EQUALS | Operator.ANY_OF:
                met = [_between(column, [_bounded(low), _bounded(high)]) for low, high in spans if low is not None]
                found = or_(false(), *met)
            case Operator.CONTAINS | Operator.PREFIX | Operator.SUFFIX:
                found = false()
        return found

    return translate


def _like(column: ColumnElement[str], values: list[str], head: str, tail: str) -> ColumnElement[bool]:
    return or_(false(), *(folded(column).like(_pattern(value, head, tail), escape="\\") for value in values))


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
    if low is None and high is None:
        return column.is_not(None)
    ends = [column >= low if low is not None else None, column <= high if high is not None else None]
    return and_(true(), *(end for end in ends if end is not None))


def _pattern(value: str, head: str, tail: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{head}{escaped}{tail}"


def _whole(value: Any) -> int | None:
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20 else None  # noqa: PLR2004 - digits of 64 bits


def _whole_ends(value: Any) -> tuple[int | None, int | None]:
    """The first and the last whole number that a value means: of 1.5, those from 2 and those up to 1."""
    if isinstance(value, float) and math.isfinite(value):
        return math.ceil(value), math.floor(value)
    return _whole(value), _whole(value)


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
