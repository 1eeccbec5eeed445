"""Secrets on disks: diff, then write; and listing them. What is kept of one is never the secret itself."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, and_, case, func, literal, select

from nephoscope.kit.dates import from_epoch, from_epoch_or_none, to_epoch
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.findings import ListedSecret
from nephoscope.model.secrets import FoundSecret, KeyOwner, Secret, SecretNote, SecretSeverity, SecretState
from nephoscope.qql.bound import Bound
from nephoscope.store import bulk
from nephoscope.store.conditions import Translate, flags, identities, moments, numbers, order, where, words
from nephoscope.store.disk_findings import RESOURCE_FIELDS, Turned, joined
from nephoscope.store.pages import limited
from nephoscope.store.reach import resource_is_seen
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.core import resources
from nephoscope.store.tables.findings import disks, found_secrets
from nephoscope.store.text import storable

_own = found_secrets.c
_since = func.coalesce(disks.c.scanned_on, 0)
_last_found: ColumnElement[int] = func.coalesce(_own.last_found, _since)
_state: ColumnElement[str] = case(
    (_own.fixed_on.is_not(None), literal(SecretState.FIXED.value)),
    (_own.reopened_on >= _since, literal(SecretState.REOPENED.value)),
    (_own.first_found >= _since, literal(SecretState.NEW.value)),
    else_=literal(SecretState.ACTIVE.value),
)

FINDING_FIELDS: dict[str, Translate] = {
    "uuid": identities(_own.uuid),
    "type": words(_own.type),
    "rule": words(_own.rule),
    "severity": words(_own.severity),
    "state": words(_state),
    "path": words(_own.path),
    "line": numbers(_own.line),
    "digest": words(_own.digest),
    "is_live": flags(_own.is_live),
    "first_found": moments(_own.first_found),
    "last_found": moments(_last_found),
    "fixed_on": moments(_own.fixed_on),
}
"""Of the secret itself; `disks` must be joined beside it."""

_SORTS: dict[str, ColumnElement[Any]] = {
    "severity": _own.rank,
    "type": _own.type,
    "path": _own.path,
    "first_found": _own.first_found,
    "last_found": _last_found,
    "resource_id": resources.c.resource_id,
}
SORTABLE = frozenset(_SORTS)
_BODY = (
    "rule",
    "title",
    "type",
    "severity",
    "rank",
    "path",
    "line",
    "digest",
    "preview",
    "notes",
    "times",
    "account",
    "owner",
    "is_live",
    "volume",
)
_LIFE = ("first_found", "last_found", "fixed_on", "reopened_on")


class SeenSecret(NamedTuple):
    found: FoundSecret
    volume: str


class Searched(NamedTuple):
    """What may be called fixed: what lay on a volume that was searched to its end, or is gone with everything read;
    elsewhere only what lay in a file that was searched to its end itself."""

    whole: frozenset[str]
    """Volumes."""
    present: frozenset[str]
    is_complete: bool
    paths: frozenset[tuple[str, str]] = frozenset()
    """(volume, path)."""
    cut: frozenset[tuple[str, str]] = frozenset()
    """Files that were not searched to their end, or could not be read."""

    def settles(self, volume: str, path: str) -> bool:
        if (volume, path) in self.cut:
            return False
        if (volume, path) in self.paths or volume in self.whole:
            return True
        return self.is_complete and volume not in self.present


def record(
    writer: Writer,
    place: tuple[int, int, UUID],
    seen: Sequence[SeenSecret],
    searched: Searched,
    *,
    before: datetime | None,
    now: datetime,
) -> Turned:
    """`place` is key, connector's key and uuid of the resource, `before` when its disk was read last before this."""
    resource_key, connector_key, uuid = place
    moment, previous = to_epoch(now), to_epoch(before or now)
    stored = _stored(writer, resource_key)
    inserts, updates, turns = list[_Row](), list[_Row](), list[_Row]()
    new, fixed, reopened = 0, 0, 0
    for one in {found.found.uuid_on(uuid): found for found in seen}.items():
        identity, row = one[0], _values(one[1])
        known = stored.pop(identity, None)
        if known is None:
            new += 1
            key = identity if writer.is_postgres else identity.bytes
            inserts.append((key, resource_key, connector_key, *row, moment, None, None, None))
            continue
        if known.body != row:
            updates.append((*row, known.key))
        if known.fixed_on is not None:
            reopened += 1
            turns.append((None, None, moment, known.key))
        elif known.last_found is not None:
            turns.append((None, None, known.reopened_on, known.key))
    for known in stored.values():
        volume, path = known.body[_BODY.index("volume")], known.body[_BODY.index("path")]
        if known.fixed_on is None and searched.settles(volume, path):
            fixed += 1
            turns.append((known.last_found or previous, moment, known.reopened_on, known.key))
        elif known.fixed_on is None and known.last_found is None:
            turns.append((previous, None, known.reopened_on, known.key))
    bulk.insert(writer, found_secrets, ("uuid", "resource_key", "connector_key", *_BODY, *_LIFE), inserts)
    bulk.update(writer, found_secrets, ("key",), _BODY, updates)
    bulk.update(writer, found_secrets, ("key",), ("last_found", "fixed_on", "reopened_on"), turns)
    return Turned(new, fixed, reopened)


def open_paths(reader: Reader, resource_key: int) -> frozenset[tuple[str, str]]:
    """(volume, path) of what is open."""
    listing = select(_own.volume, _own.path).where(_own.resource_key == resource_key, _own.fixed_on.is_(None))
    return frozenset((row[0], row[1]) for row in reader.connection.execute(listing.distinct()))


class FoundKey(NamedTuple):
    """An access key id, or the secret that lies beside one, as it is stored."""

    rule: str
    preview: str
    notes: tuple[SecretNote, ...]
    is_id: bool


Weigh = Callable[[FoundKey, KeyOwner | None], tuple[SecretSeverity, tuple[SecretNote, ...]]]
"""What one is worth when that is its owner."""


def relink(writer: Writer, owners: Mapping[str, KeyOwner], weigh: Weigh) -> list[tuple[int, int]]:
    """Whose every access key is now, and what that makes of it and of the secret beside it; answers (resource,
    connector) of what has changed. Keys that nobody knows any more are not live."""
    names = ("key", "resource_key", "connector_key", "volume", "path", "line", "digest", "rule", "type", "preview")
    columns = [_own[name] for name in (*names, "notes", "severity", "owner", "is_live")]
    listing = select(*columns).where(_own.type.in_((AWS_KEY, AWS_SECRET)), _own.fixed_on.is_(None))
    rows = writer.connection.execute(listing).all()
    ids: dict[tuple[int, str, str], list[tuple[int, str]]] = {}
    for row in rows:
        if row.type == AWS_KEY:
            ids.setdefault((row.resource_key, row.volume, row.path), []).append((row.line, row.digest))
    changed, touched = [], set()
    for row in rows:
        digest = _id_of(row, ids.get((row.resource_key, row.volume, row.path), []))
        if not digest:
            continue
        owner = owners.get(digest)
        notes = tuple(SecretNote(note) for note in row.notes.split())
        severity, told = weigh(FoundKey(row.rule, row.preview, notes, row.type == AWS_KEY), owner)
        now = (_owner(owner), owner is not None and owner.is_active, severity.value, " ".join(told))
        if now != (row.owner, row.is_live, row.severity, row.notes):
            changed.append((*now, severity.rank, row.key))
            touched.add((row.resource_key, row.connector_key))
    bulk.update(writer, found_secrets, ("key",), ("owner", "is_live", "severity", "notes", "rank"), changed)
    return sorted(touched)


def _id_of(row: Row[Any], ids: Sequence[tuple[int, str]]) -> str:
    """The digest of the key id: its own, or that of the one a secret lies beside. Empty when there is none."""
    if row.type == AWS_KEY:
        return str(row.digest)
    if SecretNote.PAIRED.value not in row.notes.split():
        return ""
    return min(ids, key=lambda one: (abs(one[0] - row.line), one[0] > row.line), default=(0, ""))[1]


AWS_KEY = "AWS_ACCESS_KEY_ID"
AWS_SECRET = "AWS_SECRET_ACCESS_KEY"  # noqa: S105 - the name of a kind


_Row = tuple[Any, ...]


class _Stored(NamedTuple):
    key: int
    fixed_on: int | None
    last_found: int | None
    reopened_on: int | None
    body: tuple[Any, ...]


def _stored(reader: Reader, resource_key: int) -> dict[UUID, _Stored]:
    names = ("uuid", "key", "fixed_on", "last_found", "reopened_on", *_BODY)
    listing = select(*(_own[name] for name in names)).where(_own.resource_key == resource_key)
    return {
        row[0]: _Stored(row[1], row[2], row[3], row[4], tuple(row[5:])) for row in reader.connection.execute(listing)
    }


def _values(one: SeenSecret) -> tuple[Any, ...]:
    row = one.found
    return (
        row.rule,
        storable(row.title),
        row.type,
        row.severity.value,
        row.severity.rank,
        storable(row.path),
        row.line,
        row.digest,
        storable(row.preview),
        " ".join(note.value for note in row.notes),
        row.times,
        row.account,
        _owner(row.owner),
        row.owner is not None and row.owner.is_active,
        storable(one.volume),
    )


def _owner(owner: KeyOwner | None) -> str:
    return storable(msgspec.json.encode(owner).decode()) if owner else ""


def page(reader: Reader, conditions: Bound, request: PageRequest) -> Page[ListedSecret]:
    """The worst first unless the request says otherwise; of resources that are seen."""
    matching = and_(where(conditions, {**FINDING_FIELDS, **RESOURCE_FIELDS}), resource_is_seen(reader))
    total = reader.connection.execute(joined(found_secrets, func.count()).where(matching)).scalar_one()
    ties = (_own.rank, _own.resource_key, _own.key) if request.sort is None else (_own.key,)
    listing = joined(found_secrets, *_shown()).where(matching).order_by(*order(request.sort, _SORTS, *ties))
    rows = reader.connection.execute(limited(listing, request))
    return Page(tuple(_found(reader, rows)), total, request)


def get(reader: Reader, uuid: UUID) -> ListedSecret | None:
    listing = joined(found_secrets, *_shown()).where(_own.uuid == uuid, resource_is_seen(reader))
    return next(iter(_found(reader, reader.connection.execute(listing))), None)


def of_resources(reader: Reader, keys: Collection[int]) -> dict[int, list[ListedSecret]]:
    """By resource, the worst first, fixed ones too. For resources that the caller may show."""
    mine = bulk.is_among(reader, _own.resource_key, list(keys))
    listing = joined(found_secrets, *_shown()).where(mine).order_by(_own.resource_key, _own.rank, _own.path, _own.key)
    rows = reader.connection.execute(listing).all()
    found: dict[int, list[ListedSecret]] = {key: [] for key in keys}
    for row, one in zip(rows, _found(reader, rows), strict=True):
        found[row.resource_key].append(one)
    return found


def _shown() -> tuple[ColumnElement[Any], ...]:
    own = (_own[name] for name in ("uuid", "resource_key", "first_found", "fixed_on", *_BODY))
    found = (_last_found.label("seen_on"), _state.label("state"))
    return (*own, *found, resources.c.uuid.label("resource_uuid"), resources.c.resource_id)


def _found(reader: Reader, rows: Iterable[Row[Any]]) -> list[ListedSecret]:
    """Whose a key is is told to those alone who see that user."""
    found = [_listed(row) for row in rows]
    if reader.reach is None:
        return found
    users = {owner.user_uuid for one in found if (owner := one.secret.found.owner) is not None}
    listing = select(resources.c.uuid).where(resources.c.uuid.in_(users), resource_is_seen(reader))
    seen = set(reader.connection.execute(listing).scalars()) if users else set()
    return [_without_owner(one, seen) for one in found]


def _without_owner(one: ListedSecret, seen: Collection[UUID]) -> ListedSecret:
    found = one.secret.found
    if found.owner is None or found.owner.user_uuid in seen:
        return one
    secret = msgspec.structs.replace(one.secret, found=msgspec.structs.replace(found, owner=None))
    return msgspec.structs.replace(one, secret=secret)


def _listed(row: Row[Any]) -> ListedSecret:
    found = FoundSecret(
        rule=row.rule,
        title=row.title,
        type=row.type,
        severity=SecretSeverity(row.severity),
        path=row.path,
        line=row.line,
        digest=row.digest,
        preview=row.preview,
        notes=tuple(SecretNote(note) for note in row.notes.split()),
        times=row.times,
        account=row.account,
        owner=msgspec.json.decode(row.owner, type=KeyOwner) if row.owner else None,
    )
    secret = Secret(
        uuid=row.uuid,
        resource_uuid=row.resource_uuid,
        found=found,
        first_found=from_epoch(row.first_found),
        last_found=from_epoch(row.seen_on),
        state=SecretState(row.state),
    )
    fixed_on = from_epoch_or_none(row.fixed_on)
    return ListedSecret(secret, row.resource_id, row.volume, fixed_on)
