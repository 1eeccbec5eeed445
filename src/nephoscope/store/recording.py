"""Recording the resources of a scope: diff, then write."""

import itertools
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
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


_Stored = Mapping[str, tuple[int, int]]
"""Id → (key, hash)."""


class Prepared(msgspec.Struct, frozen=True, array_like=True):
    """A resource as it will be stored, before anything is known of what is stored. `body` is its document as it is
    kept; an empty region is that of the scope."""

    resource_id: str
    name: str
    arn: str
    region: str
    hash: int
    body: bytes


def prepared(observed: Observed) -> Prepared:
    """Pure: it may be done long before the transaction."""
    hashed, plain = encode(observed)
    # A type that is listed globally may still have members that live somewhere, such as buckets.
    region = observed.document.get("region")
    return Prepared(
        storable(observed.resource_id),
        storable(observed.name),
        storable(observed.arn),
        storable(region) if isinstance(region, str) else "",
        hashed,
        compress(plain),
    )


def record(
    writer: Writer, connector_key: int, scope_key: int, observed: Iterable[Observed], *, complete: bool, now: datetime
) -> Recorded:
    """Diff, then write: reads what is stored for the scope (ids and hashes), touches only what differs, and retires
    what was not seen when the scope is complete (with its evaluations and tallies). Standing rules put their tags on
    what they match. NotFoundError when the connector or the scope is gone. Of two resources with one id, the later
    counts."""
    scope = _entered(writer, connector_key, scope_key)
    seen = {row.resource_id: row for row in map(prepared, observed)}
    stored = _stored(writer, scope_key) if complete else _stored_of(writer, scope_key, seen)
    new, changed, _ = _written(writer, scope, seen, stored, now)
    gone = sorted(key for name, (key, _) in stored.items() if name not in seen) if complete else []
    retire(writer, connector_key, gone)
    return Recorded(new, changed, len(seen) - new - changed, len(gone))


def record_piece(
    writer: Writer, connector_key: int, scope_key: int, rows: Iterable[Prepared], now: datetime
) -> Iterable[int]:
    """Some resources of a scope, likewise; answers their keys. Nothing is retired, and nothing is read but them."""
    scope = _entered(writer, connector_key, scope_key)
    seen = {row.resource_id: row for row in rows}
    return _written(writer, scope, seen, _stored_of(writer, scope_key, seen), now)[2]


def retire_unseen(writer: Writer, connector_key: int, scope_key: int, seen: Sequence[int]) -> int:
    """After a scope was recorded in pieces: what none of them held goes; `seen` are their keys, in order. Answers how
    many that were."""
    lock_connector(writer, connector_key)
    sql = "SELECT key FROM resources WHERE scope_key = ?"
    gone = [key for rows in bulk.stream(writer, sql, scope_key) for (key,) in rows if not _is_in(seen, key)]
    retire(writer, connector_key, sorted(gone))
    return len(gone)


def _is_in(ordered: Sequence[int], key: int) -> bool:
    at = bisect_left(ordered, key)
    return at < len(ordered) and ordered[at] == key


def _entered(writer: Writer, connector_key: int, scope_key: int) -> _Scope:
    lock_connector(writer, connector_key)
    return _scope(writer, connector_key, scope_key)


def _written(
    writer: Writer, scope: _Scope, seen: Mapping[str, Prepared], stored: _Stored, now: datetime
) -> tuple[int, int, Iterable[int]]:
    """How many are new, how many changed, and the keys of all."""
    new = [row for name, row in seen.items() if name not in stored]
    changed = [(stored[name][0], row) for name, row in seen.items() if name in stored and stored[name][1] != row.hash]
    added = _add(writer, scope, new, to_epoch(now))
    _change(writer, scope, changed, to_epoch(now))
    place = Place(scope.provider, scope.account_id, scope.resource_type)
    retag(writer, place, _touched(added), _touched(changed))
    changes.note(writer, [Note(ChangeKind.RESOURCE, scope.connector_key, key) for key, _ in (*added, *changed)])
    if new or changed:
        writer.mark_changed()
    keys = itertools.chain((key for key, _ in added), (stored[name][0] for name in seen if name in stored))
    return len(new), len(changed), keys


def _scope(writer: Writer, connector_key: int, scope_key: int) -> _Scope:
    sql = """
        SELECT c.key, s.key, c.provider, c.account_id, s.resource_type, s.region
        FROM scopes s JOIN connectors c ON c.key = s.connector_key WHERE c.key = ? AND s.key = ?
    """
    rows = bulk.fetch(writer, sql, connector_key, scope_key)
    if not rows:
        raise NotFoundError("The scope was never closed, or it was retired.")
    return _Scope(*rows[0])


def _stored(writer: Writer, scope_key: int) -> _Stored:
    return {name: (key, found) for name, key, found in bulk.fetch(writer, _STORED, scope_key)}


def _stored_of(writer: Writer, scope_key: int, names: Collection[str]) -> _Stored:
    sql = f"{_STORED} AND {bulk.among_words(writer, 'resource_id')}"
    found = bulk.fetch(writer, sql, scope_key, bulk.packed_words(writer, names)) if names else ()
    return {name: (key, hashed) for name, key, hashed in found}


_STORED = "SELECT resource_id, key, document_hash FROM resources WHERE scope_key = ?"


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


def _add(writer: Writer, scope: _Scope, rows: Sequence[Prepared], now: int) -> list[tuple[int, Prepared]]:
    """With their keys."""
    if not rows:
        return []
    keys = _new_keys(writer, len(rows))
    new = [_row(writer, key, scope, row, now) for key, row in zip(keys, rows, strict=True)]
    bulk.insert(writer, tables.resources, _RESOURCE_COLUMNS, new)
    bodies = [(key, row.body) for key, row in zip(keys, rows, strict=True)]
    bulk.insert(writer, tables.documents, ("resource_key", "body"), bodies)
    return list(zip(keys, rows, strict=True))


def _touched(rows: Sequence[tuple[int, Prepared]]) -> list[Touched]:
    return [Touched(key, row.resource_id, row.body) for key, row in rows]


def _row(writer: Writer, key: int, scope: _Scope, seen: Prepared, now: int) -> tuple[Any, ...]:
    uuid = resource_uuid(scope.provider, scope.account_id, scope.region, scope.resource_type, seen.resource_id)
    return (
        key,
        uuid if writer.is_postgres else uuid.bytes,
        scope.connector_key,
        scope.key,
        seen.region or scope.region,
        seen.resource_id,
        seen.name,
        seen.arn,
        now,
        now,
        seen.hash,
        *(0, 0, 0, 0, 0),
    )


def _change(writer: Writer, scope: _Scope, rows: Sequence[tuple[int, Prepared]], now: int) -> None:
    texts = [(row.region or scope.region, row.name, row.arn, row.hash, now, key) for key, row in rows]
    bulk.update(writer, tables.resources, ("key",), ("region", "name", "arn", "document_hash", "updated_on"), texts)
    bodies = [(row.body, key) for key, row in rows]
    bulk.update(writer, tables.documents, ("resource_key",), ("body",), bodies)


def _new_keys(writer: Writer, count: int) -> list[int]:
    """Never given out twice, so that a key in a cache never means another resource."""
    if writer.is_postgres:
        sql = "SELECT nextval('resources_key_seq') FROM generate_series(1, ?)"
        return [row[0] for row in bulk.fetch(writer, sql, count)]
    sql = "UPDATE meta SET value = value + ? WHERE name = 'resource_key' RETURNING value"
    last = bulk.fetch(writer, sql, count)[0][0]
    return list(range(last - count + 1, last + 1))
