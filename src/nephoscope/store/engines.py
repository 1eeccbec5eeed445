"""From a database URL to engines: one that only reads, one that writes. What differs between SQLite and PostgreSQL at
the level of connections stands here."""

import os
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from nephoscope.errors import StoreError

_BUSY_SECONDS = 30
_PAGE_SIZE = 8192
_READER_CACHE_KIB = 8 * 1024
_WRITER_CACHE_KIB = 64 * 1024
_POOL_SIZE = 8
_PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""Seconds, the last one milliseconds. A server that the network has swallowed is given up within a minute, not after
two hours; an address may say otherwise in its query."""


class Engines(msgspec.Struct, frozen=True):
    """`readers` refuses to write. `private` is the file of an in-memory store, which goes when the store is closed."""

    url: URL
    readers: Engine
    writers: Engine
    private: Path | None = None

    @property
    def is_postgres(self) -> bool:
        return self.url.get_backend_name() == "postgresql"

    def dispose(self) -> None:
        self.readers.dispose()
        self.writers.dispose()
        if self.private:
            remove_private(self.private)


def parse(text: str) -> URL:
    """StoreError for anything but the two databases that we know."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise StoreError(
            "The database URL cannot be read; expected sqlite:///PATH or postgresql://HOST/NAME."
        ) from error
    if url.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername == "sqlite":
        return url
    raise StoreError(
        f"The database {url.drivername!r} is not known; expected sqlite:///PATH or postgresql://HOST/NAME."
    )


def path_of(url: URL) -> Path | None:
    """The file of an SQLite database; None for PostgreSQL and for `sqlite://`."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def is_memory(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}


def connect(url: URL) -> Engines:
    """No connection is made yet. `sqlite://` becomes a private temporary file without fsync: SQLite's own shared memory
    has no snapshots, so its readers would block the writer and see half of what it does."""
    if url.get_backend_name() == "postgresql":
        return _connect_postgres(url)
    if not is_memory(url):
        return Engines(url, _sqlite(url, writes=False), _sqlite(url, writes=True))
    file = Path(tempfile.mkdtemp(prefix="nephoscope-")) / "memory.db"
    url = url.set(database=str(file))
    return Engines(url, _sqlite(url, writes=False, private=True), _sqlite(url, writes=True, private=True), file)


def create_file(path: Path) -> None:
    """An empty database file that only its owner may read: it will hold role names and password hashes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def remove_private(file: Path) -> None:
    for leftover in file.parent.glob("*"):
        leftover.unlink(missing_ok=True)
    if file.parent.exists():
        file.parent.rmdir()


def _connect_postgres(url: URL) -> Engines:
    patience = {name: value for name, value in _PATIENCE.items() if name not in url.query}
    engine = create_engine(url, pool_size=_POOL_SIZE, max_overflow=64, pool_pre_ping=True, connect_args=patience)
    readers = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Engines(url, readers, engine)


def _sqlite(url: URL, *, writes: bool, private: bool = False) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1 if writes else _POOL_SIZE,
        max_overflow=0 if writes else 64,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": _BUSY_SECONDS},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute(f"PRAGMA synchronous = {'OFF' if private else 'NORMAL'}")
        cursor.execute(f"PRAGMA cache_size = -{_WRITER_CACHE_KIB if writes else _READER_CACHE_KIB}")
        cursor.execute("PRAGMA temp_store = MEMORY")
        cursor.execute(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
