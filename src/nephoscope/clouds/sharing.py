"""Answers that many ask for and one fetches."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any

from nephoscope.clouds.collecting import SURPRISES
from nephoscope.errors import CloudError, UnavailableError


class Shared:
    """Thread-safe; one for each account and run."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, Future[Any]] = {}
        self._lock = threading.Lock()

    def once(self, key: Hashable, ask: Callable[[], Any]) -> Any:
        """The answer of the first who asks, for all who ask the same; a CloudError too."""
        with self._lock:
            answer = self._answers.get(key)
            is_first = answer is None
            if answer is None:
                answer = self._answers[key] = Future()
        if is_first:
            _settle(answer, ask)
        error = answer.exception()
        if error is not None:
            raise error.with_traceback(None)  # raised again and again, it would collect frames without end
        return answer.result()


def _settle(answer: Future[Any], ask: Callable[[], Any]) -> None:
    """Nobody who waits for the answer may be left waiting, whatever asking raises."""
    try:
        answer.set_result(ask())
    except (CloudError, *SURPRISES) as error:
        answer.set_exception(error)
    finally:
        if not answer.done():
            answer.set_exception(UnavailableError("The call was interrupted."))
