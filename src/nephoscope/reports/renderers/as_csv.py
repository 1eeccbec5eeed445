"""CSV for programs, safe in a spreadsheet: UTF-8 without a mark, commas, CRLF, every text in quotes.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, and names in a cloud are chosen by
others. A text that begins with one of those (or their wide forms, a tab or a line end) gets an apostrophe before it,
which spreadsheets take for "this is text"; so does a text that begins with an apostrophe. A program that takes one
apostrophe off the front of any text that has one has exactly what was there.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from nephoscope.model.evaluations import EvaluationDates
from nephoscope.reports.content import Content, Counts, ResultRow
from nephoscope.reports.renderers import fields

_MARKED = frozenset("=+-@\t\r\n'\uff1d\uff0b\uff0d\uff20")
_END = "\r\n"
_LINES = 2_000
"""To a piece."""

Cell = str | int | None


def render(content: Content) -> Iterator[bytes]:
    request = content.report.request
    yield line(fields.header(request)).encode()
    lines = _Lines(content)
    waiting: list[str] = []
    for row in content.rows():
        waiting.append(lines.of(row))
        if len(waiting) == _LINES:
            yield "".join(waiting).encode()
            waiting.clear()
    yield "".join(waiting).encode()
    if request.has_summary:
        yield "".join(_summary(content)).encode()


def line(cells: Iterable[Cell]) -> str:
    return ",".join(map(cell, cells)) + _END


def cell(value: Cell) -> str:
    """An empty one for None, which is not the empty text."""
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    marked = "'" + value if value and value[0] in _MARKED else value
    return '"' + marked.replace('"', '""') + '"'


class _Lines:
    """What rows of one control and of one resource have in common is spelled once."""

    def __init__(self, content: Content) -> None:
        request = content.report.request
        self._has_arns = request.has_arns
        self._requirements = content.requirements_of if request.mandate_id else None
        self._controls: dict[int, str] = {}
        self._resource_key = 0
        self._resource = self._arn = ""

    def of(self, row: ResultRow) -> str:
        if row.resource.key != self._resource_key:
            self._resource_key = row.resource.key
            self._resource = ",".join(map(cell, fields.of_resource(row.resource, row.connector)))
            self._arn = "," + cell(row.resource.arn) if self._has_arns else ""
        evidence = cell(_json(fields.of_evidence(row)))
        facts = f'{self._control(row)},"{row.status}",{self._resource},{_dates(row.dates)}'
        return f"{facts},{evidence}{self._arn}{self._met(row)}{_END}"

    def _met(self, row: ResultRow) -> str:
        """Which requirements the control is about, in a report by a mandate."""
        return "," + cell("; ".join(self._requirements(row.control.cid))) if self._requirements else ""

    def _control(self, row: ResultRow) -> str:
        found = self._controls.get(row.control.cid)
        if found is None:
            cells: tuple[Cell, ...] = (*fields.of_control(row.control), _json(row.policy_names))
            found = ",".join(map(cell, cells))
            self._controls[row.control.cid] = found
        return found


@lru_cache(maxsize=4_096)
def _dates(dates: EvaluationDates) -> str:
    """Most rows share theirs with many others."""
    return ",".join(map(cell, fields.of_dates(dates)))


def _summary(content: Content) -> Iterator[str]:
    """Behind the rows, each table behind an empty line."""
    yield _END + line((*fields.OF_CONTROL, *fields.OF_COUNTS))
    for row in content.controls:
        yield line((*fields.of_control(row.control), *_counts(row.counts)))
    yield _END + line(("policyName", "policyVersion", *fields.OF_COUNTS))
    for policy in content.by_policy:
        yield line((policy.policy.title, policy.policy.version, *_counts(policy.counts)))
    if content.by_requirement:
        yield _END + line((*fields.OF_REQUIREMENT, *fields.OF_COUNTS))
        for part in content.by_requirement:
            yield line((part.section.number, part.section.title, *_counts(part.counts)))
    yield _END + line((*fields.OF_CONNECTOR, *fields.OF_COUNTS))
    for connector in content.by_connector:
        yield line((connector.connector.name, str(connector.connector.uuid), *_counts(connector.counts)))
    yield _END + line(fields.OF_UNREAD)
    for gap in content.unread:
        scope = gap.scope.report.scope
        yield line((gap.connector.name, scope.resource_type, scope.region, gap.reason))


def _counts(counts: Counts) -> tuple[int, ...]:
    return counts.passed, counts.failed, counts.excepted, counts.unknown


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
