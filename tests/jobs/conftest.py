"""Stores of both kinds, a simulated cloud, and worker processes that are killed when the test ends."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from databases import Postgres
from fresh_stores import kept_in
from jobs.job_world import Place, Worker
from nephoscope.settings import Settings
from nephoscope.simulation.aws import Simulation, start

MakePlace = Callable[[str, Path], Place]


@pytest.fixture(scope="session")
def make_place(request: pytest.FixtureRequest) -> MakePlace:
    """A new store, `sqlite` or `postgres`. The server is only started when somebody wants it."""

    def make(kind: str, folder: Path) -> Place:
        if kind == "sqlite":
            return Place(Settings(data=folder, workers=8), kept_in(folder))
        server: Postgres = request.getfixturevalue("postgres")
        url = server.migrated()
        return Place(Settings(data=folder, database_url=url, workers=8), url)

    return make


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path, make_place: MakePlace) -> Place:
    """SQLite, unless the test is parametrised."""
    return make_place(getattr(request, "param", "sqlite"), tmp_path)


@pytest.fixture(scope="session")
def cloud() -> Iterator[Simulation]:
    with start() as simulation, pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "AKIASIMULATION000000",
            "AWS_SECRET_ACCESS_KEY": "simulation",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }.items():
            patch.setenv(name, value)
        yield simulation


@pytest.fixture
def hire(place: Place) -> Iterator[Callable[..., Worker]]:
    """Start a worker process on the test's store."""
    with ExitStack() as stack:

        def hire(*, ahead: float = 0.0) -> Worker:
            worker = Worker(place, ahead=ahead)
            stack.callback(worker.kill)
            worker.wait_ready()
            return worker

        yield hire
