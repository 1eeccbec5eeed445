"""The calls that a snapshot answers, and our collectors over its items."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from nephoscope.clouds.aws.collecting import Collector, Detail, Place, Raw
from nephoscope.clouds.aws.collectors import AWS_COLLECTORS
from nephoscope.clouds.aws.collectors.tagging import FOUND
from nephoscope.clouds.aws.shaping import tags_of
from nephoscope.clouds.exported.account import Told, untold
from nephoscope.clouds.exported.config import compute, data, identity, services
from nephoscope.clouds.exported.config.rows import UNTOLD, Item, Row
from nephoscope.clouds.exported.config.spelling import members_of, spelled
from nephoscope.errors import GoneError
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import GLOBAL_REGION
from nephoscope.resource_types.table import RESOURCE_TYPES

ROWS: tuple[Row, ...] = (*compute.ROWS, *identity.ROWS, *data.ROWS, *services.ROWS)
ROWS_OF: Mapping[str, tuple[Row, ...]] = {
    name: tuple(row for row in ROWS if row.resource_type == name) for name in {row.resource_type for row in ROWS}
}
_BLOCK = "AWS::S3::AccountPublicAccessBlock"
GLOBAL_KINDS = frozenset(
    kind for row in ROWS if not RESOURCE_TYPES[row.resource_type].is_regional for kind in row.kinds
) | {_BLOCK}
"""Kinds whose items belong to no region, whichever they are recorded in."""
_SOURCE = "item of the export"
_DETAIL_LISTS = {"UserDetailList": "IAM_USER", "GroupDetailList": "IAM_GROUP", "RoleDetailList": "IAM_ROLE"}


def kept(kind: str, region: str) -> str:
    """What the items of a kind in a region are filed under."""
    return f"{kind} in {GLOBAL_REGION if kind in GLOBAL_KINDS or region == 'global' else region}"


@dataclass(frozen=True)
class Source:
    """Which item it was, and the row that it was read by."""

    row: Row
    item: Item

    @cached_property
    def told(self) -> frozenset[str]:
        """The members that the configuration has, in small letters."""
        return frozenset(key.lower() for key in self.row.renamed(self.item))


class AwsTold:
    """`clouds.aws.collecting.Calls` over items of a snapshot; nothing else was asked."""

    def __init__(self, told: Told, place: Place) -> None:
        self._told = told
        self.place = Place("aws", place.account_id, place.region, place.regions)
        self._listed: dict[str, list[Raw]] = {}
        self._items: dict[str, list[Item]] = {}

    def call(self, service: str, operation: str, /, *, region: str = "", **arguments: Any) -> Raw:
        del region
        if (service, operation) == ("s3control", "get_public_access_block"):
            return {"PublicAccessBlockConfiguration": self._account_block()}
        if (service, operation) == ("iam", "list_entities_for_policy"):
            return self._wearers(str(arguments.get("PolicyArn")))
        raise untold(f"{service} {operation}")

    def items(self, service: str, operation: str, path: str, /, *, region: str = "", **arguments: Any) -> Iterable[Raw]:
        del path, region, arguments
        raise untold(f"{service} {operation}")

    def shared(self, service: str, operation: str, path: str = "", /, *, region: str = "", **arguments: Any) -> Any:
        del region, arguments
        if (service, operation) == ("iam", "get_account_authorization_details") and path in _DETAIL_LISTS:
            return self.listed(_DETAIL_LISTS[path])
        if (service, operation) == ("iam", "list_instance_profiles"):
            return self._instance_profiles
        raise untold(f"{service} {operation}")

    def listed(self, resource_type: str) -> list[Raw]:
        if resource_type not in self._listed:
            rows = ROWS_OF[resource_type]
            found = {item.arn: _answer(row, item) for row in rows for kind in row.kinds for item in self.items_of(kind)}
            self._listed[resource_type] = list(found.values())
        return self._listed[resource_type]

    def items_of(self, kind: str) -> list[Item]:
        if kind not in self._items:
            found = self._told.all_of(kept(kind, self.place.region))
            self._items[kind] = [msgspec.convert(one, Item) for one in found]
        return self._items[kind]

    def piece(self, rows: Iterable[Row]) -> Iterator[Raw]:
        """As the listing of their type would answer them. Of kinds that make one type together, one is enough."""
        kinds = [(row, kept(kind, self.place.region)) for row in rows for kind in row.kinds]
        for row, kind in [pair for pair in kinds if self._told.has(pair[1])] or kinds[:1]:
            for one in self._told.next_piece(kind):
                item = msgspec.convert(one, Item)
                if row.is_ours(item):
                    raw = _answer(row, item)
                    yield {**raw, **row.more(raw, item, self), _SOURCE: Source(row, item)}

    @cached_property
    def _instance_profiles(self) -> list[Raw]:
        return [profile for role in self.listed("IAM_ROLE") for profile in role.get("InstanceProfileList", ())]

    def _account_block(self) -> Raw:
        found = self.items_of(_BLOCK)
        if not found:
            raise GoneError("s3control answered NoSuchPublicAccessBlockConfiguration")
        members = members_of("s3control", "GetPublicAccessBlock", "PublicAccessBlockConfiguration")
        return spelled(found[0].configuration, members)

    def _wearers(self, policy: str) -> Raw:
        def named(resource_type: str, key: str) -> list[Raw]:
            return [
                {key: one[key]}
                for one in self.listed(resource_type)
                if any(
                    _tail(row.get("PolicyArn") or "") == _tail(policy) for row in one.get("AttachedManagedPolicies", ())
                )
            ]

        return {
            "PolicyRoles": named("IAM_ROLE", "RoleName"),
            "PolicyUsers": named("IAM_USER", "UserName"),
            "PolicyGroups": named("IAM_GROUP", "GroupName"),
        }


def _tail(arn: str) -> str:
    """The same in every partition: `iam::aws:policy/AWSSupportAccess`."""
    return ":".join(arn.split(":")[2:])


def _answer(row: Row, item: Item) -> Raw:
    service, operation, path = row.answered
    return spelled(row.renamed(item), members_of(service, operation, path)) if service else {}


class _About:
    """The calls that a detail makes about one item."""

    def __init__(self, calls: AwsTold, source: Source) -> None:
        self._calls = calls
        self._source = source
        self.place = calls.place

    def call(self, service: str, operation: str, /, *, region: str = "", **arguments: Any) -> Any:
        answer = self._source.row.answers.get((service, operation))
        if answer is not None:
            return answer(self._source.item, self._calls)
        return self._calls.call(service, operation, region=region, **arguments)

    def items(self, service: str, operation: str, path: str, /, *, region: str = "", **arguments: Any) -> Any:
        answer = self._source.row.answers.get((service, operation))
        if answer is not None:
            return answer(self._source.item, self._calls)
        return self._calls.items(service, operation, path, region=region, **arguments)

    def shared(self, service: str, operation: str, path: str = "", /, *, region: str = "", **arguments: Any) -> Any:
        if (service, operation) in self._source.row.answers:
            return self.call(service, operation)
        return self._calls.shared(service, operation, path, region=region, **arguments)


def _over(collector: Collector) -> Collector:
    """The same collector over items. Each field of a detail is read, or unread, by itself."""
    rows = ROWS_OF.get(collector.resource_type)
    if rows is None:
        return msgspec.structs.replace(collector, shape=lambda raw, place: collector.shape(raw, _in_partition(place)))

    def shape(raw: Raw, place: Place) -> Observed:
        source: Source = raw[_SOURCE]
        own = {name: value for name, value in raw.items() if name not in (_SOURCE, UNTOLD)}
        observed = collector.shape({**own, FOUND: {}}, _in_partition(place, source.item.arn))
        unread = {
            name: f"failed: the export does not tell {name}" for name in _untold(collector, source, raw, observed)
        }
        document = {name: value for name, value in observed.document.items() if name not in unread}
        tags = tags_of(source.item.tags)
        arn = observed.arn or source.item.arn
        return msgspec.structs.replace(observed, arn=arn, document=document, unread=unread, tags=tags)

    details = tuple(_detail(detail, field) for detail in collector.details for field in detail.fields)
    return Collector(collector.resource_type, _listing(rows), shape, details)


def _in_partition(place: Place, arn: str = "") -> Place:
    """As an ARN says; that of most accounts where there is none."""
    partition = arn.split(":")[1] if arn.startswith("arn:") else "aws"
    return msgspec.structs.replace(place, partition=partition)


def _listing(rows: tuple[Row, ...]) -> Callable[[Any], Iterable[Raw]]:
    def fetch(calls: Any) -> Iterable[Raw]:
        found: Iterable[Raw] = calls.piece(rows)
        return found

    return fetch


def _untold(collector: Collector, source: Source, raw: Raw, observed: Observed) -> set[str]:
    """Fields of the listing that the item does not tell."""
    row = source.row
    unset = {name.lower() for name in row.unset}
    detailed = {name for detail in collector.details for name in detail.fields}
    members = members_of(*row.answered) if row.answered[0] else {}
    known = source.told | unset
    silent = {
        name
        for name, value in observed.document.items()
        if value is None and name.lower() in members and name.lower() not in known
    }
    missing = {name for name, member in row.told_by.items() if member.lower() not in known}
    return (silent | missing | {*row.never} | {*raw.get(UNTOLD, ())}) - detailed


def _detail(detail: Detail, field: str) -> Detail:
    def read(calls: Any, raw: Raw) -> Mapping[str, Any]:
        source: Source = raw[_SOURCE]
        row = source.row
        told_by = row.told_by.get(field, "").lower()
        if field in row.never or (told_by and told_by not in source.told | {name.lower() for name in row.unset}):
            raise untold(field)
        about = _About(calls, source)
        own = {name: value for name, value in raw.items() if name not in (_SOURCE, UNTOLD)}
        answer = row.fields[field](source.item, calls) if field in row.fields else detail.read(about, own).get(field)
        return {field: answer}

    return Detail((field,), detail.permissions, read)


COLLECTORS: Mapping[str, Collector] = {one.resource_type: _over(one) for one in AWS_COLLECTORS}
