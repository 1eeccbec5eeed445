"""Scans of disks on our own wire: settings, requests, quotes, results, costs."""

from collections.abc import Sequence
from typing import Any

import msgspec

from nephoscope.api.wire.reading import Reading
from nephoscope.errors import refuse
from nephoscope.kit.dates import compact
from nephoscope.model.findings import READ_SCANS, ConnectorCost, DiskScan, DiskSettings, ScanBudget, ScanWish
from nephoscope.snapshots.disks import Priced

RESOURCES, CONNECTOR = "resourceUuids", "connectorId"
EXAMPLE = {RESOURCES: ["6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2"], "withSecrets": True, "budget": {"money": 0.5}}


class BudgetBody(msgspec.Struct, frozen=True):
    blocks: int
    seconds: float
    money: float


class SettingsBody(msgspec.Struct, frozen=True, rename="camel"):
    is_enabled: bool
    tag_key: str
    tag_value: str
    hours: int
    with_secrets: bool
    use_existing: bool
    keep_snapshots: bool
    budget: BudgetBody


class ScanBody(msgspec.Struct, frozen=True, rename="camel"):
    uuid: str
    state: str
    resource_uuid: str
    resource_id: str
    connector_id: str
    region: str
    requested_by: str
    queued_on: str
    started_on: str | None
    finished_on: str | None
    error: str
    permission: str
    request: dict[str, Any]
    cost: dict[str, Any]
    result: dict[str, Any]


class StartedBody(msgspec.Struct, frozen=True):
    scans: list[ScanBody]
    busy: list[str]


def settings(found: DiskSettings) -> SettingsBody:
    return SettingsBody(
        found.is_enabled,
        found.tag_key,
        found.tag_value,
        found.hours,
        found.with_secrets,
        found.use_existing,
        found.keep_snapshots,
        BudgetBody(found.budget.blocks, found.budget.seconds, found.budget.money),
    )


def read_settings(body: Reading, before: DiskSettings) -> DiskSettings:
    """What is not given stays as it is. BadRequestError with every problem at once."""
    flags = {name: body.flag(key) for name, key in _FLAGS.items()}
    texts = {"tag_key": body.text("tagKey"), "tag_value": body.text("tagValue"), "hours": body.number("hours")}
    budget = _budget(body, before.budget)
    refuse("The settings cannot be accepted", body.problems)
    given = {name: value for name, value in {**flags, **texts}.items() if value is not None}
    return msgspec.structs.replace(before, budget=budget or before.budget, **given)


_FLAGS = {
    "is_enabled": "isEnabled",
    "with_secrets": "withSecrets",
    "use_existing": "useExisting",
    "keep_snapshots": "keepSnapshots",
}


def read_request(body: Reading) -> ScanWish:
    """BadRequestError with every problem at once."""
    flags = {name: body.flag(key) for name, key in _FLAGS.items() if name != "is_enabled"}
    inner = body.inner("budget")
    blocks = inner.number("blocks") if inner else None
    seconds, money = (inner.amount("seconds"), inner.amount("money")) if inner else (None, None)
    refuse("The disk scan cannot be accepted", body.problems)
    return ScanWish(**flags, blocks=blocks, seconds=seconds, money=money)


def _budget(body: Reading, before: ScanBudget) -> ScanBudget | None:
    inner = body.inner("budget")
    if inner is None:
        return None
    blocks, seconds, money = inner.number("blocks"), inner.amount("seconds"), inner.amount("money")
    return ScanBudget(
        before.blocks if blocks is None else blocks,
        before.seconds if seconds is None else seconds,
        before.money if money is None else money,
    )


def scan(found: DiskScan) -> ScanBody:
    """What a scan that read nothing would have found is null."""
    result = msgspec.to_builtins(found.result)
    if found.state not in READ_SCANS:
        result |= dict.fromkeys(("packages", "vulnerabilities", "secrets"))
    return ScanBody(
        uuid=str(found.uuid),
        state=found.state.value,
        resource_uuid=str(found.resource_uuid),
        resource_id=found.resource_id,
        connector_id=str(found.connector_uuid),
        region=found.region,
        requested_by=found.requested_by,
        queued_on=compact(found.queued_on),
        started_on=compact(found.started_on) if found.started_on else None,
        finished_on=compact(found.finished_on) if found.finished_on else None,
        error=found.error,
        permission=found.permission,
        request=_camel(msgspec.to_builtins(found.request)),
        cost=_camel(msgspec.to_builtins(found.cost)),
        result=_camel(result) | {"unjudged": dict(found.result.unjudged)},
    )


def priced(rows: Sequence[Priced]) -> dict[str, Any]:
    """What each costs at most, and together those whose price is known; how many others there are."""
    quotes = [row.quote for row in rows if row.quote is not None]
    return {
        "instances": [_priced(row) for row in rows],
        "whole": sum(quote.whole for quote in quotes),
        "packages": sum(quote.packages for quote in quotes),
        "currency": next((quote.currency for quote in quotes), ""),
        "unpriced": len(rows) - len(quotes),
    }


def _priced(row: Priced) -> dict[str, Any]:
    quote = row.quote
    return {
        "resourceUuid": row.resource.uuid,
        "resourceId": row.resource.resource_id,
        "disks": row.disks if quote else None,
        "bytes": row.bytes if quote else None,
        "blocks": quote.blocks if quote else None,
        "whole": quote.whole if quote else None,
        "packages": quote.packages if quote else None,
        "snapshotHour": quote.snapshot_hour if quote else None,
        "currency": quote.currency if quote else None,
        "asOf": quote.as_of if quote else None,
        "error": row.error,
    }


def cost(row: ConnectorCost, name: str) -> dict[str, Any]:
    return {
        "connectorId": row.connector_uuid,
        "connectorName": name,
        "scans": row.scans,
        "blocks": row.blocks,
        "bytes": row.bytes,
        "money": row.money,
        "currency": row.currency,
    }


def _camel(row: dict[str, Any]) -> dict[str, Any]:
    return {_spelled(name): value for name, value in row.items()}


def _spelled(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
