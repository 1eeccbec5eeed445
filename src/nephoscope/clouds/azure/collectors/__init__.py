"""The table of Azure collectors: one for every Azure row of the type table."""

from nephoscope.clouds.azure.collectors import databases, subscription

AZURE_COLLECTORS = (*subscription.COLLECTORS, *databases.COLLECTORS)
