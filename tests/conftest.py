"""What every test may use: a clock that stands still until it is moved, and databases of both kinds.

Property tests draw the same examples each time: a suite that draws others fails on a change that has nothing to do with
it. `make fuzz` is where new ones are drawn.
"""

import gc
from datetime import UTC, datetime

import pytest
from hypothesis import settings

from databases import fresh, postgres, url
from worlds import FakeClock

__all__ = ["fresh", "postgres", "url"]

settings.register_profile("same", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", max_examples=1000, deadline=None, print_blob=True)
settings.load_profile("same")


def pytest_collection_finish() -> None:
    """What stands now stays to the end. Without this the garbage collector goes through all of it again and again, for
    a third of the time that the tests take."""
    gc.collect()
    gc.freeze()
    gc.collect()  # how soon the next full one comes is measured by what this one finds
    gc.set_threshold(10_000, 10, 10)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
