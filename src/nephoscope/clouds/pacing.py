"""How fast calls go: so many at once per service and region, fewer while the cloud throttles, none to a dead endpoint.

A lane is one (service, region). Its width follows the cloud's answers: halved when it throttles, a little wider with
every answer that goes through (AIMD). A lane whose endpoint cannot be reached is closed: what is asked of it later
fails at once.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from nephoscope.errors import CloudError


class Pace(msgspec.Struct, frozen=True):
    """Where time comes from. `draw` answers a number in [0, 1)."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    draw: Callable[[], float] = random.random


class Limits(msgspec.Struct, frozen=True):
    """The bounds of one account. Times are seconds."""

    workers: int = 32
    """Calls at the same time, over all services and regions."""
    lane: int = 16
    """Calls at the same time in one service and region."""
    patience: float = 30.0
    """How long a call is repeated while it is throttled."""
    first_wait: float = 0.25
    longest_wait: float = 8.0
    repeats: int = 2
    """How often a call is repeated after a server error or a broken connection."""
    connect_timeout: float = 3.0
    read_timeout: float = 15.0
    silences: int = 3
    """Unanswered calls in a row after which a lane counts as dead."""

    def wait(self, attempt: int, pace: Pace) -> float:
        """The pause before repeating for the `attempt`th time (from 0): exponential, between half and all of it."""
        return min(self.longest_wait, self.first_wait * 2.0 ** min(attempt, 16)) * (0.5 + pace.draw() / 2)


class Lane:
    """One service in one region. Thread-safe."""

    def __init__(self, limits: Limits, pace: Pace) -> None:
        self._limits = limits
        self._pace = pace
        self._free = threading.Condition()
        self._width = float(limits.lane)
        self._narrowed = float("-inf")
        self._running = 0
        self._silences = 0
        self._throttled_since: float | None = None
        self._dead: CloudError | None = None

    @property
    def width(self) -> int:
        return int(self._width)

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place for one call; waits for one. Raises what closed the lane."""
        with self._free:
            while self._dead is None and self._running >= self.width:
                self._free.wait()
            self._refuse_when_dead()
            self._running += 1
        try:
            yield
        finally:
            with self._free:
                self._running -= 1
                self._free.notify()

    def answered(self) -> None:
        """A call went through: the lane grows back."""
        with self._free:
            self._silences = 0
            self._throttled_since = None
            if self._width < self._limits.lane:
                self._width = min(float(self._limits.lane), self._width + 1.0 / self._width)
                self._free.notify()

    def throttled(self) -> float:
        """A call was throttled: the lane shrinks, once for a burst. Answers for how long nothing has gone through."""
        with self._free:
            now = self._pace.now()
            if now - self._narrowed >= self._limits.first_wait:
                self._narrowed = now
                self._width = max(1.0, self._width / 2)
            if self._throttled_since is None:
                self._throttled_since = now
            return now - self._throttled_since

    def silent(self, error: CloudError) -> None:
        """A call got no answer in time; some of them in a row close the lane."""
        with self._free:
            self._silences += 1
            enough = self._silences >= self._limits.silences
        if enough:
            self.close(error)

    def close(self, error: CloudError) -> None:
        """The endpoint cannot be reached: whoever waits, and whoever comes later, gets the error."""
        with self._free:
            self._dead = error
            self._free.notify_all()

    def _refuse_when_dead(self) -> None:
        if self._dead is not None:
            raise type(self._dead)(self._dead.message)


class Lanes:
    """Every lane of an account, made when first used, and the bound over all of them."""

    def __init__(self, limits: Limits, pace: Pace) -> None:
        self.limits = limits
        self.pace = pace
        self._lanes: dict[tuple[str, str], Lane] = {}
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(limits.workers)

    def lane(self, service: str, region: str) -> Lane:
        key = (service, region)
        found = self._lanes.get(key)
        if found is None:
            with self._lock:
                found = self._lanes.setdefault(key, Lane(self.limits, self.pace))
        return found

    @contextmanager
    def place(self, lane: Lane) -> Iterator[None]:
        """A place in the lane and among all calls of the account."""
        with lane.place(), self._places:
            yield
