"""What every test may use: a clock that stands still until it is moved."""

from datetime import UTC, datetime

import pytest

from worlds import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
