"""The simulated Google Cloud. Documents lie in it as Google answers them; whoever fills it writes those."""

import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from nephoscope.simulation.rest.serving import Answered, Asked, RestCloud

PROJECT, NUMBER = "meridian-prod", "481516234200"
FEDERATED = "simulated-federated-token"
"""What a workload outside of Google Cloud shows."""
EMAIL = f"audit@{PROJECT}.iam.gserviceaccount.com"
PAGE = 50
"""Items of a listing on one page: few, so that listings have several."""

_FORBIDDEN, _NOT_FOUND, _UNAUTHORIZED, _BAD = 403, 404, 401, 400
_BITS = 2048

Document = dict[str, Any]


class GcpCloud(RestCloud):
    """One organisation with projects. Behind one address the name of a service is the first part of the path:
    `/compute/compute/v1/projects/…`."""

    def __init__(self) -> None:
        super().__init__()
        self.projects: dict[str, Document] = {
            PROJECT: {
                "name": f"projects/{NUMBER}",
                "projectId": PROJECT,
                "displayName": "Meridian Production",
                "state": "ACTIVE",
                "parent": "folders/9001",
            }
        }
        self.folders: list[Document] = [
            {"name": "folders/9001", "parent": "organizations/7001", "displayName": "Production", "state": "ACTIVE"}
        ]
        self.assets: list[Document] = []
        """As Cloud Asset Inventory lists them, of all projects; `project` says whose, and is not shown."""
        self.policies: dict[str, list[Document]] = {}
        """Asset name → IAM bindings."""
        self.documents: dict[str, Document] = {}
        """`service/path` → what a GET, or a POST that reads, answers."""
        self.listings: dict[str, tuple[str, Sequence[Document]]] = {}
        """`service/path` → the key of the list, and its items."""
        self.permissions: dict[str, str] = {}
        """`service/path` → the permission it takes, for those that may be refused."""
        self.switched_off: set[str] = set()
        """Services that are not enabled in the project."""

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(65537, _BITS)

    @cached_property
    def key_file(self) -> str:
        """A service account's key file, as people download it."""
        private = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return json.dumps(
            {
                "type": "service_account",
                "project_id": PROJECT,
                "private_key_id": "simulated",
                "private_key": private.decode(),
                "client_email": EMAIL,
                "client_id": "1",
                "token_uri": "https://oauth2.googleapis.com/token",
            }
        )

    def put(self, service: str, path: str, document: Document, permission: str = "") -> None:
        self.documents[f"{service}/{path}"] = document
        self.permissions[f"{service}/{path}"] = permission

    def put_listing(self, service: str, path: str, key: str, items: Iterable[Document], permission: str = "") -> None:
        self.listings[f"{service}/{path}"] = (key, tuple(items))
        self.permissions[f"{service}/{path}"] = permission

    def add(self, kind: str, path: str, data: Document, **more: Any) -> str:
        """An asset (`storage.googleapis.com/Bucket`, at `path` below the service); answers its name. `bindings` and
        `location` may be given."""
        service = kind.partition("/")[0]
        name = f"//{service}/{path}"
        resource = {
            "version": "v1",
            "discoveryName": kind.rpartition("/")[2],
            "parent": f"//cloudresourcemanager.googleapis.com/projects/{NUMBER}",
            "data": data,
            "location": more.get("location", data.get("location", "global")),
        }
        self.assets.append(
            {
                "name": name,
                "assetType": kind,
                "resource": resource,
                "ancestors": [f"projects/{NUMBER}", "folders/9001", "organizations/7001"],
                "updateTime": "2026-01-02T03:04:05.678Z",
                "project": more.get("project", PROJECT),
            }
        )
        if "bindings" in more:
            self.policies[name] = more["bindings"]
        return name

    def answer(self, asked: Asked) -> Answered:
        if asked.path in {"/oauth2/token", "/sts/v1/token"}:
            return self._login(asked) if asked.path == "/oauth2/token" else self._exchange(asked)
        if not self.is_known(asked):
            return _error(_UNAUTHORIZED, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        service, _, path = asked.path.lstrip("/").partition("/")
        if service in self.switched_off:
            message = f"{service}.googleapis.com has not been used in project {NUMBER} before or it is disabled."
            return _error(_FORBIDDEN, "PERMISSION_DENIED", message, "SERVICE_DISABLED")
        if service == "cloudresourcemanager" and path.startswith(("v3/projects", "v3/folders")):
            return self._of_manager(asked, path) or self._kept(asked, f"{service}/{path}")
        if service == "cloudasset" and path.startswith("v1/projects/") and path.endswith("/assets"):
            return self._inventory(asked, path.split("/")[2])
        return self._kept(asked, f"{service}/{path}")

    def _of_manager(self, asked: Asked, path: str) -> Answered | None:
        if path in {"v3/projects", "v3/projects:search", "v3/folders"}:
            return self._hierarchy(asked, path)
        project = self.projects.get(path.removeprefix("v3/projects/"))
        if project is None:
            return None
        return self._guarded("resourcemanager.projects.get") or Answered(project)

    def _hierarchy(self, asked: Asked, path: str) -> Answered:
        kind, parent = path.removeprefix("v3/").partition(":")[0], asked.query.get("parent")
        rows = self.folders if kind == "folders" else list(self.projects.values())
        found = [row for row in rows if parent is None or row["parent"] == parent]
        if parent is not None and not self._is_above(parent):
            return self._denied(f"resourcemanager.{kind}.list", parent)
        return self._guarded(f"resourcemanager.{kind}.list") or _page(asked, kind, found)

    def _is_above(self, place: str) -> bool:
        """Whether there is such a folder or organisation."""
        rows = (*self.folders, *self.projects.values())
        return place in {row.get(key) for row in rows for key in ("name", "parent")}

    def _login(self, asked: Asked) -> Answered:
        try:
            claims = jwt.decode(
                asked.form().get("assertion", ""),
                self._key.public_key(),
                algorithms=["RS256"],
                options={"verify_aud": False},
            )
        except jwt.InvalidTokenError:
            claims = {}
        if claims.get("iss") != EMAIL:
            return Answered({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, _BAD)
        return Answered({"access_token": self.new_token(), "expires_in": 3599, "token_type": "Bearer"})

    def _exchange(self, asked: Asked) -> Answered:
        """Of what a workload outside of Google Cloud has for a token."""
        if asked.form().get("subject_token") != FEDERATED:
            return Answered({"error": "invalid_grant", "error_description": "The subject token is unknown."}, _BAD)
        known = {"access_token": self.new_token(), "expires_in": 3599, "token_type": "Bearer"}
        return Answered({**known, "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"})

    def _inventory(self, asked: Asked, project: str) -> Answered:
        mine = [row for row in self.assets if project in (row["project"], NUMBER)]
        shown = [{name: value for name, value in row.items() if name != "project"} for row in mine]
        if asked.query.get("contentType") == "IAM_POLICY":
            refused = self._guarded("cloudasset.assets.listIamPolicy")
            rows = [
                {
                    "name": row["name"],
                    "assetType": row["assetType"],
                    "iamPolicy": {"bindings": self.policies[row["name"]]},
                }
                for row in shown
                if row["name"] in self.policies
            ]
        else:
            refused = self._guarded("cloudasset.assets.listResource")
            wanted = set(asked.queries.get("assetTypes", ()))
            rows = [row for row in shown if not wanted or row["assetType"] in wanted]
        return refused or _page(asked, "assets", rows)

    def _kept(self, asked: Asked, place: str) -> Answered:
        refused = self._guarded(self.permissions.get(place, ""))
        if refused:
            return refused
        if place in self.listings:
            key, items = self.listings[place]
            return _page(asked, key, items)
        if place in self.documents:
            return Answered(self.documents[place])
        return _error(_NOT_FOUND, "NOT_FOUND", f"Requested entity {place} was not found.")

    def _guarded(self, permission: str) -> Answered | None:
        if not permission or permission.lower() not in self.refused:
            return None
        return self._denied(permission, f"projects/{PROJECT}")

    def _denied(self, permission: str, place: str) -> Answered:
        message = f"Permission '{permission}' denied on resource '//…/{place}' (or it may not exist)."
        return _error(_FORBIDDEN, "PERMISSION_DENIED", message, "IAM_PERMISSION_DENIED", permission)


def _page(asked: Asked, key: str, items: Sequence[Document]) -> Answered:
    """A key with a dot is an aggregated listing: everything in one zone."""
    start = int(asked.query.get("pageToken") or 0)
    part = list(items[start : start + PAGE])
    outer, _, inner = key.partition(".")
    page: Document = {outer: {"zones/europe-west1-b": {inner: part}} if inner else part}
    if start + PAGE < len(items):
        page["nextPageToken"] = str(start + PAGE)
    return Answered(page)


def _error(status: int, state: str, message: str, reason: str = "", permission: str = "") -> Answered:
    details = []
    if reason:
        metadata = {"permission": permission} if permission else {}
        kind = "type.googleapis.com/google.rpc.ErrorInfo"
        details.append({"@type": kind, "reason": reason, "domain": "googleapis.com", "metadata": metadata})
    return Answered({"error": {"code": status, "message": message, "status": state, "details": details}}, status)
