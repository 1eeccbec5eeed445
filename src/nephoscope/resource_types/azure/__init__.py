"""The Azure rows of the type table."""

from nephoscope.resource_types.azure import (
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

AZURE_TYPES = (
    *subscription.TYPES,
    *directory.TYPES,
    *monitoring.TYPES,
    *network.TYPES,
    *gateways.TYPES,
    *key_vault.TYPES,
    *storage.TYPES,
    *databases.TYPES,
    *compute.TYPES,
    *machines.TYPES,
    *kubernetes.TYPES,
    *databricks.TYPES,
    *web.TYPES,
)
