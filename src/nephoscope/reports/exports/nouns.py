"""The table of what can be exported, and the table of formats. A noun says which of them make sense for it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from nephoscope.evaluation.facts import ControlFacts
from nephoscope.model.controls import Control
from nephoscope.qql.bound import Bound
from nephoscope.qql.tokens import EVALUATION_TOKENS, EXCEPTION_TOKENS, FINDING_TOKENS, Tokens, every_resource_token
from nephoscope.reports.exports import decisions, evaluations, findings, inventory
from nephoscope.reports.exports.columns import (
    EVALUATION_COLUMNS,
    EXCEPTION_COLUMNS,
    FINDING_COLUMNS,
    RESOURCE_COLUMNS,
    Column,
)
from nephoscope.reports.exports.context import ExportContext, Source, SplitFilter
from nephoscope.reports.exports.formats import asff, flat, ocsf, sarif
from nephoscope.resource_types.table import RESOURCE_TYPES


class Writing(msgspec.Struct, frozen=True):
    """What a format may want to know beside the records. `now` in seconds; `is_whole`: it began anew."""

    columns: Sequence[Column]
    controls: Mapping[int, Control]
    now: int
    is_whole: bool


class Format(msgspec.Struct, frozen=True):
    media_type: str
    suffix: str
    write: Callable[[Writing, Iterator[Any]], Iterator[bytes]]


class Noun(msgspec.Struct, frozen=True):
    """`lasting` are the fields of its filter that never change; `resolve` turns facts of controls into what the store
    knows."""

    formats: tuple[str, ...]
    columns: tuple[Column, ...]
    tokens: Callable[[], Tokens]
    lasting: frozenset[str]
    source: Callable[[ExportContext, SplitFilter], Source[Any]]
    resolve: Callable[[ControlFacts, Bound], Bound] = lambda _facts, bound: bound

    @property
    def media_types(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(FORMATS[name].media_type for name in self.formats))


@cache
def _resource_tokens() -> Tokens:
    return every_resource_token(RESOURCE_TYPES.values())


_JSON_LINES = "application/x-ndjson"
_FLAT = ("csv", "jsonl", "parquet")

FORMATS: Mapping[str, Format] = {
    "csv": Format("text/csv", ".csv", lambda told, rows: flat.csv(told.columns, rows)),
    "jsonl": Format(_JSON_LINES, ".jsonl", lambda told, rows: flat.jsonl(told.columns, rows)),
    "parquet": Format(
        "application/vnd.apache.parquet", ".parquet", lambda told, rows: flat.parquet(told.columns, rows)
    ),
    "ocsf": Format(_JSON_LINES, ".ocsf.jsonl", lambda told, rows: ocsf.write(rows, told.now)),
    "sarif": Format(
        "application/sarif+json",
        ".sarif",
        lambda told, rows: sarif.write(rows, told.controls, is_whole=told.is_whole),
    ),
    "asff": Format(_JSON_LINES, ".asff.jsonl", lambda told, rows: asff.write(rows, told.now)),
}

NOUNS: Mapping[str, Noun] = {
    "evaluations": Noun(
        formats=tuple(FORMATS),
        columns=EVALUATION_COLUMNS,
        tokens=lambda: EVALUATION_TOKENS,
        lasting=evaluations.LASTING,
        source=evaluations.Evaluations,
        resolve=ControlFacts.resolved,
    ),
    "resources": Noun(
        formats=_FLAT,
        columns=RESOURCE_COLUMNS,
        tokens=_resource_tokens,
        lasting=inventory.LASTING,
        source=inventory.Inventory,
    ),
    "findings": Noun(
        formats=_FLAT,
        columns=FINDING_COLUMNS,
        tokens=lambda: FINDING_TOKENS,
        lasting=findings.LASTING,
        source=findings.Findings,
    ),
    "exceptions": Noun(
        formats=_FLAT,
        columns=EXCEPTION_COLUMNS,
        tokens=lambda: EXCEPTION_TOKENS,
        lasting=decisions.LASTING,
        source=decisions.Decisions,
    ),
}
