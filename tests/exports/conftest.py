"""Stores of both kinds, as the tests of the store have them, and the small estate of the API's tests in one."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from apiworld import World
from worlds import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def world(tmp_path: Path, clock: FakeClock) -> Iterator[World]:
    made = World(tmp_path, clock)
    made.populate()
    yield made
    made.store.close()


@pytest.fixture
def either(url: str, tmp_path: Path, clock: FakeClock) -> Iterator[World]:
    """The estate, empty, on SQLite and on PostgreSQL."""
    made = World(tmp_path, clock, url=url)
    yield made
    made.store.close()
