"""Stores with nothing in them yet, migrated once in each process instead of once for each test."""

from contextlib import closing
from functools import cache
from pathlib import Path

from nephoscope.app.stores import store_url
from nephoscope.kit.clock import Clock, system_clock
from nephoscope.settings import Settings
from nephoscope.store.engines import connect, create_file, parse, path_of
from nephoscope.store.session import Store, open_store


def open_fresh(clock: Clock = system_clock) -> Store:
    """As `open_store("sqlite://")` opens one: private, in memory, of the newest schema."""
    engines = connect(parse("sqlite://"))
    assert engines.private is not None
    engines.private.write_bytes(_migrated())
    return Store("sqlite://", engines, clock)


def migrated_file(path: Path) -> str:
    """As `upgrade` leaves a new one; its address."""
    create_file(path)
    path.write_bytes(_migrated())
    return f"sqlite:///{path}"


def kept_in(folder: Path) -> str:
    """The same where the program looks for it in a data directory."""
    url = store_url(Settings(data=folder))
    path = path_of(parse(url))
    assert path is not None
    return migrated_file(path)


@cache
def _migrated() -> bytes:
    with closing(open_store("sqlite://")) as store, store.read() as reader:
        image: bytes = reader.driver.serialize()
        return image
