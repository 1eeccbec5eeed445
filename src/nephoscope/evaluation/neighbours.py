"""The related documents of an account: read once for a pass over a type, joined by index instead of by scan."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nephoscope.controls.compiled import CompiledControl
from nephoscope.evaluation.judging import Found, identified
from nephoscope.kit.chunks import chunks
from nephoscope.kit.hashes import fingerprint
from nephoscope.model.controls import Related
from nephoscope.model.resources import Document
from nephoscope.model.scopes import Outcome, StoredScope
from nephoscope.store import resources, scopes
from nephoscope.store.session import Reader

_Key = tuple[Any, ...]
_CHUNK = 2_000
"""Documents that are whole in memory at once."""


class AccountNeighbours:
    """Every document of the related types of one account, and what could not be read of them. `types`: which fields of
    them are looked at (`*`: all); the others are not kept."""

    def __init__(
        self, reader: Reader, connector_key: int, account_id: str, types: Mapping[str, frozenset[str]]
    ) -> None:
        self._account_id = account_id
        self._types = {name: types[name] for name in sorted(types)}
        self._keys: dict[str, Sequence[int]] = {}
        self._documents: dict[str, list[Document]] = {}
        self._indexes: dict[tuple[str, tuple[str, ...]], dict[_Key, list[Document]]] = {}
        self._gaps: dict[str, dict[str, str]] = {name: {} for name in types}
        self._regions: dict[str, set[str]] = {name: set() for name in types}
        self._unread: dict[str, dict[str, str]] = {}
        hashes = self._hashes(reader, connector_key)
        if types:
            self._load_gaps(scopes.of_connector(reader, connector_key), hashes)
        self.fingerprint = fingerprint(*hashes)
        """Changes when any of these documents, or what could not be read, changes."""

    def load(self, reader: Reader) -> None:
        """Before `of`; once is enough. Whoever only compares fingerprints does without."""
        for name in self._types:
            if name not in self._documents:
                self._load(reader, name)

    def of(self, control: CompiledControl, resource: Document) -> Found:
        related = control.control.related
        documents = {name: found for name, row in related.items() if (found := self._joined(row, resource)) is not None}
        gap = next((gap for row in related.values() if (gap := self._gap(row, resource))), "")
        unread = {field: reason for row in related.values() for field, reason in self._unread[row.type].items()}
        if len(documents) == len(related):
            return Found(documents, gap, unread)
        lost = {name: row.where.values() for name, row in related.items() if name not in documents}
        unjoined = {name: next(field for field in fields if field not in resource) for name, fields in lost.items()}
        return Found(documents, gap, unread, unjoined)

    def _hashes(self, reader: Reader, connector_key: int) -> list[bytes]:
        hashes: list[bytes] = []
        for name in self._types:
            hashes.append(name.encode())
            self._keys[name] = resources.keys_of_type(reader, connector_key, name)
            for part in chunks(self._keys[name], _CHUNK):
                rows = resources.candidates_of(reader, part)
                hashes.extend(row.document_hash.to_bytes(8, "little", signed=True) for row in rows)
        return hashes

    def _load(self, reader: Reader, name: str) -> None:
        found = self._documents[name] = []
        unread = self._unread[name] = {}
        fields = self._types[name]
        for part in chunks(self._keys[name], _CHUNK):
            stored = resources.documents(reader, part)
            for row in resources.candidates_of(reader, part):
                entry = stored[row.resource_key]
                whole = identified(entry, row.resource_id, row.arn, row.region, self._account_id)
                found.append(whole if "*" in fields else {key: whole[key] for key in fields if key in whole})
                unread.update(entry.unread)

    def _load_gaps(self, stored: Iterable[StoredScope], hashes: list[bytes]) -> None:
        for row in stored:
            scope, report = row.report.scope, row.report
            if scope.resource_type not in self._types:
                continue
            self._regions[scope.resource_type].add(scope.region)
            hashes.append(f"{scope.resource_type}/{scope.region}".encode())
            if report.outcome is not Outcome.COMPLETE:
                reason = f"{report.outcome}: {report.permission or report.message}"
                self._gaps[scope.resource_type][scope.region] = f"{scope.resource_type} in {scope.region}: {reason}"
                hashes.append(f"{scope.resource_type}/{scope.region}/{reason}".encode())

    def _joined(self, related: Related, resource: Document) -> list[Document] | None:
        """None when a field to join by could not be read of the resource: an empty list would pass for absence."""
        if not related.where:
            return self._documents[related.type]
        if not all(field in resource for field in related.where.values()):
            return None
        theirs = tuple(related.where)
        index = self._indexes.get((related.type, theirs))
        if index is None:
            index = self._indexes[related.type, theirs] = _index(self._documents[related.type], theirs)
        found = [row for key in _keys(resource, related.where.values()) for row in index.get(key, ())]
        return found if len(found) < _SEVERAL else list({id(row): row for row in found}.values())

    def _gap(self, related: Related, resource: Document) -> str:
        """Joined on region, only that region counts; else any does. What was never read is a gap as well, and so is a
        neighbour of which a field to join by could not be read: an empty list would pass for absence."""
        for field in related.where:
            if reason := self._unread[related.type].get(field):
                return f"{field} of {related.type}: {reason}"
        gaps, read = self._gaps[related.type], self._regions[related.type]
        if "region" not in related.where:
            return next(iter(gaps.values()), "") if read else f"{related.type} was not read"
        region = str(resource.get(related.where["region"]))
        if region in read:
            return gaps.get(region, "")
        return f"{related.type} was not read in {region}"


def _index(documents: list[Document], fields: tuple[str, ...]) -> dict[_Key, list[Document]]:
    index: dict[_Key, list[Document]] = defaultdict(list)
    for document in documents:
        for key in _keys(document, fields):
            index[key].append(document)
    return dict(index)


_SEVERAL = 2


def _keys(document: Document, fields: Iterable[str]) -> Iterator[_Key]:
    """What a document is found under; a list stands for each of its elements."""
    values = (document.get(name) for name in fields)
    each = (value if isinstance(value, list) else [value] for value in values)
    return itertools.product(*(dict.fromkeys(map(_hashable, some)) for some in each))


def _hashable(value: Any) -> Any:
    return value if not isinstance(value, (list, dict)) else repr(value)
