"""An Azure subscription, entered."""

from collections.abc import Mapping
from functools import partial

import msgspec

from nephoscope.clouds.azure.addresses import addresses_of
from nephoscope.clouds.azure.answers import AzureDialect
from nephoscope.clouds.azure.calling import ScopeCalls, Subscription
from nephoscope.clouds.azure.collecting import Collector
from nephoscope.clouds.azure.collectors import AZURE_COLLECTORS
from nephoscope.clouds.azure.signing import tokens_of
from nephoscope.clouds.doors import Entry
from nephoscope.clouds.pacing import Lanes, Limits, Pace
from nephoscope.clouds.rest.account import RestAccount
from nephoscope.clouds.rest.desk import Desk
from nephoscope.clouds.rest.http import Http
from nephoscope.errors import CloudError
from nephoscope.model.connectors import AzureAccess
from nephoscope.model.providers import Provider
from nephoscope.resource_types.azure import AZURE_TYPES
from nephoscope.resource_types.types import ResourceType

_VERSION = "2022-12-01"


class Table(msgspec.Struct, frozen=True):
    """What can be read, and how: rows by the name of their type. A type's first permission names its kind."""

    types: Mapping[str, ResourceType]
    collectors: Mapping[str, Collector]

    def kinds(self) -> frozenset[str]:
        """What Resource Graph may be asked for."""
        names = (permission for row in self.types.values() for permission in row.permissions)
        return frozenset(name.lower().removesuffix("/read") for name in names if "/" in name)


AZURE_TABLE = Table(
    {row.name: row for row in AZURE_TYPES}, {collector.resource_type: collector for collector in AZURE_COLLECTORS}
)


def open_account(
    entry: Entry,
    *,
    workers: int = 32,
    limits: Limits | None = None,
    pace: Pace | None = None,
    table: Table = AZURE_TABLE,
) -> RestAccount:
    """Enter a subscription. Raises CloudError when there are no credentials or Azure does not accept them."""
    if not isinstance(entry.access, AzureAccess):
        raise CloudError("An Azure subscription cannot be entered with the credentials of another cloud.")
    bounds = limits or Limits(workers=workers)
    addresses = addresses_of(entry.access)
    tokens = tokens_of(entry.access, entry.secret, addresses)
    http = Http(bounds)
    lanes = Lanes(bounds, pace or Pace())
    desk = Desk(http, lanes, tokens, AzureDialect())
    try:
        subscription = Subscription(desk, addresses, entry.account_id, table.kinds())
        answer = desk.json(subscription.manager("GET", subscription.root, _VERSION))
        account_id = str(answer["subscriptionId"]).lower()
        calls = partial(ScopeCalls, subscription)
        return RestAccount(Provider.AZURE, account_id, table.collectors, calls, desk=desk, http=http, lanes=lanes)
    except (CloudError, LookupError, TypeError) as error:
        http.close()
        why = error.message if isinstance(error, CloudError) else "the answer cannot be understood."
        raise CloudError(f"The Azure subscription {entry.account_id} cannot be entered: {why}") from error
