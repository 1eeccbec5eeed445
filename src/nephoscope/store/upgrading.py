"""Bringing a database to the schema of this program, and refusing one that is ahead of it. Alembic is only imported to
change something: it is a third of a second of every command."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from nephoscope.errors import StoreError
from nephoscope.store.engines import Engines

if TYPE_CHECKING:
    from alembic.config import Config

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
        if before != newest():
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
    from alembic import command  # noqa: PLC0415 - see the module

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - likewise

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def revision(connection: Connection) -> str:
    """`""` before anything was made."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


@cache
def _revisions() -> tuple[str, ...]:
    """Of this program, the newest first: files are named by the revision that they make."""
    return tuple(sorted((file.name.partition("_")[0] for file in _MIGRATIONS.glob("versions/[0-9]*.py")), reverse=True))


def refuse_newer(found: str, what: str = "The database") -> None:
    known = set(_revisions())
    if found and found not in known:
        raise StoreError(
            f"{what} is at revision {found}, which this version of nephoscope does not know: it was written by a "
            "newer one. Install that version; going back is not supported."
        )
