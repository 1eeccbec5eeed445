"""One line per evaluation, eight columns, for `sort`, `cut` and `diff`. Tabs, line ends and other control characters in
values become spaces."""

import re
from collections.abc import Iterator
from typing import IO

from nephoscope.cli.scan.findings import Finding
from nephoscope.cli.scan.posture import Posture

COLUMNS = ("cid", "benchmark_ids", "resource_type", "resource_id", "arn", "account", "region", "status")
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def write(stream: IO[str], rows: Iterator[Finding], _posture: Posture) -> None:
    stream.write("\t".join(COLUMNS) + "\n")
    for row in rows:
        stream.write("\t".join(_BREAKS.sub(" ", value) for value in _values(row)) + "\n")


def _values(finding: Finding) -> tuple[str, ...]:
    resource = finding.row.resource
    return (
        str(finding.control.cid),
        ",".join(finding.benchmarks),
        resource.resource_type,
        resource.resource_id,
        resource.arn,
        finding.account_id,
        finding.region,
        finding.row.status,
    )
