"""A Google Cloud project, entered."""

from collections.abc import Mapping
from functools import partial

import msgspec

from nephoscope.clouds.doors import Entry
from nephoscope.clouds.gcp.answers import GcpDialect
from nephoscope.clouds.gcp.calling import Project, ScopeCalls
from nephoscope.clouds.gcp.collecting import Collector
from nephoscope.clouds.gcp.collectors import ASSET_KINDS, GCP_COLLECTORS
from nephoscope.clouds.gcp.signing import tokens_of
from nephoscope.clouds.pacing import Lanes, Limits, Pace
from nephoscope.clouds.rest.account import RestAccount
from nephoscope.clouds.rest.desk import Desk
from nephoscope.clouds.rest.http import Http
from nephoscope.errors import CloudError
from nephoscope.model.connectors import GcpAccess
from nephoscope.model.providers import Provider
from nephoscope.resource_types.gcp import GCP_TYPES
from nephoscope.resource_types.types import ResourceType

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


def open_account(
    entry: Entry,
    *,
    workers: int = 32,
    limits: Limits | None = None,
    pace: Pace | None = None,
    table: Table = GCP_TABLE,
) -> RestAccount:
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
        path = f"v3/projects/{project.project_id}"
        account_id = str(desk.json(project.request("cloudresourcemanager", path, ENTRY_PERMISSION))["projectId"])
        calls = partial(ScopeCalls, project)
        return RestAccount(Provider.GCP, account_id, table.collectors, calls, desk=desk, http=http, lanes=lanes)
    except (CloudError, LookupError, TypeError) as error:
        http.close()
        why = error.message if isinstance(error, CloudError) else "the answer cannot be understood."
        raise CloudError(f"The Google Cloud project {entry.account_id} cannot be entered: {why}") from error
