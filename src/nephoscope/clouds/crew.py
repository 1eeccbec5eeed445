"""The threads that complete items, shared by all scopes of an account."""

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

Work = Callable[[], None]


class Crew:
    """Runs many small pieces of work at a time. Whoever brings work helps to do it, so work that brings work, or more
    scopes than threads, cannot lock each other out; a thread does one piece and then takes its turn again, so that a
    large scope does not starve a small one."""

    def __init__(self, threads: int, at_a_time: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="cloud")
        self._at_a_time = at_a_time

    def run(self, work: Iterable[Work]) -> None:
        """Returns when all of it is done. Work keeps its own results; what a piece raises is raised here."""
        batch = _Batch(work)
        for _ in range(min(self._at_a_time, batch.size) - 1):
            self._pool.submit(self._turn, batch)
        while batch.do_one():
            pass
        batch.wait()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _turn(self, batch: "_Batch") -> None:
        if batch.do_one():
            self._pool.submit(self._turn, batch)


class _Batch:
    """Pieces that somebody waits for."""

    def __init__(self, work: Iterable[Work]) -> None:
        self._waiting = deque(work)
        self.size = len(self._waiting)
        self._left = self.size
        self._changed = threading.Condition()
        self._error: BaseException | None = None

    def do_one(self) -> bool:
        """Do the next piece; whether there was one."""
        try:
            piece = self._waiting.popleft()
        except IndexError:
            return False
        is_done = False
        try:
            piece()
            is_done = True
        finally:
            with self._changed:
                if not is_done:
                    self._error = sys.exception()
                self._left -= 1
                if self._left == 0:
                    self._changed.notify_all()
        return True

    def wait(self) -> None:
        """Until the pieces that other threads took are done."""
        with self._changed:
            while self._left:
                self._changed.wait()
        if self._error is not None:
            raise self._error
