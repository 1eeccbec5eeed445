"""What is known of the disks of each resource: how well they were read, what is installed, what is open."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import zstandard
from sqlalchemy import Result, Row, func, select

from nephoscope.kit.dates import from_epoch, from_epoch_or_none, to_epoch, to_epoch_or_none
from nephoscope.kit.hashes import fingerprint
from nephoscope.model.findings import Baseline, DiskSettings, DiskState, ScanState, Tallies, VolumeInventory
from nephoscope.store import bulk
from nephoscope.store.found_secrets import AWS_KEY
from nephoscope.store.reach import resource_is_seen
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.core import resources, scopes
from nephoscope.store.tables.findings import disk_settings, disks, found_secrets, vulnerabilities
from nephoscope.store.text import storable

_LARGEST = 1 << 30
_WHOLE, _OWN = disks.c, disk_settings.c
_INFORMATION = "Information"
_CRITICAL = 5
_STATE = [column for column in disks.c if column.name not in {"inventory", "baselines", "facts", "rules"}]


class Kept(NamedTuple):
    """What the next scan compares with. `rules`: what secrets were looked for with."""

    inventory: tuple[VolumeInventory, ...]
    baselines: tuple[Baseline, ...]
    rules: str


class Facts(NamedTuple):
    """What controls see of a disk, and its hash."""

    state: DiskState
    hash: int


def by_keys(reader: Reader, keys: Sequence[int]) -> dict[int, DiskState]:
    """Resources whose disks nobody tried to read are left out."""
    rows = reader.connection.execute(select(*_STATE).where(bulk.is_among(reader, _WHOLE.resource_key, keys)))
    return {row.resource_key: _state(row) for row in rows}


def keys_after(reader: Reader, after: int, size: int) -> list[int]:
    """The next resources whose disks somebody tried to read, in order of key."""
    listing = select(_WHOLE.resource_key).where(_WHOLE.resource_key > after).order_by(_WHOLE.resource_key).limit(size)
    return list(reader.connection.execute(listing).scalars())


def get(reader: Reader, resource_key: int) -> DiskState | None:
    return by_keys(reader, [resource_key]).get(resource_key)


def facts(reader: Reader, connector_key: int) -> dict[int, Facts]:
    """By resource, of one connector."""
    rows: Result[Any] = reader.connection.execute(
        select(*_STATE, _WHOLE.facts).where(_WHOLE.connector_key == connector_key)
    )
    return {row.resource_key: Facts(_state(row), row.facts) for row in rows.all()}


def kept(reader: Reader, resource_key: int) -> Kept:
    columns = (_WHOLE.inventory, _WHOLE.baselines, _WHOLE.rules)
    row = reader.connection.execute(select(*columns).where(_WHOLE.resource_key == resource_key)).one_or_none()
    if row is None:
        return Kept((), (), "")
    inventory = _unpacked(row.inventory, tuple[VolumeInventory, ...])
    return Kept(inventory, _unpacked(row.baselines, tuple[Baseline, ...]), row.rules)


def save(writer: Writer, connector_key: int, state: DiskState, known: Kept) -> None:
    """The tallies are those of what is stored now: record findings first."""
    tallies = tallied(writer, state.resource_key)
    state = msgspec.structs.replace(state, tallies=tallies)
    values = {
        "resource_key": state.resource_key,
        "connector_key": connector_key,
        "scanned_on": to_epoch_or_none(state.scanned_on),
        "attempted_on": to_epoch(state.attempted_on),
        "state": state.state.value,
        "reasons": storable(msgspec.json.encode(state.reasons).decode()),
        "has_searched": state.has_searched,
        "knowledge": state.knowledge,
        "unjudged": storable(msgspec.json.encode(state.unjudged).decode()),
        "consistency": state.consistency,
        "tallies": msgspec.json.encode(tallies).decode(),
        "facts": _facts_hash(state),
        "rules": known.rules,
        "inventory": _packed(known.inventory),
        "baselines": _packed(known.baselines),
    }
    bulk.upsert(writer, disks, ("resource_key",), values)
    writer.mark_changed()


def matched(writer: Writer, state: DiskState) -> None:
    """Only what comparing with other advisories changes."""
    tallies = tallied(writer, state.resource_key)
    state = msgspec.structs.replace(state, tallies=tallies)
    row = (
        state.knowledge,
        storable(msgspec.json.encode(state.unjudged).decode()),
        msgspec.json.encode(tallies).decode(),
        _facts_hash(state),
        state.resource_key,
    )
    bulk.update(writer, disks, ("resource_key",), ("knowledge", "unjudged", "tallies", "facts"), [row])
    writer.mark_changed()


def places(reader: Reader) -> list[tuple[int, str]]:
    """(connector, type) of all resources whose disks were read."""
    joined = select(_WHOLE.connector_key, scopes.c.resource_type).join(
        resources, resources.c.key == _WHOLE.resource_key
    )
    listing = joined.join(scopes, scopes.c.key == resources.c.scope_key).distinct()
    return sorted((row[0], row[1]) for row in reader.connection.execute(listing))


def has_any(reader: Reader) -> bool:
    return reader.connection.execute(select(_WHOLE.resource_key).limit(1)).first() is not None


def to_match(reader: Reader, knowledge: str, size: int, after: int = 0) -> list[tuple[int, int]]:
    """(resource, connector) of disks that are seen and whose packages were compared with other advisories than these,
    some of them, in order of key."""
    others = (_WHOLE.knowledge != knowledge) & _WHOLE.scanned_on.is_not(None) & (_WHOLE.resource_key > after)
    seen = select(_WHOLE.resource_key, _WHOLE.connector_key).join(resources, resources.c.key == _WHOLE.resource_key)
    listing = seen.where(others, resource_is_seen(reader)).order_by(_WHOLE.resource_key)
    return [(row[0], row[1]) for row in reader.connection.execute(listing.limit(size))]


def snapshots_kept(reader: Reader, connector_key: int) -> frozenset[str]:
    """Those of ours that the next scans are to be compared with."""
    rows = reader.connection.execute(select(_WHOLE.baselines).where(_WHOLE.connector_key == connector_key))
    every = (row for body in rows.scalars() for row in _unpacked(body, tuple[Baseline, ...]))
    return frozenset(row.snapshot_id for row in every if row.is_ours)


def tallied(reader: Reader, resource_key: int) -> Tallies:
    own, found = vulnerabilities.c, found_secrets.c
    columns = (own.severity, own.type_detected, own.exploited, func.count())
    open_ones = select(*columns).where(own.resource_key == resource_key, own.fixed_on.is_(None))
    rows = reader.connection.execute(open_ones.group_by(own.severity, own.type_detected, own.exploited)).all()
    is_open = found.fixed_on.is_(None)
    listing = select(found.severity, found.is_live, is_open.label("is_open"), func.count())
    grouped = listing.where(found.resource_key == resource_key).group_by(found.severity, found.is_live, is_open)
    every = [(severity, live, still, count) for severity, live, still, count in reader.connection.execute(grouped)]
    lying = [(severity, live, count) for severity, live, still, count in every if still]
    return Tallies(
        by_severity=_summed((str(severity), count) for severity, _, _, count in rows),
        by_type=_summed((kind, count) for _, kind, _, count in rows),
        vulnerabilities=sum(row[3] for row in rows),
        exploited=sum(count for _, kind, exploited, count in rows if exploited and kind != _INFORMATION),
        critical=sum(count for severity, kind, _, count in rows if severity == _CRITICAL and kind != _INFORMATION),
        secrets_by_severity=_summed((severity, count) for severity, _, count in lying),
        secrets=sum(row[2] for row in lying),
        secrets_ever=sum(row[3] for row in every),
        live_keys=_live_keys(reader, resource_key) if any(is_live for _, is_live, _ in lying) else 0,
    )


def _live_keys(reader: Reader, resource_key: int) -> int:
    """A key id and its secret are one key, wherever and however often they lie. Whose id alone is fixed is one too."""
    own = found_secrets.c
    live = select(func.count(own.digest.distinct())).where(
        own.resource_key == resource_key, own.is_live, own.fixed_on.is_(None), own.type == AWS_KEY
    )
    return max(1, int(reader.connection.execute(live).scalar_one()))


def settings(reader: Reader, connector_key: int) -> DiskSettings:
    """The defaults when nobody set any."""
    body = reader.connection.execute(select(_OWN.body).where(_OWN.connector_key == connector_key)).scalar_one_or_none()
    return msgspec.json.decode(body, type=DiskSettings) if body else DiskSettings()


def put_settings(writer: Writer, connector_key: int, wanted: DiskSettings) -> None:
    """Instances are chosen anew at once."""
    body = storable(msgspec.json.encode(wanted).decode())
    values = {"connector_key": connector_key, "is_enabled": wanted.is_enabled, "body": body, "looked_on": None}
    bulk.upsert(writer, disk_settings, ("connector_key",), values)
    writer.mark_changed()


def to_look_at(reader: Reader, before: datetime) -> list[int]:
    """Connectors whose instances are to be chosen: nobody looked since then."""
    old = _OWN.looked_on.is_(None) | (_OWN.looked_on < to_epoch(before))
    return list(reader.connection.execute(select(_OWN.connector_key).where(_OWN.is_enabled, old)).scalars())


def looked_at(writer: Writer, connector_key: int, now: datetime) -> None:
    bulk.update(writer, disk_settings, ("connector_key",), ("looked_on",), [(to_epoch(now), connector_key)])


def enabled(reader: Reader, connector_keys: Sequence[int]) -> dict[int, DiskSettings]:
    """Of those that have snapshot scans switched on."""
    own = _OWN.is_enabled & bulk.is_among(reader, _OWN.connector_key, list(connector_keys))
    rows = reader.connection.execute(select(_OWN.connector_key, _OWN.body).where(own))
    return {key: msgspec.json.decode(body, type=DiskSettings) for key, body in rows}


def touched_connectors(reader: Reader) -> list[int]:
    """Connectors in which a disk was ever read, or may be: whose accounts may hold snapshots of ours."""
    known = select(_WHOLE.connector_key).union(select(_OWN.connector_key).where(_OWN.is_enabled))
    return sorted(reader.connection.execute(known).scalars())


def _summed(pairs: Iterator[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, count in pairs:
        found[name] = found.get(name, 0) + count
    return dict(sorted(found.items()))


def _facts_hash(state: DiskState) -> int:
    tallies = state.tallies
    seen = (state.state, state.scanned_on is not None, state.has_searched, bool(state.knowledge), state.reasons)
    lying = (tallies.secrets, tallies.secrets_by_severity, tallies.live_keys)
    counts = (tallies.exploited, tallies.critical, *lying, tallies.vulnerabilities)
    return fingerprint(msgspec.msgpack.encode((seen, counts)))


def _packed(value: Any) -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(msgspec.msgpack.encode(value))


def _unpacked(body: bytes, kind: Any) -> Any:
    return msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(body, max_output_size=_LARGEST), type=kind)


def _state(row: Row[Any]) -> DiskState:
    return DiskState(
        resource_key=row.resource_key,
        scanned_on=from_epoch_or_none(row.scanned_on),
        attempted_on=from_epoch(row.attempted_on),
        state=ScanState(row.state),
        reasons=msgspec.json.decode(row.reasons, type=tuple[str, ...]),
        has_searched=row.has_searched,
        knowledge=row.knowledge,
        unjudged=msgspec.json.decode(row.unjudged, type=tuple[tuple[str, int], ...]),
        consistency=row.consistency,
        tallies=msgspec.json.decode(row.tallies, type=Tallies),
    )
