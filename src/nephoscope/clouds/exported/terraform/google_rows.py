"""What Terraform tells of Google Cloud. `google` spells attributes; documents are spelled as the API does."""

from nephoscope.clouds.exported.terraform import google_compute, google_data, google_network, google_project
from nephoscope.clouds.exported.terraform.rows import Row

ROWS: tuple[Row, ...] = (
    *google_project.ROWS,
    *google_network.ROWS,
    *google_compute.ROWS,
    *google_data.ROWS,
)
