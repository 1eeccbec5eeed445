"""The conditions over a Python row: what SQL does for stored rows, for listings that live in memory."""

from collections.abc import Mapping
from typing import Any

from nephoscope.qql.bound import Bound, Condition, Operator


def matches(bound: Bound, row: Mapping[str, Any]) -> bool:
    """A field that holds a list matches when one of its values does. A missing or null field matches nothing."""
    return all(_holds(condition, row.get(condition.field)) for condition in bound)


def _holds(condition: Condition, value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_holds(condition, one) for one in value)
    if value is None:
        return False
    match condition.operator:
        case Operator.EQUALS:
            return bool(_fold(value) == _fold(condition.values[0]))
        case Operator.CONTAINS:
            return str(condition.values[0]).casefold() in str(value).casefold()
        case Operator.ANY_OF:
            return _fold(value) in {_fold(one) for one in condition.values}
        case Operator.BETWEEN:
            low, high = condition.values
            return (low is None or value >= low) and (high is None or value <= high)


def _fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
