"""From what controls look at to what a run reads, and from a collected scope to rows in one transaction."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from nephoscope.clouds.doors import Collected, Needs
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import Outcome
from nephoscope.resource_types.table import types_of
from nephoscope.resource_types.types import ResourceType
from nephoscope.store import resources, scopes
from nephoscope.store.session import Store


def needs_of(looked_at: Iterable[Mapping[str, frozenset[str]]], provider: Provider, *, with_wire: bool) -> Needs:
    """Which types and fields a run must read: what each control looks at (type → fields, as
    `controls.Catalogue.fields_of` says: its own type and related ones; `*` is all of them), and, for the API, every
    type with the fields that it shows. In the order of the type table."""
    wanted: dict[str, set[str]] = {}
    for fields_by_type in looked_at:
        for name, fields in fields_by_type.items():
            wanted.setdefault(name, set()).update(fields)
    rows = types_of(provider)
    if with_wire:
        for row in rows:
            wanted.setdefault(row.name, set()).update(row.wire)
    return {row.name: _fields(row, wanted[row.name]) for row in rows if row.name in wanted}


def _fields(row: ResourceType, wanted: set[str]) -> frozenset[str]:
    return frozenset(field.name for field in row.fields) if "*" in wanted else frozenset(wanted)


def record(store: Store, connector_key: int, collected: Collected, now: datetime) -> resources.Recorded:
    """Close the scope and record its resources in one transaction; repeating it changes nothing more. Only a complete
    scope retires what was not seen."""
    is_complete = collected.report.outcome is Outcome.COMPLETE
    with store.write() as writer:
        scope_key = scopes.close(writer, connector_key, collected.report, now)
        return resources.record(writer, connector_key, scope_key, collected.resources, complete=is_complete, now=now)
