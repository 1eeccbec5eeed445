"""What every export works with: one session, what is known of controls, and which part of what is told is asked for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Protocol, TypeVar
from uuid import UUID

import msgspec

from nephoscope.evaluation.facts import ControlFacts
from nephoscope.model.connectors import Connector
from nephoscope.model.resources import Resource
from nephoscope.qql.bound import Bound, names
from nephoscope.reports.exports.records import Place
from nephoscope.store import connectors, resources
from nephoscope.store.changelog.changed_since import Since, is_for
from nephoscope.store.changelog.departures import Departed
from nephoscope.store.session import Reader

Record_co = TypeVar("Record_co", covariant=True)


class Source(Protocol[Record_co]):
    """The things of one noun, in order of a key."""

    def keys(self, after: int, size: int) -> Sequence[int]:
        """The next ones to look at: empty at the end."""
        ...

    def records(self, keys: Sequence[int]) -> Iterator[Record_co]:
        """What there is to tell about some hundred of them."""
        ...


class ExportContext:
    """`since` is None when everything is told."""

    def __init__(self, reader: Reader, facts: ControlFacts, since: Since | None) -> None:
        self.reader = reader
        self.facts = facts
        self.since = since
        self._connectors: dict[int, Connector | None] = {}

    def connector(self, key: int) -> Connector | None:
        if key not in self._connectors:
            self._connectors[key] = connectors.get_by_key(self.reader, key)
        return self._connectors[key]

    def placed(self, keys: Sequence[int]) -> dict[int, tuple[Resource, Connector]]:
        """Those that are there and seen, in order of key."""
        seen = resources.seen_among(self.reader, keys)
        rows = resources.by_keys(self.reader, seen, is_counted=False)
        owners = {key: self.connector(row.connector_key) for key, row in rows.items()}
        return {key: (rows[key], owner) for key in sorted(rows) if (owner := owners[key]) is not None}

    def departed(self, found: Mapping[int, Departed]) -> dict[int, Departed]:
        """Those that who asks might have been told about."""
        return {key: one for key, one in found.items() if is_for(self.reader, one)}

    def returned(self, gone: Iterable[Departed]) -> dict[UUID, tuple[int, int]]:
        """Of those that are there again, (key, connector's key) of now."""
        return resources.places(self.reader, [one.uuid for one in gone])

    @cached_property
    def benchmarks(self) -> Mapping[int, tuple[str, ...]]:
        """By cid: `CIS AWS 5.0:5.7`, newest first."""
        frameworks = [policy.framework for policy in self.facts.catalogue.policies if policy.framework]
        return {
            cid: tuple(f"{name}:{control.benchmarks[name]}" for name in frameworks if name in control.benchmarks)
            for cid, control in self.facts.catalogue.controls.items()
        }


class SplitFilter(msgspec.Struct, frozen=True):
    """A filter in two parts: `lasting` looks only at what a thing keeps as long as it is there, `passing` at the rest.
    What changed is told also when it does not match the passing part: it may have matched before."""

    lasting: Bound
    passing: Bound

    @property
    def whole(self) -> Bound:
        return (*self.lasting, *self.passing)


def split_filter(bound: Bound, lasting_fields: frozenset[str]) -> SplitFilter:
    lasting = tuple(node for node in bound if names((node,)) <= lasting_fields)
    return SplitFilter(lasting, tuple(node for node in bound if node not in lasting))


def place_of(resource: Resource, connector: Connector) -> Place:
    return Place(
        provider=connector.provider.value,
        account_id=connector.account_id,
        connector=connector.uuid,
        uuid=resource.uuid,
        resource_type=resource.resource_type,
        region=resource.region,
        resource_id=resource.resource_id,
        name=resource.name,
        arn=resource.arn,
    )


def place_of_departed(one: Departed) -> Place:
    return Place(
        one.provider, one.account_id, one.connector, one.uuid, one.resource_type, one.region, one.resource_id,
        one.name, one.arn,
    )  # fmt: skip
