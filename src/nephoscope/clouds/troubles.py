"""What went wrong with a call, in the words of the house, and what may be done about it."""

from enum import StrEnum

import msgspec

from nephoscope.clouds.pacing import Lane, Lanes
from nephoscope.errors import CloudError


class Remedy(StrEnum):
    """What may be done about it: nothing, wait and repeat, repeat soon, ask for new credentials and repeat once, or
    count the endpoint as silent."""

    NONE = "none"
    WAIT = "wait"
    REPEAT = "repeat"
    RENEW = "renew"
    SILENT = "silent"


class Trouble(msgspec.Struct, frozen=True):
    """`is_dead` says that the endpoint cannot be reached at all: later calls need not try. `seconds` is how long the
    cloud itself asked to wait."""

    error: CloudError
    remedy: Remedy = Remedy.NONE
    is_dead: bool = False
    seconds: float = 0.0


def pause(trouble: Trouble, lanes: Lanes, lane: Lane, attempt: int, started: float) -> None:
    """Wait before the next try, or raise when there is none. `attempt` counts from 0; `started` is when the first
    began, by the lanes' own clock."""
    limits, pace = lanes.limits, lanes.pace
    wait = max(limits.wait(attempt, pace), trouble.seconds)
    if trouble.remedy is Remedy.WAIT:
        stuck = max(lane.throttled(), pace.now() - started)
        if stuck + wait <= limits.patience:
            pace.sleep(wait)
            return
    elif trouble.remedy is Remedy.REPEAT and attempt < limits.repeats:
        pace.sleep(wait)
        return
    elif trouble.remedy is Remedy.RENEW and attempt == 0:
        return
    if trouble.remedy is Remedy.SILENT:
        lane.silent(trouble.error)
    if trouble.is_dead:
        lane.close(trouble.error)
    raise trouble.error
