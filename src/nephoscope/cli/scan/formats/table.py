"""The table of machine formats, by the name that `--format` takes."""

from collections.abc import Mapping

from nephoscope.cli.scan.formats import as_csv, as_json, as_ocsf, as_tsv
from nephoscope.cli.scan.formats.types import Writer

WRITERS: Mapping[str, Writer] = {
    "json": as_json.write,
    "csv": as_csv.write,
    "tsv": as_tsv.write,
    "ocsf": as_ocsf.write,
}
