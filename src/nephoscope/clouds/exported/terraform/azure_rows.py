"""What Terraform tells of Azure. `azurerm` spells attributes; documents are spelled as the API does."""

from nephoscope.clouds.exported.terraform import (
    azure_databases,
    azure_gateways,
    azure_network,
    azure_storage,
    azure_subscription,
    azure_workloads,
)
from nephoscope.clouds.exported.terraform.rows import Row

ROWS: tuple[Row, ...] = (
    *azure_subscription.ROWS,
    *azure_network.ROWS,
    *azure_gateways.ROWS,
    *azure_storage.ROWS,
    *azure_databases.ROWS,
    *azure_workloads.ROWS,
)
