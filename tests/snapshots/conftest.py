"""Stores of both kinds, a simulated cloud, and an estate with disks in them."""

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nephoscope.simulation.aws import ACCESS_KEY, SECRET_KEY, BlockConditions, Simulation, start
from nephoscope.store.session import Store, open_store
from snapshots.disk_world import DiskWorld, credentials, debian, image
from worlds import FakeClock


@pytest.fixture(scope="session")
def simulation() -> Iterator[Simulation]:
    with start() as running, pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }.items():
            patch.setenv(name, value)
        yield running


@pytest.fixture
def clock() -> FakeClock:
    """Near the real time: the simulation has that, and the janitor compares."""
    return FakeClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def store(url: str, clock: FakeClock) -> Iterator[Store]:
    with closing(open_store(url, clock)) as opened:
        yield opened


@pytest.fixture
def world(store: Store, tmp_path: Path, clock: FakeClock, simulation: Simulation) -> Iterator[DiskWorld]:
    """With the advisories of the samples."""
    made = DiskWorld(store, tmp_path, clock, simulation)
    made.learn()
    yield made
    simulation.disturb()
    simulation.tell(BlockConditions())


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Debian with an old openssl, and credentials on it."""
    return image(tmp_path_factory.mktemp("root") / "root.img", {**debian(), **credentials()})
