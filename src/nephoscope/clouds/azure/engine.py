"""An Azure subscription, entered: which scopes a run has, and each of them read."""

from collections.abc import Mapping

import msgspec

from nephoscope.clouds.azure.addresses import addresses_of
from nephoscope.clouds.azure.answers import AzureDialect
from nephoscope.clouds.azure.calling import ScopeCalls, Subscription
from nephoscope.clouds.azure.collecting import Collector, Place
from nephoscope.clouds.azure.collectors import AZURE_COLLECTORS
from nephoscope.clouds.azure.signing import tokens_of
from nephoscope.clouds.crew import Crew
from nephoscope.clouds.doors import Collected, Entry, Needs
from nephoscope.clouds.pacing import Lanes, Limits, Pace
from nephoscope.clouds.rest.desk import Desk
from nephoscope.clouds.rest.http import Http
from nephoscope.clouds.scoping import collect_scope
from nephoscope.errors import CloudError
from nephoscope.model.connectors import AzureAccess
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import GLOBAL_REGION, Scope
from nephoscope.resource_types.azure import AZURE_TYPES
from nephoscope.resource_types.types import ResourceType

_SCOPE_SHARE = 2
"""One scope may use one in so many of the threads at a time."""
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


class AzureAccount:
    """`doors.OpenAccount` for Azure. One per run: what scopes share is asked for once in its life."""

    def __init__(self, desk: Desk, http: Http, subscription: Subscription, lanes: Lanes, *, table: Table) -> None:
        """Raises CloudError when Azure does not accept the credentials."""
        self._desk = desk
        self._http = http
        self._subscription = subscription
        self._table = table
        answer = desk.json(subscription.manager("GET", subscription.root, _VERSION))
        self._account_id = str(answer["subscriptionId"]).lower()
        workers = lanes.limits.workers
        self._crew = Crew(workers, max(1, workers // _SCOPE_SHARE))

    @property
    def provider(self) -> Provider:
        return Provider.AZURE

    @property
    def account_id(self) -> str:
        return self._account_id

    def plan(self, needs: Needs) -> tuple[Scope, ...]:
        return tuple(Scope(name, GLOBAL_REGION) for name in self._table.collectors if name in needs)

    def collect(self, scope: Scope, needs: Needs) -> Collected:
        collector = self._table.collectors[scope.resource_type]
        place = Place("", self._account_id, scope.region)
        needed = needs.get(scope.resource_type, frozenset())
        calls = ScopeCalls(self._subscription, place)
        return collect_scope(scope, collector, needed, calls, self._crew, place=place, made=lambda: calls.made)

    def statistics(self) -> Mapping[str, tuple[int, int]]:
        """Service → (calls so far, those of them that failed)."""
        return self._desk.statistics()

    def permissions_used(self) -> frozenset[str]:
        """What the calls so far took, whether they were allowed or not."""
        return self._desk.permissions_used()

    def close(self) -> None:
        self._crew.close()
        self._http.close()


def open_account(
    entry: Entry,
    *,
    workers: int = 32,
    limits: Limits | None = None,
    pace: Pace | None = None,
    table: Table = AZURE_TABLE,
) -> AzureAccount:
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
        return AzureAccount(desk, http, subscription, lanes, table=table)
    except (CloudError, LookupError, TypeError) as error:
        http.close()
        why = error.message if isinstance(error, CloudError) else "the answer cannot be understood."
        raise CloudError(f"The Azure subscription {entry.account_id} cannot be entered: {why}") from error
