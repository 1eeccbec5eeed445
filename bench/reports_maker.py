"""Makes the report of the reports benchmark in a process of its own, and prints what it took: seconds, peak memory
before and after, rows, and the report's uuid."""

import resource
import sys
import time
from pathlib import Path

from bench.pages_server import without_pandas

without_pandas()

from nephoscope.app.opening import opened_usecases  # noqa: E402 - pandas is out of the way now
from nephoscope.model.identities import Identity  # noqa: E402 - as above
from nephoscope.reports.renderers import as_pdf  # noqa: E402 - as above
from nephoscope.reports.reports import draft_of  # noqa: E402 - as above
from nephoscope.settings import Settings  # noqa: E402 - as above

PDF_ROWS = 5_000


def main(folder: Path, form: str) -> None:
    as_pdf.MOST_ROWS = PDF_ROWS
    with opened_usecases(Settings(data=folder)) as (usecases, _):
        body = {"reportName": "Everything", "cloudType": "AWS", "format": form}
        report = usecases.reports.create(draft_of(body), Identity.local())
        before, start = peak(), time.perf_counter()
        usecases.reports.make(report)
        took = time.perf_counter() - start
        done = usecases.reports.get(report.uuid, Identity.local())
        assert done.is_readable, done.reason
        print(took, before, peak(), done.rows, done.uuid, flush=True)


def peak() -> int:
    """Bytes of this process and of the largest that it started, at most, so far."""
    status = Path("/proc/self/status").read_text("utf-8")
    own = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return (own + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
