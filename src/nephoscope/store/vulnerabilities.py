"""Vulnerabilities on disks: diff, then write, so that what is still there costs nothing; and listing them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, and_, case, func, literal

from nephoscope.kit.dates import from_epoch, from_epoch_or_none, to_epoch
from nephoscope.kit.hashes import fingerprint
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.findings import FindingStatus, FoundVulnerability, vulnerability_uuid
from nephoscope.model.vulnerabilities import Vulnerability
from nephoscope.qql.bound import Bound
from nephoscope.store import bulk
from nephoscope.store.conditions import (
    Translate,
    flags,
    fractions,
    identities,
    listed,
    moments,
    numbers,
    order,
    where,
    words,
)
from nephoscope.store.disk_findings import RESOURCE_FIELDS, Turned, joined
from nephoscope.store.pages import limited
from nephoscope.store.reach import resource_is_seen
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.core import resources
from nephoscope.store.tables.findings import disks, vulnerabilities
from nephoscope.store.text import storable

_own = vulnerabilities.c
_since = func.coalesce(disks.c.scanned_on, 0)
last_found: ColumnElement[int] = func.coalesce(
    _own.last_found,
    case((_own.first_found > _since, _own.first_found), else_=_since),
)
status: ColumnElement[str] = case(
    (_own.fixed_on.is_not(None), literal(FindingStatus.FIXED.value)),
    (_own.reopened_on >= _since, literal(FindingStatus.REOPENED.value)),
    (_own.first_found >= _since, literal(FindingStatus.NEW.value)),
    else_=literal(FindingStatus.ACTIVE.value),
)
"""By the newest reading of the disk: what is new is active when the next one finds it again."""

FINDING_FIELDS: dict[str, Translate] = {
    "uuid": identities(_own.uuid),
    "qid": numbers(_own.qid),
    "severity": numbers(_own.severity),
    "type_detected": words(_own.type_detected),
    "status": words(status),
    "name": words(_own.name),
    "category": words(_own.category),
    "cve": listed(_own.cves),
    "package": listed(_own.packages),
    "patch_available": flags(_own.patch_available),
    "exploited": flags(_own.exploited),
    "epss": fractions(_own.epss),
    "first_found": moments(_own.first_found),
    "last_found": moments(last_found),
    "fixed_on": moments(_own.fixed_on),
}
"""Of the finding itself; `disks` must be joined beside it."""

_SORTS: dict[str, ColumnElement[Any]] = {
    "severity": _own.severity,
    "qid": _own.qid,
    "name": _own.name,
    "first_found": _own.first_found,
    "last_found": last_found,
    "epss": _own.epss,
    "resource_id": resources.c.resource_id,
}
SORTABLE = frozenset(_SORTS)
_WORST = (_own.severity.desc(), _own.exploited.desc(), func.coalesce(_own.epss, 0.0).desc(), _own.qid)
"""First, in the order in which matching tells them."""


class SeenVulnerability(NamedTuple):
    """What matching says now. `is_fresh`: the packages were read in this scan, and not only remembered."""

    vulnerability: Vulnerability
    volumes: tuple[str, ...]
    is_fresh: bool = True


_Row = tuple[Any, ...]


class _Stored(NamedTuple):
    fingerprint: int
    fixed_on: int | None
    last_found: int | None


def record(
    writer: Writer,
    place: tuple[int, int, UUID],
    seen: Sequence[SeenVulnerability],
    *,
    before: datetime | None,
    now: datetime,
) -> Turned:
    """`place` is key, connector's key and uuid of the resource, `before` when its disk was read last before this.
    Whatever is not among `seen` is fixed: name also what is only remembered of volumes that could not be read."""
    resource_key, connector_key, uuid = place
    stored = _stored(writer, resource_key)
    moment, previous = to_epoch(now), to_epoch(before or now)
    inserts, bodies, counts = list[_Row](), list[_Row](), [0, 0, 0]
    turns: list[_Row] = []
    for one in seen:
        qid = one.vulnerability.qid
        row = _values(one)
        known = stored.pop(qid, None)
        if known is None:
            counts[0] += 1
            frozen = None if one.is_fresh else previous
            identity = vulnerability_uuid(uuid, qid)
            key = (resource_key, qid, identity if writer.is_postgres else identity.bytes, connector_key)
            inserts.append((*key, *row, moment, frozen, None, None))
            continue
        if known.fingerprint != row[_FINGERPRINT]:
            bodies.append((*row, resource_key, qid))
        if known.fixed_on is not None:
            counts[2] += 1
            turns.append((None, None, moment, resource_key, qid))
        elif (known.last_found is None) != one.is_fresh:
            turns.append((None if one.is_fresh else previous, None, None, resource_key, qid))
    for qid, known in stored.items():
        if known.fixed_on is None:
            counts[1] += 1
            turns.append((known.last_found or previous, moment, None, resource_key, qid))
    bulk.insert(writer, vulnerabilities, (*_KEYS, *_BODY, *_LIFE), inserts)
    bulk.update(writer, vulnerabilities, ("resource_key", "qid"), _BODY, bodies)
    _turn(writer, turns)
    return Turned(*counts)


def _turn(writer: Writer, turns: Sequence[tuple[Any, ...]]) -> None:
    """`reopened_on` stays where none is given: the last time it came back is part of its life."""
    plain = [(last, fixed, *keys) for last, fixed, reopened, *keys in turns if reopened is None]
    back = [tuple(row) for row in turns if row[2] is not None]
    primary = ("resource_key", "qid")
    bulk.update(writer, vulnerabilities, primary, ("last_found", "fixed_on"), plain)
    bulk.update(writer, vulnerabilities, primary, ("last_found", "fixed_on", "reopened_on"), back)


_KEYS = ("resource_key", "qid", "uuid", "connector_key")
_BODY = (
    "severity",
    "type_detected",
    "name",
    "category",
    "cves",
    "packages",
    "patch_available",
    "exploited",
    "epss",
    "fingerprint",
    "volumes",
    "body",
)
_LIFE = ("first_found", "last_found", "fixed_on", "reopened_on")
_FINGERPRINT = _BODY.index("fingerprint")


def _values(one: SeenVulnerability) -> tuple[Any, ...]:
    row = one.vulnerability
    body = msgspec.msgpack.encode(row)
    volumes = storable(msgspec.json.encode(one.volumes).decode())
    return (
        row.severity,
        row.type_detected.value,
        storable(row.name),
        storable(row.category),
        _words(row.cves),
        _words(package.name for package in row.packages),
        row.patch_available,
        row.kev is not None,
        row.epss,
        fingerprint(body, volumes.encode()),
        volumes,
        body,
    )


def _words(names: Any) -> str:
    found = " ".join(dict.fromkeys(storable(name).replace(" ", "_") for name in names))
    return f" {found} " if found else ""


def _stored(reader: Reader, resource_key: int) -> dict[int, _Stored]:
    sql = "SELECT qid, fingerprint, fixed_on, last_found FROM vulnerabilities WHERE resource_key = ?"
    return {qid: _Stored(*rest) for qid, *rest in bulk.fetch(reader, sql, resource_key)}


def page(reader: Reader, conditions: Bound, request: PageRequest) -> Page[FoundVulnerability]:
    """The worst first unless the request says otherwise; of resources that are seen."""
    matching = and_(where(conditions, {**FINDING_FIELDS, **RESOURCE_FIELDS}), resource_is_seen(reader))
    total = reader.connection.execute(joined(vulnerabilities, func.count()).where(matching)).scalar_one()
    ties = (*_WORST, _own.resource_key) if request.sort is None else (_own.resource_key, _own.qid)
    listing = joined(vulnerabilities, *_shown()).where(matching).order_by(*order(request.sort, _SORTS, *ties))
    rows = reader.connection.execute(limited(listing, request))
    return Page(tuple(_found(row) for row in rows), total, request)


def of_resources(reader: Reader, keys: Sequence[int]) -> dict[int, list[FoundVulnerability]]:
    """By resource, the worst first, fixed ones too. For resources that the caller may show."""
    mine = bulk.is_among(reader, _own.resource_key, keys)
    listing = joined(vulnerabilities, *_shown()).where(mine).order_by(_own.resource_key, *_WORST)
    found: dict[int, list[FoundVulnerability]] = {key: [] for key in keys}
    for row in reader.connection.execute(listing):
        found[row.resource_key].append(_found(row))
    return found


def _shown() -> tuple[ColumnElement[Any], ...]:
    return (
        _own.resource_key,
        _own.uuid,
        _own.body,
        _own.volumes,
        _own.first_found,
        _own.fixed_on,
        last_found.label("seen_on"),
        status.label("status"),
        resources.c.uuid.label("resource_uuid"),
        resources.c.resource_id,
    )


def _found(row: Row[Any]) -> FoundVulnerability:
    return FoundVulnerability(
        uuid=row.uuid,
        resource_uuid=row.resource_uuid,
        resource_id=row.resource_id,
        vulnerability=msgspec.msgpack.decode(row.body, type=Vulnerability),
        volumes=msgspec.json.decode(row.volumes, type=tuple[str, ...]),
        status=FindingStatus(row.status),
        first_found=from_epoch(row.first_found),
        last_found=from_epoch(row.seen_on),
        fixed_on=from_epoch_or_none(row.fixed_on),
    )
