"""The store that the settings mean: where it is, its directory, and opening it."""

from collections.abc import Iterator
from contextlib import contextmanager

from nephoscope.errors import SettingsError
from nephoscope.settings import Settings
from nephoscope.store.session import Store, open_store, revision, upgrade

MEMORY = "sqlite://"
_FILE = "nephoscope.sqlite"


def store_url(settings: Settings) -> str:
    """Where the store is: the given database, a file in the data directory, or memory."""
    if settings.database_url:
        return settings.database_url
    if settings.data is None:
        return MEMORY
    return f"sqlite:///{settings.data / _FILE}"


def has_store(settings: Settings) -> bool:
    """Whether somebody has made it already; makes nothing. StoreError when what is there cannot be read."""
    url = store_url(settings)
    return url != MEMORY and bool(revision(url))


def make_data_directory(settings: Settings) -> None:
    """Readable by its owner alone: it holds what is wrong in somebody's cloud."""
    if settings.data is None:
        return
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"The data directory {settings.data} cannot be used: {error.strerror}.") from error


def upgrade_store(settings: Settings) -> tuple[str, str]:
    """Create or migrate the schema; answers (revision before, revision after)."""
    make_data_directory(settings)
    return upgrade(store_url(settings))


@contextmanager
def opened_store(settings: Settings, *, is_upgraded: bool = True) -> Iterator[Store]:
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
