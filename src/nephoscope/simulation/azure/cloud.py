"""The simulated Azure. Documents lie in it as Azure answers them; whoever fills it writes those."""

import re
import time
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import jwt

from nephoscope.simulation.azure.disks import BLOBS, SNAPSHOTS, ManagedDisks
from nephoscope.simulation.rest.serving import Answered, Asked, RestCloud

TENANT = "7e4a1c52-0b6d-4f0e-9a4c-3b1d2f5e6a70"
APPLICATION = "2f9d6c1e-8a37-4b52-b0c4-91e7d3a5f608"
SECRET = "simulated"  # noqa: S105 - opens nothing: the simulation is on loopback
FEDERATED = "simulated-federated-token"
"""What a workload outside of Azure shows instead of a secret."""
MACHINE = "simulated-machine"
"""The header that proves that a machine asks for itself."""
SUBSCRIPTION = "5b0c9e7d-3f21-4c68-8d9a-e4a7b2c61f03"
PAGE = 50
"""Items of a listing on one page: few, so that listings have several."""

_COUNTING = "resources | summarize total = count() by kind_of = tolower(type)"
_KINDS = re.compile(
    r"resources \| where type in~ \(([^)]{0,20000})\) \| project ([a-zA-Z, ]{1,500}) \| order by id asc"
)
_NAMED = re.compile(r"'([^']{1,200})'")
_LOGIN = re.compile(r"/([^/]+)/(?:oauth2/v2\.0/token|v2\.0/\.well-known/openid-configuration)")
_IDENTITY = "/msi/token"
_UNASKED: Any = {"verify_aud": False}
_VERBS = {"PUT": "write", "DELETE": "delete"}
_CONDITION = re.compile(r"(\w{1,50}) eq ('[^']{0,200}'|true|false)")
_SETTINGS = "/providers/microsoft.insights/diagnosticsettings"
_FORBIDDEN, _NOT_FOUND, _UNAUTHORIZED, _BAD = 403, 404, 401, 400

Document = dict[str, Any]


class AzureCloud(RestCloud):
    """One tenant with subscriptions. Addresses of Resource Manager are kept in lower case, as it does not tell cases
    apart."""

    def __init__(self) -> None:
        super().__init__()
        self.subscriptions: dict[str, str] = {SUBSCRIPTION: "Meridian Production"}
        """Id → display name."""
        self.management_groups: dict[str, list[str]] = {"meridian": [SUBSCRIPTION]}
        self.resources: list[Document] = []
        """What Resource Graph knows: id, name, type, location, resourceGroup, tags, sku, kind, properties, …"""
        self.documents: dict[str, Document] = {}
        """Path → what a GET of Resource Manager answers."""
        self.listings: dict[str, Sequence[Document]] = {}
        """Path → the items of a listing of Resource Manager."""
        self.directory: dict[str, Document] = {}
        """Path (`v1.0/policies/…`) → what a GET of Microsoft Graph answers."""
        self.directory_listings: dict[str, Sequence[Document]] = {}
        self.directory_permissions: dict[str, str] = {}
        """Path → the application permission it takes, for those that may be refused."""
        self.certificate: Any = None
        """The public key of the application, where it has a certificate."""
        self.disks = ManagedDisks()

    def root(self, subscription: str = SUBSCRIPTION) -> str:
        return f"/subscriptions/{subscription}"

    def put(self, path: str, document: Document) -> None:
        """A document of Resource Manager."""
        self.documents[path.lower()] = document

    def put_listing(self, path: str, items: Iterable[Document]) -> None:
        """A listing of Resource Manager."""
        self.listings[path.lower()] = tuple(items)

    def add(self, kind: str, name: str, properties: Document | None = None, /, **more: Any) -> str:
        """A resource in `group` (the keyword) of the subscription; answers its id. It is in Resource Graph and is
        answered by Resource Manager."""
        group = more.pop("group", "rg-core")
        provider, _, rest = kind.partition("/")
        kinds = rest.split("/")
        names = name.split("/")
        below = "/".join(part for pair in zip(kinds, names, strict=True) for part in pair)
        identity = f"{self.root()}/resourceGroups/{group}/providers/{provider}/{below}"
        document: Document = {
            "id": identity,
            "name": names[-1],
            "type": kind.lower(),
            "location": "westeurope",
            "resourceGroup": group,
            "tags": None,
            "properties": properties or {},
            **more,
        }
        self.resources.append(document)
        self.put(identity, document | {"type": kind})
        return identity

    def answer(self, asked: Asked) -> Answered:
        login = _LOGIN.fullmatch(asked.path)
        if login:
            return self._login(asked, login.group(1))
        if asked.path == _IDENTITY:
            return self._of_machine(asked)
        if asked.path.startswith(BLOBS):
            return self.disks.blob(asked)
        if not self.is_known(asked):
            return _error(_UNAUTHORIZED, "InvalidAuthenticationToken", "The access token is invalid or has expired.")
        if asked.path.startswith(("/v1.0/", "/beta/")):
            return self._of_directory(asked)
        return self._of_manager(asked)

    def _login(self, asked: Asked, tenant: str) -> Answered:
        if asked.method == "GET":
            base = f"https://login.microsoftonline.com/{tenant}"
            names = {"token_endpoint": "oauth2/v2.0/token", "authorization_endpoint": "oauth2/v2.0/authorize"}
            found = {name: f"{base}/{path}" for name, path in names.items()}
            return Answered({**found, "issuer": f"{base}/v2.0"})
        form = asked.form()
        if form.get("client_id") != APPLICATION or not self._is_shown(form) or tenant != TENANT:
            refusal = {
                "error": "invalid_client",
                "error_description": "AADSTS7000215: Invalid client secret provided.",
                "error_codes": [7000215],
            }
            return Answered(refusal, _UNAUTHORIZED)
        return Answered({"token_type": "Bearer", "expires_in": 3599, "access_token": self.new_token()})

    def _is_shown(self, form: Mapping[str, str]) -> bool:
        """The secret, what a workload identity was given, or a statement that the application's certificate signed."""
        if form.get("client_secret") == SECRET:
            return True
        shown = form.get("client_assertion", "")
        if shown == FEDERATED:
            return True
        try:
            return bool(self.certificate and jwt.decode(shown, self.certificate, ["RS256", "PS256"], _UNASKED))
        except jwt.InvalidTokenError:
            return False

    def _of_machine(self, asked: Asked) -> Answered:
        """What a machine asks that has an identity of its own."""
        if asked.headers.get("x-identity-header") != MACHINE:
            return _error(_UNAUTHORIZED, "InvalidIdentityHeader", "The header of the identity is missing.")
        expires = str(int(time.time()) + 3_600)
        resource = asked.query.get("resource", "")
        known = {"access_token": self.new_token(), "expires_on": expires, "resource": resource, "token_type": "Bearer"}
        return Answered(known)

    def _of_directory(self, asked: Asked) -> Answered:
        path = asked.path.lstrip("/")
        if self.directory_permissions.get(path, "").lower() in self.refused:
            return _error(
                _FORBIDDEN, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
            )
        if path in self.directory_listings:
            return self._page(asked, self.directory_listings[path], "@odata.nextLink")
        if path in self.directory:
            return Answered(self.directory[path])
        return _error(_NOT_FOUND, "Request_ResourceNotFound", f"Resource '{path}' does not exist.")

    def _of_manager(self, asked: Asked) -> Answered:
        if "api-version" not in asked.query:
            return _error(_BAD, "MissingApiVersionParameter", "The api-version query parameter is required.")
        action = _action(asked)
        if action.lower() in self.refused:
            message = (
                f"The client '{APPLICATION}' with object id '{APPLICATION}' does not have authorization to perform "
                f"action '{action}' over scope '{asked.path}' or the scope is invalid."
            )
            return _error(_FORBIDDEN, "AuthorizationFailed", message)
        path = asked.path.lower()
        if path == "/providers/microsoft.resourcegraph/resources":
            return self._query(asked)
        if path.endswith("/providers/microsoft.authorization/permissions"):
            return Answered({"value": [{"actions": ["*/read"], "notActions": sorted(self.refused)}]})
        if path == f"{self.root()}{SNAPSHOTS}":
            return self._page(asked, self.disks.listed(), "nextLink")
        of_disks = self.disks.answer(asked, self.endpoint_url)
        return of_disks or self._of_subscriptions(asked, path) or self._kept(asked, path)

    def _of_subscriptions(self, asked: Asked, path: str) -> Answered | None:
        if path == "/subscriptions":
            return self._page(asked, [self._subscription(found) for found in self.subscriptions], "nextLink")
        parts = path.strip("/").split("/")
        if parts[0] == "subscriptions" and len(parts) == 2:  # noqa: PLR2004 - the subscription itself
            if parts[1] in self.subscriptions:
                return Answered(self._subscription(parts[1]))
            message = f"The subscription '{parts[1]}' could not be found."
            return _error(_NOT_FOUND, "SubscriptionNotFound", message)
        group = re.fullmatch(r"/providers/microsoft\.management/managementgroups/([^/]+)/descendants", path)
        if group and group.group(1) in self.management_groups:
            rows = [
                {"name": name, "type": "/subscriptions", "properties": {"displayName": self.subscriptions[name]}}
                for name in self.management_groups[group.group(1)]
            ]
            return self._page(asked, rows, "nextLink")
        return None

    def _subscription(self, identity: str) -> Document:
        return {
            "id": f"/subscriptions/{identity}",
            "subscriptionId": identity,
            "tenantId": TENANT,
            "displayName": self.subscriptions[identity],
            "state": "Enabled",
            "subscriptionPolicies": {"quotaId": "EnterpriseAgreement_2014-09-01", "spendingLimit": "Off"},
        }

    def _kept(self, asked: Asked, path: str) -> Answered:
        items = self.listings.get(path)
        if items is None and path.endswith(_SETTINGS) and path.removesuffix(_SETTINGS) in self.documents:
            items = ()  # what is there and was never told where to send its logs
        if items is not None:
            return self._page(asked, items, "nextLink")
        if path in self.documents:
            return Answered(self.documents[path])
        return _error(_NOT_FOUND, "ResourceNotFound", f"The Resource '{asked.path}' was not found.")

    def _page(self, asked: Asked, every: Sequence[Document], link: str) -> Answered:
        condition = asked.query.get("$filter", "")
        found = _CONDITION.fullmatch(condition)
        if condition and not found:
            return _error(_BAD, "InvalidFilter", f"This simulation does not know the filter {condition!r}.")
        items = [row for row in every if _meets(row, *found.groups())] if found else every
        start = int(asked.query.get("$skiptoken") or 0)
        page: Document = {"value": list(items[start : start + PAGE])}
        if start + PAGE < len(items):
            version = asked.query.get("api-version")
            head = f"api-version={version}&" if version else ""
            head += f"$filter={quote(condition)}&" if condition else ""
            page[link] = f"{self.endpoint_url}{asked.path}?{head}$skiptoken={start + PAGE}"
        return Answered(page)

    def _query(self, asked: Asked) -> Answered:
        """The two questions that are asked, and no other: a question that is new here must be added, not ignored."""
        body = asked.json()
        mine = {self.root(name).lower() + "/" for name in body["subscriptions"]}
        seen = [
            row
            for row in self.resources
            if f"{row['type']}/read".lower() not in self.refused
            and any(row["id"].lower().startswith(one) for one in mine)
        ]
        query = str(body["query"])
        kinds = _KINDS.fullmatch(query)
        if query.startswith(_COUNTING):
            totals = Counter(row["type"] for row in seen)
            rows = [{"kind_of": kind, "total": total} for kind, total in sorted(totals.items())]
        elif kinds:
            wanted = {name.lower() for name in _NAMED.findall(kinds.group(1))}
            columns = [name.strip() for name in kinds.group(2).split(",")]
            found = sorted((row for row in seen if row["type"] in wanted), key=lambda row: row["id"])
            rows = [{name: row.get(name) for name in columns} for row in found]
        else:
            return _error(_BAD, "InvalidQuery", f"This simulation does not know the query {query!r}.")
        return _rows(rows, body.get("options") or {})


def _meets(row: Document, name: str, value: str) -> bool:
    """Whether it has that value, in its properties where it has some."""
    found = {**row, **(row.get("properties") or {})}.get(name)
    return str(found).lower() == value.strip("'").lower()


def _rows(rows: list[Document], options: Document) -> Answered:
    start = int(b64decode(options["$skipToken"])) if options.get("$skipToken") else 0
    end = start + min(int(options.get("$top") or PAGE), PAGE)
    page: Document = {
        "totalRecords": len(rows),
        "count": len(rows[start:end]),
        "data": rows[start:end],
        "resultTruncated": "false",
    }
    if end < len(rows):
        page["$skipToken"] = b64encode(str(end).encode()).decode()
    return Answered(page)


def _error(status: int, code: str, message: str) -> Answered:
    return Answered({"error": {"code": code, "message": message}}, status)


def _action(asked: Asked) -> str:
    """What Azure says a call takes."""
    _, found, rest = asked.path.rpartition("/providers/")
    if not found:
        is_group = "/resourcegroups" in asked.path.lower()
        return f"Microsoft.Resources/subscriptions/{'resourceGroups/' if is_group else ''}read"
    provider, *parts = rest.strip("/").split("/")
    if asked.method == "POST":
        return "/".join((provider, *parts[:-1:2], parts[-1], "action"))
    if (provider.lower(), parts) == ("microsoft.subscription", ["policies", "default"]):
        return "Microsoft.Subscription/Policies/default/read"
    return "/".join((provider, *parts[::2], _VERBS.get(asked.method, "read")))
