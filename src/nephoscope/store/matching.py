"""Conditions over a decoded document, in Python: the words of the bound query, the values of the cloud.

A field may hold a list or an object; a condition holds for it when it holds for any value inside.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from nephoscope.model.resources import StoredDocument, Tag
from nephoscope.qql.bound import Bound, Condition, Operator


def matches(stored: StoredDocument, conditions: Bound) -> bool:
    return all(_holds(stored, condition) for condition in conditions)


def sort_key(stored: StoredDocument, field: str) -> tuple[int, float, str]:
    """Nothing first, then numbers, then text without regard to case."""
    value = next(_leaves(stored.document.get(field)), None)
    if value is None:
        return (0, 0.0, "")
    if isinstance(value, (bool, int, float)):
        return (1, float(value), "")
    return (2, 0.0, _fold(value))


def _holds(stored: StoredDocument, condition: Condition) -> bool:
    if condition.field == "tag":
        return any(_wears(tag, condition) for tag in stored.tags)
    return any(_leaf_holds(leaf, condition) for leaf in _leaves(stored.document.get(condition.field)))


def _wears(tag: Tag, condition: Condition) -> bool:
    """`key` or `key=value`; with CONTAINS, the value only needs to contain it."""
    for wanted in condition.values:
        name, has_value, value = str(wanted).casefold().partition("=")
        if tag.key.casefold() != name:
            continue
        found = tag.value.casefold()
        if not has_value or found == value or (condition.operator is Operator.CONTAINS and value in found):
            return True
    return False


def _leaves(value: Any) -> Iterator[Any]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, (list, tuple)):
            waiting.extend(reversed(one))
        elif one is not None:
            yield one


def _leaf_holds(leaf: Any, condition: Condition) -> bool:
    if condition.operator is Operator.BETWEEN:
        low, high = condition.values
        return _reaches(leaf, low, is_low=True) and _reaches(leaf, high, is_low=False)
    if condition.operator is Operator.CONTAINS:
        return any(_fold(value) in _fold(leaf) for value in condition.values)
    return any(_fold(value) == _fold(leaf) for value in condition.values)


def _fold(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).casefold()


def _reaches(leaf: Any, end: Any, *, is_low: bool) -> bool:
    """Whether a value lies on the right side of one end of a range; what cannot be compared does not."""
    if end is None:
        return True
    if isinstance(end, date):
        moment, limit = _moment(leaf), _end_of(end, is_low=is_low)
        return moment is not None and (moment >= limit if is_low else moment <= limit)
    left, right = _number(leaf), _number(end)
    if left is not None and right is not None:
        return left >= right if is_low else left <= right
    if isinstance(leaf, str) and isinstance(end, str):
        return _fold(leaf) >= _fold(end) if is_low else _fold(leaf) <= _fold(end)
    return False


def _number(value: Any) -> float | None:
    if isinstance(value, (int, float)):
        return float(value) if abs(value) < 2**1000 else None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _end_of(day: date, *, is_low: bool) -> datetime:
    if isinstance(day, datetime):
        return day
    start = datetime.combine(day, time(), UTC)
    return start if is_low else start + timedelta(days=1, microseconds=-1)


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return None
    else:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
