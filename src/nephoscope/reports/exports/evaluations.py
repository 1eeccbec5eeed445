"""Evaluations, resource by resource: everything, or what was judged, turned, is shown otherwise or is gone since."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from nephoscope.evaluation.evidence import AccountEvidence
from nephoscope.model.connectors import Connector
from nephoscope.model.evaluations import EvaluationRow, Status
from nephoscope.model.resources import Resource, StoredDocument
from nephoscope.qql.bound import Bound
from nephoscope.qql.matching import matches
from nephoscope.reports.exports.context import ExportContext, SplitFilter, place_of, place_of_departed
from nephoscope.reports.exports.finding import Finding
from nephoscope.reports.exports.records import Change, EvaluationRecord, Place
from nephoscope.store import resources
from nephoscope.store.changelog import changed_since
from nephoscope.store.changelog.changed_since import PAIR, Integers
from nephoscope.store.changelog.departures import Departed
from nephoscope.store.evaluating import evaluation_pages

LASTING = frozenset({"cid", "region", "resource_type", "resource_id", "account_id"})
"""Fields of an evaluation that stay as long as it is there."""

_Pair = tuple[int, int]


class Evaluations:
    """A `Source`."""

    def __init__(self, context: ExportContext, split: SplitFilter) -> None:
        self._context = context
        self._filter = split
        self._told = _Told(context) if context.since else None
        self._evidence: dict[int, AccountEvidence] = {}

    def keys(self, after: int, size: int) -> Sequence[int]:
        if self._told:
            return self._told.keys(after, size)
        return resources.keys_after(self._context.reader, after, size)

    def records(self, keys: Sequence[int]) -> Iterator[EvaluationRecord]:
        """By resource and cid; what is gone behind what is there."""
        placed = self._context.placed(keys)
        by_connector: dict[int, dict[int, tuple[Resource, Connector]]] = {}
        for key, (resource, connector) in placed.items():
            by_connector.setdefault(connector.key, {})[key] = (resource, connector)
        for rows in by_connector.values():
            yield from self._of_connector(rows)
        if self._told:
            gone = self._context.departed(self._told.departed(keys))
            back = self._context.returned(gone.values())
            for key, one in gone.items():
                cids = {*one.cids, *self._told.dropped(key)} - self._present(back.get(one.uuid))
                yield from self._removed(place_of_departed(one), sorted(cids))

    def _present(self, returned: tuple[int, int] | None) -> set[int]:
        """What is there of a resource that came back: it is the same evaluation."""
        if returned is None:
            return set()
        key, connector_key = returned
        return {row.cid for row in evaluation_pages.of_resources(self._context.reader, connector_key, [key])}

    def _of_connector(self, placed: Mapping[int, tuple[Resource, Connector]]) -> Iterator[EvaluationRecord]:
        connector = next(iter(placed.values()))[1]
        rows = self._rows(connector.key, list(placed))
        documents = resources.documents(self._context.reader, sorted({row.resource.key for row, _ in rows}))
        for row, change in rows:
            yield self._record(row, change, connector, documents.get(row.resource.key))
        if self._told:
            for key, cids in self._vanished(connector.key, list(placed)).items():
                yield from self._removed(place_of(*placed[key]), cids)

    def _rows(self, connector_key: int, keys: Sequence[int]) -> list[tuple[EvaluationRow, Change]]:
        if self._told is None:
            return [(row, Change.STATE) for row in self._listed(connector_key, keys, self._filter.whole)]
        told = self._told
        rows = [row for row in self._listed(connector_key, keys, self._filter.lasting) if told.has(_pair(row))]
        if not self._filter.passing:
            return [(row, Change.CHANGED) for row in rows]
        kept = {_pair(row) for row in self._listed(connector_key, keys, self._filter.whole)}
        return [(row, Change.CHANGED if _pair(row) in kept else Change.LEFT) for row in rows]

    def _listed(self, connector_key: int, keys: Sequence[int], conditions: Bound) -> list[EvaluationRow]:
        known = self._context.facts.catalogue.controls
        rows = evaluation_pages.of_resources(self._context.reader, connector_key, keys, conditions)
        return [row for row in rows if row.cid in known]

    def _record(
        self, row: EvaluationRow, change: Change, connector: Connector, stored: StoredDocument | None
    ) -> EvaluationRecord:
        control = self._context.facts.catalogue.controls[row.cid]
        is_failure = row.status in (Status.FAIL, Status.PASSE)
        evidence = self._evidence_of(connector).of(control, row.resource, stored) if is_failure else ()
        region = str((stored.document.get("region") if stored else None) or row.resource.region)
        finding = Finding(control, row, connector.account_id, region, self._context.benchmarks[row.cid], evidence)
        names = self._context.facts.policy_names(row.cid)
        return EvaluationRecord(change, place_of(row.resource, connector), row.cid, control, names, finding)

    def _evidence_of(self, connector: Connector) -> AccountEvidence:
        found = self._evidence.get(connector.key)
        if found is None:
            controls = self._context.facts.catalogue.of_provider(connector.provider)
            found = self._evidence[connector.key] = AccountEvidence(self._context.reader, connector, controls)
        return found

    def _vanished(self, connector_key: int, keys: Sequence[int]) -> dict[int, list[int]]:
        """Evaluations that were taken from resources that are still there, and did not come back."""
        dropped = {key: cids for key in keys if self._told and (cids := self._told.dropped(key))}
        if not dropped:
            return {}
        there = evaluation_pages.of_resources(self._context.reader, connector_key, list(dropped))
        present = {_pair(row) for row in there}
        return {key: [cid for cid in cids if (key, cid) not in present] for key, cids in dropped.items()}

    def _removed(self, place: Place, cids: Sequence[int]) -> Iterator[EvaluationRecord]:
        for cid in cids:
            facts = {
                "cid": cid,
                "region": place.region,
                "resource_type": place.resource_type,
                "resource_id": place.resource_id,
                "account_id": place.account_id,
            }
            if matches(self._filter.lasting, facts):
                control = self._context.facts.catalogue.controls.get(cid)
                names = self._context.facts.policy_names(cid) if control else ()
                yield EvaluationRecord(Change.REMOVED, place, cid, control, names)


class _Told:
    """What has to be told since a version: eight bytes for each evaluation and resource."""

    def __init__(self, context: ExportContext) -> None:
        since = context.since or changed_since.Since(0, 0)
        self._reader = context.reader
        self._changed = changed_since.evaluations_since(context.reader, since)
        self._dropped = changed_since.dropped_since(context.reader, since)
        self._departures = changed_since.departures_since(context.reader, since)
        parts = (self._changed // PAIR, self._dropped // PAIR, self._departures.keys)
        self._keys: Integers = np.unique(np.concatenate(parts))

    def keys(self, after: int, size: int) -> Sequence[int]:
        first = int(np.searchsorted(self._keys, after, side="right"))
        return list(map(int, self._keys[first : first + size]))

    def has(self, pair: _Pair) -> bool:
        key, cid = pair
        return _is_in(self._changed, key * PAIR) or _is_in(self._changed, key * PAIR + cid)

    def dropped(self, key: int) -> list[int]:
        first, last = np.searchsorted(self._dropped, [key * PAIR, (key + 1) * PAIR])
        return [int(pair % PAIR) for pair in self._dropped[first:last]]

    def departed(self, keys: Sequence[int]) -> dict[int, Departed]:
        return changed_since.described(self._reader, self._departures, keys)


def _is_in(values: Integers, value: int) -> bool:
    at = int(np.searchsorted(values, value))
    return at < len(values) and int(values[at]) == value


def _pair(row: EvaluationRow) -> _Pair:
    return row.resource.key, row.cid
