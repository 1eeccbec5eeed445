"""What `gcloud asset export` writes and `gcloud asset list` prints: assets with their resources, or with their IAM
policies. Both spellings of keys are known (`assetType`, `asset_type`)."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from nephoscope.clouds.doors import Needs
from nephoscope.clouds.exported import files
from nephoscope.clouds.exported.account import ExportFormat, Told, untold
from nephoscope.clouds.exported.spool import Spool
from nephoscope.clouds.gcp.collecting import Place, Raw
from nephoscope.clouds.gcp.collectors import GCP_COLLECTORS
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import GLOBAL_REGION, Scope

_POLICIES = "iam policies"
_PROJECT = "cloudresourcemanager.googleapis.com/Project"


class GcpTold:
    """`clouds.gcp.collecting.Calls` over assets; nothing else was asked."""

    def __init__(self, told: Told, place: Place) -> None:
        self._told = told
        self.place = place

    def assets(self, kind: str, /) -> Iterable[Raw]:
        return self._told.next_piece(kind)

    def bindings(self, asset_name: str, /) -> list[Raw]:
        if not self._told.has(_POLICIES):
            raise untold("IAM policies: export the content type iam-policy as well")
        found = self._told.named(_POLICIES, "name", asset_name)
        return found["bindings"] if found else []

    def get(self, service: str, path: str, /, permission: str, query: str = "") -> Raw:  # noqa: ARG002 - as the others have it
        raise untold(f"{service} {path}")

    def post(self, service: str, path: str, body: Any, /, permission: str) -> Raw:  # noqa: ARG002 - likewise
        raise untold(f"{service} {path}")

    def items(self, service: str, path: str, key: str, /, permission: str, query: str = "") -> Iterable[Raw]:  # noqa: ARG002 - likewise
        raise untold(f"{service} {key}")

    def shared(self, _key: str, ask: Callable[[], Any], /) -> Any:
        return ask()


def _read(path: Path, spool: Spool, on_bytes: files.OnBytes) -> None:
    """Assets of no project (of a folder, of the organisation) are passed over. BadRequestError at the first item that
    is none."""
    for at, found in files.items(path, ("assets",), on_bytes):
        row = _modern(found)
        if row is None:
            raise at.wrong("an asset has a name (//service/…) and an assetType")
        project = next((part for part in row["ancestors"] if str(part).startswith("projects/")), "")
        if not project:
            continue
        number = str(project).removeprefix("projects/")
        if row["resource"] is not None:
            spool.put(number, row["assetType"], row)
        if row["iamPolicy"] is not None:
            bindings = row["iamPolicy"].get("bindings") or []
            spool.put(number, _POLICIES, {"name": row["name"], "bindings": bindings})
        if row["resource"] is None and row["iamPolicy"] is None:
            raise at.wrong("the asset has no resource: export the content type resource (and iam-policy)")


def _modern(found: Any) -> Raw | None:
    """In the spelling of the API; None for what is no asset."""
    if not isinstance(found, dict):
        return None
    kind = found.get("assetType", found.get("asset_type"))
    name, ancestors = found.get("name"), found.get("ancestors", [])
    if not isinstance(kind, str) or not isinstance(name, str) or not name.startswith("//"):
        return None
    resource, policy = found.get("resource"), found.get("iamPolicy", found.get("iam_policy"))
    return {
        "name": name,
        "assetType": kind,
        "ancestors": ancestors if isinstance(ancestors, list) else [],
        "resource": resource if isinstance(resource, dict) else None,
        "iamPolicy": policy if isinstance(policy, dict) else None,
        "updateTime": found.get("updateTime", found.get("update_time")),
    }


def project_ids(spool: Spool) -> dict[str, str]:
    """Number → id, of the projects that the export itself describes."""
    ids: dict[str, str] = {}
    for number in spool.accounts:
        for row in spool.items(number, _PROJECT):
            data = row["resource"].get("data") or {}
            if isinstance(data.get("projectId"), str):
                ids[number] = data["projectId"]
    return ids


def _plan(needs: Needs, _spool: Spool, _account: str) -> tuple[Scope, ...]:
    return tuple(Scope(one.resource_type, GLOBAL_REGION) for one in GCP_COLLECTORS if one.resource_type in needs)


GCP_ASSETS = ExportFormat(
    name="gcp-assets",
    provider=Provider.GCP,
    collectors={one.resource_type: one for one in GCP_COLLECTORS},
    calls=GcpTold,
    plan=_plan,
    read=_read,
)
