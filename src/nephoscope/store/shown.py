"""What a stored evaluation looks like from outside: a PASS counts only while its scope is complete."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, false, func, literal_column, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from nephoscope.model.evaluations import Status
from nephoscope.model.scopes import Outcome
from nephoscope.qql.bound import Condition, Operator
from nephoscope.store.conditions import Translate, moments, numbers, words
from nephoscope.store.tables import FAIL, PASS, UNKNOWN, connectors, evaluations, resources, scopes

_PASS, _FAIL, _UNKNOWN = (literal_column(str(code), BigInteger) for code in (PASS, FAIL, UNKNOWN))
"""Written into the statement, because an index over FAIL is not found through a parameter."""
STATUSES = {PASS: Status.PASS, FAIL: Status.FAIL, UNKNOWN: Status.UNKNOWN}
"""Of `shown_status`."""


class _Greatest(FunctionElement[int]):
    type = BigInteger()
    inherit_cache = True
    name = "greatest"


@compiles(_Greatest)
def _greatest(element: _Greatest, compiler: SQLCompiler, **words_: Any) -> str:
    return f"greatest({compiler.process(element.clauses, **words_)})"


@compiles(_Greatest, "sqlite")
def _greatest_of_sqlite(element: _Greatest, compiler: SQLCompiler, **words_: Any) -> str:
    return f"max({compiler.process(element.clauses, **words_)})"


def is_complete() -> ColumnElement[bool]:
    return scopes.c.outcome == literal_column(f"'{Outcome.COMPLETE}'")


def shown_status(status: ColumnElement[int]) -> ColumnElement[int]:
    """A key of `STATUSES`."""
    return case((status == _FAIL, _FAIL), (and_(status == _PASS, is_complete()), _PASS), else_=_UNKNOWN)


def last_evaluated() -> ColumnElement[int]:
    """When its scope was last complete, or when the verdict last turned, if that is later."""
    own = evaluations.c
    nothing = literal_column("0", BigInteger)
    later = (func.coalesce(column, nothing) for column in (scopes.c.evaluated_on, own.fixed, own.reopened))
    return _Greatest(own.first_evaluated, *later)


def statuses(status: ColumnElement[int]) -> Translate:
    """A condition on the shown status."""
    clauses = {
        Status.PASS: and_(status == _PASS, is_complete()),
        Status.FAIL: status == _FAIL,
        Status.UNKNOWN: or_(status.not_in([_PASS, _FAIL]), and_(status == _PASS, scopes.c.outcome != Outcome.COMPLETE)),
    }

    def translate(condition: Condition) -> ColumnElement[bool]:
        wanted = [clauses[name] for name in Status if _fits(name, condition.operator, condition.values)]
        return or_(false(), *wanted) if len(wanted) != 1 else wanted[0]

    return translate


def _fits(name: Status, operator: Operator, values: Iterable[Any]) -> bool:
    folded = [str(value).upper() if value is not None else None for value in values]
    if operator is Operator.BETWEEN:
        low, high = folded
        return (low is None or low <= name) and (high is None or name <= high)
    if operator is Operator.CONTAINS:
        return any(value is not None and value in name for value in folded)
    return name in folded


CONDITIONS: dict[str, Translate] = {
    "cid": numbers(evaluations.c.cid),
    "status": statuses(evaluations.c.status),
    "region": words(resources.c.region),
    "resource_type": words(scopes.c.resource_type),
    "resource_id": words(resources.c.resource_id),
    "account_id": words(connectors.c.account_id),
    "evaluated_on": moments(last_evaluated()),
}
COLUMNS: dict[str, ColumnElement[Any]] = {
    "cid": evaluations.c.cid,
    "status": shown_status(evaluations.c.status),
    "region": resources.c.region,
    "resource_type": scopes.c.resource_type,
    "resource_id": resources.c.resource_id,
    "account_id": connectors.c.account_id,
    "evaluated_on": last_evaluated(),
}
