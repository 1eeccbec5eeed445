"""A JSON array of OCSF Compliance Findings (class 2003, schema 1.3.0, cloud profile), one finding a line."""

from collections.abc import Iterator
from typing import IO

import msgspec

from nephoscope.cli.scan.findings import Finding
from nephoscope.cli.scan.posture import Posture
from nephoscope.reports.exports.formats.ocsf import event


def write(stream: IO[str], rows: Iterator[Finding], _posture: Posture) -> None:
    separator = "[\n"
    for row in rows:
        stream.write(separator + msgspec.json.encode(event(row)).decode())
        separator = ",\n"
    stream.write("[]\n" if separator == "[\n" else "\n]\n")
