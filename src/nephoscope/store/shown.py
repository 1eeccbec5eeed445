"""What a stored evaluation looks like from outside: a PASS counts only while its scope is complete."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, false, func, literal_column, not_, or_, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from nephoscope.model.evaluations import Status
from nephoscope.model.scopes import Outcome
from nephoscope.qql.bound import Bound
from nephoscope.qql.matching import matches
from nephoscope.store.conditions import Translate, moments, numbers, words
from nephoscope.store.tables import FAIL, PASS, UNKNOWN, connectors, evaluations, resources, scopes, tallies

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
    return lambda condition: is_shown_as(status, wanted_statuses((condition,)))


def wanted_statuses(of_status: Bound) -> list[Status]:
    """What nodes that look at nothing but the status leave of it."""
    return [name for name in Status if matches(of_status, {"status": name.value})]


def is_shown_as(status: ColumnElement[int], wanted: Sequence[Status]) -> ColumnElement[bool]:
    clauses = {
        Status.PASS: and_(status == _PASS, is_complete()),
        Status.FAIL: status == _FAIL,
        Status.UNKNOWN: or_(status.not_in([_PASS, _FAIL]), and_(status == _PASS, not_(is_complete()))),
    }
    if len(wanted) == len(clauses):
        return true()
    chosen = [clauses[name] for name in wanted]
    return or_(false(), *chosen) if len(chosen) != 1 else chosen[0]


CONDITIONS: dict[str, Translate] = {
    "cid": numbers(evaluations.c.cid),
    "status": statuses(evaluations.c.status),
    "region": words(resources.c.region),
    "resource_type": words(scopes.c.resource_type),
    "resource_id": words(resources.c.resource_id),
    "account_id": words(connectors.c.account_id),
    "evaluated_on": moments(last_evaluated()),
}
COUNTED: dict[str, Translate] = {
    "cid": numbers(tallies.c.cid),
    "status": statuses(tallies.c.status),
    "resource_type": CONDITIONS["resource_type"],
    "account_id": CONDITIONS["account_id"],
}
"""What the counters (joined with scope and connector) can answer without reading an evaluation."""
COLUMNS: dict[str, ColumnElement[Any]] = {
    "cid": evaluations.c.cid,
    "status": shown_status(evaluations.c.status),
    "region": resources.c.region,
    "resource_type": scopes.c.resource_type,
    "resource_id": resources.c.resource_id,
    "account_id": connectors.c.account_id,
    "evaluated_on": last_evaluated(),
}
