"""Resources: everything, or what is new, differs, wears other tags or is gone since."""

from collections.abc import Iterator, Sequence

from nephoscope.qql.matching import matches
from nephoscope.reports.exports.by_resource import ByResource
from nephoscope.reports.exports.context import ExportContext, SplitFilter, place_of, place_of_departed
from nephoscope.reports.exports.records import Change, Place, ResourceRecord
from nephoscope.store import on_disk, resources, tags
from nephoscope.store.changelog import changed_since
from nephoscope.store.matching import row_of

LASTING = frozenset({"resource_id", "account_id", "uuid", "provider", "resource_type"})
"""Fields of a resource that stay as long as it is there."""


class Inventory(ByResource):
    """A `Source`."""

    def __init__(self, context: ExportContext, split: SplitFilter) -> None:
        super().__init__(context, split, resources.keys_after, changed_since.resources_since)

    def records(self, keys: Sequence[int]) -> Iterator[ResourceRecord]:
        yield from self._present(keys)
        for one in self._gone(keys):
            place = place_of_departed(one)
            if matches(self._filter.lasting, _facts(place)):
                yield ResourceRecord(Change.REMOVED, place)

    def _present(self, keys: Sequence[int]) -> Iterator[ResourceRecord]:
        placed = self._context.placed(keys)
        worn = tags.worn(self._context.reader, list(placed))
        documents = resources.documents(self._context.reader, list(placed))
        lying = on_disk.rows(self._context.reader, list(placed), (*self._filter.passing, *self._filter.lasting))
        for key, (resource, connector) in placed.items():
            place, stored = place_of(resource, connector), documents[key]
            names = worn.get(key, ())
            own = row_of(stored, resource, connector.account_id, names)
            row = {**own, **lying.get(key, {}), **_facts(place)}
            is_kept = matches(self._filter.passing, row)
            if matches(self._filter.lasting, _facts(place)) and (is_kept or self._context.since):
                change = Change.CHANGED if self._context.since else Change.STATE
                change = change if is_kept else Change.LEFT
                yield ResourceRecord(change, place, resource, names, stored.tags, stored.document)


def _facts(place: Place) -> dict[str, str]:
    return {
        "resource_id": place.resource_id,
        "account_id": place.account_id,
        "uuid": str(place.uuid),
        "provider": place.provider,
        "resource_type": place.resource_type,
    }
