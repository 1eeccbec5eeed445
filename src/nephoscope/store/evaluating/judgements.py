"""Recording verdicts: a digest per resource says whether anything differs; only then are its rows read and compared."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from nephoscope.kit.chunks import chunks
from nephoscope.kit.dates import to_epoch
from nephoscope.kit.hashes import fingerprint
from nephoscope.model.evaluations import Judgement, Status, Verdict
from nephoscope.store import bulk
from nephoscope.store.changelog import changes
from nephoscope.store.changelog.changes import ChangeKind, Note
from nephoscope.store.evaluating import counters
from nephoscope.store.locks import lock_connector
from nephoscope.store.session import Writer
from nephoscope.store.tables import core as tables
from nephoscope.store.tables.core import FAIL, PASS, UNKNOWN, UNKNOWN_WAS_FAIL, UNKNOWN_WAS_PASS
from nephoscope.store.text import storable

_CHUNK = 4_000
"""Resources whose rows are in memory at once."""


class Written(msgspec.Struct, frozen=True):
    """Rows touched."""

    inserted: int
    updated: int
    deleted: int


class _Resource(NamedTuple):
    """What the diff needs of a resource."""

    scope_key: int
    judged: int
    digest: int
    rows: int


class _Evaluation(NamedTuple):
    """What may turn in a stored row."""

    status: int
    reason: str | None
    fixed: int | None
    reopened: int | None


_Stored = tuple[int, int, int, str | None, int | None, int | None]
"""(resource key, cid, and an `_Evaluation`), as plain as it comes: there are hundreds of thousands."""


def record(writer: Writer, connector_key: int, judgements: Sequence[Judgement], now: datetime) -> Written:
    """Diff, then write. A resource whose verdicts are those already stored costs no row (only its fingerprint when
    that moved). FAIL to PASS sets `fixed`, PASS to FAIL sets `reopened`, also with UNKNOWN in between, which keeps the
    dates. A judgement on a resource that is gone is dropped. NotFoundError when the connector is gone."""
    lock_connector(writer, connector_key)
    written = Written(0, 0, 0)
    latest = {row.resource_key: row for row in judgements}
    for part in chunks(sorted(latest), _CHUNK):
        stored = _resources(writer, connector_key, part)
        diff = _Diff(writer, connector_key, to_epoch(now))
        diff.compare([latest[key] for key in part if key in stored], stored)
        done = diff.write()
        written = Written(
            written.inserted + done.inserted, written.updated + done.updated, written.deleted + done.deleted
        )
    return written


class _Diff:
    """What one chunk of judgements changes, gathered first and written in as few statements as can be."""

    def __init__(self, writer: Writer, connector_key: int, now: int) -> None:
        self._writer = writer
        self._connector_key = connector_key
        self._now = now
        self._inserts: list[tuple[Any, ...]] = []
        self._updates: list[tuple[Any, ...]] = []
        self._deletes: list[tuple[int, int, int]] = []
        self._fingerprints: list[tuple[int, int]] = []
        self._summaries: list[tuple[int, ...]] = []
        self._moves: Counter[tuple[int, int, int]] = Counter()
        self._notes: list[Note] = []

    def compare(self, judgements: Iterable[Judgement], stored: dict[int, _Resource]) -> None:
        differing = []
        for judgement in judgements:
            resource = stored[judgement.resource_key]
            ordered = sorted(judgement.verdicts, key=_by_cid)
            digest = _digest(ordered)
            if digest != resource.digest:
                differing.append((judgement, resource, ordered, digest))
            elif judgement.fingerprint != resource.judged:
                self._fingerprints.append((judgement.fingerprint, judgement.resource_key))
        written = [judgement.resource_key for judgement, resource, _, _ in differing if resource.rows]
        before = _rows(self._writer, self._connector_key, written)
        for judgement, resource, ordered, digest in differing:
            key = judgement.resource_key
            if not resource.rows:
                self._note(ChangeKind.JUDGED, key, 0)
            counts = self._compare_one(key, resource.scope_key, ordered, before.get(key, {}))
            self._summaries.append((judgement.fingerprint, digest, *counts, key))

    def _compare_one(
        self, key: int, scope_key: int, verdicts: list[Verdict], before: dict[int, _Stored]
    ) -> tuple[int, int, int]:
        """(passed, failed, unknown) after it."""
        counts = [0, 0, 0]
        moves, inserts, is_known = self._moves, self._inserts, bool(before)
        for cid, verdict in {verdict.cid: verdict for verdict in verdicts}.items():
            code = _CODES[verdict.status]
            counts[code] += 1
            old = before.pop(cid, None) if before else None
            if old is None:
                reason = storable(verdict.reason) if verdict.reason else None
                inserts.append((self._connector_key, key, cid, code, self._now, None, None, reason))
                moves[scope_key, cid, code] += 1
                if is_known:
                    self._note(ChangeKind.EVALUATION, key, cid)
            elif _differs(old, code, verdict.reason):
                counted = counters.counted(old[2])
                moves[scope_key, cid, counted] -= 1
                moves[scope_key, cid, code] += 1
                self._note(ChangeKind.EVALUATION, key, cid)
                self._updates.append(
                    (*_turned(_Evaluation(*old[2:]), verdict, self._now), self._connector_key, key, cid)
                )
        for cid, old in before.items():
            self._deletes.append((self._connector_key, key, cid))
            self._note(ChangeKind.DROPPED, key, cid)
            moves[scope_key, cid, counters.counted(old[2])] -= 1
        return counts[PASS], counts[FAIL], counts[UNKNOWN]

    def _note(self, kind: ChangeKind, resource_key: int, cid: int) -> None:
        self._notes.append(Note(kind, self._connector_key, resource_key, cid))

    def write(self) -> Written:
        writer, primary = self._writer, ("connector_key", "resource_key", "cid")
        bulk.insert(writer, tables.evaluations, (*primary, *_VALUES), self._inserts)
        bulk.update(writer, tables.evaluations, primary, ("status", "reason", "fixed", "reopened"), self._updates)
        bulk.delete(writer, tables.evaluations, primary, self._deletes)
        counters.move(writer, self._connector_key, self._moves)
        bulk.update(writer, tables.resources, ("key",), ("judged",), self._fingerprints)
        summary = ("judged", "digest", "passed", "failed", "unknown")
        bulk.update(writer, tables.resources, ("key",), summary, self._summaries)
        changes.note(writer, self._notes)
        if self._summaries:
            writer.mark_changed()
        return Written(len(self._inserts), len(self._updates), len(self._deletes))


_CODES = {Status.PASS: PASS, Status.FAIL: FAIL, Status.UNKNOWN: UNKNOWN}
_VALUES = ("status", "first_evaluated", "fixed", "reopened", "reason")
_WAS = {PASS: PASS, UNKNOWN_WAS_PASS: PASS, FAIL: FAIL, UNKNOWN_WAS_FAIL: FAIL}
"""Stored status → the last verdict that was one."""
_UNKNOWN_AFTER = {PASS: UNKNOWN_WAS_PASS, FAIL: UNKNOWN_WAS_FAIL, None: UNKNOWN}
_by_cid = attrgetter("cid")
_encoder = msgspec.msgpack.Encoder()


def _digest(ordered: list[Verdict]) -> int:
    """0 is kept for no verdicts at all, which is how a new resource starts."""
    return fingerprint(_encoder.encode(ordered)) or 1 if ordered else 0


def _differs(old: _Stored, code: int, reason: str) -> bool:
    if code != UNKNOWN:
        return old[2] != code
    return counters.counted(old[2]) != UNKNOWN or (old[3] or "") != storable(reason)


def _turned(old: _Evaluation, verdict: Verdict, now: int) -> tuple[int, str | None, int | None, int | None]:
    """(status, reason, fixed, reopened) after a verdict that differs."""
    was = _WAS.get(old.status)
    if verdict.status is Status.UNKNOWN:
        return _UNKNOWN_AFTER[was], storable(verdict.reason) or None, old.fixed, old.reopened
    code = _CODES[verdict.status]
    fixed = now if was == FAIL and code == PASS else old.fixed
    reopened = now if was == PASS and code == FAIL else old.reopened
    return code, storable(verdict.reason) or None, fixed, reopened


def _resources(writer: Writer, connector_key: int, keys: Sequence[int]) -> dict[int, _Resource]:
    sql = f"""
        SELECT key, scope_key, judged, digest, passed + failed + unknown FROM resources
        WHERE connector_key = ? AND {bulk.among(writer, "key")}
    """  # noqa: S608 - our own text
    rows = bulk.fetch(writer, sql, connector_key, bulk.packed(writer, keys))
    return {key: _Resource(*rest) for key, *rest in rows}


def _rows(writer: Writer, connector_key: int, keys: Sequence[int]) -> dict[int, dict[int, _Stored]]:
    """{resource key: {cid: row}}."""
    if not keys:
        return {}
    sql = f"""
        SELECT resource_key, cid, status, reason, fixed, reopened FROM evaluations
        WHERE connector_key = ? AND {bulk.among(writer, "resource_key")}
    """  # noqa: S608 - as above
    found: dict[int, dict[int, _Stored]] = {key: {} for key in keys}
    for row in bulk.fetch(writer, sql, connector_key, bulk.packed(writer, keys)):
        found[row[0]][row[1]] = row
    return found
