"""One row per evaluation for spreadsheets, with what the control saw. Cells that a spreadsheet would run as a formula
get an apostrophe in front: names of resources are chosen by whoever makes them."""

import csv
from collections.abc import Iterator
from typing import IO

from nephoscope.cli.scan.findings import Finding
from nephoscope.cli.scan.posture import Posture
from nephoscope.kit.dates import compact

COLUMNS = (
    "cid",
    "control",
    "criticality",
    "service",
    "benchmark_ids",
    "resource_type",
    "resource_id",
    "resource_name",
    "arn",
    "account",
    "region",
    "status",
    "message",
    "reason",
    "evidence",
    "first_evaluated",
    "last_evaluated",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write(stream: IO[str], rows: Iterator[Finding], _posture: Posture) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([safe(value) for value in _values(row)])


def safe(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def _values(finding: Finding) -> tuple[str, ...]:
    control, row = finding.control, finding.row
    return (
        str(control.cid),
        control.name,
        control.criticality,
        control.service_type,
        ", ".join(finding.benchmarks),
        row.resource.resource_type,
        row.resource.resource_id,
        row.resource.name,
        row.resource.arn,
        finding.account_id,
        finding.region,
        row.status,
        {"PASS": control.pass_message, "FAIL": control.fail_message}.get(row.status, ""),
        row.reason,
        "; ".join(f"{item.setting_name}={item.actual_value}" for item in finding.evidence),
        compact(row.dates.first_evaluated),
        compact(row.dates.last_evaluated),
    )
