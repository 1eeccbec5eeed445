"""Bringing a database to the schema of this program, and refusing one that is ahead of it."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from nephoscope.errors import StoreError
from nephoscope.store.engines import Engines

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x6E657068
"""Of PostgreSQL: one upgrade at a time, from however many processes."""


def upgrade(engines: Engines) -> tuple[str, str]:
    """(revision before, revision after); `""` for a new database."""
    with engines.writers.begin() as connection:
        if engines.is_postgres:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        before = revision(connection)
        refuse_newer(before)
        rebuild(connection)
        return before, revision(connection)


def check(connection: Connection) -> None:
    """StoreError unless the schema is the current one."""
    found = revision(connection)
    refuse_newer(found)
    if found != newest():
        state = f"is at revision {found}" if found else "has no tables yet"
        raise StoreError(f"The database {state}; run `nephoscope db upgrade` first.")


def newest() -> str:
    """The revision of this program's schema."""
    return _revisions()[0]


def rebuild(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to a revision, in the caller's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def revision(connection: Connection) -> str:
    """`""` before anything was made."""
    return MigrationContext.configure(connection).get_current_revision() or ""


@cache
def _revisions() -> tuple[str, ...]:
    """Of this program, the newest first."""
    return tuple(script.revision for script in ScriptDirectory(str(_MIGRATIONS)).walk_revisions())


def refuse_newer(found: str, what: str = "The database") -> None:
    known = set(_revisions())
    if found and found not in known:
        raise StoreError(
            f"{what} is at revision {found}, which this version of nephoscope does not know: it was written by a "
            "newer one. Install that version; going back is not supported."
        )
