"""The estate of `apiworld`, and clients of its API."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import PASSWORD, USER, World
from nephoscope.access.throttling import Throttle
from worlds import FakeClock


@pytest.fixture
def empty_world(tmp_path: Path, clock: FakeClock) -> Iterator[World]:
    """Connectors, and nothing else yet."""
    world = World(tmp_path, clock)
    yield world
    world.store.close()


@pytest.fixture
def world(empty_world: World) -> World:
    empty_world.populate()
    return empty_world


@pytest.fixture
def client(world: World) -> Iterator[TestClient[Litestar]]:
    """Logged in; failures of the server come back as answers."""
    yield from logged_in(world)


@pytest.fixture(scope="session")
def still_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """For tests that change nothing: made once."""
    world = World(tmp_path_factory.mktemp("still"), FakeClock(datetime(2026, 1, 1, tzinfo=UTC)))
    world.populate()
    yield world
    world.store.close()


@pytest.fixture(scope="session")
def still(still_world: World) -> Iterator[TestClient[Litestar]]:
    """Logged in to the world that nobody changes."""
    yield from logged_in(still_world)


@pytest.fixture(scope="session")
def _someone(still_world: World) -> Iterator[TestClient[Litestar]]:
    with TestClient(still_world.application(), raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def stranger(_someone: TestClient[Litestar], still_world: World) -> TestClient[Litestar]:
    """Not logged in, and nobody has failed to log in yet."""
    still_world.access._throttle = Throttle(still_world.clock)
    return _someone


def logged_in(world: World) -> Iterator[TestClient[Litestar]]:
    with TestClient(world.application(), raise_server_exceptions=False) as opened:
        opened.auth = (USER, PASSWORD)
        yield opened
