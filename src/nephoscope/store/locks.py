"""Who may write what an account owns, one transaction at a time per connector; and rules of tags against recordings;
and who was given what.

Whoever records something of an account shares the rules with all who do; whoever makes or removes a rule has them
alone, so that no resource is recorded past a rule that is just being applied. On SQLite there is one writer anyway.
"""

from sqlalchemy import select, text

from nephoscope.errors import NotFoundError
from nephoscope.store.session import Writer
from nephoscope.store.tables.core import connectors

_RULES = 0x74616773
_GRANTS = 0x726F6C65
_LOGINS = 0x6C6F6769
"""Of PostgreSQL, beside the one of upgrades."""


def lock_connector(writer: Writer, connector_key: int) -> None:
    """Until the transaction ends. NotFoundError when the connector was deleted: nothing may be recorded for it."""
    share_rules(writer)
    row = select(connectors.c.key).where(connectors.c.key == connector_key).with_for_update()
    if writer.connection.execute(row).one_or_none() is None:
        raise NotFoundError("The connector was deleted.")


def share_rules(writer: Writer) -> None:
    """Before any connector is locked: who waits for a connector must not be waited for by who wants the rules."""
    if writer.is_postgres:
        writer.connection.execute(text("SELECT pg_advisory_xact_lock_shared(:rules)"), {"rules": _RULES})


def lock_rules(writer: Writer) -> None:
    """Until the transaction ends; first of all that it locks."""
    if writer.is_postgres:
        writer.connection.execute(text("SELECT pg_advisory_xact_lock(:rules)"), {"rules": _RULES})


def lock_grants(writer: Writer) -> None:
    """Until the transaction ends: roles, what was given, and groups change one at a time, so that two of the last
    Managers cannot leave together."""
    if writer.is_postgres:
        writer.connection.execute(text("SELECT pg_advisory_xact_lock(:grants)"), {"grants": _GRANTS})


def lock_logins(writer: Writer) -> None:
    """Until the transaction ends: of many guesses at once, each counts."""
    if writer.is_postgres:
        writer.connection.execute(text("SELECT pg_advisory_xact_lock(:logins)"), {"logins": _LOGINS})
