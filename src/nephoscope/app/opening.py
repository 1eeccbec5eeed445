"""From settings to an open house: the store, the catalogue and the use cases over them."""

from collections.abc import Iterator
from contextlib import contextmanager

from nephoscope.access.access import AccessControl
from nephoscope.connectors.connectors import Connectors
from nephoscope.controls.loading import load_catalogue
from nephoscope.errors import SettingsError
from nephoscope.jobs.jobs import Jobs, open_jobs
from nephoscope.kit.clock import system_clock
from nephoscope.settings import Settings
from nephoscope.store.session import Store, open_store, upgrade
from nephoscope.usecases.usecases import UseCases

MEMORY = "sqlite://"


def store_url(settings: Settings) -> str:
    """Where the store is: the given database, a file in the data directory, or memory."""
    if settings.database_url:
        return settings.database_url
    if settings.data is None:
        return MEMORY
    return f"sqlite:///{settings.data / 'nephoscope.sqlite'}"


def make_data_directory(settings: Settings) -> None:
    """Readable by its owner alone: it holds what is wrong in somebody's cloud."""
    if settings.data is None:
        return
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"The data directory {settings.data} cannot be used: {error.strerror}.") from error


@contextmanager
def opened_store(settings: Settings, *, is_upgraded: bool) -> Iterator[Store]:
    """The store; created or migrated first when `is_upgraded`, else it must be of this program's schema."""
    make_data_directory(settings)
    url = store_url(settings)
    if is_upgraded and url != MEMORY:
        upgrade(url)
    store = open_store(url)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def opened_usecases(settings: Settings, *, is_upgraded: bool = True) -> Iterator[tuple[UseCases, Jobs]]:
    """Everything the doors may ask for, and the jobs of this process, not started."""
    clock = system_clock
    catalogue = load_catalogue()
    with (
        opened_store(settings, is_upgraded=is_upgraded) as store,
        open_jobs(settings, store, catalogue, clock) as jobs,
    ):
        usecases = UseCases(
            settings=settings,
            clock=clock,
            store=store,
            catalogue=catalogue,
            access=AccessControl(store, clock),
            connectors=Connectors(store, clock),
            runs=jobs,
        )
        yield usecases, jobs
