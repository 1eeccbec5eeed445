"""The least-privilege role for Google Cloud, from the declarations."""

from typing import Any

from nephoscope.clouds.declared import permissions
from nephoscope.clouds.doors import Needs
from nephoscope.clouds.gcp.collectors import GCP_COLLECTORS
from nephoscope.model.providers import Provider
from nephoscope.resource_types.table import types_of

ENTRY_PERMISSIONS = ("cloudasset.assets.listResource", "resourcemanager.projects.get")
"""What entering takes, whatever is read there."""
FOLLOWING_PERMISSIONS = ("resourcemanager.folders.list", "resourcemanager.projects.list")
"""What finding projects takes; these cannot be in a role of a project."""

_ABOVE = ("accesscontextmanager.", "resourcemanager.folders.", "resourcemanager.organizations.")
"""Permissions of folders and organisations, which a project's own role cannot hold. What takes them stays unread there,
and says so."""


def role(needs: Needs | None = None, *, is_following: bool = False) -> dict[str, Any]:
    """As `gcloud iam roles create --file` takes it. `is_following`: for a role of the organisation, which also finds
    projects and sees what they inherit."""
    rows = {row.name: row for row in types_of(Provider.GCP)}
    found = {*ENTRY_PERMISSIONS, *permissions(rows, GCP_COLLECTORS, needs)}
    here = {one for one in found if not one.startswith(_ABOVE)}
    wanted = found | set(FOLLOWING_PERMISSIONS) if is_following else here
    return {
        "title": "Nephoscope Reader",
        "description": "What nephoscope reads to judge a project, and nothing else.",
        "stage": "GA",
        "includedPermissions": sorted(wanted),
    }
