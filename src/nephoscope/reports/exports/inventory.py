"""Resources: everything, or what is new, differs, wears other tags or is gone since."""

from collections.abc import Iterator, Sequence

import numpy as np

from nephoscope.qql.matching import matches
from nephoscope.reports.exports.records import Change, Place, ResourceRecord
from nephoscope.reports.exports.scenes import Asked, Scene, place_of, place_of_departed
from nephoscope.store import following, resources, tags
from nephoscope.store.following import Departures, Integers, Since
from nephoscope.store.matching import row_of

LASTING = frozenset({"resource_id", "account_id", "uuid", "provider", "resource_type"})
"""Fields of a resource that stay as long as it is there."""


class Inventory:
    """A `Source`."""

    def __init__(self, scene: Scene, asked: Asked) -> None:
        self._scene = scene
        self._asked = asked
        self._departures: Departures | None = None
        self._keys: Integers | None = None
        if scene.since:
            self._follow(scene.since)

    def _follow(self, since: Since) -> None:
        self._departures = following.departures_since(self._scene.reader, since)
        changed = following.resources_since(self._scene.reader, since)
        self._keys = np.unique(np.concatenate([changed, self._departures.keys]))

    def keys(self, after: int, size: int) -> Sequence[int]:
        if self._keys is None:
            return resources.keys_after(self._scene.reader, after, size)
        first = int(np.searchsorted(self._keys, after, side="right"))
        return list(map(int, self._keys[first : first + size]))

    def records(self, keys: Sequence[int]) -> Iterator[ResourceRecord]:
        yield from self._present(keys)
        if self._departures is not None:
            gone = self._scene.departed(following.described(self._scene.reader, self._departures, keys))
            back = self._scene.returned(gone.values())
            for one in gone.values():
                place = place_of_departed(one)
                if one.uuid not in back and matches(self._asked.lasting, _facts(place)):
                    yield ResourceRecord(Change.REMOVED, place)

    def _present(self, keys: Sequence[int]) -> Iterator[ResourceRecord]:
        placed = self._scene.placed(keys)
        worn = tags.worn(self._scene.reader, list(placed))
        documents = resources.documents(self._scene.reader, list(placed))
        for key, (resource, connector) in placed.items():
            place, stored = place_of(resource, connector), documents[key]
            names = worn.get(key, ())
            row = {**row_of(stored, resource, connector.account_id, names), **_facts(place)}
            is_kept = matches(self._asked.passing, row)
            if matches(self._asked.lasting, _facts(place)) and (is_kept or self._scene.since):
                change = Change.CHANGED if self._scene.since else Change.STATE
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
