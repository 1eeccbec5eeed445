"""A workbook, written row by row into temporary files and read back in pieces: memory does not grow with the rows.

Texts are written as texts, so nothing in a cell is a formula. A sheet holds a million rows; more go on to the next.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from nephoscope.reports.content import Content, Counts
from nephoscope.reports.renderers import fields

_LAST_ROW = 1_048_575
_LONGEST_CELL = 32_767
_CUT = "… (cut)"
_PIECE = 1 << 20
_WIDTHS = {"controlName": 60, "policyNames": 40, "resourceId": 45, "resourceName": 30, "resourceArn": 60}
_USUAL_WIDTH = 18

Cell = str | int | float | None


def render(content: Content) -> Iterator[bytes]:
    import xlsxwriter  # noqa: PLC0415 - servers wait without it

    with tempfile.TemporaryDirectory(prefix="report-") as folder, tempfile.TemporaryFile(dir=folder) as file:
        options = {"constant_memory": True, "tmpdir": folder, "strings_to_urls": False, "strings_to_formulas": False}
        workbook = xlsxwriter.Workbook(file, options)
        if content.report.request.has_summary:
            _write_summary(workbook, content)
        _Sheets(workbook, "Results", fields.header(content.report.request)).write(_rows(content))
        workbook.close()
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _rows(content: Content) -> Iterator[Sequence[Cell]]:
    has_arns, by_mandate = content.report.request.has_arns, content.report.request.mandate_id
    for row in content.rows():
        yield (
            *fields.of_control(row.control),
            "; ".join(row.policy_names),
            row.status.value,
            *fields.of_resource(row.resource, row.connector),
            *fields.of_dates(row.dates),
            msgspec.json.encode(fields.of_evidence(row)).decode(),
            *((row.resource.arn,) if has_arns else ()),
            *(("; ".join(content.requirements_of(row.control.cid)),) if by_mandate else ()),
        )


def _write_summary(workbook: Any, content: Content) -> None:
    """In sheets before the rows."""
    controls: Iterable[Sequence[Cell]] = (
        (*fields.of_control(row.control), *_counts(row.counts)) for row in content.controls
    )
    _Sheets(workbook, "Controls", (*fields.OF_CONTROL, *fields.OF_COUNTS)).write(controls)
    policies: Iterable[Sequence[Cell]] = (
        (row.policy.title, row.policy.version, *_counts(row.counts)) for row in content.by_policy
    )
    _Sheets(workbook, "Policies", ("policyName", "policyVersion", *fields.OF_COUNTS)).write(policies)
    if content.by_requirement:
        requirements: Iterable[Sequence[Cell]] = (
            (row.section.number, row.section.title, *_counts(row.counts)) for row in content.by_requirement
        )
        _Sheets(workbook, "Requirements", (*fields.OF_REQUIREMENT, *fields.OF_COUNTS)).write(requirements)
    owners: Iterable[Sequence[Cell]] = (
        (row.connector.name, str(row.connector.uuid), *_counts(row.counts)) for row in content.by_connector
    )
    _Sheets(workbook, "Connectors", (*fields.OF_CONNECTOR, *fields.OF_COUNTS)).write(owners)
    unread: Iterable[Sequence[Cell]] = (
        (row.connector.name, row.scope.report.scope.resource_type, row.scope.report.scope.region, row.reason)
        for row in content.unread
    )
    _Sheets(workbook, "Not read", fields.OF_UNREAD).write(unread)


def _counts(counts: Counts) -> tuple[int, ...]:
    return counts.passed, counts.failed, counts.excepted, counts.unknown


class _Sheets:
    """One table on as many sheets as it needs, each with the header."""

    def __init__(self, workbook: Any, name: str, header: Sequence[str]) -> None:
        self._workbook = workbook
        self._name = name
        self._header = header
        self._bold = workbook.add_format({"bold": True})
        self._count = 0
        self._row = 0
        self._sheet = self._open()

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        for row in rows:
            if self._row == _LAST_ROW:
                self._sheet = self._open()
            self._row += 1
            for column, value in enumerate(row):
                if isinstance(value, str):
                    self._sheet.write_string(self._row, column, _fitting(value))
                elif value is not None:
                    self._sheet.write_number(self._row, column, value)

    def _open(self) -> Any:
        self._count += 1
        sheet = self._workbook.add_worksheet(self._name if self._count == 1 else f"{self._name} {self._count}")
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(self._header):
            sheet.set_column(column, column, _WIDTHS.get(name, _USUAL_WIDTH))
            sheet.write_string(0, column, name, self._bold)
        self._row = 0
        return sheet


def _fitting(text: str) -> str:
    """A cell that is too long would be left out without a word."""
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - len(_CUT)] + _CUT
