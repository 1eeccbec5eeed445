"""Scopes: how each one last ended."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, select, update

from nephoscope.kit.dates import from_epoch, from_epoch_or_none, to_epoch
from nephoscope.model.scopes import Outcome, Scope, ScopeReport, StoredScope
from nephoscope.store.changelog import changes
from nephoscope.store.changelog.changes import ChangeKind, Note
from nephoscope.store.locks import lock_connector
from nephoscope.store.retirement import retire
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.core import resources, scopes, tallies
from nephoscope.store.text import storable


def close(writer: Writer, connector_key: int, report: ScopeReport, now: datetime) -> int:
    """Record how a scope ended; answers its key. `evaluated_on` moves only when it is complete. Tallies, listings and
    dates look at the outcome as they are read, so a change of it rewrites no row but this one.
    NotFoundError when the connector is gone."""
    lock_connector(writer, connector_key)
    writer.mark_changed()
    values: dict[str, Any] = {
        "outcome": report.outcome,
        "permission": storable(report.permission),
        "message": storable(report.message),
        "resources": report.resources,
        "calls": report.calls,
        "closed_on": to_epoch(now),
    }
    if report.outcome is Outcome.COMPLETE:
        values["evaluated_on"] = to_epoch(now)
    _note_turn(writer, connector_key, report)
    found = update(scopes).where(_is(connector_key, report.scope)).values(values).returning(scopes.c.key)
    known: int | None = writer.connection.execute(found).scalar_one_or_none()
    if known is not None:
        return known
    new = {"connector_key": connector_key, "resource_type": report.scope.resource_type, "region": report.scope.region}
    key: int = writer.connection.execute(insert(scopes).values(new | values).returning(scopes.c.key)).scalar_one()
    return key


def _note_turn(writer: Writer, connector_key: int, report: ScopeReport) -> None:
    """A scope that can be read again, or no longer, or for another reason, changes what all its resources passed."""
    known = select(scopes.c.key, scopes.c.outcome, shown_reason().label("reason")).where(
        _is(connector_key, report.scope)
    )
    row = writer.connection.execute(known).one_or_none()
    is_complete = report.outcome is Outcome.COMPLETE
    if row is None or (is_complete and row.outcome == Outcome.COMPLETE):
        return
    if row.reason != storable(reason(report)):
        changes.note(writer, [Note(ChangeKind.SCOPE, connector_key, row.key)])


def of_connector(reader: Reader, connector_key: int) -> tuple[StoredScope, ...]:
    """In order of type and region."""
    listing = (
        select(scopes).where(scopes.c.connector_key == connector_key).order_by(scopes.c.resource_type, scopes.c.region)
    )
    return tuple(_stored(row) for row in reader.connection.execute(listing))


def retire_absent(writer: Writer, connector_key: int, planned: frozenset[Scope]) -> int:
    """Scopes that are no longer planned (a region left out, a type no longer needed) go, with their resources.
    Answers how many scopes went."""
    lock_connector(writer, connector_key)
    gone = [row.key for row in of_connector(writer, connector_key) if row.report.scope not in planned]
    for key in gone:
        owned = select(resources.c.key).where(resources.c.scope_key == key)
        retire(writer, connector_key, writer.connection.execute(owned).scalars().all())
        mine = and_(tallies.c.connector_key == connector_key, tallies.c.scope_key == key)
        writer.connection.execute(delete(tallies).where(mine))
        writer.connection.execute(delete(scopes).where(scopes.c.key == key))
        writer.mark_changed()
    return len(gone)


def reason(report: ScopeReport) -> str:
    """Why what should be a PASS is unknown, as `shown_reason` spells it in SQL."""
    return f"{report.outcome}: {report.permission or report.message}"


def shown_reason() -> ColumnElement[str]:
    """`denied: s3:GetBucketPolicy`, from the scope's row."""
    return scopes.c.outcome + ": " + func.coalesce(func.nullif(scopes.c.permission, ""), scopes.c.message)


def _is(connector_key: int, scope: Scope) -> ColumnElement[bool]:
    return and_(
        scopes.c.connector_key == connector_key,
        scopes.c.resource_type == scope.resource_type,
        scopes.c.region == scope.region,
    )


def _stored(row: Row[Any]) -> StoredScope:
    report = ScopeReport(
        scope=Scope(row.resource_type, row.region),
        outcome=Outcome(row.outcome),
        permission=row.permission,
        message=row.message,
        resources=row.resources,
        calls=row.calls,
    )
    return StoredScope(
        key=row.key,
        connector_key=row.connector_key,
        report=report,
        closed_on=from_epoch(row.closed_on),
        evaluated_on=from_epoch_or_none(row.evaluated_on),
    )
