"""Judging what a sweep recorded: only what changed is judged, only what differs is written. `passes` is the way in."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from nephoscope.controls.catalogue import Catalogue
from nephoscope.controls.compiled import CompiledControl
from nephoscope.evaluation.judging import Rules, identified
from nephoscope.evaluation.neighbours import AccountNeighbours
from nephoscope.evaluation.on_disk import looks_at_disks, on_disk
from nephoscope.kit.chunks import chunks
from nephoscope.kit.hashes import fingerprint
from nephoscope.model.connectors import Connector
from nephoscope.model.evaluations import Candidate, Judgement
from nephoscope.resource_types.fields import DISK
from nephoscope.store import connectors, disks, evaluations, resources
from nephoscope.store.session import Reader, Store

_CHUNK = 1_000
"""Resources whose documents are in memory at once."""


class Judged(msgspec.Struct, frozen=True):
    """What a pass over one resource type did."""

    resources: int
    skipped: int
    """Unchanged since they were last judged."""
    rows_written: int


class Part(msgspec.Struct, frozen=True):
    """A part of a pass, in order of key. `last` is the key to go on after; `is_last`, that there is nothing more."""

    judged: Judged
    last: int = 0
    is_last: bool = True


def evaluate_part(
    store: Store,
    catalogue: Catalogue,
    connector_key: int,
    resource_type: str,
    now: datetime,
    *,
    after: int = 0,
    most: int | None = None,
) -> Part:
    """Judge resources of a type in an account: those with a key above `after`, and `most` of them."""
    with store.read() as reader:
        candidates = [
            row for row in resources.candidates(reader, connector_key, resource_type) if row.resource_key > after
        ]
        if not candidates:
            return Part(Judged(0, 0, 0))
        judge = _TypeJudge(reader, catalogue, connector_key, resource_type, now)
    mine = candidates if most is None else candidates[:most]
    due = [row for row in mine if judge.is_due(row)]
    written = 0
    for part in chunks(due, _CHUNK):
        with store.read() as reader:
            judgements = tuple(judge.judge(reader, part))
        with store.write() as writer:
            changed = evaluations.record(writer, connector_key, judgements, now)
        written += changed.inserted + changed.updated + changed.deleted
    judged = Judged(len(mine), len(mine) - len(due), written)
    return Part(judged, mine[-1].resource_key, len(mine) == len(candidates))


class _TypeJudge:
    """The rules of a type in an account at a moment, with the neighbours they may look at."""

    def __init__(
        self, reader: Reader, catalogue: Catalogue, connector_key: int, resource_type: str, now: datetime
    ) -> None:
        controls = [catalogue.compiled(control.cid) for control in catalogue.of_type(resource_type)]
        self._account = _account(connectors.get_by_key(reader, connector_key))
        self._rules = Rules(controls, now)
        self._neighbours = AccountNeighbours(reader, connector_key, self._account, _related_types(controls))
        self._disks = disks.facts(reader, connector_key) if looks_at_disks(resource_type) else {}
        self._has_disks = looks_at_disks(resource_type)
        self._is_timed = any(control.uses_clock for control in controls)
        self._base = catalogue.rules_fingerprint(resource_type) if controls else 0

    def is_due(self, row: Candidate) -> bool:
        """Whether its verdicts may differ: by document, neighbour or rule, or by the clock where a rule looks at it."""
        if not self._base:
            return row.judged != 0
        return self._is_timed or row.judged != self._fingerprint(row)

    def judge(self, reader: Reader, rows: Sequence[Candidate]) -> Iterator[Judgement]:
        stored = resources.documents(reader, [row.resource_key for row in rows])
        for row in rows:
            entry = stored[row.resource_key]
            document = identified(entry, row.resource_id, row.arn, row.region, self._account)
            unread = entry.unread
            if self._has_disks:
                known = self._disks.get(row.resource_key)
                document[DISK], gaps = on_disk(known.state if known else None)
                unread = {**unread, **gaps}
            verdicts = self._rules.judge(document, unread, self._neighbours)
            yield Judgement(row.resource_key, self._fingerprint(row), verdicts)

    def _fingerprint(self, row: Candidate) -> int:
        if not self._base:
            return 0
        parts: tuple[int, ...] = (self._base, row.document_hash, self._neighbours.fingerprint)
        known = self._disks.get(row.resource_key)
        parts = (*parts, known.hash) if known else parts
        return fingerprint(*(part.to_bytes(8, "little", signed=True) for part in parts)) or 1


def _related_types(controls: Sequence[CompiledControl]) -> set[str]:
    return {related.type for control in controls for related in control.control.related.values()}


def _account(connector: Connector | None) -> str:
    return connector.account_id if connector else ""
