"""What AWS Config delivers: a configuration snapshot. Its items are the answers of AWS's own calls in other spelling,
so the collectors read them (`config`); what no item tells leaves its fields unread."""

import json
from pathlib import Path
from typing import Any

from nephoscope.clouds.aws.collectors import AWS_COLLECTORS
from nephoscope.clouds.doors import Needs
from nephoscope.clouds.exported import files
from nephoscope.clouds.exported.account import ExportFormat
from nephoscope.clouds.exported.config.calls import COLLECTORS, AwsTold, kept
from nephoscope.clouds.exported.config.rows import Item
from nephoscope.clouds.exported.spool import Spool
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import GLOBAL_REGION, Scope
from nephoscope.resource_types.table import RESOURCE_TYPES


def _read(path: Path, spool: Spool, on_bytes: files.OnBytes) -> None:
    """Items of deleted resources are passed over. BadRequestError at the first that is none."""
    for at, item in files.items(path, ("configurationItems",), on_bytes):
        account = item.get("awsAccountId", item.get("accountId")) if isinstance(item, dict) else None
        if not isinstance(account, str) or not isinstance(item.get("resourceType"), str):
            raise at.wrong("a configuration item has an awsAccountId and a resourceType")
        if str(item.get("configurationItemStatus", "OK")).startswith("ResourceDeleted"):
            continue
        configuration = _data(item.get("configuration"))
        if isinstance(configuration, dict):  # others are recorded without: resources that Config does not read
            region = item.get("awsRegion") or GLOBAL_REGION
            spool.put(account, kept(item["resourceType"], region), _item(item, region, configuration))


def _item(item: dict[str, Any], region: str, configuration: dict[str, Any]) -> Item:
    tags, beside = item.get("tags"), item.get("supplementaryConfiguration")
    return Item(
        name=str(item.get("resourceName") or item.get("resourceId") or ""),
        identity=str(item.get("resourceId") or ""),
        arn=str(item.get("ARN") or item.get("arn") or ""),
        region=region,
        tags=_tags(tags),
        configuration=configuration,
        beside={name: _data(value) for name, value in beside.items()} if isinstance(beside, dict) else {},
    )


def _tags(tags: Any) -> dict[str, str]:
    """A map in snapshots; rows in what queries answer."""
    rows = tags if isinstance(tags, list) else []
    pairs = tags.items() if isinstance(tags, dict) else ((row.get("key"), row.get("value")) for row in rows)
    return {str(key): str(value or "") for key, value in pairs}


def _plan(needs: Needs, spool: Spool, account: str) -> tuple[Scope, ...]:
    """Regional types in every region that the snapshot names."""
    kinds = [place.kind for place in spool.counts if place.account == account]
    regions = sorted({kind.rpartition(" ")[2] for kind in kinds} - {GLOBAL_REGION})
    return tuple(
        Scope(one.resource_type, region)
        for one in AWS_COLLECTORS
        if one.resource_type in needs
        for region in (regions if RESOURCE_TYPES[one.resource_type].is_regional else (GLOBAL_REGION,))
    )


def _data(value: Any) -> Any:
    """Some deliveries hold JSON as text, and of some parts as the text of a text."""
    for _ in range(2):
        if not isinstance(value, str) or value[:1] not in {"{", "[", '"', "t", "f"}:
            return value
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


AWS_CONFIG = ExportFormat(
    name="aws-config",
    provider=Provider.AWS,
    collectors=dict(COLLECTORS),
    calls=AwsTold,
    plan=_plan,
    read=_read,
)
