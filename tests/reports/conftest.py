"""The small estate of the API's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from apiworld import World
from worlds import FakeClock


@pytest.fixture
def world(tmp_path: Path, clock: FakeClock) -> Iterator[World]:
    made = World(tmp_path, clock)
    made.populate()
    yield made
    made.store.close()
