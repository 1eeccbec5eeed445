"""What every benchmark returns, and how time is taken."""

import time
from collections.abc import Callable
from typing import NamedTuple


class Row(NamedTuple):
    """One figure, with the baseline of the same run (None when it stands alone) and the command that prints it."""

    name: str
    value: float
    unit: str
    baseline: float | None
    baseline_name: str
    command: str


def seconds(work: Callable[[], object], repeat: int = 1) -> float:
    """The best of `repeat` wall-clock times."""
    best = float("inf")
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best
