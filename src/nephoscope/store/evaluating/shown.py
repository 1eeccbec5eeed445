"""What a stored evaluation looks like from outside: a PASS counts only while its scope is complete, and a FAIL that an
exception covers is a PASSE. What is covered is for `exemptions` to say; here it is a condition."""

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
from nephoscope.store.tables.core import FAIL, PASS, UNKNOWN, connectors, evaluations, resources, scopes, tallies
from nephoscope.store.tags import resources_wearing

EXCEPTED = 5
"""A covered FAIL as `shown_status` says it; never stored."""
_PASS, _FAIL, _UNKNOWN, _EXCEPTED = (literal_column(str(code), BigInteger) for code in (PASS, FAIL, UNKNOWN, EXCEPTED))
"""Written into the statement, because an index over FAIL is not found through a parameter."""
STATUSES = {PASS: Status.PASS, FAIL: Status.FAIL, UNKNOWN: Status.UNKNOWN, EXCEPTED: Status.PASSE}
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


def shown_status(status: ColumnElement[int], covered: ColumnElement[bool]) -> ColumnElement[int]:
    """A key of `STATUSES`."""
    return case(
        (and_(status == _FAIL, covered), _EXCEPTED),
        (status == _FAIL, _FAIL),
        (and_(status == _PASS, is_complete()), _PASS),
        else_=_UNKNOWN,
    )


def last_evaluated() -> ColumnElement[int]:
    """When its scope was last complete, or when the verdict last turned, if that is later."""
    own = evaluations.c
    nothing = literal_column("0", BigInteger)
    later = (func.coalesce(column, nothing) for column in (scopes.c.evaluated_on, own.fixed, own.reopened))
    return _Greatest(own.first_evaluated, *later)


def statuses(status: ColumnElement[int], covered: ColumnElement[bool]) -> Translate:
    """A condition on the shown status."""
    return lambda condition: is_shown_as(status, wanted_statuses((condition,)), covered)


def wanted_statuses(of_status: Bound) -> list[Status]:
    """What nodes that look at nothing but the status leave of it."""
    return [name for name in Status if matches(of_status, {"status": name.value})]


def is_shown_as(
    status: ColumnElement[int], wanted: Sequence[Status], covered: ColumnElement[bool]
) -> ColumnElement[bool]:
    if len(wanted) == len(Status):
        return true()
    failing = status == _FAIL
    clauses = {
        Status.PASS: and_(status == _PASS, is_complete()),
        Status.FAIL: failing if Status.PASSE in wanted else and_(failing, not_(covered)),
        Status.UNKNOWN: or_(status.not_in([_PASS, _FAIL]), and_(status == _PASS, not_(is_complete()))),
        Status.PASSE: false() if Status.FAIL in wanted else and_(failing, covered),
    }
    return or_(false(), *(clauses[name] for name in wanted))


def conditions_of(covered: ColumnElement[bool]) -> dict[str, Translate]:
    """Of evaluations, joined with resource, scope and connector."""
    return {
        "cid": numbers(evaluations.c.cid),
        "status": statuses(evaluations.c.status, covered),
        "region": words(resources.c.region),
        "resource_type": words(scopes.c.resource_type),
        "resource_id": words(resources.c.resource_id),
        "account_id": words(connectors.c.account_id),
        "evaluated_on": moments(last_evaluated()),
        "tag_name": resources_wearing,
    }


COUNTED = frozenset({"cid", "status", "resource_type", "account_id"})
"""What the counters can answer without reading an evaluation."""


def counted_conditions(covered: ColumnElement[bool]) -> dict[str, Translate]:
    """Of the counters, joined with scope and connector."""
    return {
        "cid": numbers(tallies.c.cid),
        "status": statuses(tallies.c.status, covered),
        "resource_type": words(scopes.c.resource_type),
        "account_id": words(connectors.c.account_id),
    }


def columns(covered: ColumnElement[bool]) -> dict[str, ColumnElement[Any]]:
    """What evaluations are sorted by."""
    return {
        "cid": evaluations.c.cid,
        "status": shown_status(evaluations.c.status, covered),
        "region": resources.c.region,
        "resource_type": scopes.c.resource_type,
        "resource_id": resources.c.resource_id,
        "account_id": connectors.c.account_id,
        "evaluated_on": last_evaluated(),
    }
