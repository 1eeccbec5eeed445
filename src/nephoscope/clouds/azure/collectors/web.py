"""How App Service is read: web apps, function apps, deployment slots and plans. The name of an app is unique in all of
Azure and is its id here; a slot is called after its app (`shop/staging`).

Of app settings only the names are kept. Listing them takes an action that opens their values and the credentials for
publishing too, so a role that only reads does not have it, and what it would tell is then unread.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nephoscope.clouds.azure.collecting import Calls, Collector, Detail, Place, Raw, resources
from nephoscope.clouds.azure.collectors.diagnostics import diagnostics
from nephoscope.clouds.azure.collectors.key_vault import connections
from nephoscope.clouds.azure.collectors.network import placed, sku_of
from nephoscope.clouds.azure.collectors.staying import Read, staying
from nephoscope.clouds.azure.collectors.web_runtimes import image_of, runtimes_of
from nephoscope.clouds.azure.shaping import iso, picked, properties, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.azure import web as types
from nephoscope.resource_types.types import Field

_VERSION = "2023-12-01"
_SITES, _SLOTS = "Microsoft.Web/sites", "Microsoft.Web/sites/slots"
_FUNCTION = "functionapp"
_OF_AZURE = (".azurewebsites.net", ".azurewebsites.us", ".chinacloudsites.cn", ".appserviceenvironment.net")
_EVERYONE = frozenset({"any", "0.0.0.0/0", "::/0"})
_REFERENCE = "@microsoft.keyvault("
_HARMLESS = re.compile(r"~?[A-Za-z0-9.-]{1,24}")
"""What the version and the language of a function app look like; anything else in their place is not kept."""
_CLIENTS = ("clientId", "appId", "consumerKey")
"""By which of these keys a provider of sign-in knows the app, when it is set up."""


def _is_function(raw: Raw) -> bool:
    return _FUNCTION in str(raw.get("kind") or "").lower()


def _sites(*, functions: bool) -> Callable[[Calls], Iterator[Raw]]:
    def fetch(calls: Calls) -> Iterator[Raw]:
        return (raw for raw in calls.resources(_SITES.lower()) if _is_function(raw) is functions)

    return fetch


def _site(raw: Raw) -> dict[str, Any]:
    known = placed(raw)
    private = connections(known)
    is_private = any(str(row["status"]).lower() == "approved" for row in private)
    plan = str(known.get("serverFarmId") or "").lower()
    environment = (known.get("hostingEnvironmentProfile") or {}).get("id") or known.get("managedEnvironmentId")
    switches = ("clientCertEnabled", "vnetRouteAllEnabled", "endToEndEncryptionEnabled", "enabled")
    return {
        **known,
        **{name: bool(known.get(name)) for name in switches},
        "kind": raw.get("kind"),
        "httpsonly": bool(known.get("httpsOnly")),
        "identityType": (raw.get("identity") or {}).get("type"),
        "planId": plan or None,
        "environmentId": environment,
        "isLinux": bool(known.get("reserved")),
        # Who says nothing and has a private endpoint is reached through that alone.
        "publicNetworkAccess": known.get("publicNetworkAccess") or ("Disabled" if is_private else "Enabled"),
        "privateEndpointConnections": private,
        "enabledHosts": sorted(str(name) for name in known.get("enabledHostNames") or ()),
        "hostNames": [_host(row) for row in known.get("hostNameSslStates") or () if _is_served(row)],
        "lastModified": iso(known.get("lastModifiedTimeUtc")),
    }


def _is_served(row: Mapping[str, Any]) -> bool:
    """The other names are of the place where code comes in."""
    return str(row.get("hostType")).lower() != "repository"


def _host(row: Mapping[str, Any]) -> dict[str, Any]:
    name = str(row.get("name"))
    return {**picked(row, ("name", "sslState")), "isOwn": not name.lower().endswith(_OF_AZURE)}


def _shape_web_app(raw: Raw, _: Place) -> Observed:
    plan = str(properties(raw).get("serverFarmId") or "")
    parts = plan.split("/")
    more = {
        "subKinds": [word for word in str(raw.get("kind") or "").split(",") if word],
        "appServicePlan": {"id": plan, "name": parts[-1], "resourceGroupName": parts[4]} if len(parts) > 4 else None,  # noqa: PLR2004 - where an id has its group
    }
    return resource(types.WEB_APP, raw, {**_site(raw), **more}, resource_id=raw["name"])


def _shape_function_app(raw: Raw, _: Place) -> Observed:
    is_logic = "workflowapp" in str(raw.get("kind") or "").lower()
    return resource(types.FUNCTION_APP, raw, {**_site(raw), "isLogicApp": is_logic}, resource_id=raw["name"])


def _shape_slot(raw: Raw, _: Place) -> Observed:
    *parts, app, _slots, slot = str(raw["id"]).split("/")
    name = f"{app}/{slot}"
    more = {"appId": "/".join((*parts, app)).lower(), "appName": app}
    return resource(types.APP_SERVICE_SLOT, raw, {**_site(raw), **more}, resource_id=name, name=name)


def _shape_plan(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    more = {
        **sku_of(raw),
        "kind": raw.get("kind"),
        "isLinux": bool(known.get("reserved")),
        "zoneRedundant": bool(known.get("zoneRedundant")),
        "elasticScaleEnabled": bool(known.get("elasticScaleEnabled")),
        "numberOfWorkers": (raw.get("sku") or {}).get("capacity"),
    }
    return resource(types.APP_SERVICE_PLAN, raw, {**known, **more})


def _of_part(fields: tuple[str, ...], permission: str, read: Read) -> Detail:
    """That there is no such part is no news of the app itself."""
    return Detail(fields, (permission,), staying(read))


def _read_configuration(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    known = properties(calls.get(f"{raw['id']}/config/web", _VERSION))
    cors = known.get("cors") or {}
    main, scm = known.get("ipSecurityRestrictions") or (), known.get("scmIpSecurityRestrictions") or ()
    switches = ("http20Enabled", "remoteDebuggingEnabled", "alwaysOn", "webSocketsEnabled")
    is_open = _is_open(main, known.get("ipSecurityRestrictionsDefaultAction"))
    is_scm_open = _is_open(scm, known.get("scmIpSecurityRestrictionsDefaultAction"))
    return {
        **picked(known, ("minTlsVersion", "scmMinTlsVersion", "ftpsState", "numberOfWorkers")),
        **{name: bool(known.get(name)) for name in switches},
        "healthCheckPath": known.get("healthCheckPath") or None,
        "usesIdentityForRegistry": bool(known.get("acrUseManagedIdentityCreds")),
        "containerImage": image_of(known),
        "corsOrigins": sorted(str(origin) for origin in cors.get("allowedOrigins") or ()),
        "corsSupportsCredentials": bool(cors.get("supportCredentials")),
        "accessRestrictions": [_restriction(row) for row in main],
        "scmAccessRestrictions": [_restriction(row) for row in scm],
        "isOpenToAll": is_open,
        "isScmOpenToAll": is_open if known.get("scmIpSecurityRestrictionsUseMain") else is_scm_open,
        "runtimes": runtimes_of(properties(raw), known, is_function=_is_function(raw)),
    }


def _restriction(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **picked(row, ("name", "action", "tag", "priority")),
        "address": row.get("ipAddress"),
        "subnetId": str(row["vnetSubnetResourceId"]).lower() if row.get("vnetSubnetResourceId") else None,
    }


def _is_open(rules: Any, default: str | None) -> bool:
    """The first rule for every address decides, and the default where there is none."""
    for row in sorted(rules, key=lambda row: row.get("priority") or 0):
        if str(row.get("ipAddress")).lower() in _EVERYONE and not row.get("headers"):
            return str(row.get("action")).lower() != "deny"
    return str(default or ("Deny" if rules else "Allow")).lower() != "deny"


def _read_publishing(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    rows = calls.items(f"{raw['id']}/basicPublishingCredentialsPolicies", _VERSION)
    allowed = {str(row["name"]).rpartition("/")[2].lower(): properties(row).get("allow") for row in rows}
    return {"ftpBasicAuth": allowed.get("ftp"), "scmBasicAuth": allowed.get("scm")}


def _read_authentication(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """Azure lists every provider that it knows; those that are set up have a registration."""
    known = properties(calls.get(f"{raw['id']}/config/authsettingsV2", _VERSION))
    providers = dict(known.get("identityProviders") or {})
    providers.update(providers.pop("customOpenIdConnectProviders", None) or {})
    rules = known.get("globalValidation") or {}
    return {
        "authentication": {
            "enabled": bool((known.get("platform") or {}).get("enabled")),
            "requiresSignIn": bool(rules.get("requireAuthentication")),
            "unauthenticatedAction": rules.get("unauthenticatedClientAction"),
            "providers": sorted(name for name, row in providers.items() if _is_set_up(row)),
        }
    }


def _is_set_up(provider: Any) -> bool:
    if not isinstance(provider, Mapping) or provider.get("enabled") is False:
        return False
    registration = provider.get("registration") or {}
    return any(registration.get(name) for name in _CLIENTS)


def _read_references(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    rows = calls.items(f"{raw['id']}/config/configreferences/appsettings", _VERSION)
    names = ("vaultName", "secretName", "status")
    found = [{"name": str(row.get("name")), **picked(properties(row), names)} for row in rows]
    return {"vaultReferences": sorted(found, key=lambda row: row["name"])}


def _read_settings(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """Two of the values are no secrets and say which runtime it is; of all others only the names leave this place."""
    known = properties(calls.post(f"{raw['id']}/config/appsettings/list", _VERSION))
    return {
        "appSettings": [{"name": name, "isVaultReference": _refers(known[name])} for name in sorted(known)],
        "functionsVersion": _plain(known.get("FUNCTIONS_EXTENSION_VERSION")),
        "functionsRuntime": _plain(known.get("FUNCTIONS_WORKER_RUNTIME")),
    }


def _refers(value: Any) -> bool:
    return str(value).strip().lower().startswith(_REFERENCE)


def _plain(value: Any) -> str | None:
    return value if isinstance(value, str) and _HARMLESS.fullmatch(value) else None


def _read_functions(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    return {"functions": [_function(row) for row in calls.items(f"{raw['id']}/functions", _VERSION)]}


def _function(raw: Raw) -> dict[str, Any]:
    """A trigger by HTTP that names no level asks for a key of the function."""
    known = properties(raw)
    bindings = (known.get("config") or {}).get("bindings") or ()
    trigger: Mapping[str, Any] = next((row for row in bindings if str(row.get("type")).lower().endswith("trigger")), {})
    is_http = str(trigger.get("type")).lower() == "httptrigger"
    return {
        "name": str(raw["name"]).rpartition("/")[2],
        "trigger": trigger.get("type"),
        "authLevel": str(trigger.get("authLevel") or "function").lower() if is_http else None,
        "isDisabled": bool(known.get("isDisabled")),
    }


def _names(fields: tuple[Field, ...]) -> tuple[str, ...]:
    return tuple(field.name for field in fields)


def _configured(kind: str) -> tuple[Detail, Detail]:
    """What sites and slots have in common."""
    publishing = f"{kind}/basicPublishingCredentialsPolicies/read"
    return (
        Detail(_names(types.CONFIGURATION), (f"{kind}/config/read",), _read_configuration),
        _of_part(_names(types.PUBLISHING), publishing, _read_publishing),
    )


_DETAILS = (
    *_configured(_SITES),
    _of_part(("authentication",), f"{_SITES}/config/read", _read_authentication),
    _of_part(("vaultReferences",), f"{_SITES}/config/appsettings/read", _read_references),
    diagnostics(),
)


def _settings(*fields: str) -> Detail:
    return _of_part(fields, f"{_SITES}/config/list/action", _read_settings)


COLLECTORS = (
    Collector("WEB_APP", _sites(functions=False), _shape_web_app, (*_DETAILS, _settings("appSettings"))),
    Collector(
        "FUNCTION_APP",
        _sites(functions=True),
        _shape_function_app,
        (
            *_DETAILS,
            _settings("appSettings", "functionsVersion", "functionsRuntime"),
            _of_part(("functions",), f"{_SITES}/functions/read", _read_functions),
        ),
    ),
    Collector("APP_SERVICE_SLOT", resources(_SLOTS.lower()), _shape_slot, _configured(_SLOTS)),
    Collector("APP_SERVICE_PLAN", resources("microsoft.web/serverfarms"), _shape_plan),
)
