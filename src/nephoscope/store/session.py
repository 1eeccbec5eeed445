"""Opening the database, and the two kinds of session."""

import sqlite3
import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Select, update
from sqlalchemy.exc import DatabaseError, OperationalError

from nephoscope.errors import StoreError
from nephoscope.kit.clock import Clock, system_clock
from nephoscope.model.identities import Reach
from nephoscope.store import upgrading
from nephoscope.store.coverage.in_force import InForce, Memory
from nephoscope.store.engines import Engines, connect, create_file, is_memory, parse, path_of, remove_private
from nephoscope.store.tables import core as tables
from nephoscope.store.tables.changes import change_sets

Statement = TypeVar("Statement", bound=Select[Any])

_FAILURE = OperationalError
"""A full disk, a lost server, a lock that nobody gives up: what no caller can do anything about."""

_ANY_FAILURE = DatabaseError
"""While opening, whatever the database says is about the database: it is none, or is of somebody else."""


class Part(NamedTuple):
    """A reach as keys: the connectors that are seen whole, and the tags of what is seen elsewhere."""

    connectors: frozenset[int]
    tags: tuple[int, ...]


class Reader:
    """One consistent view for reading. `at` is the moment whose exceptions count in it."""

    def __init__(
        self, connection: Connection, at: datetime, memory: Memory | None = None, reach: Reach | None = None
    ) -> None:
        self.connection = connection
        self.reach = reach
        """The part that is seen; None for everything."""
        self.part: Part | None = None
        """See `reach`."""
        self.at = at
        self.memory = memory
        """None while what is read may never be committed."""
        self.in_force: InForce | None = None
        """See `coverage.exemptions`."""
        self.is_postgres = connection.dialect.name == "postgresql"

    def as_of(self, moment: datetime) -> "Reader":
        """The same view with the exceptions of another moment; ends with this one."""
        return Reader(self.connection, moment, self.memory, self.reach)

    def held(self, wanted: Statement) -> Statement:
        """The statement, for rows that a writer has for itself until it ends; who only reads holds nothing."""
        return wanted

    def seen_by(self, reach: Reach | None) -> "Reader":
        """The same view, of whoever sees only that part; ends with this one."""
        return Reader(self.connection, self.at, self.memory, reach)

    @property
    def driver(self) -> Any:
        """The driver's own connection: for the paths where rows come by the hundred thousand."""
        return self.connection.connection.driver_connection


class Writer(Reader):
    """One transaction; committed when its block ends, rolled back when the block raises."""

    def __init__(self, connection: Connection, at: datetime) -> None:
        super().__init__(connection, at)
        self.has_changed = False
        self.change_set = 0
        """Its notes in the log of changes; 0 while it has none."""
        self.noted = 0

    def held(self, wanted: Statement) -> Statement:
        return wanted.with_for_update()

    def mark_changed(self) -> None:
        """Resources, evaluations or scopes were changed: the version moves with the commit, just before it, so that
        writers wait for each other's version as briefly as can be."""
        self.has_changed = True


class Store:
    """An open database. Thread-safe: each session is one connection, used by one thread."""

    def __init__(self, url: str, engines: Engines, clock: Clock) -> None:
        self.url = url
        self._engines = engines
        self._clock = clock
        self._memory = Memory()
        self._turn = threading.Lock()
        self._owner = 0
        if engines.private:
            weakref.finalize(self, remove_private, engines.private)

    def read(self, at: datetime | None = None, *, reach: Reach | None = None) -> AbstractContextManager[Reader]:
        """`at` is now when not given: exceptions begin and end by the clock. `reach` is the part that is seen."""
        return self._read(at, reach)

    def write(self) -> AbstractContextManager[Writer]:
        """One at a time in this process on SQLite. StoreError when this thread already has a writer open there."""
        return self._write() if self._engines.is_postgres else self._write_in_turn()

    @property
    def counts_exceptions(self) -> bool:
        """As far as this process has seen: exceptions are in force that cover resources and not whole controls. What
        the counters say is then corrected by a count, which takes a while after each change."""
        latest = self._memory.latest
        return latest is not None and latest.is_partial

    @property
    def is_private(self) -> bool:
        """No other process can open it."""
        return self._engines.private is not None

    def close(self) -> None:
        self._engines.dispose()

    @contextmanager
    def _read(self, at: datetime | None, reach: Reach | None) -> Iterator[Reader]:
        with _store_errors(), self._engines.readers.connect() as connection, connection.begin():
            yield Reader(connection, at or self._clock(), self._memory, reach)

    @contextmanager
    def _write(self) -> Iterator[Writer]:
        with _store_errors(), self._engines.writers.connect() as connection, connection.begin():
            writer = Writer(connection, self._clock())
            yield writer
            if writer.has_changed:
                _move_version(writer)

    @contextmanager
    def _write_in_turn(self) -> Iterator[Writer]:
        if self._owner == threading.get_ident():
            raise StoreError("This thread is already writing to the database; it would wait for itself.")
        with self._turn:
            self._owner = threading.get_ident()
            try:
                with self._write() as writer:
                    yield writer
            finally:
                self._owner = 0


def _move_version(writer: Writer) -> None:
    """Whoever moves it next waits until this transaction has ended: versions are in the order of commits."""
    own = tables.meta.c
    moving = update(tables.meta).where(own.name == "version").values(value=own.value + 1).returning(own.value)
    version = writer.connection.execute(moving).scalar_one()
    if writer.change_set:
        mine = change_sets.c.key == writer.change_set
        writer.connection.execute(update(change_sets).where(mine).values(version=version))


@contextmanager
def _store_errors(failure: type[DatabaseError] = _FAILURE) -> Iterator[None]:
    try:
        yield
    except (failure, *_of_drivers(failure.__name__)) as error:
        reason = str(error.orig if isinstance(error, DatabaseError) else error).strip().partition("\n")[0]
        raise StoreError(f"The database does not answer as it should: {reason}.") from error


def every_failure_told() -> AbstractContextManager[None]:
    """StoreError for whatever the database says: where rows come from outside, it may well refuse them."""
    return _store_errors(_ANY_FAILURE)


def _of_drivers(name: str) -> tuple[type[Exception], ...]:
    """The error of that name of each driver in use. Whoever uses SQLite does without the 9 MB of psycopg."""
    return tuple(getattr(driver, name) for driver in (sqlite3, sys.modules.get("psycopg")) if driver)


def open_store(url: str, clock: Clock = system_clock) -> Store:
    """`sqlite:///PATH`, `sqlite://` (memory, shared by all threads of the process) or `postgresql://…`.
    StoreError when it cannot be opened or its schema is not the current one."""
    parsed = parse(url)
    path = path_of(parsed)
    if path is not None and not is_memory(parsed) and not path.exists():
        raise StoreError(f"There is no database {path}; run `nephoscope db upgrade` first.")
    engines = connect(parsed)
    store = Store(url, engines, clock)
    try:
        with _store_errors(_ANY_FAILURE):
            if engines.private:
                upgrading.upgrade(engines)
            with engines.readers.connect() as connection:
                upgrading.check(connection)
    except StoreError:
        store.close()
        raise
    return store


def upgrade(url: str) -> tuple[str, str]:
    """Create or migrate the schema; answers (revision before, revision after), `""` for a new database. StoreError when
    the database is newer than the program: downgrading is refused."""
    parsed = parse(url)
    path = path_of(parsed)
    if path is not None and not is_memory(parsed):
        create_file(path)
    engines = connect(parsed)
    try:
        with _store_errors(_ANY_FAILURE):
            return upgrading.upgrade(engines)
    finally:
        engines.dispose()


def revision(url: str) -> str:
    """Of its schema; `""` where nothing was made yet. Makes nothing."""
    parsed = parse(url)
    path = path_of(parsed)
    if path is not None and not path.exists():
        return ""
    engines = connect(parsed)
    try:
        with _store_errors(_ANY_FAILURE), engines.readers.connect() as connection:
            return upgrading.revision(connection)
    finally:
        engines.dispose()
