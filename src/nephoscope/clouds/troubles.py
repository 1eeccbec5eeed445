"""What went wrong with a call, as our own errors, and what may be done about it."""

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


class Tries(msgspec.Struct):
    """What has been tried for one call so far. `started` is when the first try began, by the lanes' own clock."""

    started: float
    waits: int = 0
    repeats: int = 0
    renewals: int = 0


def pause(trouble: Trouble, lanes: Lanes, lane: Lane, tries: Tries) -> None:
    """Wait before the next try, or raise when there is none. What the cloud itself asks to wait is waited once, however
    patient the limits are: answers bound it."""
    limits, pace = lanes.limits, lanes.pace
    wait = max(limits.wait(tries.waits + tries.repeats, pace), trouble.seconds)
    if trouble.remedy is Remedy.WAIT:
        stuck = max(lane.throttled(), pace.now() - tries.started)
        is_told = trouble.seconds > 0 and not tries.waits
        if is_told or stuck + wait <= limits.patience:
            tries.waits += 1
            pace.sleep(wait)
            return
    elif trouble.remedy is Remedy.REPEAT and tries.repeats < limits.repeats:
        tries.repeats += 1
        pace.sleep(wait)
        return
    elif trouble.remedy is Remedy.RENEW and not tries.renewals:
        tries.renewals += 1
        return
    if trouble.remedy is Remedy.SILENT:
        lane.silent(trouble.error)
    if trouble.is_dead:
        lane.close(trouble.error)
    raise trouble.error
