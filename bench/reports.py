"""(r) A CSV report of 1,000,000 rows: making it, and downloading it beside sending a file of the same size."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from bench.measure import Row
from bench.pages import ROWS, Answer, peak, server
from bench.pages_server import FILE_PATH

COMMAND = "make bench ONLY=reports"
_REPORT = "/cloudview-api/rest/v1/report/assessment"


class Made(NamedTuple):
    seconds: float
    before: int
    peak: int
    rows: int
    uuid: str


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (port, process):
        pdf = make(Path(folder), "pdf")
        made = make(Path(folder), "csv")
        assert made.rows == ROWS
        Answer(port, "GET", f"{_REPORT}/{made.uuid}", None)  # pays for the password
        before = process.memory_info().rss
        report = Answer(port, "GET", f"{_REPORT}/{made.uuid}/download", None, keep=Path(folder) / "page.json")
        served = peak(process)
        file = Answer(port, "GET", FILE_PATH, None)
        sent = ROWS / file.took
        return [
            Row("report of 1,000,000: made", ROWS / made.seconds, "rows/s", sent, "a file that size, sent", COMMAND),
            Row("report of 1,000,000: maker's peak", made.peak / 1e6, "MB", made.before / 1e6, "before", COMMAND),
            Row("report of 1,000,000: downloaded", ROWS / report.took, "rows/s", sent, "a file that size", COMMAND),
            Row("report of 1,000,000: first byte", report.first * 1000, "ms", file.first * 1000, "a file", COMMAND),
            Row("PDF of 5,000 rows of it: made", pdf.seconds, "s", None, "", COMMAND),
            Row("PDF of 5,000 rows: maker's peak", pdf.peak / 1e6, "MB", pdf.before / 1e6, "before", COMMAND),
            Row("report of 1,000,000: size", report.size / 1e6, "MB", None, "", COMMAND),
            Row("report of 1,000,000: server's peak", served / 1e6, "MB", before / 1e6, "before", COMMAND),
        ]


def make(folder: Path, form: str) -> Made:
    """The report of everything in that format, made in a process of its own."""
    command = [sys.executable, "-m", "bench.reports_maker", str(folder), form]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, before, most, rows, uuid = done.stdout.split()
    return Made(float(seconds), int(before), int(most), int(rows), uuid)
