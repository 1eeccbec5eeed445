"""From the YAML files beside this module to a checked pack. Half-written rules do not load."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import msgspec
import yaml

from nephoscope.errors import CatalogueError
from nephoscope.secrets.checks import CHECKS
from nephoscope.secrets.rules import FURTHEST, Rule, RuleRow

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
_TYPE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_LEAST_EXAMPLES = 2


@cache
def load_rules() -> tuple[Rule, ...]:
    """The rules that the program ships, by file and place. CatalogueError names the rule and the field of the first
    flaw."""
    rules = tuple(Rule(row, file.name.removesuffix(".yaml")) for file in pack_files() for row in rows_of(file))
    seen: set[str] = set()
    for rule in rules:
        if rule.row.id in seen:
            raise CatalogueError(f"secret rule {rule.row.id}: its id is used twice.")
        seen.add(rule.row.id)
    return rules


def pack_files() -> list[Traversable]:
    folder = resources.files("nephoscope.secrets") / "pack"
    return sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)


def rows_of(file: Traversable) -> Iterator[RuleRow]:
    try:
        rows = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise CatalogueError(f"{file.name}: {error}") from error
    if not isinstance(rows, list):
        raise CatalogueError(f"{file.name}: a list of rules is expected.")
    for row in rows:
        yield checked(row, file.name)


def checked(row: Any, file: str) -> RuleRow:
    """The row, when it is whole."""
    where = f"{file}: secret rule {row.get('id', '?') if isinstance(row, dict) else '?'}"
    try:
        read = msgspec.convert(row, RuleRow)
    except msgspec.ValidationError as error:
        raise CatalogueError(f"{where}: {error}") from error
    for flaw in _flaws(read):
        raise CatalogueError(f"{where}: {flaw}")
    return read


def _flaws(row: RuleRow) -> Iterator[str]:
    if not _ID.fullmatch(row.id):
        yield "id is lower-case words with hyphens."
    if not _TYPE.fullmatch(row.type):
        yield "type is upper-case words with underscores."
    if not row.title:
        yield "title is empty."
    shapes = (bool(row.token), bool(row.names and row.value), bool(row.prefilter and row.confirm))
    if sum(shapes) != 1:
        yield "say it with one of: token; names and value; prefilter and confirm."
    if row.check and row.check not in CHECKS:
        yield f"there is no check {row.check}; there are {', '.join(sorted(CHECKS))}."
    if not 0 < row.reach <= FURTHEST:
        yield f"reach is 1 to {FURTHEST}."
    for field in ("hits", "misses"):
        if len(getattr(row, field)) < _LEAST_EXAMPLES:
            yield f"{field} has fewer than {_LEAST_EXAMPLES} examples."
