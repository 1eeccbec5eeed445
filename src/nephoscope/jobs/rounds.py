"""Duties done again and again on a thread of their own, each at its interval."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

Duty = Callable[[], None]

_LOG = logging.getLogger(__name__)
_LONGEST_REST = 60.0


class Rounds:
    """`duties` maps each duty to the seconds between two of its rounds; the first comes at once. A round that fails is
    logged, and the next one comes all the same. After a round a duty rests `rest` times as long as it took, so that
    what grows with the fleet never takes more than its share of the time."""

    def __init__(self, duties: Mapping[Duty, float], *, rest: float = 0.0) -> None:
        self._rest = rest
        self._seconds = dict(duties)
        self._due = dict.fromkeys(duties, 0.0)
        self._wake = threading.Event()
        self._is_over = False
        self._thread = threading.Thread(target=self._keep, name="rounds", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the round under way has ended."""
        self._is_over = True
        self._wake.set()
        self._thread.join()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive() and not self._is_over

    def hurry(self, duty: Duty) -> None:
        """Do it now."""
        self._due[duty] = 0.0
        self._wake.set()

    def _keep(self) -> None:
        with ThreadPoolExecutor(1, thread_name_prefix="duty") as pool:
            while not self._is_over:
                self._wake.clear()
                for duty, seconds in self._seconds.items():
                    if time.monotonic() >= self._due[duty]:
                        self._round(pool, duty, seconds)
                self._wake.wait(max(0.0, min(self._due.values()) - time.monotonic()))

    def _round(self, pool: ThreadPoolExecutor, duty: Duty, seconds: float) -> None:
        began = time.monotonic()
        self._due[duty] = began + seconds
        # As a future, so that a database that is away for a moment ends this round and not all of them.
        error = pool.submit(duty).exception()
        if error is not None:
            _LOG.warning("Housekeeping (%s) failed: %s", duty.__name__, error)
        rest = min((time.monotonic() - began) * self._rest, _LONGEST_REST)
        self._due[duty] = max(self._due[duty], time.monotonic() + rest) if self._due[duty] else 0.0
