"""Scopes: how each one last ended."""

from datetime import datetime

from nephoscope.model.scopes import Scope, ScopeReport, StoredScope
from nephoscope.store.session import Reader, Writer


def close(writer: Writer, connector_key: int, report: ScopeReport, now: datetime) -> int:
    """Record how a scope ended; answers its key. `evaluated_on` moves only when it is complete. A change between
    complete and not complete moves the tallies of the scope in the same transaction."""


def of_connector(reader: Reader, connector_key: int) -> tuple[StoredScope, ...]: ...


def retire_absent(writer: Writer, connector_key: int, planned: frozenset[Scope]) -> int:
    """Scopes that are no longer planned (a region left out, a type no longer needed) go, with their resources."""
