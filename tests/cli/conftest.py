"""One small account for the folder, scanned once, and the command line in this process."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.cli_world import Answer, Invoke, fill, scan_of
from nephoscope.app.doors import DOORS
from nephoscope.app.stores import store_url
from nephoscope.cli.main import build, run
from nephoscope.cli.scan.scanning import Scanned
from nephoscope.settings import Settings
from nephoscope.simulation.aws import ACCESS_KEY, SECRET_KEY, Simulation, start
from nephoscope.store.session import upgrade


@pytest.fixture(scope="session", autouse=True)
def _environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        patch.setenv("NEPHOSCOPE_ENDPOINT_OVERRIDES", "on")
        for name in ("AWS_PROFILE", "NO_COLOR", "FORCE_COLOR", "NEPHOSCOPE_DATABASE", "NEPHOSCOPE_ADMIN_PASSWORD"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def account() -> Iterator[Simulation]:
    """In a process of its own: moto is global, and other folders simulate in theirs."""
    with start() as simulation:
        fill(simulation)
        yield simulation


@pytest.fixture(scope="session")
def done(account: Simulation) -> Iterator[Scanned]:
    with scan_of(account) as found:
        yield found


@pytest.fixture
def disturbed(account: Simulation) -> Iterator[Simulation]:
    """Calm again after the test."""
    yield account
    account.disturb()


@pytest.fixture
def invoke(capfd: pytest.CaptureFixture[str]) -> Invoke:
    """`invoke("controls", "list")`, through the same door as the real command, in this process."""

    def call(*arguments: str) -> Answer:
        code = run(build(DOORS), arguments)
        captured = capfd.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


@pytest.fixture
def data(tmp_path: Path) -> str:
    return str(tmp_path / "kept")


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a store that has nothing in it yet."""
    folder = tmp_path_factory.mktemp("empty")
    upgrade(store_url(Settings(data=folder)))
    return folder


@pytest.fixture
def begun(empty: Path, data: str) -> str:
    """The same, of this test alone."""
    return str(shutil.copytree(empty, data))
