"""Resources and their documents. Documents are compressed and kept out of the scanned table."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, select, true

from nephoscope.kit.chunks import chunks
from nephoscope.kit.dates import from_epoch
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.evaluations import Candidate
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Resource, StoredDocument
from nephoscope.qql.bound import Bound, fields_of
from nephoscope.qql.matching import matches
from nephoscope.store import bulk, on_disk
from nephoscope.store import documents as bodies
from nephoscope.store.conditions import identities as uuids
from nephoscope.store.conditions import moments, order, where, words
from nephoscope.store.coverage.exemptions import covered_counts
from nephoscope.store.matching import row_of, sort_key
from nephoscope.store.pages import limited
from nephoscope.store.reach import resource_is_seen
from nephoscope.store.recording import Recorded, record
from nephoscope.store.session import Reader
from nephoscope.store.tables.core import connectors, resources, scopes
from nephoscope.store.tags import resources_wearing
from nephoscope.store.tags import worn as names_worn

__all__ = [
    "FIELDS",
    "Recorded",
    "by_keys",
    "candidates",
    "candidates_of",
    "count_by_type",
    "documents",
    "get",
    "identities",
    "keys_after",
    "keys_of_type",
    "matching_keys",
    "page",
    "places",
    "record",
    "seen",
    "seen_among",
]

FIELDS = ("resource_id", "name", "region", "account_id", "uuid", "updated_on", "created_on", "tag", "tag_name")
"""What conditions and (but for the tags) sorting may name; any other name is a field of the document (first level)."""

_COLUMNS: dict[str, ColumnElement[Any]] = {
    "resource_id": resources.c.resource_id,
    "name": resources.c.name,
    "region": resources.c.region,
    "account_id": connectors.c.account_id,
    "uuid": resources.c.uuid,
    "updated_on": resources.c.updated_on,
    "created_on": resources.c.created_on,
}
_CONDITIONS = {
    "resource_id": words(resources.c.resource_id),
    "name": words(resources.c.name),
    "region": words(resources.c.region),
    "account_id": words(connectors.c.account_id),
    "uuid": uuids(resources.c.uuid),
    "updated_on": moments(resources.c.updated_on),
    "created_on": moments(resources.c.created_on),
    "tag_name": resources_wearing,
    **on_disk.CONDITIONS,
}
_KNOWN = frozenset({*_CONDITIONS, *on_disk.OBJECTS})
_CHUNK = 500
"""Documents decoded at once."""
_MANY = 20_000
"""Keys of one statement."""


def page(
    reader: Reader, provider: Provider, resource_type: str, conditions: Bound, request: PageRequest
) -> Page[Resource]:
    """In order of key unless the request says otherwise. Conditions on documents are tried last, on what the others
    leave, by decoding."""
    plain, deep = _parts(conditions)
    is_deep_sort = request.sort is not None and request.sort[0] not in _COLUMNS
    of_type = and_(connectors.c.provider == provider, scopes.c.resource_type == resource_type)
    matching = and_(of_type, where(plain, _CONDITIONS, on_disk.OBJECTS), resource_is_seen(reader))
    if deep or is_deep_sort:
        keys = _deep_keys(reader, matching, deep, request, is_deep_sort=is_deep_sort)
        total, wanted = len(keys), keys[request.offset : request.offset + request.size]
    else:
        total = reader.connection.execute(_joined(func.count()).where(matching)).scalar_one()
        listing = _joined(resources.c.key).where(matching).order_by(*order(request.sort, _COLUMNS, resources.c.key))
        wanted = list(reader.connection.execute(limited(listing, request)).scalars())
    found = by_keys(reader, wanted)
    return Page(tuple(found[key] for key in wanted), total, request)


def matching_keys(reader: Reader, provider: Provider, resource_type: str, conditions: Bound) -> list[int]:
    """Of every resource that matches, in order; of all types when `resource_type` is empty."""
    plain, deep = _parts(conditions)
    of_type = scopes.c.resource_type == resource_type if resource_type else true()
    wanted = and_(connectors.c.provider == provider, of_type, where(plain, _CONDITIONS, on_disk.OBJECTS))
    matching = and_(wanted, resource_is_seen(reader))
    if deep:
        return _deep_keys(reader, matching, deep, PageRequest(0, 1), is_deep_sort=False)
    listing = _joined(resources.c.key).where(matching).order_by(resources.c.key)
    return list(reader.connection.execute(listing).scalars())


def keys_after(reader: Reader, after: int, size: int) -> list[int]:
    """The next resources that are seen, in order of key, whatever they are."""
    own = resources.c
    listing = select(own.key).where(own.key > after, resource_is_seen(reader)).order_by(own.key).limit(size)
    return list(reader.connection.execute(listing).scalars())


def seen_among(reader: Reader, keys: Sequence[int]) -> list[int]:
    """Those that are there and seen."""
    own = resources.c.key
    listing = select(own).where(bulk.is_among(reader, own, keys), resource_is_seen(reader)).order_by(own)
    return list(reader.connection.execute(listing).scalars())


def _parts(conditions: Bound) -> tuple[Bound, Bound]:
    """What SQL answers, and what only a decoded document does."""
    deep = tuple(node for node in conditions if not set(fields_of(node)) <= _KNOWN)
    return tuple(node for node in conditions if node not in deep), deep


def get(reader: Reader, uuid: UUID) -> Resource | None:
    wanted = _listing().where(resources.c.uuid == uuid, resource_is_seen(reader))
    row = reader.connection.execute(wanted).one_or_none()
    return resource_of(row, _excepted(reader, [row]).get(row.key, 0)) if row else None


def places(reader: Reader, uuids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """Uuid → (key, connector's key). Unknown ones are left out."""
    wanted = select(resources.c.uuid, resources.c.key, resources.c.connector_key).where(resources.c.uuid.in_(uuids))
    rows = reader.connection.execute(wanted.where(resource_is_seen(reader)))
    return {uuid: (key, connector_key) for uuid, key, connector_key in rows}


def by_keys(reader: Reader, keys: Sequence[int], *, is_counted: bool = True) -> dict[int, Resource]:
    """Unknown keys are left out. `controls_failed` leaves out what exceptions cover, unless nobody wants it counted."""
    found: dict[int, Resource] = {}
    for part in chunks(keys, _MANY):
        rows = reader.connection.execute(_listing().where(bulk.is_among(reader, resources.c.key, part))).all()
        excepted = _excepted(reader, rows) if is_counted else {}
        found.update((row.key, resource_of(row, excepted.get(row.key, 0))) for row in rows)
    return found


def _excepted(reader: Reader, rows: Sequence[Row[Any]]) -> Mapping[int, int]:
    keys: dict[int, list[int]] = {}
    for row in rows:
        if row.failed:
            keys.setdefault(row.connector_key, []).append(row.key)
    return covered_counts(reader, keys)


def documents(reader: Reader, keys: Sequence[int]) -> dict[int, StoredDocument]:
    """Unknown keys are left out."""
    sql = f"SELECT resource_key, body FROM documents WHERE {bulk.among(reader, 'resource_key')}"  # noqa: S608 - our own text
    found: dict[int, StoredDocument] = {}
    for part in chunks(keys, _MANY):
        found.update((key, bodies.decode(body)) for key, body in bulk.fetch(reader, sql, bulk.packed(reader, part)))
    return found


def candidates(reader: Reader, connector_key: int, resource_type: str) -> tuple[Candidate, ...]:
    """Every resource of a type in an account, in order of key."""
    sql = """
        SELECT r.key, r.scope_key, r.region, r.resource_id, r.arn, r.document_hash, r.judged
        FROM scopes s JOIN resources r ON r.scope_key = s.key
        WHERE s.connector_key = ? AND s.resource_type = ? ORDER BY r.key
    """
    return tuple(Candidate(*row) for row in bulk.fetch(reader, sql, connector_key, resource_type))


def keys_of_type(reader: Reader, connector_key: int, resource_type: str) -> Sequence[int]:
    """Of every resource of a type in an account, in order: eight bytes each."""
    sql = """
        SELECT r.key FROM scopes s JOIN resources r ON r.scope_key = s.key
        WHERE s.connector_key = ? AND s.resource_type = ? ORDER BY r.key
    """
    return array("q", (key for rows in bulk.stream(reader, sql, connector_key, resource_type) for (key,) in rows))


def candidates_of(reader: Reader, keys: Sequence[int]) -> tuple[Candidate, ...]:
    """In order of key; those that are gone are left out."""
    sql = f"""
        SELECT key, scope_key, region, resource_id, arn, document_hash, judged
        FROM resources WHERE {bulk.among(reader, "key")} ORDER BY key
    """  # noqa: S608 - our own text
    return tuple(Candidate(*row) for row in bulk.fetch(reader, sql, bulk.packed(reader, keys)))


def count_by_type(reader: Reader, connector_key: int) -> dict[str, int]:
    """Types without resources are left out."""
    counts = (
        select(scopes.c.resource_type, func.count())
        .join_from(scopes, resources, resources.c.scope_key == scopes.c.key)
        .where(scopes.c.connector_key == connector_key)
        .group_by(scopes.c.resource_type)
        .order_by(scopes.c.resource_type)
    )
    return {name: count for name, count in reader.connection.execute(counts)}  # noqa: C416 - a Row is no pair to mypy


_IDENTITIES = """
    SELECT key, resource_id, failed +
        CASE WHEN scope_key IN (SELECT key FROM scopes WHERE outcome = 'complete') THEN passed ELSE 0 END
    FROM resources WHERE +connector_key IN (SELECT key FROM connectors WHERE provider = ?) ORDER BY key
"""
"""The plus keeps SQLite from an index over connectors, after which it would have to sort everything."""


def identities(reader: Reader, provider: Provider) -> Any:
    """A pyarrow table `key: int64, resource_id: string, evaluations: int32` (evaluations that are PASS or FAIL), in
    order of key: what the regular expression index is made of."""
    import pyarrow as pa  # noqa: PLC0415 - 37 MB and a quarter of a second that a scan never needs

    schema = pa.schema([("key", pa.int64()), ("resource_id", pa.string()), ("evaluations", pa.int32())])
    batches = []
    for rows in bulk.stream(reader, _IDENTITIES, provider.value):
        columns = [pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), schema, strict=True)]
        batches.append(pa.record_batch(columns, schema=schema))
    return pa.Table.from_batches(batches, schema)


def seen(reader: Reader, keys: Iterable[int]) -> dict[int, datetime]:
    """When the scope of each resource was last complete; when it was first recorded if never since."""
    return {key: resource.seen_on for key, resource in by_keys(reader, list(keys), is_counted=False).items()}


def resource_of(row: Row[Any], excepted: int = 0) -> Resource:
    """From a row of `listed_columns`, and how many of its FAILs exceptions cover."""
    seen_on = max(row.evaluated_on or 0, row.created_on)
    return Resource(
        key=row.key,
        uuid=row.uuid,
        connector_key=row.connector_key,
        scope_key=row.scope_key,
        resource_type=row.resource_type,
        region=row.region,
        resource_id=row.resource_id,
        name=row.name,
        arn=row.arn,
        created_on=from_epoch(row.created_on),
        updated_on=from_epoch(row.updated_on),
        seen_on=from_epoch(seen_on),
        controls_failed=row.failed - excepted,
    )


def listed_columns() -> list[ColumnElement[Any]]:
    """What `resource_of` needs, from resources and scopes."""
    hidden = {"document_hash", "judged", "digest", "passed", "unknown"}
    own: list[ColumnElement[Any]] = [column for column in resources.c if column.name not in hidden]
    return [*own, scopes.c.resource_type, scopes.c.evaluated_on]


def _listing() -> Select[Any]:
    return select(*listed_columns()).join_from(resources, scopes, scopes.c.key == resources.c.scope_key)


def _joined(*columns: ColumnElement[Any]) -> Select[Any]:
    """Driven by the scopes of a type, of which there are few."""
    return (
        select(*columns)
        .select_from(scopes)
        .join(resources, resources.c.scope_key == scopes.c.key)
        .join(connectors, connectors.c.key == scopes.c.connector_key)
    )


def _deep_keys(
    reader: Reader, matching: ColumnElement[bool], conditions: Bound, request: PageRequest, *, is_deep_sort: bool
) -> list[int]:
    """The keys of all rows that match, sorted; documents are in memory by the chunk only."""
    sort = None if is_deep_sort else request.sort
    listing = _joined(resources.c.key).where(matching).order_by(*order(sort, _COLUMNS, resources.c.key))
    keys = reader.connection.execute(listing).scalars().all()
    field = request.sort[0] if is_deep_sort and request.sort else ""
    is_mixed = any(name in _KNOWN for node in conditions for name in fields_of(node))
    accounts = _accounts(reader) if is_mixed else {}
    found: list[tuple[Any, int]] = []
    for part in chunks(keys, _CHUNK):
        stored = documents(reader, part)
        columns, worn = (by_keys(reader, part, is_counted=False), names_worn(reader, part)) if is_mixed else ({}, {})
        lying = on_disk.rows(reader, part, conditions) if is_mixed else {}
        for key in part:
            row = columns.get(key)
            account = accounts[row.connector_key] if row else ""
            whole = {**row_of(stored[key], row, account, worn.get(key, ())), **lying.get(key, {})}
            if matches(conditions, whole):
                found.append((sort_key(stored[key], field) if field else None, key))
    if field and request.sort:
        found.sort(key=lambda pair: pair[0], reverse=request.sort[1])
    return [key for _, key in found]


def _accounts(reader: Reader) -> dict[int, str]:
    rows = reader.connection.execute(select(connectors.c.key, connectors.c.account_id))
    return {row.key: row.account_id for row in rows}
