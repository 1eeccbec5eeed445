"""What every test may use: a clock that stands still until it is moved, and databases of both kinds.

Property tests draw the same examples each time: a suite that draws others fails on a change that has nothing to do with
it. `make fuzz` is where new ones are drawn.
"""

from datetime import UTC, datetime

import pytest
from hypothesis import settings

from databases import fresh, postgres, url
from worlds import FakeClock

__all__ = ["fresh", "postgres", "url"]

settings.register_profile("same", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", max_examples=1000, deadline=None, print_blob=True)
settings.load_profile("same")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
