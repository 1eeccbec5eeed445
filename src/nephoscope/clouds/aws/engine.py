"""An AWS account, entered: which scopes a run has, and each of them read."""

from collections.abc import Mapping

import msgspec

from nephoscope.clouds.aws.calling import Desk, ScopeCalls
from nephoscope.clouds.aws.collecting import Collector, Place
from nephoscope.clouds.aws.collectors import AWS_COLLECTORS
from nephoscope.clouds.aws.permission_names import ENTRY_PERMISSIONS, permission_of
from nephoscope.clouds.aws.session import Clients, open_clients
from nephoscope.clouds.crew import Crew
from nephoscope.clouds.doors import Collected, Needs
from nephoscope.clouds.pacing import Lanes, Limits, Pace
from nephoscope.clouds.scoping import collect_scope
from nephoscope.errors import CloudError, DeniedError
from nephoscope.model.connectors import AwsAccess
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import GLOBAL_REGION, Outcome, Scope, ScopeReport
from nephoscope.resource_types.table import types_of
from nephoscope.resource_types.types import ResourceType

_SCOPE_SHARE = 2
"""One scope may use one in so many of the threads at a time."""


class Table(msgspec.Struct, frozen=True):
    """What can be read, and how: rows by the name of their type."""

    types: Mapping[str, ResourceType]
    collectors: Mapping[str, Collector]

    def permissions(self) -> frozenset[str]:
        """What reading all of it takes."""
        types = {name for row in self.types.values() for name in row.permissions}
        details = {name for one in self.collectors.values() for detail in one.details for name in detail.permissions}
        return frozenset({*ENTRY_PERMISSIONS, *types, *details})


AWS_TABLE = Table(
    {row.name: row for row in types_of(Provider.AWS)},
    {collector.resource_type: collector for collector in AWS_COLLECTORS},
)


class AwsAccount:
    """`doors.OpenAccount` for AWS. One per run: what scopes share is asked for once in its life."""

    def __init__(self, clients: Clients, home: str, access: AwsAccess, lanes: Lanes, *, table: Table) -> None:
        """Raises CloudError when AWS does not accept the credentials."""
        self._clients = clients
        self._home = home
        self._regions = tuple(sorted(set(access.regions)))
        self._table = table
        self._desk = Desk(clients, lanes, access.partition)
        identity = self._desk.call("sts", "get_caller_identity", home, {})
        self._account_id = str(identity["Account"])
        self._partition = str(identity["Arn"]).split(":")[1]
        workers = lanes.limits.workers
        self._crew = Crew(workers, max(1, workers // _SCOPE_SHARE))

    @property
    def provider(self) -> Provider:
        return Provider.AWS

    @property
    def account_id(self) -> str:
        return self._account_id

    @property
    def partition(self) -> str:
        return self._partition

    def plan(self, needs: Needs) -> tuple[Scope, ...]:
        rows = [self._table.types[name] for name in self._table.collectors if name in needs]
        regions = self.regions() if any(row.is_regional for row in rows) else ()
        return tuple(
            Scope(row.name, region) for row in rows for region in (regions if row.is_regional else (GLOBAL_REGION,))
        )

    def collect(self, scope: Scope, needs: Needs) -> Collected:
        collector = self._table.collectors[scope.resource_type]
        try:
            regions = self._regions if scope.region == GLOBAL_REGION else self.regions()
        except CloudError as error:  # only when the plan was made in another process, which died
            return Collected(ScopeReport(scope, Outcome.FAILED, message=error.message), ())
        place = Place(self._partition, self._account_id, scope.region, regions)
        needed = needs.get(scope.resource_type, frozenset())
        calls = ScopeCalls(self._desk, place, self._home)
        return collect_scope(scope, collector, needed, calls, self._crew, place=place, made=lambda: calls.made)

    def regions(self) -> tuple[str, ...]:
        """Those that were chosen, or all that are enabled, in order. Raises CloudError."""
        if not self._regions:
            try:
                answer = self._desk.call("ec2", "describe_regions", self._home, {"AllRegions": False})
            except DeniedError as error:
                raise DeniedError(f"{error.message} Grant it, or name the regions.", error.permission) from error
            self._regions = tuple(sorted(row["RegionName"] for row in answer["Regions"]))
        return self._regions

    def statistics(self) -> Mapping[str, tuple[int, int]]:
        """Service → (calls so far, those of them that failed)."""
        return self._desk.statistics()

    def permissions_used(self) -> frozenset[str]:
        """What the calls so far took, whether they were allowed or not."""
        return frozenset(
            permission_of(service, self._clients.operation(service, self._home, method))
            for service, method in self._desk.operations()
        )

    def close(self) -> None:
        self._crew.close()
        self._clients.close()


def open_account(
    access: AwsAccess,
    *,
    workers: int = 32,
    limits: Limits | None = None,
    pace: Pace | None = None,
    table: Table = AWS_TABLE,
) -> AwsAccount:
    """Enter an account. Raises CloudError when there are no credentials or AWS does not accept them."""
    bounds = limits or Limits(workers=workers)
    clients, home = open_clients(access, bounds, table.permissions())
    try:
        return AwsAccount(clients, home, access, Lanes(bounds, pace or Pace()), table=table)
    except CloudError as error:
        clients.close()
        role = f" as {access.role_arn}" if access.role_arn else ""
        raise CloudError(f"The AWS account cannot be entered{role}: {error.message}") from error
