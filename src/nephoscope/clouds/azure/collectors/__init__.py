"""The table of Azure collectors: one for every Azure row of the type table."""

from nephoscope.clouds.azure.collectors import (
    compute,
    databases,
    databricks,
    directory,
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

AZURE_COLLECTORS = (
    *subscription.COLLECTORS,
    *directory.COLLECTORS,
    *monitoring.COLLECTORS,
    *network.COLLECTORS,
    *gateways.COLLECTORS,
    *key_vault.COLLECTORS,
    *storage.COLLECTORS,
    *databases.COLLECTORS,
    *compute.COLLECTORS,
    *machines.COLLECTORS,
    *kubernetes.COLLECTORS,
    *databricks.COLLECTORS,
    *web.COLLECTORS,
)
