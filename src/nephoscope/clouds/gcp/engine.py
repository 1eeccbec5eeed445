"""A Google Cloud project, entered: which scopes a run has, and each of them read."""

from collections.abc import Mapping

import msgspec

from nephoscope.clouds.collecting import Place
from nephoscope.clouds.crew import Crew
from nephoscope.clouds.doors import Collected, Entry, Needs
from nephoscope.clouds.gcp.answers import GcpDialect
from nephoscope.clouds.gcp.calling import Project, ScopeCalls
from nephoscope.clouds.gcp.collecting import Collector
from nephoscope.clouds.gcp.collectors import ASSET_KINDS, GCP_COLLECTORS
from nephoscope.clouds.gcp.signing import tokens_of
from nephoscope.clouds.pacing import Lanes, Limits, Pace
from nephoscope.clouds.rest.desk import Desk
from nephoscope.clouds.rest.http import Http
from nephoscope.clouds.scoping import collect_scope
from nephoscope.errors import CloudError
from nephoscope.model.connectors import GcpAccess
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import GLOBAL_REGION, Scope
from nephoscope.resource_types.gcp import GCP_TYPES
from nephoscope.resource_types.types import ResourceType

_SCOPE_SHARE = 2
"""One scope may use one in so many of the threads at a time."""
ENTRY_PERMISSION = "resourcemanager.projects.get"


class Table(msgspec.Struct, frozen=True):
    """What can be read, and how: rows by the name of their type; and the kinds that the inventory is asked for."""

    types: Mapping[str, ResourceType]
    collectors: Mapping[str, Collector]
    kinds: frozenset[str]


GCP_TABLE = Table(
    {row.name: row for row in GCP_TYPES},
    {collector.resource_type: collector for collector in GCP_COLLECTORS},
    frozenset(ASSET_KINDS),
)


class GcpAccount:
    """`doors.OpenAccount` for Google Cloud. One per run: what scopes share is asked for once in its life."""

    def __init__(self, desk: Desk, http: Http, project: Project, lanes: Lanes, *, table: Table) -> None:
        """Raises CloudError when Google does not accept the credentials."""
        self._desk = desk
        self._http = http
        self._project = project
        self._table = table
        path = f"v3/projects/{project.project_id}"
        answer = desk.json(project.request("cloudresourcemanager", path, ENTRY_PERMISSION))
        self._account_id = str(answer["projectId"])
        workers = lanes.limits.workers
        self._crew = Crew(workers, max(1, workers // _SCOPE_SHARE))

    @property
    def provider(self) -> Provider:
        return Provider.GCP

    @property
    def account_id(self) -> str:
        return self._account_id

    def plan(self, needs: Needs) -> tuple[Scope, ...]:
        return tuple(Scope(name, GLOBAL_REGION) for name in self._table.collectors if name in needs)

    def collect(self, scope: Scope, needs: Needs) -> Collected:
        collector = self._table.collectors[scope.resource_type]
        place = Place("", self._account_id, scope.region)
        needed = needs.get(scope.resource_type, frozenset())
        calls = ScopeCalls(self._project, place)
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
    table: Table = GCP_TABLE,
) -> GcpAccount:
    """Enter a project. Raises CloudError when there are no credentials or Google does not accept them."""
    if not isinstance(entry.access, GcpAccess):
        raise CloudError("A Google Cloud project cannot be entered with the credentials of another cloud.")
    bounds = limits or Limits(workers=workers)
    tokens = tokens_of(entry.access, entry.secret)
    http = Http(bounds)
    lanes = Lanes(bounds, pace or Pace())
    desk = Desk(http, lanes, tokens, GcpDialect())
    try:
        project = Project(desk, entry.access.endpoint_url, entry.account_id, table.kinds)
        return GcpAccount(desk, http, project, lanes, table=table)
    except (CloudError, LookupError, TypeError) as error:
        http.close()
        why = error.message if isinstance(error, CloudError) else "the answer cannot be understood."
        raise CloudError(f"The Google Cloud project {entry.account_id} cannot be entered: {why}") from error
