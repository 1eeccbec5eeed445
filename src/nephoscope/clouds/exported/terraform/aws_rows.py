"""What Terraform tells of AWS. `terraform-provider-aws` spells attributes; documents are spelled as the API does."""

from nephoscope.clouds.exported.terraform import (
    aws_account,
    aws_applications,
    aws_connectivity,
    aws_identity,
    aws_network,
    aws_platforms,
    aws_services,
    aws_storage,
)
from nephoscope.clouds.exported.terraform.rows import Row

ROWS: tuple[Row, ...] = (
    *aws_account.ROWS,
    *aws_identity.ROWS,
    *aws_storage.ROWS,
    *aws_network.ROWS,
    *aws_connectivity.ROWS,
    *aws_platforms.ROWS,
    *aws_services.ROWS,
    *aws_applications.ROWS,
)
