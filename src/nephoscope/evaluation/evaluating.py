"""Judging what a sweep recorded: only what changed is judged, only what differs is written. `passes` is the way in."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
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


class Pass:
    """Over one type in an account at a moment. Opened in a session of its own; whoever judges opens others."""

    def __init__(
        self, reader: Reader, catalogue: Catalogue, connector_key: int, resource_type: str, now: datetime
    ) -> None:
        self._connector_key = connector_key
        self._now = now
        keys = resources.keys_of_type(reader, connector_key, resource_type)
        self._judge = _TypeJudge(reader, catalogue, connector_key, resource_type, now) if keys else None
        self.due: Sequence[int] = array("q", _due(reader, self._judge, keys) if self._judge else ())
        """Keys of the resources whose verdicts may differ, in order."""
        self.skipped = len(keys) - len(self.due)

    def load(self, reader: Reader) -> None:
        """What all parts look at, now instead of when the first of them is judged."""
        if self._judge is not None:
            self._judge.load(reader)

    def judge(self, store: Store, keys: Sequence[int]) -> Judged:
        """Those of the due. Repeating it changes nothing."""
        judge, written = self._judge, 0
        if judge is None:
            return Judged(0, 0, 0)
        for part in chunks(keys, _CHUNK):
            with store.read() as reader:
                judgements = tuple(judge.judge(reader, part))
            with store.write() as writer:
                changed = evaluations.record(writer, self._connector_key, judgements, self._now)
            written += changed.inserted + changed.updated + changed.deleted
        return Judged(len(keys), 0, written)


def _due(reader: Reader, judge: "_TypeJudge", keys: Sequence[int]) -> Iterator[int]:
    for part in chunks(keys, _CHUNK):
        yield from (row.resource_key for row in resources.candidates_of(reader, part) if judge.is_due(row))


def evaluate_here(store: Store, catalogue: Catalogue, connector_key: int, resource_type: str, now: datetime) -> Judged:
    """Judge every resource of a type in an account, in this process."""
    with store.read() as reader:
        whole = Pass(reader, catalogue, connector_key, resource_type, now)
    return joined([whole.judge(store, whole.due)], whole.skipped)


def joined(parts: Iterable[Judged], skipped: int) -> Judged:
    """What a pass did, from its parts."""
    done = tuple(parts)
    return Judged(sum(one.resources for one in done) + skipped, skipped, sum(one.rows_written for one in done))


class _TypeJudge:
    """The rules of a type in an account at a moment, with the neighbours they may look at."""

    def __init__(
        self, reader: Reader, catalogue: Catalogue, connector_key: int, resource_type: str, now: datetime
    ) -> None:
        controls = [catalogue.compiled(control.cid) for control in catalogue.of_type(resource_type)]
        self._account = _account(connectors.get_by_key(reader, connector_key))
        self._rules = Rules(controls, now)
        self._neighbours = AccountNeighbours(reader, connector_key, self._account, _related(catalogue, controls))
        self._disks = disks.facts(reader, connector_key) if looks_at_disks(resource_type) else {}
        self._has_disks = looks_at_disks(resource_type)
        self._is_timed = any(control.uses_clock for control in controls)
        self._base = catalogue.rules_fingerprint(resource_type) if controls else 0

    def is_due(self, row: Candidate) -> bool:
        """Whether its verdicts may differ: by document, neighbour or rule, or by the clock where a rule looks at it."""
        if not self._base:
            return row.judged != 0
        return self._is_timed or row.judged != self._fingerprint(row)

    def load(self, reader: Reader) -> None:
        self._neighbours.load(reader)

    def judge(self, reader: Reader, keys: Sequence[int]) -> Iterator[Judgement]:
        self.load(reader)
        stored = resources.documents(reader, keys)
        for row in resources.candidates_of(reader, keys):
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


def _related(catalogue: Catalogue, controls: Sequence[CompiledControl]) -> dict[str, frozenset[str]]:
    """Type → fields of it that these controls look at, or join by."""
    found: dict[str, frozenset[str]] = {}
    for control in (one.control for one in controls):
        fields = catalogue.fields_of(control)
        for name in {related.type for related in control.related.values()}:
            found[name] = found.get(name, frozenset()) | fields[name]
    return found


def _account(connector: Connector | None) -> str:
    return connector.account_id if connector else ""
