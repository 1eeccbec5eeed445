"""The table of what can be imported: one row for each kind of export."""

from collections.abc import Mapping

from nephoscope.clouds.exported.account import ExportFormat
from nephoscope.clouds.exported.aws_config import AWS_CONFIG
from nephoscope.clouds.exported.azure_graph import AZURE_GRAPH
from nephoscope.clouds.exported.gcp_assets import GCP_ASSETS
from nephoscope.clouds.exported.terraform.reading import TERRAFORM
from nephoscope.errors import BadRequestError

FORMATS: Mapping[str, tuple[ExportFormat, ...]] = {
    **{row.name: (row,) for row in (AWS_CONFIG, AZURE_GRAPH, GCP_ASSETS)},
    "terraform-state": TERRAFORM,
}
"""By name; several where one file may describe several clouds."""


def format_named(name: str) -> tuple[ExportFormat, ...]:
    """BadRequestError names those that there are."""
    found = FORMATS.get(name.strip().lower())
    if found is None:
        raise BadRequestError(f"There is no export format {name[:60]!r}; known: {', '.join(FORMATS)}.")
    return found
