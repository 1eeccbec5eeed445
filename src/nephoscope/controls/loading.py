"""From the YAML files beside this module to a checked catalogue. Half-written data does not load."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import msgspec
import yaml

from nephoscope.controls.catalogue import Catalogue
from nephoscope.errors import CatalogueError
from nephoscope.model.controls import Control, Policy
from nephoscope.resource_types.table import RESOURCE_TYPES

_TEXTS = ("name", "service_type", "description", "rationale", "remediation", "pass_message", "fail_message", "passes")
_PROVIDERS = ("aws", "azure", "gcp")
_LISTS = ("references", "evidence", "pass_examples", "fail_examples")


@cache
def load_catalogue() -> Catalogue:
    """The catalogue that the program ships, read once: nothing changes it. CatalogueError names the cid and the field
    of the first flaw."""
    folder = resources.files("nephoscope.controls") / "catalogue"
    controls = [
        _control(row, file.name)
        for provider in _PROVIDERS
        for file in _yaml_files(folder / provider)
        for row in _read(file)
    ]
    _refuse_twins(controls)
    return Catalogue(controls, [_policy(row) for row in _read(folder / "policies.yaml")])


def _yaml_files(folder: Traversable) -> Iterator[Traversable]:
    yield from sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)


def _read(file: Traversable) -> list[Any]:
    try:
        rows = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise CatalogueError(f"{file.name}: {error}") from error
    if not isinstance(rows, list):
        raise CatalogueError(f"{file.name}: a list of rows is expected.")
    return rows


def _control(row: Any, file: str) -> Control:
    where = f"{file}: control {row.get('cid', '?') if isinstance(row, dict) else '?'}"
    try:
        control = msgspec.convert(row, Control)
    except msgspec.ValidationError as error:
        raise CatalogueError(f"{where}: {error}") from error
    for field in (*_TEXTS, *_LISTS):
        if not getattr(control, field):
            raise CatalogueError(f"{where}: {field} is empty.")
    if not control.benchmarks and not control.policies:
        raise CatalogueError(f"{where}: it belongs to no benchmark and no policy.")
    for name in (control.resource_type, *(related.type for related in control.related.values())):
        if name not in RESOURCE_TYPES:
            raise CatalogueError(f"{where}: there is no resource type {name}.")
    return control


def _refuse_twins(controls: list[Control]) -> None:
    seen: set[int] = set()
    for control in controls:
        if control.cid in seen:
            raise CatalogueError(f"control {control.cid}: cid is used twice.")
        seen.add(control.cid)


def _policy(row: Any) -> Policy:
    created = row.get("created")
    if isinstance(created, date):
        row = row | {"created": datetime(created.year, created.month, created.day, tzinfo=UTC)}
    try:
        return msgspec.convert(row, Policy)
    except msgspec.ValidationError as error:
        raise CatalogueError(f"policies.yaml: {row}: {error}") from error
