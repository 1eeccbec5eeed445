"""Which formats there are, and who makes each."""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from nephoscope.model.reports import ReportFormat
from nephoscope.reports.content import Content
from nephoscope.reports.renderers import as_csv, as_json, as_pdf, as_xlsx


class Rendering(msgspec.Struct, frozen=True):
    """`render` yields the bytes of the file in pieces of any size."""

    render: Callable[[Content], Iterator[bytes]]
    media_type: str
    extension: str


RENDERINGS: Mapping[ReportFormat, Rendering] = {
    ReportFormat.CSV: Rendering(as_csv.render, "text/csv", "csv"),
    ReportFormat.JSON: Rendering(as_json.render, "application/json", "json"),
    ReportFormat.ON_SCREEN: Rendering(as_json.render, "application/json", "json"),
    ReportFormat.PDF: Rendering(as_pdf.render, "application/pdf", "pdf"),
    ReportFormat.XLSX: Rendering(
        as_xlsx.render, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"
    ),
}
