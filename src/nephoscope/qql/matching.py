"""The conditions over a Python row: what SQL does for stored rows, for what lives in memory and for documents."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from nephoscope.kit.folding import fold
from nephoscope.qql.bound import Bound, Condition, Either, Every, Inside, Negated, Node, Operator


def matches(bound: Bound, row: Mapping[str, Any]) -> bool:
    """A field that holds a list or an object matches when a value inside does; null and missing match nothing."""
    return all(holds(node, row) for node in bound)


def holds(node: Node, row: Mapping[str, Any]) -> bool:
    match node:
        case Condition():
            return _holds(node, row.get(node.field))
        case Negated(inner):
            return not holds(inner, row)
        case Every(nodes):
            return all(holds(one, row) for one in nodes)
        case Either(nodes):
            return any(holds(one, row) for one in nodes)
        case Inside(field, inner):
            value = row.get(field)
            objects = value if isinstance(value, (list, tuple)) else (value,)
            return any(holds(inner, one) for one in objects if isinstance(one, Mapping))


def leaves(value: Any) -> Iterator[Any]:
    """The plain values inside lists and objects, in order."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting.extend(reversed(list(one.values())))
        elif isinstance(one, (list, tuple)):
            waiting.extend(reversed(one))
        elif one is not None:
            yield one


def _holds(condition: Condition, value: Any) -> bool:
    if condition.operator is Operator.IS_NULL:
        return next(leaves(value), None) is None
    compare = _COMPARISONS[condition.operator]
    return any(compare(leaf, condition.values) for leaf in leaves(value))


def _between(leaf: Any, values: tuple[Any, ...]) -> bool:
    low, high = values
    return (low is None or _order(leaf, low) in (0, 1)) and (high is None or _order(leaf, high) in (0, -1))


def _order(leaf: Any, end: Any) -> int | None:
    """-1, 0 or 1; None when the two cannot be compared."""
    if isinstance(end, datetime) and isinstance(leaf, str):
        leaf = _moment(leaf)
    if isinstance(end, datetime) != isinstance(leaf, datetime) or isinstance(leaf, (str, bool)):
        return None
    return int(leaf > end) - int(leaf < end)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _fold(value: Any) -> str:
    """As people write it: true and 14 for values that are not text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return fold(str(value))


def _text(test: Callable[[str, str], bool]) -> Callable[[Any, tuple[Any, ...]], bool]:
    return lambda leaf, values: any(test(_fold(leaf), _fold(value)) for value in values)


_COMPARISONS: Mapping[Operator, Callable[[Any, tuple[Any, ...]], bool]] = {
    Operator.EQUALS: _text(str.__eq__),
    Operator.ANY_OF: _text(str.__eq__),
    Operator.CONTAINS: _text(str.__contains__),
    Operator.PREFIX: _text(str.startswith),
    Operator.SUFFIX: _text(str.endswith),
    Operator.BETWEEN: _between,
    Operator.ABOVE: lambda leaf, values: _order(leaf, values[0]) == 1,
    Operator.BELOW: lambda leaf, values: _order(leaf, values[0]) == -1,
}
