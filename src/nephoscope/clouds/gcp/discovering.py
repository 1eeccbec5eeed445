"""Which projects there are: those below a folder or an organisation, at any depth, or all that an identity sees."""

from collections.abc import Iterator
from urllib.parse import urlencode

from nephoscope.clouds.doors import Account, Entry
from nephoscope.clouds.gcp.answers import GcpDialect
from nephoscope.clouds.gcp.calling import Project
from nephoscope.clouds.gcp.signing import tokens_of
from nephoscope.clouds.pacing import Lanes, Limits, Pace
from nephoscope.clouds.rest.desk import Desk
from nephoscope.clouds.rest.http import Http
from nephoscope.errors import CloudError
from nephoscope.model.connectors import GcpAccess

_MANAGER = "cloudresourcemanager"
_MOST_FOLDERS = 10_000


def discover(entry: Entry, within: str, *, pace: Pace | None = None) -> tuple[Account, ...]:
    """Active projects, in order of id. `within` is `folders/123` or `organizations/456`, or empty for all that are
    seen. CloudError when they cannot be listed: a list that is cut short would make accounts disappear."""
    if not isinstance(entry.access, GcpAccess):
        raise CloudError("Projects cannot be listed with the credentials of another cloud.")
    limits = Limits()
    http = Http(limits)
    desk = Desk(http, Lanes(limits, pace or Pace()), tokens_of(entry.access, entry.secret), GcpDialect())
    root = Project(desk, entry.access.endpoint_url, "", ())
    try:
        rows = _below(root, within) if within else _listed(root, "v3/projects:search", "")
        return tuple(sorted(set(rows), key=lambda row: row.account_id))
    except (LookupError, TypeError, AttributeError):
        raise CloudError("The list of projects cannot be understood.") from None
    finally:
        http.close()


def _below(root: Project, parent: str) -> Iterator[Account]:
    """Folders are gone through level by level."""
    waiting, seen = [parent], {parent}
    while waiting:
        here = waiting.pop()
        query = urlencode({"parent": here})
        yield from _listed(root, "v3/projects", query)
        folders = root.items(
            _MANAGER,
            "v3/folders",
            "folders",
            permission="resourcemanager.folders.list",
            query=query,
            count=_uncounted,
        )
        for folder in folders:
            name = str(folder["name"])
            if folder.get("state", "ACTIVE") == "ACTIVE" and name not in seen:
                seen.add(name)
                waiting.append(name)
        if len(seen) > _MOST_FOLDERS:
            raise CloudError(f"There are more than {_MOST_FOLDERS:,} folders below {parent}.")


def _listed(root: Project, path: str, query: str) -> Iterator[Account]:
    rows = root.items(
        _MANAGER, path, "projects", permission="resourcemanager.projects.list", query=query, count=_uncounted
    )
    for row in rows:
        if row.get("state", "ACTIVE") == "ACTIVE":
            yield Account(str(row["projectId"]), str(row.get("displayName") or row["projectId"]))


def _uncounted() -> None:
    """These calls belong to no scope."""
