"""The estate of `apiworld`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from apiworld import World
from worlds import FakeClock


@pytest.fixture
def world(tmp_path: Path, clock: FakeClock) -> Iterator[World]:
    opened = World(tmp_path, clock)
    opened.populate()
    yield opened
    opened.store.close()
