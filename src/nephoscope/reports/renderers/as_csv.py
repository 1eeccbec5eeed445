"""CSV for programs, safe in a spreadsheet: UTF-8 without a mark, commas, CRLF, every text in quotes.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, and names in a cloud are chosen by
others. A text that begins with one of those (or their wide forms, a tab or a line end) gets an apostrophe before it,
which spreadsheets take for "this is text"; so does a text that begins with an apostrophe. A program that takes one
apostrophe off the front of any text that has one has exactly what was there.
"""

from collections.abc import Iterable, Iterator

import msgspec

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
    lines = _Lines(has_arns=request.has_arns)
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

    def __init__(self, *, has_arns: bool) -> None:
        self._has_arns = has_arns
        self._controls: dict[int, str] = {}
        self._resource_key = 0
        self._resource = self._arn = ""

    def of(self, row: ResultRow) -> str:
        if row.resource.key != self._resource_key:
            self._resource_key = row.resource.key
            self._resource = ",".join(map(cell, fields.of_resource(row.resource, row.connector)))
            self._arn = "," + cell(row.resource.arn) if self._has_arns else ""
        dates = ",".join(map(cell, fields.of_dates(row.dates)))
        evidence = cell(_json(fields.of_evidence(row)))
        return f'{self._control(row)},"{row.status}",{self._resource},{dates},{evidence}{self._arn}{_END}'

    def _control(self, row: ResultRow) -> str:
        found = self._controls.get(row.control.cid)
        if found is None:
            cells: tuple[Cell, ...] = (*fields.of_control(row.control), _json(row.policy_names))
            found = ",".join(map(cell, cells))
            self._controls[row.control.cid] = found
        return found


def _summary(content: Content) -> Iterator[str]:
    """Behind the rows, each table behind an empty line."""
    yield _END + line((*fields.OF_CONTROL, *fields.OF_COUNTS))
    for row in content.controls:
        yield line((*fields.of_control(row.control), *_counts(row.counts)))
    yield _END + line(("policyName", "policyVersion", *fields.OF_COUNTS))
    for policy in content.by_policy:
        yield line((policy.policy.title, policy.policy.version, *_counts(policy.counts)))
    yield _END + line((*fields.OF_CONNECTOR, *fields.OF_COUNTS))
    for connector in content.by_connector:
        yield line((connector.connector.name, str(connector.connector.uuid), *_counts(connector.counts)))
    yield _END + line(fields.OF_UNREAD)
    for part in content.unread:
        scope = part.scope.report.scope
        yield line((part.connector.name, scope.resource_type, scope.region, part.reason))


def _counts(counts: Counts) -> tuple[int, ...]:
    return counts.passed, counts.failed, counts.excepted, counts.unknown


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
