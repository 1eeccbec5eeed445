"""What Terraform tells of AWS. `terraform-provider-aws` spells attributes; documents are spelled as the API does."""

from nephoscope.clouds.exported.terraform import aws_network, aws_services, aws_storage
from nephoscope.clouds.exported.terraform.rows import Row

ROWS: tuple[Row, ...] = (*aws_storage.ROWS, *aws_network.ROWS, *aws_services.ROWS)
