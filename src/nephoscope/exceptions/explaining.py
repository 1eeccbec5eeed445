"""Which exception wins on an evaluation, and why the others do not. The effect is the same whoever wins: a FAIL is
covered as long as one is in force; precedence says which decision it is put down to."""

from collections.abc import Iterable
from datetime import datetime

from nephoscope.exceptions.answers import Match, Standing
from nephoscope.kit.dates import compact
from nephoscope.model.exceptions import ExceptionScope, ExceptionState, PolicyException

_ORDER = tuple(ExceptionScope)


def ranked(matching: Iterable[PolicyException], at: datetime) -> tuple[Match, ...]:
    """Those in force in order of precedence (the scope, then who ends last, then the newest), then the others alike."""
    in_order = sorted(matching, key=_precedence)
    active = [one for one in in_order if one.state(at) is ExceptionState.ACTIVE]
    idle = [one for one in in_order if one.state(at) is not ExceptionState.ACTIVE]
    found = [Match(active[0], ExceptionState.ACTIVE, Standing.WINS, _why_it_wins(active))] if active else []
    found += [
        Match(one, ExceptionState.ACTIVE, Standing.OUTRANKED, _why_it_loses(one, active[0])) for one in active[1:]
    ]
    return (*found, *(Match(one, one.state(at), Standing.IDLE, _why_it_is_idle(one, at)) for one in idle))


def _precedence(one: PolicyException) -> tuple[int, float, float, int]:
    return _ORDER.index(one.scope), -one.ends.timestamp(), -one.created_on.timestamp(), -one.key


def _why_it_wins(active: list[PolicyException]) -> str:
    if len(active) == 1:
        return "It is the only one in force here."
    first, second = active[:2]
    if first.scope is not second.scope:
        return f"Its scope {first.scope} comes before {second.scope}."
    if first.ends != second.ends:
        return f"Of those with the scope {first.scope} it ends last, on {compact(first.ends)}."
    return f"Of those with the scope {first.scope} that end on {compact(first.ends)} it is the newest."


def _why_it_loses(one: PolicyException, winner: PolicyException) -> str:
    if one.scope is not winner.scope:
        return f"{winner.name!r} comes first: its scope {winner.scope} comes before {one.scope}."
    if one.ends != winner.ends:
        return f"{winner.name!r} comes first: it has the same scope and ends later, on {compact(winner.ends)}."
    return f"{winner.name!r} comes first: it has the same scope, ends at the same time and is newer."


def _why_it_is_idle(one: PolicyException, at: datetime) -> str:
    match one.state(at):
        case ExceptionState.PENDING_APPROVAL:
            return "It waits for the approval of a second person."
        case ExceptionState.REJECTED:
            return f"It was rejected by {one.decided_by}."
        case ExceptionState.INACTIVE:
            return f"It begins on {compact(one.starts)}."
        case _:
            return f"It ended on {compact(one.ends)}."
