"""`terraform show -json` of a state or of a plan, and the file of a state itself, as inventories: one format for each
cloud, because one state may describe several. Terraform only knows what it manages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nephoscope.clouds.aws.collectors import AWS_COLLECTORS
from nephoscope.clouds.azure.collectors import AZURE_COLLECTORS
from nephoscope.clouds.collecting import SURPRISES, Collector, Place, Raw
from nephoscope.clouds.doors import Needs
from nephoscope.clouds.exported import files
from nephoscope.clouds.exported.account import ExportFormat, Told, untold
from nephoscope.clouds.exported.spool import Spool
from nephoscope.clouds.exported.terraform import rows
from nephoscope.clouds.exported.terraform.aws_rows import ROWS as AWS_ROWS
from nephoscope.clouds.exported.terraform.azure_rows import ROWS as AZURE_ROWS
from nephoscope.clouds.exported.terraform.blocks import Managed, State
from nephoscope.clouds.exported.terraform.google_rows import ROWS as GCP_ROWS
from nephoscope.clouds.exported.terraform.rows import Known, Row
from nephoscope.clouds.gcp.collectors import GCP_COLLECTORS
from nephoscope.errors import BadRequestError
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import GLOBAL_REGION, Scope
from nephoscope.resource_types.table import RESOURCE_TYPES

LARGEST = 256 * 1024 * 1024
"""Bytes of one state: it is read as a whole, because what it says of one resource stands in others."""
_DEEPEST = 200
"""Modules inside modules."""


class _Calls:
    """Hands out what was read; there is nothing else to ask."""

    def __init__(self, told: Told, place: Place) -> None:
        self.told = told
        self.place = place


def _fetch(resource_type: str) -> Callable[[_Calls], list[Raw]]:
    return lambda calls: calls.told.next_piece(f"{resource_type} in {calls.place.region}")


def _untold(resource_type: str) -> Callable[[_Calls], list[Raw]]:
    def fetch(_: _Calls) -> list[Raw]:
        raise untold(f"{resource_type} (no kind of Terraform resource is read as one)")

    return fetch


def _shape(raw: Raw, _: Place) -> Observed:
    return Observed(raw["id"], raw["name"], raw["arn"], raw["document"], raw["unread"], rows.tags(raw["tags"]))


def _format(provider: Provider, table: Sequence[Row], native: Sequence[Collector[Any]]) -> ExportFormat:
    by_kind = {kind: row for row in table for kind in row.kinds}
    types = {row.resource_type for row in table}

    def read(path: Path, spool: Spool, on_bytes: files.OnBytes) -> None:
        state = State(_resources(path, on_bytes), is_whole=spool.is_whole)
        found = [(one, row, _known(one, row)) for one in state.resources if (row := by_kind.get(one.kind)) is not None]
        accounts = {known.account for _, _, known in found} - {""}
        regions = {known.region for _, _, known in found} - {"", GLOBAL_REGION}
        for one, row, known in found:
            account = known.account or _only(accounts)
            region = _region(row.resource_type, known.region or _only(regions))
            name = account if region == GLOBAL_REGION else region
            item = {"id": known.resource_id or name, "name": known.name or name, "arn": known.arn}
            spool.put(account, f"{row.resource_type} in {region}", item | rows.told(row, one.values, state))

    def plan(needs: Needs, spool: Spool, account: str) -> tuple[Scope, ...]:
        kinds = [place.kind for place in spool.counts if place.account == account]
        regions = sorted({kind.rpartition(" ")[2] for kind in kinds} - {GLOBAL_REGION}) or [GLOBAL_REGION]
        lost = {kind.partition(" ")[0] for kind in kinds if kind.endswith(f" {GLOBAL_REGION}")}
        return tuple(
            Scope(one.resource_type, region)
            for one in native
            if one.resource_type in needs
            for region in _regions(one.resource_type, regions, lost)
        )

    collectors: dict[str, Collector[Any]] = {
        one.resource_type: Collector(
            one.resource_type,
            _fetch(one.resource_type) if one.resource_type in types else _untold(one.resource_type),
            _shape,
        )
        for one in native
    }
    return ExportFormat("terraform-state", provider, collectors, _Calls, plan, read, is_partial=True)


def _only(found: set[str]) -> str:
    """What all the others are of, when they agree; whatever does not say it is of that too."""
    return next(iter(found)) if len(found) == 1 else ""


def _region(resource_type: str, told: str) -> str:
    """A plan does not say where: its provider knows."""
    return (told or GLOBAL_REGION) if RESOURCE_TYPES[resource_type].is_regional else GLOBAL_REGION


def _regions(resource_type: str, regions: Sequence[str], lost: set[str]) -> Sequence[str]:
    """`lost` are the types with resources whose region is not told."""
    if not RESOURCE_TYPES[resource_type].is_regional:
        return (GLOBAL_REGION,)
    return (*regions, GLOBAL_REGION) if resource_type in lost and GLOBAL_REGION not in regions else regions


def _known(one: Managed, row: Row) -> Known:
    """What only exists when a plan was applied goes by its address."""
    try:
        return row.known(one.values)
    except SURPRISES:
        name = one.values.get("name") or one.values.get("bucket") or one.address
        return Known("", "", one.address, str(name))


# ---- the file


def _resources(path: Path, on_bytes: files.OnBytes) -> list[Managed]:
    """BadRequestError for what is neither a state nor a plan."""
    document = files.document(path, on_bytes, LARGEST)
    if not isinstance(document, dict):
        raise BadRequestError(f"{path.name} is no Terraform state: expected what `terraform show -json` prints.")
    if isinstance(document.get("resources"), list) and "terraform_version" in document:
        return [*_raw(path, document["resources"])]
    values = document.get("planned_values", document.get("values"))
    if "format_version" not in document or not isinstance(values, dict | None):
        raise BadRequestError(
            f"{path.name} is no Terraform state: it has neither values nor planned_values. Expected what "
            "`terraform show -json` prints."
        )
    return [*_module(path, (values or {}).get("root_module") or {})]


def _module(path: Path, root: Mapping[str, Any]) -> Iterator[Managed]:
    waiting = [(root, 0)]
    while waiting:
        module, depth = waiting.pop()
        children = module.get("child_modules") or () if isinstance(module, dict) else None
        if children is None or not isinstance(children, list | tuple) or depth > _DEEPEST:
            raise BadRequestError(f"{path.name} has a module that cannot be read.")
        yield from (one for row in module.get("resources") or () if (one := _managed(path, row)) is not None)
        waiting += [(child, depth + 1) for child in children]


def _managed(path: Path, row: Any) -> Managed | None:
    if not isinstance(row, dict) or not isinstance(row.get("type"), str):
        raise BadRequestError(f"{path.name} has a resource without a type: {str(row)[:80]}.")
    values = row.get("values")
    if row.get("mode", "managed") != "managed" or values is None:
        return None  # data that was only looked up
    if not isinstance(values, dict):
        raise BadRequestError(f"{path.name} has no readable values for {str(row.get('address'))[:80]}.")
    return Managed(str(row.get("address") or row["type"]), row["type"], values)


def _raw(path: Path, found: list[Any]) -> Iterator[Managed]:
    """Of the file in which Terraform itself keeps a state."""
    for row in found:
        for instance in row.get("instances") or () if isinstance(row, dict) else (None,):
            flat = {**row, "values": instance.get("attributes")} if isinstance(instance, dict) else instance
            if (one := _managed(path, flat)) is not None:
                yield one


TERRAFORM: tuple[ExportFormat, ...] = (
    _format(Provider.AWS, AWS_ROWS, AWS_COLLECTORS),
    _format(Provider.AZURE, AZURE_ROWS, AZURE_COLLECTORS),
    _format(Provider.GCP, GCP_ROWS, GCP_COLLECTORS),
)
