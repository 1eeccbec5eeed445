"""Recording the resources of a scope: diff, then write."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from nephoscope.errors import NotFoundError
from nephoscope.kit.dates import to_epoch
from nephoscope.kit.ids import resource_uuid
from nephoscope.model.resources import Observed
from nephoscope.store import bulk
from nephoscope.store.changelog import changes
from nephoscope.store.changelog.changes import ChangeKind, Note
from nephoscope.store.documents import compress, encode
from nephoscope.store.locks import lock_connector
from nephoscope.store.retirement import retire
from nephoscope.store.session import Writer
from nephoscope.store.tables import core as tables
from nephoscope.store.tagging.retagging import Place, Touched, retag
from nephoscope.store.text import storable


class Recorded(msgspec.Struct, frozen=True):
    added: int
    changed: int
    unchanged: int
    retired: int


class _Scope(NamedTuple):
    """Where new resources live."""

    connector_key: int
    key: int
    provider: str
    account_id: str
    resource_type: str
    region: str


class _Seen(NamedTuple):
    """What was collected of one resource, with its new hash."""

    observed: Observed
    hash: int
    plain: bytes


def record(
    writer: Writer, connector_key: int, scope_key: int, observed: Sequence[Observed], *, complete: bool, now: datetime
) -> Recorded:
    """Diff, then write: reads what is stored for the scope (ids and hashes), touches only what differs, and retires
    what was not seen when the scope is complete (with its evaluations and tallies). Standing rules put their tags on
    what they match. NotFoundError when the connector or the scope is gone. Of two resources with one id, the later
    counts."""
    lock_connector(writer, connector_key)
    scope = _scope(writer, connector_key, scope_key)
    stored = _stored(writer, scope_key)
    seen = {storable(row.resource_id): _Seen(row, *encode(row)) for row in observed}
    new = [row for name, row in seen.items() if name not in stored]
    changed = [(stored[name][0], row) for name, row in seen.items() if name in stored and stored[name][1] != row.hash]
    gone = sorted(key for name, (key, _) in stored.items() if name not in seen) if complete else []
    added = _add(writer, scope, new, to_epoch(now))
    _change(writer, scope, changed, to_epoch(now))
    retire(writer, connector_key, gone)
    place = Place(scope.provider, scope.account_id, scope.resource_type)
    retag(writer, place, _touched(added), _touched(changed))
    changes.note(writer, [Note(ChangeKind.RESOURCE, connector_key, key) for key, _ in (*added, *changed)])
    if new or changed or gone:
        writer.mark_changed()
    return Recorded(len(new), len(changed), len(seen) - len(new) - len(changed), len(gone))


def retire_unseen(writer: Writer, connector_key: int, scope_key: int, seen: Collection[str]) -> int:
    """After a scope was recorded in pieces: what none of them held goes. Answers how many that were."""
    lock_connector(writer, connector_key)
    names = {storable(name) for name in seen}
    gone = sorted(key for name, (key, _) in _stored(writer, scope_key).items() if name not in names)
    retire(writer, connector_key, gone)
    if gone:
        writer.mark_changed()
    return len(gone)


def _scope(writer: Writer, connector_key: int, scope_key: int) -> _Scope:
    sql = """
        SELECT c.key, s.key, c.provider, c.account_id, s.resource_type, s.region
        FROM scopes s JOIN connectors c ON c.key = s.connector_key WHERE c.key = ? AND s.key = ?
    """
    rows = bulk.fetch(writer, sql, connector_key, scope_key)
    if not rows:
        raise NotFoundError("The scope was never closed, or it was retired.")
    return _Scope(*rows[0])


def _stored(writer: Writer, scope_key: int) -> dict[str, tuple[int, int]]:
    sql = "SELECT resource_id, key, document_hash FROM resources WHERE scope_key = ?"
    return {name: (key, found) for name, key, found in bulk.fetch(writer, sql, scope_key)}


_RESOURCE_COLUMNS = (
    "key",
    "uuid",
    "connector_key",
    "scope_key",
    "region",
    "resource_id",
    "name",
    "arn",
    "created_on",
    "updated_on",
    "document_hash",
    "judged",
    "digest",
    "passed",
    "failed",
    "unknown",
)


def _add(writer: Writer, scope: _Scope, rows: Sequence[_Seen], now: int) -> list[tuple[int, _Seen]]:
    """With their keys."""
    if not rows:
        return []
    keys = _new_keys(writer, len(rows))
    new = [_row(writer, key, scope, row, now) for key, row in zip(keys, rows, strict=True)]
    bulk.insert(writer, tables.resources, _RESOURCE_COLUMNS, new)
    bodies = [(key, compress(row.plain)) for key, row in zip(keys, rows, strict=True)]
    bulk.insert(writer, tables.documents, ("resource_key", "body"), bodies)
    return list(zip(keys, rows, strict=True))


def _touched(rows: Sequence[tuple[int, _Seen]]) -> list[Touched]:
    return [Touched(key, row.observed, row.plain) for key, row in rows]


def _row(writer: Writer, key: int, scope: _Scope, seen: _Seen, now: int) -> tuple[Any, ...]:
    one = seen.observed
    uuid = resource_uuid(scope.provider, scope.account_id, scope.region, scope.resource_type, one.resource_id)
    return (
        key,
        uuid if writer.is_postgres else uuid.bytes,
        scope.connector_key,
        scope.key,
        _region(one, scope),
        storable(one.resource_id),
        storable(one.name),
        storable(one.arn),
        now,
        now,
        seen.hash,
        *(0, 0, 0, 0, 0),
    )


def _change(writer: Writer, scope: _Scope, rows: Sequence[tuple[int, _Seen]], now: int) -> None:
    texts = [
        (_region(row.observed, scope), storable(row.observed.name), storable(row.observed.arn), row.hash, now, key)
        for key, row in rows
    ]
    bulk.update(writer, tables.resources, ("key",), ("region", "name", "arn", "document_hash", "updated_on"), texts)
    bodies = [(compress(row.plain), key) for key, row in rows]
    bulk.update(writer, tables.documents, ("resource_key",), ("body",), bodies)


def _region(observed: Observed, scope: _Scope) -> str:
    """A type that is listed globally may still have members that live somewhere, such as buckets."""
    region = observed.document.get("region")
    return storable(region) if isinstance(region, str) and region else scope.region


def _new_keys(writer: Writer, count: int) -> list[int]:
    """Never given out twice, so that a key in a cache never means another resource."""
    if writer.is_postgres:
        sql = "SELECT nextval('resources_key_seq') FROM generate_series(1, ?)"
        return [row[0] for row in bulk.fetch(writer, sql, count)]
    sql = "UPDATE meta SET value = value + ? WHERE name = 'resource_key' RETURNING value"
    last = bulk.fetch(writer, sql, count)[0][0]
    return list(range(last - count + 1, last + 1))
