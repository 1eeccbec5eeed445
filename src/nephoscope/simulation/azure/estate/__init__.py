"""A subscription with something in it: good and bad of every kind, as Azure answers it."""

from nephoscope.simulation.azure.cloud import AzureCloud
from nephoscope.simulation.azure.estate import (
    databases,
    databricks,
    directory,
    disks,
    gateways,
    key_vault,
    kubernetes,
    machines,
    monitoring,
    network,
    storage,
    subscription,
    web,
)

_PARTS = (
    *(subscription.fill, directory.fill, monitoring.fill, key_vault.fill),
    *(databases.fill, network.fill, gateways.fill, storage.fill, disks.fill),
    *(machines.fill, web.fill, kubernetes.fill, databricks.fill),
)


def fill_azure(cloud: AzureCloud) -> None:
    """Fills an empty simulation; every time the same."""
    for fill in _PARTS:
        fill(cloud)
